import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineQuery } from '../src/index.js';
import { BOOL, FLOAT, INSTANT, STRING, UINT32, UINT64, WORD, column, listOf, nullable, type BinaryTableOf } from '../src/row-binary.js';
import { HOSTILE } from './builders.js';
import { startTestStore, type TestStore } from './harness.js';

const Row = z.object({
  n: z.number(),
  text: z.string(),
  word: z.string(),
  real: z.number(),
  at: z.number(),
  lat: z.number().nullable(),
  mfa: z.boolean().nullable(),
  asn: z.number().nullable(),
  words: z.array(z.string()),
  reals: z.array(z.number()),
});
type Row = z.infer<typeof Row>;

const table: BinaryTableOf<Row> = {
  name: 'binary_rows',
  columns: [
    column('n', UINT64, ({ n }) => n),
    column('text', STRING, ({ text }) => text),
    column('word', WORD, ({ word }) => word),
    column('real', FLOAT, ({ real }) => real),
    column('at', INSTANT, ({ at }) => at),
    column('lat', nullable(FLOAT), ({ lat }) => lat ?? undefined),
    column('mfa', nullable(BOOL), ({ mfa }) => mfa ?? undefined),
    column('asn', nullable(UINT32), ({ asn }) => asn ?? undefined),
    column('words', listOf(WORD), ({ words }) => words),
    column('reals', listOf(FLOAT), ({ reals }) => reals),
  ],
};
const all = defineQuery({
  name: 'test.binary',
  sql: 'SELECT n, text, word, real, toUnixTimestamp64Milli(at) AS at, lat, mfa, asn, words, reals FROM binary_rows ORDER BY n',
  params: z.object({}),
  row: Row,
});

const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
/** ASCII, whole Unicode, and lengths about the sizes at which a length takes another byte. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...HOSTILE.map((hostile) => Buffer.from(hostile).toString())),
  fc
    .constantFrom(23, 24, 127, 128, 5_461, 5_462, 16_383, 16_384, 300_000)
    .chain((length) => fc.constantFrom('a', 'é', '漢').map((unit) => unit.repeat(length))),
);
const rows = fc.array(
  fc.record({
    n: fc.constant(0),
    text,
    word: fc.string(),
    real,
    at: fc.integer({ min: 0, max: 5_662_310_399_999 }),
    lat: fc.option(real),
    mfa: fc.option(fc.boolean()),
    asn: fc.option(fc.nat(4_294_967_295)),
    words: fc.array(fc.string(), { maxLength: 7 }),
    reals: fc.array(real, { maxLength: 7 }),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('rows in binary, on a real ClickHouse', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await startTestStore();
    await test.clickhouse.command(
      'test',
      `CREATE TABLE binary_rows (n UInt64, text String, word LowCardinality(String), real Float64, at DateTime64(3, 'UTC'), lat Nullable(Float64),
       mfa Nullable(Bool), asn Nullable(UInt32), words Array(LowCardinality(String)), reals Array(Float64)) ENGINE = MergeTree ORDER BY n`,
    );
  });
  afterAll(() => test.close());

  it('come back as they were written, to the last bit', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (some) => {
        const written = some.map((row, index) => ({ ...row, n: 2 ** 40 + index }));
        await test.clickhouse.command('test', 'TRUNCATE TABLE binary_rows');
        await test.clickhouse.insertBinary(table, written);
        expect(await test.clickhouse.query(all, {})).toEqual(written);
      }),
      { seed: 18, numRuns: 40 },
    );
  });

  it('that hold half a surrogate pair hold U+FFFD in its place', async () => {
    await test.clickhouse.command('test', 'TRUNCATE TABLE binary_rows');
    const [row] = fc.sample(rows, { seed: 1, numRuns: 1 })[0] ?? [];
    if (!row) throw new Error('no sample');
    await test.clickhouse.insertBinary(table, [{ ...row, text: 'a\ud800b', word: '\udc00'.repeat(40) }]);
    const [found] = await test.clickhouse.query(all, {});
    expect([found?.text, found?.word]).toEqual(['a\ufffdb', '\ufffd'.repeat(40)]);
  });

  it('are refused when a column has another type than the table', async () => {
    const wrong: BinaryTableOf<Row> = { name: 'binary_rows', columns: [column('n', UINT32, ({ n }) => n)] };
    const [row] = fc.sample(rows, { seed: 1, numRuns: 1 })[0] ?? [];
    await expect(test.clickhouse.insertBinary(wrong, row ? [row] : [])).rejects.toThrow();
  });
});
