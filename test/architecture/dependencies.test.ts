import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Rule -> a file that breaks it, and the import that does. Planted in a small copy of the tree, so that the real one is never touched. */
const PLANTED: Readonly<Record<string, readonly [file: string, imported: string]>> = {
  'domain-is-pure': ['libs/events/src/reads-a-file.ts', 'node:fs'],
  'domain-knows-no-framework': ['libs/stages/src/knows-fastify.ts', 'fastify'],
  'nest-only-in-apps': ['libs/runtime/src/knows-nest.ts', '@nestjs/common'],
  'kafka-only-in-its-adapter': ['apps/api/src/knows-kafka.ts', 'kafkajs'],
  'clickhouse-only-in-its-adapter': ['apps/api/src/knows-clickhouse.ts', '@clickhouse/client'],
  'domain-knows-no-adapter': ['libs/alerts/src/knows-an-adapter.ts', '@keyward/adapter-kafka'],
  'one-adapter-knows-no-other': ['libs/adapters/kafka/src/knows-clickhouse.ts', '@keyward/adapter-clickhouse'],
  'one-plug-in-knows-no-other': ['libs/sources/src/okta/knows-entra.ts', '../entra/entra.js'],
  'apps-know-no-other-app': ['apps/api/src/knows-the-cli.ts', '../../cli/src/index.js'],
  'nothing-knows-an-app': ['libs/runtime/src/knows-an-app.ts', '../../../apps/cli/src/index.js'],
  'dashboard-knows-only-the-contract': ['dashboards/analyst/src/knows-events.ts', '@keyward/events'],
  'testkit-only-from-tests': ['libs/alerts/src/knows-the-testkit.ts', '@keyward/testkit'],
  'no-cycles': ['libs/runtime/src/a.ts', './b.js'],
  'no-orphan-imports': ['libs/runtime/src/orphan.ts', './nowhere.js'],
};
/** What the same rules must let through. */
const ALLOWED: readonly (readonly [file: string, imported: string])[] = [
  ['libs/events/src/hashes.ts', 'node:crypto'],
  ['libs/adapters/kafka/src/uses-kafka.ts', 'kafkajs'],
  ['libs/adapters/clickhouse/src/uses-clickhouse.ts', '@clickhouse/client'],
  ['apps/api/src/uses-nest.ts', '@nestjs/common'],
  ['apps/api/src/uses-an-adapter.ts', '@keyward/adapter-kafka'],
  ['libs/sources/src/entra/uses-the-lib.ts', '../source.js'],
  ['libs/alerts/src/alert.test.ts', '@keyward/testkit'],
  ['dashboards/analyst/src/uses-the-contract.ts', '@keyward/contract'],
];
const PACKAGES = ['events', 'testkit', 'contract', 'adapters/kafka', 'adapters/clickhouse'];
const VENDORS = ['fastify', '@nestjs/common', 'kafkajs', '@clickhouse/client'];

const Report = z.object({
  summary: z.object({
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
    ruleSetUsed: z.object({ forbidden: z.array(z.object({ name: z.string() })) }),
  }),
});
type Report = z.infer<typeof Report>;

let tree = '';
let report: Report;

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

beforeAll(async () => {
  tree = mkdtempSync(join(tmpdir(), 'keyward-dependencies-'));
  for (const file of ['tsconfig.base.json', '.dependency-cruiser.mjs']) cpSync(join(ROOT, file), join(tree, file));
  for (const name of VENDORS) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(`node_modules/${name}/index.js`, 'module.exports = {};\n');
  }
  mkdirSync(join(tree, 'node_modules/@keyward'), { recursive: true });
  for (const folder of PACKAGES) {
    const name = folder.replace('adapters/', 'adapter-');
    write(
      `libs/${folder}/package.json`,
      JSON.stringify({ name: `@keyward/${name}`, type: 'module', exports: { '.': { 'keyward-source': './src/index.ts' } } }),
    );
    write(`libs/${folder}/src/index.ts`, 'export const x = 1;\n');
    symlinkSync(join(tree, 'libs', folder), join(tree, 'node_modules/@keyward', name));
  }
  for (const file of ['libs/sources/src/entra/entra.ts', 'libs/sources/src/source.ts', 'apps/cli/src/index.ts', 'fixtures/src/index.ts']) {
    write(file, 'export const x = 1;\n');
  }
  write('libs/runtime/src/b.ts', "import './a.js';\nexport const b = 1;\n");
  for (const [file, imported] of [...Object.values(PLANTED), ...ALLOWED]) write(file, `import '${imported}';\nexport const planted = 1;\n`);
  const cli = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [
    cli,
    '--config',
    '.dependency-cruiser.mjs',
    '--output-type',
    'json',
    'apps',
    'libs',
    'dashboards/analyst/src',
    'fixtures/src',
  ];
  // Exit code: the number of violations when the reporter is `err`, 0 for `json`.
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: tree, maxBuffer: 32 * 1024 * 1024 });
  report = Report.parse(JSON.parse(stdout));
}, 60_000);

afterAll(() => {
  rmSync(tree, { recursive: true, force: true });
});

const broken = (rule: string): string[] =>
  report.summary.violations.filter((violation) => violation.rule.name === rule).map(({ from }) => from);

describe('dependency rules', () => {
  it('are each tried with a planted violation', () => {
    expect(report.summary.ruleSetUsed.forbidden.map(({ name }) => name).toSorted()).toEqual(Object.keys(PLANTED).toSorted());
  });
  it.each(Object.entries(PLANTED))('%s is caught', (rule, [file]) => {
    expect(broken(rule)).toContain(file);
  });
  it.each(ALLOWED)('%s may import %s', (file) => {
    expect(report.summary.violations.filter(({ from }) => from === file)).toEqual([]);
  });
});
