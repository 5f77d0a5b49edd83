import { expect, it } from 'vitest';
import { describeDashboard } from './dashboard-page.js';

describeDashboard('trying a change on the history', (dashboard) => {
  const { open } = dashboard;
  const backtests = () => dashboard.harness.api.organisation.backtests;

  it('asks for what differs only, shows how far it is, then what came of it, and can be begun with again', async () => {
    const at = await open('/backtests');
    const run = at.getByRole('button', { name: 'Run the backtest' });
    await at.getByText('Nothing differs from what is in force yet.').waitFor();
    expect(await run.isDisabled()).toBe(true);
    await at.getByLabel('Alert budget').fill('8');
    await at.getByText('Impossible travel').first().click();
    await at.getByLabel('Min distance (km)').fill('300');
    await at.getByRole('list', { name: 'What changes' }).getByText('Impossible travel: min distance (km)').waitFor();
    await run.click();
    await at.waitForURL(/\/backtests\/backtest-\d+$/);
    expect(backtests()[0]?.change).toEqual({
      detections: { unusual_behaviour: { alertsPerThousand: 8 }, impossible_travel: { minDistanceKm: 300 } },
    });
    await at.getByRole('region', { name: 'Progress' }).getByRole('status').waitFor();
    await at.getByRole('heading', { name: 'Alerts that differ' }).waitFor();
    await at.getByRole('img', { name: /Alerts by day: \d+ alerts as it is, \d+ alerts as it would be/ }).waitFor();
    await at.getByRole('link', { name: 'Try it another way' }).click();
    await at.waitForURL(/\/backtests\?base=backtest-\d+/);
    expect(await at.getByLabel('Alert budget').inputValue()).toBe('8');
    expect(await at.getByLabel('Min distance (km)').inputValue()).toBe('300');
  });

  it('says field by field what can not be used, before anything is asked', async () => {
    const at = await open('/backtests');
    await at.getByLabel('Alert budget').fill('0');
    await at.getByText('More than 0.').waitFor();
    await at.getByLabel('Last day').fill('2026-01-01');
    await at.getByRole('alert').getByText('The last day is before the first.').waitFor();
    await at.getByLabel('Another response policy').first().check();
    await at.getByRole('textbox', { name: 'Another response policy' }).fill('{');
    await at.getByText(/^Not JSON/).waitFor();
    await at.getByText('2 values can’t be used.').waitFor();
    expect(await at.getByRole('button', { name: 'Run the backtest' }).isDisabled()).toBe(true);
    await at.getByRole('button', { name: 'Back to what is in force' }).click();
    expect(await at.getByLabel('Alert budget').inputValue()).toBe('5');
  });

  it('leads from an alert that goes to it, from one that comes to its events, and from a person to theirs', async () => {
    const at = await open('/backtests/backtest-done');
    const differing = at.getByRole('region', { name: 'Alerts that differ' });
    expect(await differing.locator('tbody a.kw-cell-title').first().getAttribute('href')).toMatch(/^\/events\?identity=.*from=.*to=/);
    await differing.getByText(/^Disappear/).click();
    expect(await differing.locator('tbody a.kw-cell-title').first().getAttribute('href')).toMatch(/^\/alerts\/[0-9a-f]{32}$/);
    await differing.getByText(/^Differ/).click();
    await differing.getByText('was medium').first().waitFor();
    const people = at.getByRole('region', { name: 'People concerned' });
    expect(await people.locator('tbody a').first().getAttribute('href')).toMatch(/^\/identities\//);
  });

  it('can be cancelled while it waits, and says of one that failed why', async () => {
    const at = await open('/backtests');
    await at.getByLabel('Alert budget').fill('9');
    await at.getByRole('button', { name: 'Run the backtest' }).click();
    await at.getByRole('button', { name: 'Cancel' }).click();
    await at.getByText('It was cancelled').waitFor();
    expect(backtests()[0]?.state).toBe('cancelled');
    await at.goto(new URL('/backtests/backtest-failed', at.url()).href);
    await at.getByRole('alert').getByText('The store did not answer').waitFor();
  });

  it('reads its pictures as tables', async () => {
    const at = await open('/backtests/backtest-long');
    await at.getByRole('button', { name: 'Show as table: Alerts by week, before and after' }).click();
    const table = at.getByRole('region', { name: 'Alerts by week, before and after, as a table' });
    expect(await table.locator('tbody tr').count()).toBe(13);
    await at.getByRole('radiogroup', { name: 'Which alerts', exact: true }).getByText('On behaviour').click();
    expect(await table.locator('thead th').allInnerTexts()).toContain('Budget');
  });
});
