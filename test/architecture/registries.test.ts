import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Kind {
  readonly what: string;
  readonly src: string;
  /** Folders beside the plug-ins that are building blocks of theirs: a new one must be named here, or it is a plug-in. */
  readonly shared: readonly string[];
  /** Words that the titles of a plug-in's tests must use: one for a case that works, one for a case that must not. */
  readonly positive: RegExp;
  readonly negative: RegExp;
}
const KINDS: readonly Kind[] = [
  {
    what: 'source',
    src: 'libs/sources/src',
    shared: ['ocsf-export', 'syslog'],
    positive: /\b(keep|kept|read|reads|parse|parses|is an?|says|gives|makes|maps|becomes)\b/i,
    negative: /\b(reject|rejects|rejected|ignore|ignores|ignored|refuses|never|not|no)\b/i,
  },
  {
    what: 'detection',
    src: 'libs/detections/src',
    shared: [],
    positive: /\bfires?\b|is critical/i,
    negative: /\bsilent\b|\bnever fires\b/i,
  },
  {
    what: 'connector',
    src: 'libs/adapters/connectors/src',
    shared: [],
    positive: /\b(revokes?|takes?|ends?|removes?|sends?|posts?|signs?|satisf|contract)/i,
    negative: /\b(40\d|42\d|5\d\d|error|refuses?|never|not|no|nothing|unavailable|denied|fails?|retry|absent|already)\b/i,
  },
  {
    what: 'sink',
    src: 'libs/adapters/sinks/src',
    shared: [],
    positive: /\b(delivers?|sends?|writes?|posts?|signs?|signed|appends?|contract)\b/i,
    negative: /\b(40\d|42\d|5\d\d|error|refuses?|never|not|no|nothing|unavailable|fails?|retry|timeout|without)\b/i,
  },
  {
    what: 'collector',
    src: 'libs/adapters/collectors/src',
    shared: [],
    positive: /\b(puts?|brings?|gives?|keeps?|reads?|collects?|goes on)\b/i,
    negative: /\b(40\d|42\d|5\d\d|error|refuses?|refused|never|not|no|nothing|fails?|without)\b/i,
  },
];

const foldersOf = ({ src, shared }: Kind): string[] =>
  readdirSync(join(ROOT, src), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !shared.includes(entry.name))
    .map(({ name }) => name)
    .toSorted();

/** Folders that the registry imports from: a plain array of imports can be read without running it. */
function registeredIn(src: string): string[] {
  const text = readFileSync(join(ROOT, src, 'registry.ts'), 'utf8');
  return [...new Set([...text.matchAll(/from '\.\/([^/']+)\//g)].flatMap((match) => match[1] ?? []))].toSorted();
}

/** The plug-in's own tests: in its folder, or named after it in the package's `test/` (those that need a real server). */
function testsOf(src: string, folder: string): string {
  const own = readdirSync(join(ROOT, src, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(ROOT, src, folder, name));
  const real = join(ROOT, dirname(src), 'test', `${folder}.test.ts`);
  return [...own, ...(existsSync(real) ? [real] : [])].map((file) => readFileSync(file, 'utf8')).join('\n');
}
const titlesIn = (tests: string): string =>
  [...tests.matchAll(/\b(?:it|describe)(?:\.each(?:<[^(]*>)?\([\s\S]*?\]\s*(?:as const)?\s*\))?\(\s*(['"`])([\s\S]*?)\1/g)]
    .map((match) => match[2] ?? '')
    .join('\n');

describe.each(KINDS.map((kind) => [kind.what, kind] as const))('each %s', (_what, kind) => {
  it('has a folder and a line in the registry, one for one', () => {
    expect(foldersOf(kind).length).toBeGreaterThan(0);
    expect(registeredIn(kind.src)).toEqual(foldersOf(kind));
  });
  it.each(foldersOf(kind))('%s has a README', (folder) => {
    expect(existsSync(join(ROOT, kind.src, folder, 'README.md'))).toBe(true);
  });
  it.each(foldersOf(kind))('%s has tests of a case that works and of one that must not', (folder) => {
    const titles = titlesIn(testsOf(kind.src, folder));
    expect(titles).toMatch(kind.positive);
    expect(titles).toMatch(kind.negative);
  });
});

describe('each detection', () => {
  const kind = KINDS.find(({ what }) => what === 'detection');
  it.each(kind ? foldersOf(kind) : [])(
    '%s has blind spots, false positives, and a runbook of two or three steps with a time window and field names',
    (folder) => {
      const text = readFileSync(join(ROOT, 'libs/detections/src', folder, 'README.md'), 'utf8');
      for (const heading of ['**What.**', '**Why.**', '**Blind spots.**', '**False positives.**', '**Runbook**'])
        expect(text).toContain(heading);
      const steps = text.slice(text.indexOf('**Runbook**')).match(/^\d\. .*$/gm) ?? [];
      expect(steps.length).toBeGreaterThanOrEqual(2);
      expect(steps.length).toBeLessThanOrEqual(3);
      expect(steps.join('\n')).toMatch(/`[a-z]+[A-Za-z.]*`/);
      expect(steps.join('\n')).toMatch(/hour|days?|\d+ h|minutes/);
    },
  );
});
