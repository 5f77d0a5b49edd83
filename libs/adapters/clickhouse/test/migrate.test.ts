import { describe, it, expect, beforeAll, afterAll } from 'vitest';
import { z } from 'zod';
import { applyRetention, defineQuery, loadMigrations, migrate } from '../src/index.js';
import { startTestStore, type TestStore } from './harness.js';

const columns = defineQuery({
  name: 'test.columns',
  sql: 'SELECT table, name, comment FROM system.columns WHERE database = currentDatabase()',
  params: z.object({}),
  row: z.object({ table: z.string(), name: z.string(), comment: z.string() }),
});
const tables = defineQuery({
  name: 'test.tables',
  sql: 'SELECT name, create_table_query AS sql FROM system.tables WHERE database = currentDatabase()',
  params: z.object({}),
  row: z.object({ name: z.string(), sql: z.string() }),
});

describe('migrations on a real ClickHouse', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await startTestStore();
  });
  afterAll(() => store.close());

  it('makes every table once; a second run finds nothing to do', async () => {
    expect(await migrate(store.clickhouse)).toEqual([]);
    const names = (await store.clickhouse.query(tables, {})).map((table) => table.name);
    expect(names).toEqual(expect.arrayContaining(['access_events', 'findings', 'alerts', 'grants', 'effects', 'ledgers', 'organisation']));
  });

  it('comments each column', async () => {
    const bare = (await store.clickhouse.query(columns, {})).filter((column) => column.comment === '');
    expect(bare).toEqual([]);
  });

  it('refuses a database whose applied migration differs from its file, and names it', async () => {
    const [first, ...rest] = await loadMigrations();
    await expect(migrate(store.clickhouse, [{ ...first!, checksum: 'other' }, ...rest])).rejects.toThrow(
      /0001_create_access_events was changed/,
    );
  });

  it('changes how long rows are kept, and back', async () => {
    await applyRetention(store.clickhouse, 30);
    const ttl = async (): Promise<string | undefined> =>
      /TTL .*toIntervalDay\((\d+)\)/.exec((await store.clickhouse.query(tables, {})).find((table) => table.name === 'findings')!.sql)?.[1];
    expect(await ttl()).toBe('30');
    await applyRetention(store.clickhouse, 400);
    expect(await ttl()).toBe('400');
  });
});
