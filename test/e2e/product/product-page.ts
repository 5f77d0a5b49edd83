import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { liveIntruder, makePeople, type Person } from '@keyward/fixtures';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { temporaryFolder } from '../../cli/keyward.js';
import { RunningKeyward } from '../../cli/running-keyward.js';
import { drawn, launchBrowser, newPage } from '../chromium.js';

const HISTORY_DAYS = '10';

/** Somebody of the demo, untouched by its stories. */
export const victimAt = (index: number): Person => {
  const person = makePeople()[index];
  if (!person) throw new Error(`the demo has no person ${index}`);
  return person;
};
/** Records of an intruder's two minutes that end now. */
export const intrusion = (person: Person): readonly { readonly source: string; readonly time: number; readonly record: object }[] =>
  liveIntruder(Date.now() - 90_000, person);

/** The whole product, as `keyward start` brings it up, in a real browser. */
export class Product {
  readonly keyward: RunningKeyward;
  readonly password: string;
  /** Page errors, errors on the console, breaches of the Content-Security-Policy, and answers of 500. */
  readonly complaints: string[] = [];
  readonly #browser: Browser;
  readonly #folder: ReturnType<typeof temporaryFolder>;

  private constructor(keyward: RunningKeyward, password: string, browser: Browser, folder: ReturnType<typeof temporaryFolder>) {
    this.keyward = keyward;
    this.password = password;
    this.#browser = browser;
    this.#folder = folder;
  }
  static async start(): Promise<Product> {
    const folder = temporaryFolder('product');
    const keyward = await RunningKeyward.spawn({ data: folder.path, env: { KEYWARD_DEMO_DAYS: HISTORY_DAYS } });
    try {
      await keyward.ready();
      const browser = await launchBrowser();
      return new Product(keyward, keyward.password ?? '', browser, folder);
    } catch (error) {
      await keyward.end('SIGKILL');
      throw error;
    }
  }
  async stop(): Promise<void> {
    await this.#browser.close();
    await this.keyward.end('SIGINT');
    this.#folder.remove();
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await newPage(this.#browser, options, 20_000);
    page.on('pageerror', (error) => this.complaints.push(`page: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('response', (answer) => {
      if (answer.status() >= 500) this.complaints.push(`${answer.status()} ${answer.url()}`);
    });
    return page;
  }
  /** Signs in through the page, with the login that was printed. */
  async signIn(page: Page, path = '/'): Promise<void> {
    await page.goto(`${this.keyward.url}/login?next=${encodeURIComponent(path)}`);
    await page.fill('input[autocomplete=username]', 'admin');
    await page.fill('input[autocomplete=current-password]', this.password);
    await page.click('button[type=submit]');
    await page.waitForSelector('.kw-frame');
  }
  async visit(page: Page, path: string): Promise<void> {
    await page.goto(this.keyward.url + path);
    await drawn(page);
  }
  /** Kept only where KEYWARD_SCREENSHOTS names a folder. */
  async screenshot(page: Page, name: string): Promise<void> {
    const out = process.env['KEYWARD_SCREENSHOTS'];
    if (out === undefined) return;
    mkdirSync(out, { recursive: true });
    await page.screenshot({ path: join(out, `${name}.png`), fullPage: true });
  }
}
