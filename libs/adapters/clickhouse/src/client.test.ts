import { createServer } from 'node:net';
import { Secret, UnavailableError } from '@keyward/runtime';
import { HttpListener, type HttpAnswer } from '@keyward/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createClickHouse, type ClickHouse } from './client.js';
import { defineQuery } from './query.js';
import { column, FLOAT, type BinaryTableOf } from './row-binary.js';

/** Stands where ClickHouse should: a proxy, a load balancer, somebody else's server. */
let answer: HttpAnswer = { status: 200 };
const listener = new HttpListener(() => answer);
let clickhouse: ClickHouse;

beforeAll(async () => {
  await listener.start();
  clickhouse = createClickHouse({
    CLICKHOUSE_URL: listener.origin,
    CLICKHOUSE_USER: 'keyward',
    CLICKHOUSE_PASSWORD: new Secret('p'),
    CLICKHOUSE_DATABASE: 'keyward',
  });
});
afterEach(() => {
  answer = { status: 200 };
});
afterAll(async () => {
  await clickhouse.close();
  await listener.stop();
});

const html = (title: string): string => `<html>\r\n<head><title>${title}</title></head>\r\n<body><h1>${title}</h1></body>\r\n</html>\r\n`;
const one = defineQuery({
  name: 'test.one',
  sql: 'SELECT 1 AS one',
  params: z.object({}),
  row: z.object({ one: z.number().transform((value) => JSON.parse(value === 1 ? '1' : 'broken') as unknown) }),
});
const streamed = async (): Promise<void> => {
  for await (const rows of clickhouse.stream(one, {})) expect(rows).toEqual([]);
};
const numbers: BinaryTableOf<number> = { name: 't', columns: [column('a', FLOAT, (value) => value)] };
const insert = (): Promise<void> => clickhouse.insert('t', ['a'], [[1]]);

describe('an answer that is not of ClickHouse', () => {
  it.each([
    ['502 of a proxy', { status: 502, body: html('502 Bad Gateway') }],
    ['503 of a load balancer, with nothing in it', { status: 503 }],
    ['504 of a proxy', { status: 504, body: html('504 Gateway Time-out') }],
    ['200 with a page instead of rows', { status: 200, body: html('Please sign in') }],
  ] satisfies [string, HttpAnswer][])('%s may be another one a moment later', async (_, given) => {
    answer = given;
    await expect(clickhouse.query(one, {})).rejects.toBeInstanceOf(UnavailableError);
    await expect(streamed()).rejects.toBeInstanceOf(UnavailableError);
    if (given.status === 200) return;
    await expect(insert()).rejects.toBeInstanceOf(UnavailableError);
    await expect(clickhouse.insertBinary(numbers, [1])).rejects.toBeInstanceOf(UnavailableError);
    await expect(clickhouse.command('test', 'SELECT 1')).rejects.toBeInstanceOf(UnavailableError);
    await expect(clickhouse.ping()).rejects.toBeInstanceOf(UnavailableError);
  });

  it('is said with its beginning only', async () => {
    answer = { status: 502, body: html('x'.repeat(100_000)) };
    const error: unknown = await clickhouse.query(one, {}).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'clickhouse.foreign_answer', context: { query: 'test.one' } });
    expect(String((error as Error).cause).length).toBeLessThan(300);
  });

  it('a port where nobody speaks HTTP counts as away too', async () => {
    const server = createServer((socket) => {
      socket.end('SSH-2.0-OpenSSH_9.2\r\n', () => socket.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const other = createClickHouse({
      CLICKHOUSE_URL: `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`,
      CLICKHOUSE_USER: 'keyward',
      CLICKHOUSE_PASSWORD: new Secret('p'),
      CLICKHOUSE_DATABASE: 'keyward',
    });
    await expect(other.query(one, {})).rejects.toBeInstanceOf(UnavailableError);
    await other.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('what is a bug of ours stays one', () => {
  it('an error of our SQL behind a proxy that answers 500', async () => {
    answer = { status: 500, body: 'Code: 62. DB::Exception: Syntax error: failed at position 1. (SYNTAX_ERROR) (version 26.7)' };
    await expect(clickhouse.query(one, {})).rejects.toMatchObject({ code: '62' });
  });
  it('a row that is not what the query promises', async () => {
    answer = { status: 200, body: '{"one":"text"}\n' };
    await expect(clickhouse.query(one, {})).rejects.toBeInstanceOf(z.ZodError);
    await expect(streamed()).rejects.toBeInstanceOf(z.ZodError);
  });
  it('JSON of our own, within a row, that is none', async () => {
    answer = { status: 200, body: '{"one":2}\n' };
    await expect(clickhouse.query(one, {})).rejects.toBeInstanceOf(SyntaxError);
    await expect(streamed()).rejects.toBeInstanceOf(SyntaxError);
  });
});
