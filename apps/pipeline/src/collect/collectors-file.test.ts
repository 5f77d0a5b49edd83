import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COLLECTORS, defineCollector, type Collector, type CollectorParts } from '@keyward/adapter-collectors';
import { createForeignTopics } from '@keyward/adapter-kafka';
import { OutboundHttp, secretFrom } from '@keyward/outbound';
import { sourceById } from '@keyward/sources';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCollectors, readCollectors } from './collectors-file.js';

const EXAMPLE = fileURLToPath(new URL('../../../../docs/examples/collectors.yaml', import.meta.url));
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const PRIVATE_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const parts: CollectorParts = { http: new OutboundHttp(), env: { VENDOR_TOKEN: 'x' }, foreignTopics: createForeignTopics() };
const VENDOR = defineCollector({
  kind: 'vendor',
  settings: z.strictObject({ url: z.url(), everySeconds: z.number().min(1).default(10), tokenEnv: z.string() }),
  create: (name, { tokenEnv }, { env }): Collector => {
    secretFrom(env, tokenEnv);
    return { name, source: 'okta', run: () => Promise.resolve() };
  },
});
const read = (text: string) => parseCollectors(text, 'collectors.yaml', parts, [VENDOR]);
const GOOD = `version: 1
collectors:
  - name: one
    kind: vendor
    settings: { url: 'https://example.com', tokenEnv: VENDOR_TOKEN }
  - name: two
    kind: vendor
    worker: worker-2
    settings:
      url: https://example.com
      tokenEnv: VENDOR_TOKEN
`;

describe('docs/examples/collectors.yaml', () => {
  const env = { AUTH0_SECRET: 'x', ENTRA_HUB: 'x', ENTRA_SECRET: 'x', KEYCLOAK_SECRET: 'x', OKTA_PRIVATE_KEY: PRIVATE_KEY };
  const example = parseCollectors(readFileSync(EXAMPLE, 'utf8'), 'collectors.yaml', { ...parts, env });
  it('is a collectors file, with each kind that there is', () => {
    const text = readFileSync(EXAMPLE, 'utf8');
    expect(COLLECTORS.map(({ kind }) => kind).filter((kind) => !text.includes(`kind: ${kind}\n`))).toEqual([]);
    expect(example.length).toBeGreaterThanOrEqual(COLLECTORS.length);
  });
  it('brings records to sources that there are', () => {
    expect(example.map(({ collector }) => collector.source).filter((source) => !sourceById(source))).toEqual([]);
  });
});

describe('the collectors file', () => {
  it('gives collectors and the workers that they belong to', () => {
    expect(read(GOOD).map(({ collector, worker }) => [collector.name, worker])).toEqual([
      ['one', undefined],
      ['two', 'worker-2'],
    ]);
  });

  it.each([
    ['a field that is missing', GOOD.replace("url: 'https://example.com', ", ''), 'collectors.yaml:5: collectors.0.settings.url: '],
    ['a field that is wrong', GOOD.replace('url: https://example.com', 'url: example'), 'collectors.yaml:10: collectors.1.settings.url: '],
    ['a secret in the file', GOOD.replace('tokenEnv: VENDOR_TOKEN\n', 'token: abc\n'), 'collectors.1.settings'],
    ['a secret that is not set', GOOD.replace('tokenEnv: VENDOR_TOKEN\n', 'tokenEnv: OTHER\n'), 'OTHER'],
    ['an unknown kind', GOOD.replace('kind: vendor', 'kind: pigeon'), 'collectors.yaml:4: collectors.0.kind: there is no pigeon'],
    ['a name twice', GOOD.replace('two', 'one'), 'collectors.yaml:6: collectors.1.name: one is there already'],
    ['a name that is none', GOOD.replace('two', 'Two words'), 'collectors.yaml:6: collectors.1.name: '],
    ['a key that is none', GOOD.replace('worker:', 'wrker:'), 'wrker'],
    ['no YAML', 'version: 1\ncollectors: [', 'collectors.yaml:2'],
    ['another version', GOOD.replace('version: 1', 'version: 2'), 'collectors.yaml:1: version'],
    ['nothing', '', 'version'],
  ])('says file, line and field of %s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('names everything that is wrong at once, and never what a secret is', () => {
    const text = GOOD.replace("'https://example.com'", 'x').replace('tokenEnv: VENDOR_TOKEN\n', 'token: hunter2\n');
    expect(() => read(text)).toThrow(/collectors\.0\.settings\.url[\s\S]*collectors\.1\.settings/);
    expect(() => read(text)).not.toThrow(/hunter2/);
  });

  it('is named when it is not there', () => {
    expect(() => readCollectors('/nowhere/collectors.yaml', parts)).toThrow(
      /KEYWARD_COLLECTORS_FILE: \/nowhere\/collectors.yaml can't be read/,
    );
  });
});
