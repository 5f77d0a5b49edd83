import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCef } from './cef.js';
import { readExtension } from './extension.js';
import { readSyslog } from './header.js';
import { readKeyValues, readSemicolonPairs } from './key-value.js';
import { readLeef } from './leef.js';
import { readLogLine } from './line.js';
import { readXml } from './xml.js';

const RECEIVED = Date.UTC(2026, 0, 5, 9, 1);
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0' };
const corpus = readFileSync(resolve(import.meta.dirname, 'corpus.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))
  .map((line) =>
    line.replace(/\\u([0-9a-f]{4})|\\([nt0])(?![A-Za-z])/g, (_, hex?: string, short?: string) =>
      hex === undefined ? (ESCAPES[short ?? ''] ?? '') : String.fromCharCode(parseInt(hex, 16)),
    ),
  );

/** What holds for any text: the reader says something, and the message is the end of the line, as it was written. */
function holds(line: string): void {
  const { header, body } = readSyslog(line, RECEIVED);
  const bare = line.endsWith('\0') ? line.slice(0, -1) : line;
  expect(bare.endsWith(body), JSON.stringify(line)).toBe(true);
  if (header.severity !== undefined) expect(header.severity).toBeLessThanOrEqual(7);
  if (header.time !== undefined) expect(Number.isFinite(header.time)).toBe(true);
  const read = readLogLine(line, RECEIVED);
  expect(['json', 'cef', 'leef', 'xml', 'text']).toContain(read.body.form);
  expect(readLogLine(line, RECEIVED)).toEqual(read);
}

describe('the corpus', () => {
  it.each(corpus.map((line) => [line]))('%j is read, and its message is not changed', (line) => {
    holds(line);
  });
  it('never touches a prototype', () => {
    for (const line of corpus) readLogLine(line, RECEIVED);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(readExtension('__proto__=x suser=a')['suser']).toBe('a');
  });
  it('is read in any cut, and with any of its lines behind another', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.constantFrom(...corpus), fc.nat(), fc.nat(), (a, b, from, to) => {
        holds(a.slice(0, from % (a.length + 1)) + b.slice(to % (b.length + 1)));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('what was written by the rules is read as it was', () => {
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}$/);
  // Longer than a zone: a host that is called `utc` is taken for one.
  const host = fc.stringMatching(/^[a-z][a-z0-9-]{3,15}(\.[a-z]{2,6})?$/);
  const at = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2027, 11, 31) }).map((ms) => Math.trunc(ms / 1000) * 1000);

  it('RFC 5424', () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 30 });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 191 }),
        at,
        host,
        word,
        fc.dictionary(word, value, { maxKeys: 4, noNullPrototype: true }),
        (priority, time, name, app, data) => {
          const pairs = Object.entries(data).map(([key, text]) => ` ${key}="${text.replace(/["\\\]]/g, '\\$&')}"`);
          const line = `<${String(priority)}>1 ${new Date(time).toISOString()} ${name} ${app} 42 ID [x@1${pairs.join('')}] the message`;
          expect(readSyslog(line)).toEqual({
            header: {
              facility: priority >> 3,
              severity: priority & 7,
              time,
              host: name,
              app,
              procId: '42',
              msgId: 'ID',
              structured: { 'x@1': { ...data } },
            },
            body: 'the message',
          });
        },
      ),
    );
  });
  it('BSD headers of the year before they were received', () => {
    const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    const recent = fc.integer({ min: 0, max: 300 * 86_400 }).map((seconds) => Math.trunc(RECEIVED / 1000) * 1000 - seconds * 1000);
    fc.assert(
      fc.property(recent, host, word, fc.constantFrom('', '<38>', '<38> ', '77 <38>'), fc.boolean(), (time, name, app, before, pad) => {
        const date = new Date(time);
        const day = String(date.getUTCDate());
        const line = `${before}${MONTHS[date.getUTCMonth()] ?? ''} ${pad ? day.padStart(2, ' ') : day} ${date.toISOString().slice(11, 19)} ${name} ${app}[7]: text`;
        expect(readSyslog(line, RECEIVED)).toMatchObject({ header: { time, host: name, app, procId: '7' }, body: 'text' });
      }),
    );
  });
  it('LEEF 2.0 with a delimiter of its own', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9 =|.:/\\-]{0,20}$/).map((text) => text.trim());
    fc.assert(
      fc.property(
        fc.dictionary(word, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
        fc.constantFrom('^', '~', '\u00a6'),
        (attributes, delimiter) => {
          const pairs = Object.entries(attributes).map(([key, text]) => `${key}=${text}`);
          // A first pair with the delimiter behind it: a single attribute leaves nothing to find the delimiter by.
          const line = `LEEF:2.0|Example|Vault|1|7|${delimiter}|first=1${delimiter}${pairs.join(delimiter)}`;
          expect(readLeef(line)?.attributes).toEqual({ first: '1', ...attributes, ...('first' in attributes && { first: '1' }) });
        },
      ),
    );
  });
  it('quoted pairs', () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
    fc.assert(
      fc.property(fc.dictionary(word, value, { maxKeys: 5, noNullPrototype: true }), (pairs) => {
        const text = Object.entries(pairs).map(([key, one]) => `${key}="${one.replace(/["\\]/g, '\\$&')}"`);
        expect(readKeyValues(text.join(';'))).toEqual(pairs);
      }),
    );
  });
});

/** CPU time of one run, microseconds; the least of some, since the machine has other work. */
function cost(run: () => void): number {
  let least = Infinity;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const before = process.cpuUsage().user;
    run();
    least = Math.min(least, process.cpuUsage().user - before);
  }
  return least;
}

describe('four times the length', () => {
  const UNITS = [
    '<',
    '="',
    ' a=',
    '\\',
    '|',
    '[a b="',
    '<a b="',
    '<!--',
    '<![CDATA[',
    ' a="b',
    '<a>',
    ';a=\\',
    '&#1',
    'CEF:0|',
    '"',
    '1 ',
    ' ',
    'Jan  5 ',
    '<34>Jan  5 09:00:00 h ',
    'a[1] ',
    'x {"',
    '{"a":',
    '-',
    '\t',
    'msg=src= ',
  ];
  const STARTS = [
    '',
    '<5>1 2026-01-05T09:00:00Z h a b c ',
    '<5>1 2026-01-05T09:00:00Z h a b c [x y="',
    '<38>Jan  5 09:00:00 h ',
    'CEF:0|a|b|c|d|e|5|',
    'LEEF:1.0|a|b|c|d|',
    '<a>',
  ];
  const SHORT = 40_000;
  /** Below this, timer and allocation decide, not the reader. */
  const FLOOR_US = 4_000;
  it.each(UNITS.map((unit) => [unit]))('of %j costs at most ten times the time: no reader looks at its text over and over', (unit) => {
    const all = (length: number): void => {
      const long = unit.repeat(Math.ceil(length / unit.length));
      for (const start of STARTS) readLogLine(start + long, RECEIVED);
      readKeyValues(long);
      readSemicolonPairs(long);
      readExtension(`a="${long}`);
      readExtension(`msg=${long}`);
      readCef(`CEF:0|${long}`);
      readXml(`<a>${long}</a>`);
    };
    all(SHORT);
    const ratio = (): number => {
      const short = cost(() => {
        all(SHORT);
      });
      const long = cost(() => {
        all(4 * SHORT);
      });
      return long / Math.max(short, FLOOR_US);
    };
    // Sixteen times if it did. A machine with other work may be wrong once, not three times.
    expect([ratio, ratio, ratio].some((measure) => measure() < 10)).toBe(true);
  });
});
