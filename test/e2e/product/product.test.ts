import { liveIntruder } from '@keyward/fixtures';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../../cli/running-keyward.js';
import { until } from '../../cli/running-keyward.js';
import { inBrowser, skipReason } from '../chromium.js';
import { Product, intrusion, victimAt } from './product-page.js';

/** Nobody of the organisation, and not a friendly name. */
const HOSTILE = `<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>`;

async function push(session: Session, records: ReturnType<typeof intrusion>): Promise<void> {
  const sources = [...new Set(records.map(({ source }) => source))];
  for (const source of sources)
    await session.ingest(
      source,
      records.filter((one) => one.source === source).map(({ record }) => record),
    );
}

describe.skipIf(skipReason !== undefined)(inBrowser('the product in a browser'), () => {
  let product: Product;
  let session: Session;
  let page: Page;
  const victim = victimAt(20);
  beforeAll(async () => {
    product = await Product.start();
    session = await product.keyward.signIn(product.password);
    page = await product.page();
  });
  afterAll(async () => {
    await product.stop();
  });

  it('lets the first login in through the page, and shows what the history holds', async () => {
    await product.signIn(page);
    await page.locator('.kw-tile').first().waitFor();
    await product.visit(page, '/');
    expect(await page.locator('main').innerText()).toMatch(/[1-9]/);
    expect(await page.locator('.kw-state[data-kind=empty]').count()).toBeLessThan(3);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it("shows an alert on the open page when a story's last record has come, by server-sent events", async () => {
    await product.visit(page, '/alerts');
    await page.getByRole('button', { name: /Live updates: Live/ }).waitFor();
    let navigations = 0;
    page.on('framenavigated', () => (navigations += 1));
    const records = intrusion(victim);
    const last = records.at(-2);
    await push(session, records.slice(0, -2));
    if (last) await push(session, [last]);
    // The queue stands still under the hands of whoever works through it: what has come is said, and shown when asked for.
    await page.getByRole('button', { name: /new alerts? — show/ }).click({ timeout: 30_000 });
    await page.locator('tbody tr', { hasText: victim.displayName }).first().waitFor();
    expect(navigations).toBe(0);
  });

  it('opens it, says why in words and as a chart, and what was done', async () => {
    await page.locator('tbody tr', { hasText: victim.displayName }).first().locator('a.kw-cell-title').click();
    await page.waitForURL(/\/alerts\/[0-9a-f]{32}/);
    await page.getByRole('heading', { name: 'Why' }).waitFor();
    expect(await page.locator('main').innerText()).toMatch(/push|prompt|MFA/i);
    await page
      .getByText(/pg-payments-admin/)
      .first()
      .waitFor();
    await product.screenshot(page, 'alert-light-1440');
  });

  it('is triaged with the keyboard alone', async () => {
    await product.visit(page, '/alerts?status=new');
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    const id = await rows.first().getAttribute('id');
    await page.keyboard.press('x');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('e');
    await page.getByRole('radio', { name: /In progress/ }).check();
    await page.getByLabel('Note').fill('Looking at it with the bank');
    await page.getByRole('button', { name: 'Set to in progress' }).click();
    await page.locator(`#${id ?? 'none'}`).waitFor({ state: 'detached' });
    const uid = (id ?? '').replace(/^alert-/, '');
    const stored = await session.get<{ alert: { status: string; statusBy: string | null } }>(`/v1/alerts/${uid}`);
    expect(stored.alert).toMatchObject({ status: 'in_progress', statusBy: 'admin' });
  });

  it('approves a waiting revocation with a reason, and shows it verified in the system it was taken from', async () => {
    await product.visit(page, '/grants?tab=approve');
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await page.getByRole('dialog').getByLabel('Reason').fill('It was not them: confirmed by phone');
    await page.getByLabel('Yes, this access may be taken away').check();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Decision recorded').waitFor();
    await until(
      'a verified revocation',
      async () => {
        const { items } = await session.get<{ items: readonly { state: string }[] }>('/v1/effects?limit=50');
        return items.some(({ state }) => state === 'verified');
      },
      30_000,
    );
    await product.visit(page, '/grants?tab=effects');
    await page
      .getByText(/verified/i)
      .first()
      .waitFor();
    await product.screenshot(page, 'effects-light-1440');
  });

  it('shows the identity with its risk, rhythm and events', async () => {
    await product.visit(page, `/identities/${victim.id}`);
    await page.getByRole('heading', { level: 1, name: victim.displayName }).waitFor();
    await page.locator('main canvas, main svg').first().waitFor();
    await page.getByText('pg-payments-admin').first().waitFor();
  });

  it('does what a verdict said it would: the same comes again, scores less, and says who accepted it', async () => {
    const traveller = victimAt(22);
    const acts = async () => {
      const query = new URLSearchParams({ actor: traveller.id, sort: 'oldest', limit: '50' });
      const { items } = await session.get<{ items: readonly { uid: string; score: number; country: string | null }[] }>(
        `/v1/events?${query}&from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}`,
      );
      return items.filter(({ country }) => country === 'RO');
    };
    await push(session, intrusion(traveller));
    const alert = await until('an alert on behaviour', async () => {
      const { items } = await session.get<{ items: readonly { uid: string; detections: readonly string[] }[] }>(
        `/v1/alerts?identity=${traveller.id}&sort=newest`,
      );
      return items.find(({ detections }) => detections.includes('unusual_behaviour'));
    });
    const before = await until('its acts', async () => (await acts())[0]);

    await product.visit(page, `/alerts/${alert.uid}`);
    await page.getByRole('button', { name: 'It was benign' }).click();
    const dialog = page.getByRole('dialog', { name: 'It was benign' });
    await dialog.getByRole('heading', { name: 'What would be accepted' }).waitFor();
    const said = await dialog.getByText(/^Its strangest event/).innerText();
    const [now, withVerdict] = [/(\d+) by what is known today|in place of (\d+)/, /would score (\d+|<1)/].map((pattern) => {
      const found = pattern.exec(said);
      return Number((found?.[1] ?? found?.[2] ?? '').replace('<', ''));
    });
    expect(withVerdict).toBeLessThan(now ?? 0);
    await product.screenshot(page, 'verdict-dialog-light-1440');
    await dialog.getByLabel('Reason').fill('At the Bucharest office this week');
    await dialog.getByRole('button', { name: 'Call it benign' }).click();
    const panel = page.getByRole('region', { name: 'Verdict' });
    await panel.getByText('In force').waitFor({ timeout: 30_000 });

    const known = new Set((await acts()).map(({ uid }) => uid));
    await push(session, liveIntruder(Date.now(), traveller));
    const again = await until('the same again', async () => (await acts()).find(({ uid }) => !known.has(uid)));
    expect(again.score).toBeLessThan(before.score);
    // Where the accepted thing still weighs at all, a tenth of it is left, and the page says through whom.
    const accepted = await until('a score that the verdict has lowered', async () => {
      for (const { uid } of (await acts()).filter((one) => !known.has(one.uid))) {
        const { terms } = await session.get<{ terms: readonly { factors: readonly { name: string }[] }[] }>(`/v1/events/${uid}`);
        if (terms.some(({ factors }) => factors.some(({ name }) => name.startsWith('accepted by admin')))) return uid;
      }
      return undefined;
    });
    await product.visit(page, `/events?event=${accepted}`);
    await page
      .getByRole('dialog')
      .getByText(/accepted by admin/i)
      .first()
      .waitFor();

    await product.visit(page, `/alerts/${alert.uid}`);
    await panel.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill('He never left Berlin');
    await page.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await panel.getByText('Taken back by admin').waitFor();
    expect((await session.get<{ alert: { status: string } }>(`/v1/alerts/${alert.uid}`)).alert.status).toBe('in_progress');
  });

  it("shows a stranger's hostile name as the text that it is", async () => {
    const stranger = {
      ...victimAt(21),
      id: 'stranger',
      displayName: HOSTILE,
      upn: `${HOSTILE}@example.com`,
      oktaId: '00uStranger',
      entraId: 'b7a1c0de-0000-4000-8000-00000000beef',
    };
    await push(session, intrusion(stranger));
    // What comes while the page is open waits behind a button: the page is asked anew.
    await until('an alert about the stranger', async () => {
      await product.visit(page, '/alerts');
      return (await page.getByText(HOSTILE, { exact: false }).count()) > 0;
    });
    await page.locator('tbody tr', { hasText: 'onerror' }).first().locator('a.kw-cell-title').click();
    await page.getByRole('heading', { name: 'Why' }).waitFor();
    await product.visit(page, '/events?text=onerror');
    await page.getByText(HOSTILE, { exact: false }).first().waitFor();
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img[src=x]').count()).toBe(0);
  });

  it.each([
    ['light', 1440, 900],
    ['dark', 1440, 900],
    ['light', 390, 844],
    ['dark', 390, 844],
  ] as const)('draws every page with real data, %s at %i px, without sideways scroll', async (colorScheme, width, height) => {
    const at = await product.page({ colorScheme, viewport: { width, height }, storageState: await page.context().storageState() });
    const { items } = await session.get<{ items: readonly { uid: string }[] }>('/v1/alerts?sort=score&limit=1');
    const pages = {
      overview: '/',
      alerts: '/alerts',
      alert: `/alerts/${items[0]?.uid ?? ''}`,
      identities: '/identities',
      identity: `/identities/${victim.id}`,
      grants: '/grants',
      approve: '/grants?tab=approve',
      effects: '/grants?tab=effects',
      events: '/events',
      verdicts: '/verdicts',
      backtests: '/backtests',
      sources: '/sources',
      settings: '/settings',
    };
    for (const [name, path] of Object.entries(pages)) {
      await product.visit(at, path);
      expect(await at.getByRole('alert').count(), path).toBe(0);
      expect(await at.evaluate('document.documentElement.scrollWidth - window.innerWidth'), path).toBeLessThanOrEqual(0);
      await product.screenshot(at, `${name}-${colorScheme}-${width}`);
    }
    await at.context().close();
  });

  it('lets a new user in only with a password of their own', async () => {
    const admin = await product.page();
    await product.signIn(admin, '/settings?tab=users');
    await admin.getByRole('button', { name: 'Add a user' }).click();
    await admin.getByRole('dialog').getByLabel('User name').fill('nora');
    await admin.getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
    const given = await admin.getByRole('dialog').locator('code').innerText();
    await admin.context().close();
    const own = await product.page();
    const signIn = async (password: string): Promise<void> => {
      await own.goto(`${product.keyward.url}/login?next=%2Falerts`);
      await own.fill('input[autocomplete=username]', 'nora');
      await own.fill('input[autocomplete=current-password]', password);
      await own.click('button[type=submit]');
    };
    await signIn(given);
    await own.getByText('Choose a password of your own before you go on.').waitFor();
    expect((await own.context().request.get(`${product.keyward.url}/v1/alerts`)).status()).toBe(403);

    const chosen = 'correct horse battery staple';
    await own.getByLabel('Current password').fill(given);
    await own.getByLabel('New password', { exact: true }).fill(chosen);
    await own.getByLabel('New password again').fill(chosen);
    await own.getByRole('button', { name: 'Change password' }).click();
    await own.waitForSelector('.kw-frame main .kw-panel');
    expect(new URL(own.url()).pathname).toBe('/alerts');

    await own.context().clearCookies();
    await signIn(given);
    await own.getByRole('alert').getByText('User name or password is wrong').waitFor();
    await signIn(chosen);
    await own.waitForSelector('.kw-frame');
    await own.context().close();
  });

  it('signs out, and the page is closed to whoever comes next', async () => {
    await product.visit(page, '/alerts');
    await page.getByRole('button', { name: /Account menu/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL(/\/login/);
    await page.goto(`${product.keyward.url}/grants`);
    await page.waitForURL(/\/login\?next=/);
  });

  it('had nothing to complain of: no error on the console, no breach of the CSP, no answer of 500', () => {
    // Being signed out is said with a 401, which the browser lists by itself.
    expect(product.complaints.filter((complaint) => !/401 \(Unauthorized\)/.test(complaint))).toEqual([]);
  });
});
