import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { build } from 'vite';
import { MOCK_USER, MockApi } from '../../../dashboards/analyst/dev/mock/server.js';

const CHROMIUM = process.env['KEYWARD_CHROMIUM'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
const required = process.env['KEYWARD_REQUIRE_REAL'] === '1';
/** Skipped by name where Debian's Chromium is missing, unless the run insists on the real parts: then the launch fails. */
export const skipReason = hasChromium || required ? undefined : `no Chromium at ${CHROMIUM}: apt-get install chromium`;

const analyst = fileURLToPath(new URL('../../../dashboards/analyst', import.meta.url));

/** The dashboard built from the sources as they are, served by the mock API, in a real browser. */
export class DashboardHarness {
  readonly api: MockApi;
  readonly address: string;
  /** What the browser complained about: page errors and breaches of the Content-Security-Policy. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #dist: string;
  /** The cookie of one login, so that not every test has to sign in again. */
  #session: Awaited<ReturnType<BrowserContext['storageState']>> | undefined;

  private constructor(api: MockApi, address: string, browser: Browser, dist: string) {
    this.api = api;
    this.address = address;
    this.#browser = browser;
    this.#dist = dist;
  }

  static async start(): Promise<DashboardHarness> {
    const dist = await mkdtemp(join(tmpdir(), 'keyward-dashboard-'));
    await build({
      root: analyst,
      configFile: join(analyst, 'vite.config.ts'),
      logLevel: 'error',
      build: { outDir: dist, emptyOutDir: true },
    });
    const api = new MockApi({ dist, now: Date.now() });
    const address = await api.start();
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--no-first-run',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    return new DashboardHarness(api, address, browser, dist);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.api.stop();
    await rm(this.#dist, { recursive: true, force: true });
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) this.complaints.push(message.text());
    });
    return page;
  }

  /** A page behind the login. */
  async signedIn(path: string, options: BrowserContextOptions = {}): Promise<Page> {
    if (this.#session) {
      const page = await this.page({ ...options, storageState: this.#session });
      await page.goto(this.address + path);
      await page.waitForSelector('.kw-frame');
      return page;
    }
    const page = await this.page(options);
    await page.goto(`${this.address}/login?next=${encodeURIComponent(path)}`);
    await page.fill('input[autocomplete=username]', MOCK_USER.user);
    await page.fill('input[autocomplete=current-password]', MOCK_USER.password);
    await page.click('button[type=submit]');
    await page.waitForSelector('.kw-frame');
    this.#session = await page.context().storageState();
    return page;
  }
}
