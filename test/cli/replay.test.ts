import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SOURCE_IDS } from '@keyward/events';
import { makeDemo } from '@keyward/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEMO_START, ROOT, demoRecords, keyward, ndjsonFile, temporaryFolder, type Ran } from './keyward.js';

const OUTPUTS = ['assessments', 'sessions', 'findings', 'alerts', 'risk', 'grants'] as const;
const SOURCES = ['okta', 'entra', 'cyberark'];
const folder = temporaryFolder('replay');
afterAll(() => {
  folder.remove();
});
const records = demoRecords(2);
const linesOf = (source: string): string[] => records.filter((one) => one.source === source).map(({ record }) => JSON.stringify(record));
const inputs = (order = SOURCES, prefix = ''): string[] =>
  order.flatMap((source) => ['--input', `${source}=${folder.file(`${prefix}${source}.ndjson`)}`]);
const replay = (name: string, args: readonly string[]): Promise<Ran> => keyward(['replay', ...args, '--out', folder.file(name)]);
const outputs = (name: string): Record<string, string> =>
  Object.fromEntries(OUTPUTS.map((output) => [output, readFileSync(folder.file(name, `${output}.ndjson`), 'utf8')]));
const sourcesOf = (name: string): unknown =>
  (JSON.parse(readFileSync(folder.file(name, 'summary.json'), 'utf8')) as { sources: unknown }).sources;

describe('keyward replay', () => {
  let plain: Ran;
  beforeAll(async () => {
    for (const source of SOURCES) writeFileSync(folder.file(`${source}.ndjson`), linesOf(source).join('\n'));
    mkdirSync(folder.file('context'));
    const { sod, ...lists } = makeDemo(DEMO_START).organisation;
    for (const [name, rows] of Object.entries(lists))
      writeFileSync(folder.file('context', `${name}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    writeFileSync(folder.file('context', 'sod.json'), JSON.stringify(sod));
    plain = await replay('plain', [...inputs(), '--context', folder.file('context')]);
  });

  it('writes all files of the contract and says on standard error what it read', () => {
    expect(plain).toMatchObject({ code: 0, stdout: '' });
    for (const source of SOURCES) expect(plain.stderr).toMatch(new RegExp(`^${source}: [\\d,]+ records, [\\d,]+ kept`, 'm'));
    expect(ndjsonFile(folder.file('plain', 'assessments.ndjson')).length).toBeGreaterThan(1_000);
    expect(ndjsonFile(folder.file('plain', 'risk.ndjson')).length).toBeGreaterThan(100);
  });

  it('scores the samples of every source together', async () => {
    const sources = join(ROOT, 'libs/sources/src');
    const samples = readdirSync(sources).flatMap((source) => {
      const kept = join(sources, source, 'samples');
      return existsSync(kept) ? readdirSync(kept).map((file) => `${source}=${join(kept, file)}`) : [];
    });
    const ran = await replay(
      'samples',
      samples.flatMap((input) => ['--input', input]),
    );
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    expect(Object.keys(sourcesOf('samples') as object)).toHaveLength(SOURCE_IDS.length);
    expect(ndjsonFile(folder.file('samples', 'risk.ndjson')).length).toBeGreaterThan(100);
  });

  const checker = join(ROOT, '../shared/contract/check.mjs');
  it.skipIf(!existsSync(checker))('keeps the contract of its outputs (needs ../shared/contract/check.mjs)', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [checker, 'replay', folder.file('plain')], { encoding: 'utf8' });
    expect({ status, said: stdout + stderr }).toMatchObject({ status: 0 });
  });

  it('gives the same, byte for byte, whatever the order of inputs and of records in them', async () => {
    for (const source of SOURCES) {
      const shuffled = linesOf(source).toReversed();
      writeFileSync(folder.file(`backwards-${source}.ndjson`), [...shuffled.slice(300), ...shuffled.slice(0, 300)].join('\n'));
    }
    const ran = await replay('backwards', [...inputs(SOURCES.toReversed(), 'backwards-'), '--context', folder.file('context')]);
    expect(ran.code).toBe(0);
    expect(outputs('backwards')).toEqual(outputs('plain'));
  });

  it('gives the same, byte for byte, whatever the number of threads', async () => {
    for (const threads of ['1', '2', '4']) {
      const ran = await replay(`threads-${threads}`, [...inputs(), '--context', folder.file('context'), '--threads', threads]);
      expect(ran).toMatchObject({ code: 0, stdout: '' });
      expect(outputs(`threads-${threads}`)).toEqual(outputs('plain'));
      expect(sourcesOf(`threads-${threads}`)).toEqual(sourcesOf('plain'));
    }
  });
  it('counts what no thread can read, and names a file that breaks off', async () => {
    const good = linesOf('okta').slice(0, 50);
    writeFileSync(folder.file('half.ndjson'), [...good, '{"half": ', ...good].join('\n'));
    const half = await replay('half', ['--input', `okta=${folder.file('half.ndjson')}`, '--threads', '2']);
    expect(half.code).toBe(0);
    expect(sourcesOf('half')).toMatchObject({ okta: { records: 101, kept: 100, rejected: 1 } });
    writeFileSync(folder.file('cut.ndjson.gz'), gzipSync(linesOf('okta').join('\n')).subarray(0, 20_000));
    const cut = await replay('cut', ['--input', `okta=${folder.file('cut.ndjson.gz')}`, '--threads', '2']);
    expect(cut).toMatchObject({ code: 2, stdout: '' });
    expect(cut.stderr).toContain('cut.ndjson.gz: ');
  });
  it.each(['0', '1.5', 'many', '65'])('ends with 2 for --threads %s', async (threads) => {
    const ran = await replay('never-threads', [...inputs(), '--threads', threads]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('--threads takes a whole number from 1 to 64');
    expect(existsSync(folder.file('never-threads'))).toBe(false);
  });

  it('assesses a record once that stands in two files, one of them gzipped', async () => {
    writeFileSync(folder.file('again-okta.ndjson'), gzipSync(linesOf('okta').join('\n')));
    const args = [...inputs(), '--input', `okta=${folder.file('again-okta.ndjson')}`, '--context', folder.file('context')];
    expect((await replay('twice', args)).code).toBe(0);
    expect(outputs('twice')).toEqual(outputs('plain'));
    expect(sourcesOf('twice')).toMatchObject({ okta: { records: 2 * linesOf('okta').length } });
  });

  it('does without a context, naming identities by system and account', async () => {
    const ran = await replay('unknown', inputs());
    expect(ran.code).toBe(0);
    const identities = ndjsonFile(folder.file('unknown', 'assessments.ndjson')).map((row) => String(row['identity']));
    expect(identities.length).toBe(ndjsonFile(folder.file('plain', 'assessments.ndjson')).length);
    expect(identities.some((identity) => identity.startsWith('okta:'))).toBe(true);
  });
  it('does with a context folder in which files are missing', async () => {
    mkdirSync(folder.file('sparse'));
    writeFileSync(folder.file('sparse', 'identities.ndjson'), readFileSync(folder.file('context', 'identities.ndjson')));
    const ran = await replay('sparse-out', [...inputs(['okta']), '--context', folder.file('sparse')]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).not.toContain('warning');
  });
  it('warns with file and line of what it can not use, and goes on with the rest', async () => {
    mkdirSync(folder.file('bad'));
    const lines = readFileSync(folder.file('context', 'identities.ndjson'), 'utf8').split('\n');
    writeFileSync(
      folder.file('bad', 'identities.ndjson'),
      [lines[0], '{"id": "half', lines[1], '{"displayName": "nobody"}', ...lines.slice(2)].join('\n'),
    );
    writeFileSync(folder.file('bad', 'sod.json'), '{"rules": 7}');
    const ran = await replay('bad-out', [...inputs(), '--context', folder.file('bad')]);
    expect(ran.code).toBe(0);
    expect(ran.stderr).toMatch(/^warning: identities\.ndjson:2: \S/m);
    expect(ran.stderr).toMatch(/^warning: identities\.ndjson:4: \S/m);
    expect(ran.stderr).toMatch(/^warning: sod\.json is not used/m);
    expect(outputs('bad-out')['assessments']?.split('\n').length).toBe(outputs('plain')['assessments']?.split('\n').length);
  });
  it('ends with 2 for a context folder that is missing, before it writes anything', async () => {
    const ran = await replay('never', [...inputs(), '--context', folder.file('no-such-folder')]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain('There is no folder');
    expect(existsSync(folder.file('never'))).toBe(false);
  });
  it('writes empty files for an empty history', async () => {
    writeFileSync(folder.file('empty.ndjson'), '');
    expect((await replay('nothing', ['--input', `okta=${folder.file('empty.ndjson')}`])).code).toBe(0);
    expect(Object.values(outputs('nothing')).join('')).toBe('');
    expect(sourcesOf('nothing')).toEqual({ okta: { records: 0, kept: 0, ignored: 0, rejected: 0 } });
  });
});
