import { expect, it } from 'vitest';
import { HOSTILE_ACCOUNT } from '../../../dashboards/analyst/dev/mock/sources.js';
import { describeDashboard } from './dashboard-page.js';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
] as const;
const SIDEWAYS = 'document.documentElement.scrollWidth - window.innerWidth';

describeDashboard('the page of the sources', (dashboard) => {
  const { open } = dashboard;

  it('begins with what is wrong, draws every source, and leads to its details', async () => {
    const at = await open('/');
    await at.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Sources' }).click();
    await at.waitForURL(/\/sources$/);
    const rows = at.locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(7);
    expect(await rows.nth(0).innerText()).toMatch(/CloudTrail\s+Silent\s+No record of cloudtrail has arrived since/);
    expect(await rows.nth(1).innerText()).toMatch(/CyberArk\s+Not readable\s+34% of the records/);
    expect(await rows.last().innerText()).toMatch(/Okta\s+Steady/);
    await at.getByRole('img', { name: /^Records of Okta over time: .*kept.*ignored/ }).waitFor();
    await at.getByText('7 d', { exact: true }).click();
    await at.waitForURL(/hours=168/);
    await rows.nth(1).getByRole('link', { name: 'CyberArk', exact: true }).click();
    await at.waitForURL(/\/sources\/cyberark\?hours=168$/);
    await at.getByRole('heading', { name: 'CyberArk' }).waitFor();
    await at.getByRole('link', { name: 'All sources' }).click();
    await at.waitForURL(/\/sources\?hours=168$/);
  });

  it('shows a record of a reason as text, when asked, and what it could not resolve', async () => {
    const at = await open('/sources/cyberark');
    const rejected = at.getByRole('region', { name: 'Rejected' });
    await rejected.getByText('neither CEF, LEEF nor a record of the vault').waitFor();
    expect(await rejected.locator('pre').count()).toBe(0);
    await rejected.getByRole('button', { name: 'Show a record: unknown_shape' }).press('Enter');
    expect(await rejected.locator('pre').innerText()).toContain('<script>window.hacked=1</script>');
    expect(await rejected.locator('pre').innerText()).toContain('"password":"•••"');
    await rejected.getByText('access.raw.cyberark/1/20114').waitFor();
    await rejected.getByRole('button', { name: 'Hide a record: unknown_shape' }).press('Enter');
    await rejected.locator('pre').waitFor({ state: 'detached' });
    await at.getByText(HOSTILE_ACCOUNT).waitFor();
    expect(await at.evaluate('window.hacked')).toBeUndefined();
    await at.getByRole('region', { name: 'Unresolved accounts' }).getByRole('link').first().press('Enter');
    await at.waitForURL(/\/events\?actor=cyberark/);
  });

  it('reads its picture as a table, each number with its events', async () => {
    const at = await open('/sources/okta');
    await at.getByRole('img', { name: /^Records of Okta over the last 24 hours/ }).waitFor();
    await at.getByRole('button', { name: 'Show as table: Records over time' }).press('Enter');
    const table = at.getByRole('region', { name: 'Records over time, as a table' });
    expect(await table.locator('tbody tr').count()).toBeGreaterThan(20);
    await table.getByRole('link').first().press('Enter');
    await at.waitForURL(/\/events\?source=okta&from=.*&to=/);
  });

  it('is where an alert about a source leads, which is about nobody', async () => {
    const { alerts } = dashboard.harness.api.organisation;
    const [model] = alerts;
    if (!model) throw new Error('no alert');
    const uid = 'cloudtrailsilent'.padEnd(31, '0') + '1';
    const identity = { id: 'source:cloudtrail', displayName: 'Source cloudtrail' };
    alerts.unshift({ ...model, uid, identity, title: 'Source cloudtrail has fallen silent', detections: ['source_silent'], status: 'new' });
    const at = await open('/sources/cloudtrail');
    await at.getByRole('region', { name: 'How it stands' }).getByRole('link', { name: 'Its alert' }).click();
    await at.getByRole('heading', { name: 'Source cloudtrail has fallen silent' }).waitFor();
    expect(await at.getByRole('region', { name: 'Verdict' }).count()).toBe(0);
    expect(await at.getByRole('region', { name: 'Response' }).count()).toBe(0);
    await at.getByRole('main').getByRole('link', { name: 'CloudTrail' }).click();
    await at.waitForURL(/\/sources\/cloudtrail/);
  });

  it.each(['/sources', '/sources/cyberark'])('%s fits a desk and a phone', async (path) => {
    for (const viewport of SIZES) {
      const at = await open(path, { viewport });
      await at.locator('.kw-panel').first().waitFor();
      expect(await at.evaluate(SIDEWAYS), `${String(viewport.width)} px`).toBeLessThanOrEqual(0);
    }
  });

  it('says what to do when there is no source, and when the service is away', async () => {
    dashboard.harness.api.use('empty');
    const at = await open('/sources');
    await at.getByText('No source has sent a record yet').waitFor();
    expect(await at.getByRole('alert').count()).toBe(0);
    const go = (to: string) => at.goto(dashboard.harness.address + to);
    await go('/sources/okta');
    await at.getByRole('alert').waitFor();
    dashboard.harness.api.use('error');
    for (const path of ['/sources', '/sources/okta']) {
      await go(path);
      await at.getByRole('alert').getByText('Connection refused at 127.0.0.1:8123').waitFor();
    }
    dashboard.harness.api.use('full');
    await at.getByRole('button', { name: 'Try again' }).click();
    await at.getByRole('heading', { name: 'Okta' }).waitFor();
  });
});
