import { describe, expect, it } from 'vitest';
import { MOCK_USER } from '../../../dashboards/analyst/dev/mock/server.js';
import { describeDashboard } from './dashboard-page.js';

describeDashboard('what analysts and administrators do', (dashboard) => {
  const { open } = dashboard;

  describe('a queue that alerts come into', () => {
    it('stands still, says how many are new, and shows them when asked by button or key', async () => {
      const at = await open('/alerts?status=new');
      const rows = at.locator('tbody tr');
      await rows.first().waitFor();
      await at.getByRole('button', { name: /Live updates: Live/ }).waitFor();
      const first = await rows.first().getAttribute('id');
      const arrive = (n: number): string => {
        const { alerts } = dashboard.harness.api.organisation;
        const [model] = alerts;
        if (!model) throw new Error('no alert');
        const uid = String(n).padStart(32, 'f');
        alerts.unshift({ ...model, uid, title: `Arrived ${String(n)}`, status: 'new' });
        const { severity, score, lastTime, identity } = model;
        dashboard.harness.api.publish({
          kind: 'alert',
          uid,
          version: 1,
          title: 'Arrived',
          identity: identity.id,
          severity,
          score,
          lastTime,
        });
        return uid;
      };
      const one = arrive(1);
      await at.getByRole('button', { name: '1 new alert — show' }).waitFor();
      expect(await rows.first().getAttribute('id')).toBe(first);
      await at.getByRole('button', { name: '1 new alert — show' }).click();
      await at.locator(`#alert-${one}`).waitFor();
      await at.getByRole('button', { name: /new alert/ }).waitFor({ state: 'detached' });
      const two = arrive(2);
      await at.getByRole('button', { name: '1 new alert — show' }).waitFor();
      await at.locator('body').press('.');
      await at.locator(`#alert-${two}`).waitFor();
      expect(await rows.first().getAttribute('id')).toBe(`alert-${two}`);
    });
  });

  describe('a verdict', () => {
    it('is seen before it is given, sets the status, stands in the list, and can be taken back with a reason', async () => {
      const { alerts } = dashboard.harness.api.organisation;
      const alert = alerts.find(({ status, grants }) => status === 'new' && grants === 0);
      const at = await open(`/alerts/${alert?.uid ?? ''}`);
      await at.getByRole('button', { name: 'It was benign' }).click();
      const dialog = at.getByRole('dialog', { name: 'It was benign' });
      await dialog
        .getByText(/Its strangest event scored \d+ when it came, and \d+ by what is known today; with the verdict it would score \d+/)
        .waitFor();
      const give = dialog.getByRole('button', { name: 'Call it benign' });
      expect(await give.isDisabled()).toBe(true);
      await dialog.getByLabel('It counts for').selectOption('7');
      await dialog.getByLabel('Reason').fill('At a customer this week');
      // What it would change is asked anew for the other choice: nobody gives what they have not seen.
      await dialog.getByText(`until ${new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)}`).waitFor();
      await give.click();
      const panel = at.getByRole('region', { name: 'Verdict' });
      await panel.getByText('At a customer this week').waitFor();
      expect(alert?.status).toBe('expected');
      expect(dashboard.harness.api.organisation.verdicts[0]).toMatchObject({ kind: 'benign', scope: 'identity', author: MOCK_USER.user });

      await at.goto(new URL('/verdicts?state=in_force', at.url()).href);
      const row = at.locator('tbody tr', { hasText: 'At a customer this week' });
      await row.getByRole('button', { name: 'Take back' }).click();
      await at.getByRole('dialog').getByLabel('Reason').fill('He never left');
      await at.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
      await row.waitFor({ state: 'detached' });
      expect(alert?.status).toBe('in_progress');
    });
  });

  describe('a time that is typed in', () => {
    it.each(['/alerts', '/events'])('filters %s, stands in the address, and can be taken off', async (path) => {
      const at = await open(path);
      await at.locator('tbody tr').first().waitFor();
      await at.getByRole('button', { name: 'Time', exact: true }).click();
      await at.getByLabel('From', { exact: true }).fill('2026-01-05T08:00');
      await at.getByLabel('To, exclusive').fill('2026-01-05T07:00');
      await at.getByText('The end is not after the beginning').waitFor();
      expect(await at.getByRole('button', { name: 'Set this time' }).isDisabled()).toBe(true);
      await at.getByLabel('To, exclusive').fill('2026-01-05T09:30');
      await at.getByRole('button', { name: 'Set this time' }).click();
      await at.waitForURL((url) => url.searchParams.get('to') === '2026-01-05T09:30:00.000Z');
      expect(new URL(at.url()).searchParams.get('from')).toBe('2026-01-05T08:00:00.000Z');
      await at.getByRole('button', { name: 'Time: 01-05 08:00 to 01-05 09:30' }).waitFor();
      await at.getByRole('button', { name: 'Clear all filters' }).first().click();
      await at.waitForURL((url) => !url.searchParams.has('from'));
    });
  });

  describe('a chart', () => {
    it('can be read as a table whose numbers lead to their rows, by keyboard', async () => {
      const at = await open('/');
      for (const caption of ['Alerts by severity over time', 'Sign-ins by hour and weekday', 'Where events came from']) {
        await at.getByRole('button', { name: `Show as table: ${caption}` }).press('Enter');
        const table = at.getByRole('region', { name: `${caption}, as a table` });
        expect(await table.getByRole('link').count()).toBeGreaterThan(0);
        expect(await table.locator('tbody tr').count()).toBeGreaterThan(0);
      }
      const places = at.getByRole('region', { name: 'Where events came from, as a table' });
      await places.getByRole('link').first().press('Enter');
      await at.waitForURL(/\/events\?.*city=/);
    });
  });

  describe('an alert', () => {
    it('says at most five sentences first, and folds what counts towards the risk by title', async () => {
      const at = await open(`/alerts/${dashboard.harness.api.organisation.alerts[0]?.uid ?? ''}`);
      const why = at.getByRole('region', { name: 'Why' });
      await why.locator('.kw-reasons li').first().waitFor();
      expect(await why.locator('.kw-reasons li').count()).toBe(5);
      await why.getByRole('button', { name: 'Show all 7 sentences' }).click();
      expect(await why.locator('.kw-reasons li').count()).toBe(7);
      await why.getByRole('link', { name: 'this event' }).click();
      await at.waitForURL(/event=[0-9a-f]{32}/);
    });
  });

  describe('users', () => {
    it('are deleted after a question only', async () => {
      const at = await open('/settings?tab=users');
      await at.getByRole('button', { name: 'Change jonas' }).click();
      await at.getByRole('menuitem', { name: 'Delete' }).click();
      await at.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
      await at.getByRole('dialog').waitFor({ state: 'detached' });
      expect(dashboard.harness.api.organisation.users.some((user) => user.name === 'jonas')).toBe(true);
      await at.getByRole('button', { name: 'Change jonas' }).click();
      await at.getByRole('menuitem', { name: 'Delete' }).click();
      await at.getByRole('dialog').getByRole('button', { name: 'Delete the user' }).click();
      await at.getByRole('button', { name: 'Change jonas' }).waitFor({ state: 'detached' });
      expect(dashboard.harness.api.organisation.users.some((user) => user.name === 'jonas')).toBe(false);
    });

    it('who were made by an administrator choose a password of their own before anything else, and hear when the old one is wrong', async () => {
      const admin = await open('/settings?tab=users');
      await admin.getByRole('button', { name: 'Add a user' }).click();
      await admin.getByLabel('User name').fill('newcomer');
      await admin.getByRole('button', { name: 'Add', exact: true }).click();
      await admin.getByText('made-once-and-shown-once').waitFor();
      const at = await dashboard.openOutside('/login?next=%2Falerts');
      await at.fill('input[autocomplete=username]', 'newcomer');
      await at.fill('input[autocomplete=current-password]', MOCK_USER.password);
      await at.keyboard.press('Enter');
      await at.getByText('Choose a password of your own').waitFor();
      expect(await at.locator('.kw-frame').count()).toBe(0);
      const change = async (current: string): Promise<void> => {
        await at.getByLabel('Current password').fill(current);
        await at.getByLabel('New password', { exact: true }).fill('a sentence of my own');
        await at.getByLabel('New password again').fill('a sentence of my own');
        await at.getByRole('button', { name: 'Change password' }).click();
      };
      await change('not what I was given');
      await at.getByRole('alert').getByText('The current password is wrong').waitFor();
      await change(MOCK_USER.password);
      await at.locator('.kw-frame').waitFor();
      await at.context().close();
    });
  });

  it('credits the place data on every page', async () => {
    const at = await open('/events');
    expect(await at.getByRole('link', { name: 'IP Geolocation by DB-IP' }).getAttribute('href')).toBe('https://db-ip.com');
  });
});
