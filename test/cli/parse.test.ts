import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { BIN, ROOT, cleanEnvironment, demoRecords, keyward, ndjson, temporaryFolder } from './keyward.js';

const folder = temporaryFolder('parse');
afterAll(() => {
  folder.remove();
});
const okta = demoRecords(1)
  .filter(({ source }) => source === 'okta')
  .slice(0, 200)
  .map(({ record }) => record as { uuid: string });
const lines = okta.map((record) => `${JSON.stringify(record)}\n`).join('');
const uids = okta.map(({ uuid }) => uuid);
const uidsOf = (stdout: string): unknown[] => ndjson(stdout).map((line) => (line['metadata'] as { uid?: unknown } | undefined)?.uid);
const parse = (stdin: string | Buffer, source = 'okta') => keyward(['parse', '--source', source, '-'], { stdin });

describe('keyward parse', () => {
  it('gives one OCSF event a record, in order, on standard output and nothing else', async () => {
    const { code, stdout, stderr } = await parse(lines);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(uidsOf(stdout)).toEqual(uids);
  });
  it.each([
    ['a JSON array', JSON.stringify(okta)],
    ['a JSON array, indented', JSON.stringify(okta, null, 2)],
    ['lines of Windows', lines.replaceAll('\n', '\r\n')],
    ['a byte order mark and no last line end', `\uFEFF${lines.trimEnd()}`],
  ])('reads %s', async (_, text) => {
    expect(uidsOf((await parse(text)).stdout)).toEqual(uids);
  });
  it("reads the vendor's own envelope", async () => {
    const records = demoRecords(1).filter(({ source }) => source === 'entra');
    const first = records.slice(0, 20).map(({ record }) => record);
    const plain = await parse(JSON.stringify(first), 'entra');
    const wrapped = await parse(JSON.stringify({ '@odata.context': 'https://graph.example.com/v1.0', value: first }), 'entra');
    expect(wrapped.code).toBe(0);
    expect(wrapped.stdout).toBe(plain.stdout);
    expect(ndjson(plain.stdout)).toHaveLength(20);
  });
  it('reads syslog lines', async () => {
    const cef =
      'CEF:0|Cyber-Ark|Vault|14.0|7|Logon|5|act="Logon" suser=maria.gruber fname= dvc= shost=192.0.2.7 dhost= duser= externalId= app= reason= ' +
      'cs1Label="Affected User Name" cs1= cs2Label="Safe Name" cs2= cs3Label="Location" cs3= cs4Label="Property Name" cs4= cs5Label="Target User Name" cs5= ' +
      'cs6Label="Gateway Address" cs6= cn1Label="Request Id" cn1= cn2Label="Ticket Id" cn2= msg=';
    const { code, stdout } = await parse(
      `<5>1 2026-01-05T09:00:00Z vault.example.com ${cef}\n<5>1 2026-01-05T09:01:00Z vault.example.com ${cef}\n`,
      'cyberark',
    );
    expect(code).toBe(0);
    const events = ndjson(stdout);
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ class_uid: 3002, actor: { user: { name: 'maria.gruber' } }, src_endpoint: { ip: '192.0.2.7' } });
  });
  it('reads gzip, by content, of several members and from standard input', async () => {
    const half = lines.indexOf('\n', lines.length / 2) + 1;
    const zipped = Buffer.concat([gzipSync(lines.slice(0, half)), gzipSync(lines.slice(half))]);
    const file = folder.file('export.json');
    writeFileSync(file, zipped);
    expect(uidsOf((await parse(zipped)).stdout)).toEqual(uids);
    expect(uidsOf((await keyward(['parse', '--source', 'okta', file])).stdout)).toEqual(uids);
  });
  it('ends with 2 and a sentence for damaged gzip', async () => {
    const file = folder.file('cut.gz');
    writeFileSync(file, gzipSync(lines).subarray(0, -40));
    const { code, stderr } = await keyward(['parse', '--source', 'okta', file]);
    expect(code).toBe(2);
    expect(stderr).toContain('cut.gz');
    expect(stderr).not.toMatch(/^ +at /m);
  });
  it('says nothing about nothing', async () => {
    for (const empty of ['', '\n\n', '[]']) expect(await parse(empty)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
  it('rejects a broken line in the middle and goes on with the next', async () => {
    const [first = '', second = ''] = lines.split('\n');
    const found = ndjson((await parse(`${first}\n{"uuid": "half a rec\n${second}\n`)).stdout);
    expect(found).toHaveLength(3);
    expect(found[1]).toMatchObject({ rejected: { code: expect.any(String) as string, message: expect.any(String) as string } });
    expect((found[2]?.['metadata'] as { uid: string }).uid).toBe(uids[1]);
  });
  it('rejects a line of 40 MB without taking it for anything, and goes on with the next', async () => {
    const huge = `{"uuid":"huge","displayMessage":"${'x'.repeat(40 * 1024 * 1024)}"}`;
    const { code, stdout } = await parse(`${huge}\n${JSON.stringify(okta[0])}\n`);
    expect(code).toBe(0);
    const found = ndjson(stdout);
    expect(found.map((line) => 'rejected' in line || 'metadata' in line)).toEqual([true, true]);
    expect((found[1]?.['metadata'] as { uid: string }).uid).toBe(uids[0]);
  });
  it('ends quietly when its reader has read enough', async () => {
    const file = folder.file('many.ndjson');
    writeFileSync(file, lines.repeat(50));
    const shell = spawn(
      'bash',
      [
        '-c',
        `set -o pipefail; "$0" "$1" parse --source okta "$2" | head -n 1; echo "codes \${PIPESTATUS[*]}"`,
        process.execPath,
        BIN,
        file,
      ],
      {
        env: cleanEnvironment(),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let out = '';
    let err = '';
    shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    shell.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    await new Promise((resolve) => shell.once('close', resolve));
    expect(err).toBe('');
    expect(out).toMatch(/^\{.*\}\ncodes 0 0\n$/);
  });

  const checker = join(ROOT, '../shared/contract/check.mjs');
  it.skipIf(!existsSync(checker))('keeps the contract of its output (needs ../shared/contract/check.mjs)', async () => {
    const input = folder.file('okta.ndjson');
    const output = folder.file('okta.ocsf.ndjson');
    writeFileSync(input, lines);
    writeFileSync(output, (await keyward(['parse', '--source', 'okta', input])).stdout);
    const check = spawn(process.execPath, [checker, 'parse', input, output], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    check.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    check.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const code = await new Promise((resolve) => check.once('close', resolve));
    expect({ code, said }).toMatchObject({ code: 0 });
  });
});
