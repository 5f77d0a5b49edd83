import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const CHROMIUM = process.env['KEYWARD_CHROMIUM'] ?? '/usr/bin/chromium';
/** Skipped by name where Debian's Chromium is missing, unless the run insists on the real parts: then the launch fails. */
export const skipReason =
  existsSync(CHROMIUM) || process.env['KEYWARD_REQUIRE_REAL'] === '1' ? undefined : `no Chromium at ${CHROMIUM}: apt-get install chromium`;
/** The title of tests that need a browser; it says why they are skipped. */
export const inBrowser = (title: string): string => (skipReason === undefined ? title : `${title} (skipped: ${skipReason})`);

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
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

/** A page of a browser profile of its own: 1440 x 900, and nothing moves. */
export async function newPage(browser: Browser, options: BrowserContextOptions, timeoutMs: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(timeoutMs);
  return page;
}

/** Drawn: the first part is there, and nothing is being loaded. */
export async function drawn(page: Page): Promise<void> {
  await page.locator('main .kw-panel, main .kw-tile').first().waitFor();
  await page.locator('main [role=status][aria-label=Loading]').first().waitFor({ state: 'detached' });
}
