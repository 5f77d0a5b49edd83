import { describe, expect, it } from 'vitest';
import { HOSTILE_TITLE } from '../../../dashboards/analyst/dev/mock/alerts.js';
import { HOSTILE_NAME } from '../../../dashboards/analyst/dev/mock/people.js';
import { describeDashboard } from './dashboard-page.js';

const PAGES = [
  '/',
  '/alerts',
  '/identities',
  '/grants',
  '/grants?tab=approve',
  '/grants?tab=effects',
  '/events',
  '/verdicts',
  '/backtests',
  '/settings',
];

describeDashboard('analyst dashboard in a browser', (dashboard) => {
  const { open, visit } = dashboard;

  describe('signing in', () => {
    it('says that name or password is wrong, then that there were too many attempts', async () => {
      const page = await dashboard.openOutside('/alerts');
      await page.waitForURL(/\/login\?next=%2Falerts/);
      for (let attempt = 1; attempt <= 4; attempt++) {
        await page.fill('input[autocomplete=username]', 'mia');
        await page.fill('input[autocomplete=current-password]', 'wrong');
        await page.keyboard.press('Enter');
        await page
          .getByRole('alert')
          .getByText(attempt <= 3 ? 'User name or password is wrong' : 'Too many attempts')
          .waitFor();
      }
      await page.getByText('Wait 40 s').waitFor();
    });

    it('goes back to the page that was asked for, and signs out again', async () => {
      const at = await open('/alerts?severity=critical');
      expect(new URL(at.url()).pathname + new URL(at.url()).search).toBe('/alerts?severity=critical');
      await at.getByRole('button', { name: /Account menu/ }).click();
      await at.getByRole('menuitem', { name: 'Sign out' }).click();
      await at.waitForURL(/\/login/);
    });
  });

  describe('the queue', () => {
    it('is worked through with the keyboard: move, select, set a status with a note', async () => {
      const at = await open('/alerts?status=new,in_progress');
      const rows = at.locator('tbody tr');
      await rows.first().waitFor();
      const before = await rows.nth(1).getAttribute('id');
      await at.keyboard.press('j');
      expect(await at.locator('tr[data-cursor]').getAttribute('id')).toBe(before);
      await at.keyboard.press('x');
      await at.keyboard.press('k');
      await at.keyboard.press('x');
      await at.getByText('2 selected').waitFor();
      await at.keyboard.press('e');
      await at.getByRole('radio', { name: /False positive/ }).check();
      await at.getByLabel('Note').fill('Announced pen test');
      await at.getByRole('button', { name: 'Set to false positive' }).click();
      await at.getByText('2 alerts set to false positive').waitFor();
      expect(dashboard.harness.api.organisation.actions.map((action) => [action.to, action.note])).toEqual([
        ['false_positive', 'Announced pen test'],
        ['false_positive', 'Announced pen test'],
      ]);
      await at.locator(`#${before ?? 'none'}`).waitFor({ state: 'detached' });
    });

    it('leaves keys to the search box while somebody types, and keeps the filter in the address', async () => {
      const at = await open('/alerts');
      await at.locator('tbody tr').first().waitFor();
      await at.keyboard.press('/');
      await at.keyboard.type('spray');
      await at.waitForURL(/text=spray/);
      await at.locator('tbody tr', { hasText: 'Password spray' }).first().waitFor();
      expect(await at.locator('tbody tr', { hasNotText: /spray/i }).count()).toBe(0);
      await at.goBack();
      expect(at.url()).not.toContain('text=');
    });

    it('opens an alert with Enter, shows why, and leads to the events behind a number', async () => {
      const at = await open('/alerts');
      await at.locator('tbody tr').first().waitFor();
      await at.keyboard.press('Enter');
      await at.waitForURL(/\/alerts\/[0-9a-f]{32}/);
      await at.getByRole('heading', { name: 'Why' }).waitFor();
      await at.getByRole('img', { name: /Shares of the score: 4 terms, strongest Network/ }).waitFor();
      await at.getByRole('link', { name: 'All events of that time' }).click();
      await at.waitForURL(/\/events\?identity=.*from=/);
    });

    it('loads the next page by itself at the end of the list', async () => {
      const at = await open('/alerts');
      await at.locator('tbody tr').first().waitFor();
      await at.getByText('50 of 130 alerts').scrollIntoViewIfNeeded();
      await at.locator('tbody tr').nth(60).waitFor();
    });

    it('shows a new status by itself when the stream says so, and stands still while paused', async () => {
      const at = await open('/alerts?status=new');
      const row = at.locator('tbody tr').first();
      await row.waitFor();
      await at.getByRole('button', { name: /Live updates: Live/ }).waitFor();
      const first = dashboard.harness.api.organisation.alerts.find((alert) => alert.status === 'new');
      if (!first) throw new Error('no new alert');
      first.status = 'resolved';
      dashboard.harness.api.publish({ kind: 'alert_status', uid: first.uid, status: 'resolved', user: 'jonas' });
      await at.locator(`#alert-${first.uid}`).waitFor({ state: 'detached' });
      await at.getByRole('button', { name: /Live updates/ }).click();
      await at.getByRole('button', { name: /Live updates: Paused. Resume/ }).waitFor();
    });
  });

  describe('taking something back', () => {
    it('asks for a reason and a yes before it revokes', async () => {
      const at = await open('/grants');
      await at.getByRole('button', { name: 'Revoke', disabled: false }).first().click();
      const revoke = at.getByRole('dialog').getByRole('button', { name: 'Revoke' });
      expect(await revoke.isDisabled()).toBe(true);
      await at.getByLabel('Reason').fill('Not on shift');
      expect(await revoke.isDisabled()).toBe(true);
      await at.getByLabel('Yes, take this access away').check();
      await revoke.click();
      await at.getByText('Decision recorded').waitFor();
      expect(dashboard.harness.api.requests.filter((request) => request.startsWith('POST /v1/decisions'))).toHaveLength(1);
    });

    it('shows how far the two-person rule is, and does not let the wrong person approve', async () => {
      const at = await open('/grants?tab=approve');
      await at.getByText('1 of 2 approvals').waitFor();
      await at.getByText('somebody else has to approve it').waitFor();
      expect(await at.getByRole('button', { name: 'Approve' }).nth(1).isDisabled()).toBe(true);
      await at.getByRole('button', { name: 'Deny' }).first().click();
      await at.getByLabel('Reason').fill('Agreed with the owner');
      await at.getByRole('dialog').getByRole('button', { name: 'Deny' }).click();
      await at.getByText('1 of 2 approvals').waitFor({ state: 'detached' });
    });
  });

  describe('text of others', () => {
    it('is shown as text, never run', async () => {
      const at = await open('/alerts?text=script');
      await at.getByText(HOSTILE_TITLE).waitFor();
      const hostile = dashboard.harness.api.organisation.people.find((person) => person.displayName === HOSTILE_NAME);
      await at.goto(`${dashboard.harness.address}/identities/${hostile?.id ?? ''}`);
      await at.getByRole('heading', { level: 1, name: HOSTILE_NAME }).waitFor();
      await at.goto(`${dashboard.harness.address}/grants`);
      await at.getByText(HOSTILE_NAME).first().waitFor();
      expect(await at.evaluate('window.hacked')).toBeUndefined();
      expect(await at.locator('img[src=x]').count()).toBe(0);
    });
  });

  describe('every page', () => {
    it('has no sideways scroll at 390 px', async () => {
      const at = await open('/', { viewport: { width: 390, height: 844 } });
      for (const path of PAGES) {
        await visit(at, path);
        expect(await at.evaluate('document.documentElement.scrollWidth - window.innerWidth'), path).toBeLessThanOrEqual(0);
      }
    });

    it.each(PAGES)('%s says in words what failed, and comes back when asked again', async (path) => {
      const at = await open(path);
      dashboard.harness.api.use('error');
      await at.reload();
      await at.getByText('The event store does not answer').first().waitFor();
      await at.getByText('req-7f3a9c').first().waitFor();
      dashboard.harness.api.use('full');
      // One click may mend several panels that ask for the same.
      const again = async (): Promise<number> => {
        const buttons = at.getByRole('button', { name: 'Try again' });
        if ((await buttons.count()) > 0)
          await buttons
            .first()
            .click({ timeout: 1_000 })
            .catch(() => undefined);
        return at.getByRole('alert').count();
      };
      await expect.poll(again, { timeout: 10_000 }).toBe(0);
      expect(await at.locator('main .kw-panel').count()).toBeGreaterThan(0);
    });

    it.each(['/', '/alerts', '/identities', '/grants', '/events', '/grants?tab=approve'])('%s explains an empty store', async (path) => {
      dashboard.harness.api.use('empty');
      const at = await open(path);
      await at.locator('.kw-state[data-kind=empty] .kw-state-title').first().waitFor();
      expect(await at.getByRole('alert').count()).toBe(0);
    });

    it('names every control and picture, and has one heading of its own', async () => {
      const at = await open('/');
      for (const path of PAGES) {
        await visit(at, path);
        expect(await at.evaluate(NAMELESS), path).toEqual([]);
        expect(await at.locator('h1').count(), path).toBe(1);
      }
    });
  });

  describe('light and dark', () => {
    it.each(['light', 'dark'] as const)('follows the system (%s) with text that reaches AA', async (colorScheme) => {
      const at = await open('/', { colorScheme });
      await at.locator('.kw-tile').first().waitFor();
      expect(await at.evaluate(LOW_CONTRAST)).toEqual([]);
    });

    it('can be chosen, and is remembered', async () => {
      const at = await open('/', { colorScheme: 'light' });
      const ground = (): Promise<unknown> => at.evaluate('getComputedStyle(document.body).backgroundColor');
      const light = await ground();
      await at.getByRole('button', { name: /Theme/ }).click();
      await at.getByRole('menuitem', { name: 'Dark' }).click();
      await expect.poll(ground).not.toBe(light);
      const dark = await ground();
      await at.reload();
      await at.locator('.kw-tile').first().waitFor();
      expect(await ground()).toBe(dark);
    });
  });

  it('shows the focus wherever the Tab key goes', async () => {
    const at = await open('/alerts');
    await at.locator('tbody tr').first().waitFor();
    for (let i = 0; i < 12; i++) {
      await at.keyboard.press('Tab');
      expect(await at.evaluate(FOCUS_SEEN), `after ${String(i + 1)} tabs`).toBe(true);
    }
  });

  it('opens an event over any page, by its address', async () => {
    const event = dashboard.harness.api.organisation.events.find((one) => one.score > 60);
    const at = await open(`/?event=${event?.uid ?? ''}`);
    await at.getByRole('dialog').getByText('Score', { exact: true }).first().waitFor();
    await at.getByRole('button', { name: 'Close the event' }).click();
    await at.waitForURL((url) => !url.search.includes('event='));
  });

  it('shows a new API token once', async () => {
    const at = await open('/settings?tab=tokens');
    await at.getByRole('button', { name: 'Make a token' }).click();
    await at.getByLabel('Name').fill('SIEM');
    await at.getByRole('button', { name: 'Make it' }).click();
    await at.getByText('kw_new0secretsecretsecret').waitFor();
    await at.keyboard.press('Escape');
    await at.getByText('kw_new0secretsecretsecret').waitFor({ state: 'detached' });
    await at.getByText('SIEM').waitFor();
  });
});

/** Buttons, links, fields and pictures without a name; run in the page. */
const NAMELESS = `[...document.querySelectorAll('button, a[href], input, textarea, select, [role=img]')]
  .filter((node) => node.offsetParent !== null && node.type !== 'hidden')
  .filter((node) => {
    const labels = node.labels ? [...node.labels].map((label) => label.innerText).join('') : '';
    const image = node.querySelector('img[alt]')?.alt ?? '';
    return [node.getAttribute('aria-label'), node.innerText, node.title, labels, image].every((text) => !text || text.trim() === '');
  })
  .map((node) => node.outerHTML.slice(0, 120))`;

/** Texts whose contrast with the ground behind them is below 4.5:1, large ones below 3:1; run in the page. */
const LOW_CONTRAST = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const linear = (value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (node) => { for (let at = node; at; at = at.parentElement) { const c = rgba(getComputedStyle(at).backgroundColor); if (c[3] > 250) return c; } return [255, 255, 255, 255]; };
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node || node.offsetParent === null || node.closest('[disabled], [data-disabled], .kw-hidden, .kw-skip')) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(rgba(style.color)), light(ground(node))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) low.push(text.data.trim().slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return [...new Set(low)];
})()`;

/** Whether what has the focus is marked: by an outline, a shadow, or a border of another colour; run in the page. */
const FOCUS_SEEN = `(() => {
  const node = document.activeElement;
  if (!node || node === document.body) return true;
  const style = getComputedStyle(node);
  return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none' || node.matches('input[type=text], input:not([type])');
})()`;
