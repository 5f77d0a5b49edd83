import { describe, expect, it } from 'vitest';
import { keyward } from './keyward.js';

const COMMANDS = ['start', 'migrate', 'doctor', 'parse', 'replay', 'demo'];

describe('keyward', () => {
  it('lists its commands and exit codes', async () => {
    const { code, stdout } = await keyward(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'));
    expect(stdout).toContain('Exit codes: 0 done, 1 failed');
  });
  it.each(COMMANDS)('explains %s and every option of it', async (command) => {
    const { code, stdout, stderr } = await keyward([command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: keyward ${command}`);
    for (const line of stdout.split('\n').filter((text) => /^ {2}-/.test(text))) expect(line).toMatch(/ {2}\S.* {2,}\S/);
  });
  it('tells its version', async () => {
    expect(await keyward(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
  });

  it.each([
    ['no command', []],
    ['an unknown command', ['prase']],
    ['an unknown option', ['parse', '--sauce', 'okta']],
    ['an option that is missing', ['parse']],
    ['replay without an input', ['replay', '--out', 'x']],
    ['an input that names no source', ['replay', '--input', 'okta.ndjson', '--out', 'x']],
    ['an unknown source', ['parse', '--source', 'acme', '-']],
    ['a day that is none', ['demo', '--out', 'x', '--start', 'tomorrow']],
  ])('ends with 2 and a sentence on standard error for %s', async (_, args) => {
    const { code, stdout, stderr } = await keyward(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.length).toBeGreaterThan(20);
    expect(stderr).not.toMatch(/^ +at /m);
  });
  it('names the sources there are when one is unknown', async () => {
    const { stderr } = await keyward(['parse', '--source', 'acme', '-']);
    expect(stderr).toContain('There is no source acme. There are: ');
    expect(stderr).toContain('cyberark');
  });
  it('ends with 2 for a file that is missing, naming it', async () => {
    for (const args of [
      ['parse', '--source', 'okta', 'missing.json'],
      ['replay', '--input', 'okta=missing.json', '--out', 'not-made'],
    ]) {
      const { code, stderr } = await keyward(args);
      expect(code).toBe(2);
      expect(stderr).toContain('missing.json: there is no such file');
    }
  });
  it('ends with 2 and the name of the variable when one is missing or wrong', async () => {
    const missing = await keyward(['migrate']);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('CLICKHOUSE_URL');
    const wrong = await keyward(['start'], { env: { KEYWARD_HTTP_PORT: 'http' } });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('KEYWARD_HTTP_PORT');
  });
  it('ends with 3 when a server does not answer', async () => {
    const env = { CLICKHOUSE_URL: 'http://127.0.0.1:9', KAFKA_BROKERS: '127.0.0.1:9', CLICKHOUSE_TIMEOUT_MS: '1000' };
    const { code, stdout } = await keyward(['doctor'], { env });
    expect(code).toBe(3);
    expect(stdout).toContain('✗ clickhouse.unavailable: ClickHouse does not answer');
    expect(stdout).toContain('✗ bus.unavailable: Kafka does not answer');
  });
});
