import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeDashboard } from './dashboard-page.js';

const PAGES = [
  '/',
  '/?hours=720',
  '/alerts',
  '/identities',
  '/grants',
  '/grants?tab=approve',
  '/grants?tab=effects',
  '/events',
  '/verdicts',
  '/backtests',
  '/backtests/backtest-done',
  '/backtests/backtest-failed',
  '/sources',
  '/sources/cyberark',
  '/sources/cloudtrail?hours=168',
  '/settings',
  '/settings?tab=policy',
  '/settings?tab=sod',
  '/settings?tab=users',
  '/settings?tab=tokens',
  '/settings?tab=audit',
];
/** WCAG 2.2 A and AA, and landmarks that a screen reader can tell apart. */
const RULES = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  rules: { 'landmark-no-duplicate-banner': { enabled: true }, 'landmark-unique': { enabled: true } },
};

describeDashboard('accessibility', (dashboard) => {
  const { open, visit } = dashboard;

  /** What axe finds on the page as it stands: rule and place. */
  const faults = async (at: Page): Promise<readonly string[]> => {
    await at.evaluate(axe.source);
    const found: unknown = await at.evaluate(
      `axe.run(document, ${JSON.stringify(RULES)}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => id + ': ' + html.slice(0, 160))))`,
    );
    return Array.isArray(found) ? found.map(String) : [String(found)];
  };

  it.each(['light', 'dark'] as const)('every page keeps the rules of axe (%s)', async (colorScheme) => {
    const at = await open('/', { colorScheme });
    const alert = dashboard.harness.api.organisation.alerts[0];
    const [details, person] = [`/alerts/${alert?.uid ?? ''}`, `/identities/${alert?.identity.id ?? ''}`];
    const found: string[] = [];
    for (const path of [...PAGES, details, person]) {
      await visit(at, path);
      found.push(...(await faults(at)).map((fault) => `${path} ${fault}`));
    }
    expect(found).toEqual([]);
  });

  it.each(['light', 'dark'] as const)(
    'so do the event drawer, a dialog, an open filter, charts shown as tables, and the login (%s)',
    async (colorScheme) => {
      const event = dashboard.harness.api.organisation.events.find((one) => one.score > 60);
      const at = await open(`/events?event=${event?.uid ?? ''}`, { colorScheme });
      await at.getByRole('dialog').getByText('Score', { exact: true }).first().waitFor();
      expect(await faults(at), 'event drawer').toEqual([]);
      await visit(at, '/alerts');
      await at.getByRole('button', { name: 'Time', exact: true }).click();
      await at.getByLabel('From', { exact: true }).waitFor();
      expect(await faults(at), 'open filter').toEqual([]);
      await at.keyboard.press('Escape');
      await at.keyboard.press('?');
      await at.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      expect(await faults(at), 'dialog').toEqual([]);
      const alert = dashboard.harness.api.organisation.alerts.find(({ status }) => status === 'new');
      await visit(at, `/alerts/${alert?.uid ?? ''}`);
      await at.getByRole('button', { name: 'It was benign' }).click();
      await at.getByRole('dialog').getByText('Its strangest event scored').waitFor();
      expect(await faults(at), 'verdict dialog').toEqual([]);
      await visit(at, '/');
      // A button that was pressed has another name: the first is always the next.
      const buttons = at.getByRole('button', { name: /^Show as table/ });
      while ((await buttons.count()) > 0) await buttons.first().click();
      await at.getByRole('region', { name: 'Where events came from, as a table' }).waitFor();
      expect(await faults(at), 'charts as tables').toEqual([]);
      const out = await dashboard.openOutside('/login');
      await out.locator('form').waitFor();
      expect(await faults(out), 'login').toEqual([]);
    },
  );
});
