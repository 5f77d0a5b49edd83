import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONNECTORS } from '@keyward/adapter-connectors';
import { SINKS } from '@keyward/adapter-sinks';
import { DETECTIONS } from '@keyward/detections';
import { SOURCES } from '@keyward/sources';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const linesOf = (file: string): number => read(file).trimEnd().split('\n').length;

const folders = (parent: string): string[] =>
  readdirSync(join(ROOT, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, parent, entry.name, 'package.json')))
    .map(({ name }) => `${parent}/${name}`);
const PACKAGES = [...folders('libs'), ...folders('libs/adapters'), ...folders('apps'), ...folders('dashboards'), 'fixtures'];
const PAGES = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];

describe('documentation', () => {
  it.each(PACKAGES)('%s has a README of at most 30 lines', (folder) => {
    expect(existsSync(join(ROOT, folder, 'README.md'))).toBe(true);
    expect(linesOf(`${folder}/README.md`)).toBeLessThanOrEqual(30);
  });
  it('has no link to a file that is not there', () => {
    const broken = [...PAGES, ...PACKAGES.map((folder) => `${folder}/README.md`)].flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((target) => !existsSync(join(ROOT, normalize(join(dirname(page), target)))))
        .map((target) => `${page}: ${target}`),
    );
    expect(broken).toEqual([]);
  });
  it('has a README that names every source, detection, connector and sink, on at most 120 lines', () => {
    const text = read('README.md');
    const ids = [
      ...SOURCES.map(({ id }) => id),
      ...DETECTIONS.map(({ id }) => id),
      ...[...CONNECTORS, ...SINKS].map(({ product }) => product),
    ];
    expect(ids.filter((id) => !text.includes(`\`${id}\``))).toEqual([]);
    expect(linesOf('README.md')).toBeLessThanOrEqual(120);
  });
  it('numbers its decisions without a gap, each with context, decision and consequences', () => {
    const files = readdirSync(join(ROOT, 'docs/adr'))
      .filter((file) => file.endsWith('.md'))
      .toSorted();
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
    for (const file of files)
      for (const heading of ['# ', '## Context', '## Decision', '## Consequences']) expect(read(`docs/adr/${file}`)).toContain(heading);
  });
  it('explains every metric that the code makes', () => {
    const page = read('docs/operations.md');
    const made = new Set(
      ['libs', 'apps'].flatMap((top) =>
        readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)(dist|node_modules)\//.test(file))
          .flatMap((file) =>
            [...read(join(top, file)).matchAll(/\.(?:counter|gauge|histogram)\(\s*'(keyward_\w+)'/g)].map((match) => match[1] ?? ''),
          ),
      ),
    );
    expect(made.size).toBeGreaterThan(5);
    expect([...made].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
