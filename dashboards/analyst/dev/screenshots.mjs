// Pictures of every page: both themes, both widths, with much, with nothing, and with a failing store.
//   node dev/screenshots.mjs <folder> [page ...]     (run `npm run build` first)
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { loadMock } from './load-mock.mjs';

const [out, ...only] = process.argv.slice(2);
if (out === undefined) throw new Error('Say where to: node dev/screenshots.mjs <folder>');
mkdirSync(out, { recursive: true });
const { MockApi, MOCK_USER } = await loadMock();
const api = new MockApi({ dist: fileURLToPath(new URL('../dist', import.meta.url)), now: Date.now() });
const address = await api.start();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--no-first-run',
    '--disable-component-update',
    '--disable-sync',
  ],
});

const alert = api.organisation.alerts.find((one) => one.grants > 0 && one.findings > 1) ?? api.organisation.alerts[0];
const identity = api.organisation.alerts[0].identity.id;
const event = api.organisation.events.find((one) => one.score > 60);
const PAGES = {
  overview: '/?hours=720',
  alerts: '/alerts?status=new,in_progress',
  alert: `/alerts/${alert.uid}`,
  identities: '/identities',
  identity: `/identities/${identity}`,
  grants: '/grants',
  approve: '/grants?tab=approve',
  effects: '/grants?tab=effects',
  events: '/events',
  event: `/events?event=${event.uid}`,
  verdicts: '/verdicts',
  backtests: '/backtests',
  backtest: '/backtests/backtest-done',
  'backtest-long': '/backtests/backtest-long',
  'backtest-failed': '/backtests/backtest-failed',
  tokens: '/settings?tab=tokens',
  audit: '/settings?tab=audit',
  sources: '/sources',
  source: '/sources/cyberark',
  'source-silent': '/sources/cloudtrail?hours=168',
  settings: '/settings',
  users: '/settings?tab=users',
  policy: '/settings?tab=policy',
  sod: '/settings?tab=sod',
};
const WIDTHS = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };

for (const scheme of ['light', 'dark'])
  for (const [size, viewport] of Object.entries(WIDTHS)) {
    const context = await browser.newContext({ viewport, colorScheme: scheme });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/.test(message.text())) console.log(`${scheme} ${size}: ${message.text()}`);
    });
    page.on('pageerror', (error) => console.log(`${scheme} ${size} page error: ${error.message}`));
    const shoot = async (name) => {
      const scroll = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      if (scroll > 0) console.log(`${name} ${scheme} ${size}: scrolls ${scroll} px sideways`);
      await page.screenshot({ path: `${out}/${name}-${size}-${scheme}.png`, fullPage: true });
    };
    await page.goto(`${address}/login`);
    await page.waitForSelector('form');
    if (only.length === 0) await shoot('login');
    await page.fill('input[autocomplete=username]', MOCK_USER.user);
    await page.fill('input[autocomplete=current-password]', MOCK_USER.password);
    await page.click('button[type=submit]');
    await page.waitForSelector('.kw-frame');
    for (const mode of ['full', 'empty', 'error']) {
      api.use(mode);
      for (const [name, path] of Object.entries(PAGES)) {
        const shot = mode === 'full' ? name : `${name}-${mode}`;
        if (only.length > 0 && !only.includes(shot)) continue;
        if (mode !== 'full' && scheme === 'dark') continue;
        await page.goto(address + path);
        await page.waitForLoadState('networkidle', { timeout: 1_500 }).catch(() => undefined);
        await page.waitForTimeout(mode === 'error' ? 1_800 : 600);
        await shoot(shot);
      }
    }
    api.use('full');
    await context.close();
  }
await browser.close();
await api.stop();
if (api.violations.length > 0) console.log([...new Set(api.violations)].join('\n'));
process.exit(0);
