import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DashboardHarness, skipReason } from './dashboard-page.js';

const PAGES = [
  '/',
  '/?hours=720',
  '/alerts',
  '/identities',
  '/grants',
  '/grants?tab=approve',
  '/grants?tab=effects',
  '/events',
  '/settings',
  '/settings?tab=policy',
  '/settings?tab=sod',
  '/settings?tab=users',
  '/settings?tab=tokens',
  '/settings?tab=audit',
];
/** WCAG 2.2 A and AA. */
const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };

describe.skipIf(skipReason !== undefined)(`accessibility${skipReason === undefined ? '' : ` (skipped: ${skipReason})`}`, () => {
  let harness: DashboardHarness;
  let page: Page | undefined;
  beforeAll(async () => {
    harness = await DashboardHarness.start();
  });
  afterAll(async () => {
    await harness.stop();
  });
  afterEach(async () => {
    await page?.context().close();
    expect(harness.complaints, 'page errors and breaches of the CSP').toEqual([]);
  });

  /** What axe finds on the page as it stands: rule and place. */
  const faults = async (at: Page): Promise<readonly string[]> => {
    await at.evaluate(axe.source);
    const found: unknown = await at.evaluate(
      `axe.run(document, ${JSON.stringify(RULES)}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => id + ': ' + html.slice(0, 160))))`,
    );
    return Array.isArray(found) ? found.map(String) : [String(found)];
  };
  const drawn = async (at: Page): Promise<void> => {
    await at.locator('main .kw-panel, main .kw-tile').first().waitFor();
    await at.locator('main [role=status][aria-label=Loading]').first().waitFor({ state: 'detached' });
  };

  it.each(['light', 'dark'] as const)('every page keeps the rules of axe (%s)', async (colorScheme) => {
    const at = await harness.signedIn('/', { colorScheme });
    page = at;
    const alert = harness.api.organisation.alerts[0];
    const [details, person] = [`/alerts/${alert?.uid ?? ''}`, `/identities/${alert?.identity.id ?? ''}`];
    const found: string[] = [];
    for (const path of [...PAGES, details, person]) {
      await at.goto(harness.address + path);
      await drawn(at);
      found.push(...(await faults(at)).map((fault) => `${path} ${fault}`));
    }
    expect(found).toEqual([]);
  });

  it('so do the event drawer, a dialog, an open filter, charts shown as tables, and the login', async () => {
    const event = harness.api.organisation.events.find((one) => one.score > 60);
    const at = await harness.signedIn(`/events?event=${event?.uid ?? ''}`);
    page = at;
    await at.getByRole('dialog').getByText('Score', { exact: true }).first().waitFor();
    expect(await faults(at), 'event drawer').toEqual([]);
    await at.goto(`${harness.address}/alerts`);
    await drawn(at);
    await at.getByRole('button', { name: 'Time', exact: true }).click();
    await at.getByLabel('From', { exact: true }).waitFor();
    expect(await faults(at), 'open filter').toEqual([]);
    await at.keyboard.press('Escape');
    await at.keyboard.press('?');
    await at.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    expect(await faults(at), 'dialog').toEqual([]);
    await at.goto(`${harness.address}/`);
    await drawn(at);
    // A button that was pressed has another name: the first is always the next.
    const buttons = at.getByRole('button', { name: /^Show as table/ });
    while ((await buttons.count()) > 0) await buttons.first().click();
    await at.getByRole('region', { name: 'Where events came from, as a table' }).waitFor();
    expect(await faults(at), 'charts as tables').toEqual([]);
    const out = await harness.page();
    await out.goto(`${harness.address}/login`);
    await out.locator('form').waitFor();
    expect(await faults(out), 'login').toEqual([]);
    await out.context().close();
  });
});
