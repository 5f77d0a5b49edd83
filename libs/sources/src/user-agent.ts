import type { Device } from '@keyward/events';
import Bowser from 'bowser';

/** Distinct strings kept. A large organisation shows some thousands; an attacker who sends random ones only costs what parsing costs. */
const CACHE_SIZE = 5_000;
/** Bowser tries a few hundred patterns: what is longer than any real browser's string is not given to it. */
const MAX_LENGTH = 1_000;
const cache = new Map<string, Readonly<Device>>();

const BOT = /bot\b|crawl|spider|curl\/|wget\/|python|okhttp|go-http|java\/|node-fetch|axios|postman|powershell/i;

/**
 * Browser, operating system and kind of device of an HTTP `User-Agent`, as stable words: name and major version only, so that a browser's
 * weekly update is no new device. A pure function that remembers its last 5,000 answers.
 *
 * @returns `{ userAgent, browser: 'Chrome 126', os: 'Windows 10', type: 'desktop' }`; unknown parts are left out
 */
export function deviceOf(userAgent: string): Readonly<Device> {
  const known = cache.get(userAgent);
  if (known) return known;
  const device = read(userAgent);
  if (cache.size >= CACHE_SIZE) {
    const oldest = cache.keys().next();
    if (!oldest.done) cache.delete(oldest.value);
  }
  cache.set(userAgent, device);
  return device;
}

/** Programs list every part with its version, down to the kernel's: the first part is the program. */
const PRODUCT = /^\W*([^\s/]+)\/v?(\d+)?/;
const PROGRAM_OS = /\b(windows|linux|macos|darwin)(?=[#/])/i;
const OS_WORDS: Readonly<Record<string, string>> = { windows: 'Windows', linux: 'Linux', macos: 'macOS', darwin: 'macOS' };

function read(userAgent: string): Readonly<Device> {
  if (userAgent === '' || userAgent.length > MAX_LENGTH) return { userAgent };
  const parsed = Bowser.parse(userAgent);
  const type = BOT.test(userAgent) ? 'bot' : parsed.platform.type;
  const product = parsed.browser.name?.includes('/') === true ? PRODUCT.exec(userAgent) : null;
  const browser = product ? nameAndMajor(product[1], product[2]) : nameAndMajor(parsed.browser.name, parsed.browser.version);
  const os =
    osName(parsed.os.name, parsed.os.version, parsed.os.versionName) ??
    (product ? OS_WORDS[PROGRAM_OS.exec(userAgent)?.[1]?.toLowerCase() ?? ''] : undefined);
  return { userAgent, ...(browser && { browser }), ...(os && { os }), ...(type && { type }) };
}

function nameAndMajor(name: string | undefined, version: string | undefined): string | undefined {
  if (!name) return undefined;
  const major = /\d+/.exec(version ?? '')?.[0];
  return major === undefined ? name : `${name} ${major}`;
}

/** Windows is known by its version's name (`NT 6.1` is 7); browsers have frozen the version that they give for macOS. */
function osName(name: string | undefined, version: string | undefined, versionName: string | undefined): string | undefined {
  if (name === 'Windows') return versionName ? `Windows ${versionName}` : name;
  return name === 'macOS' ? name : nameAndMajor(name, version);
}
