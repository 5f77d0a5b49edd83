import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest';
import { MOCK_USER, MockApi } from '../../../dashboards/analyst/dev/mock/server.js';
import { drawn, inBrowser, launchBrowser, newPage, skipReason } from '../chromium.js';

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
    const browser = await launchBrowser();
    return new DashboardHarness(api, address, browser, dist);
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.api.stop();
    await rm(this.#dist, { recursive: true, force: true });
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await newPage(this.#browser, options, 10_000);
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

/** What each test of the dashboard gets: the page it opens is closed after it, and must not have complained. */
export interface DashboardTest {
  readonly harness: DashboardHarness;
  /** A page behind the login. */
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<Page>;
  /** A page before the login. */
  readonly openOutside: (path: string) => Promise<Page>;
  /** Another page in the same tab, drawn. */
  readonly visit: (at: Page, path: string) => Promise<void>;
}

/** Tests of the dashboard against the mock API, which starts full each time. */
export function describeDashboard(title: string, body: (dashboard: DashboardTest) => void): void {
  describe.skipIf(skipReason !== undefined)(inBrowser(title), () => {
    let harness: DashboardHarness;
    const opened: Page[] = [];
    beforeAll(async () => {
      harness = await DashboardHarness.start();
    });
    afterAll(async () => {
      await harness.stop();
    });
    beforeEach(() => {
      harness.api.use('full');
      harness.complaints.length = 0;
    });
    afterEach(async () => {
      for (const page of opened.splice(0)) await page.context().close();
      expect(harness.complaints, 'page errors and breaches of the CSP').toEqual([]);
      expect(harness.api.violations, 'answers of the mock that break the contract').toEqual([]);
    });
    const keep = (page: Page): Page => {
      opened.push(page);
      return page;
    };
    body({
      get harness() {
        return harness;
      },
      open: async (path, options = {}) => keep(await harness.signedIn(path, options)),
      openOutside: async (path) => {
        const page = keep(await harness.page());
        await page.goto(harness.address + path);
        return page;
      },
      visit: async (at, path) => {
        await at.goto(harness.address + path);
        await drawn(at);
      },
    });
  });
}
