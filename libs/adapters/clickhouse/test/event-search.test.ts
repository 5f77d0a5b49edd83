import { randomBytes } from 'node:crypto';
import { EventQuery } from '@keyward/contract';
import { HOUR_MS } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { Policy } from '@keyward/response';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { SetClock, SetOrganisation } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ClickHouseAssessmentStore,
  connectToServer,
  createAnalystQueries,
  createClickHouse,
  createDatabase,
  defineQuery,
  loadMigrations,
  migrate,
  type AnalystQueries,
  type ClickHouse,
} from '../src/index.js';
import { HOSTILE, T0, anAssessedEvent } from './builders.js';
import { startTestStore, type TestStore } from './harness.js';

let test: TestStore;
/** A database that had rows before it could be searched by one column. */
let grown: ClickHouse;
beforeAll(async () => {
  test = await startTestStore();
  const config = { ...test.config, CLICKHOUSE_DATABASE: `t_${randomBytes(4).toString('hex')}` };
  const outside = connectToServer(config);
  await createDatabase(outside, config.CLICKHOUSE_DATABASE);
  await outside.close();
  grown = createClickHouse(config);
});
afterAll(async () => {
  await grown.close();
  await test.close();
});

const queriesOf = (clickhouse: ClickHouse): AnalystQueries =>
  createAnalystQueries(clickhouse, {
    organisation: new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }),
    policy: () => Policy.parse({ version: 1 }),
    clock: new SetClock(T0 + 24 * HOUR_MS),
  });
const found = async (clickhouse: ClickHouse, query: Readonly<Record<string, string>>): Promise<string[]> =>
  (await queriesOf(clickhouse).events.list(EventQuery.parse(query))).items.map(({ uid }) => uid).sort();
const named = (uid: string, name: string, n = 1) => anAssessedEvent(n, { uid, nativeId: uid, actor: { system: 'okta', name } }, `p-${uid}`);

describe('searching events by text', () => {
  beforeAll(async () => {
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([
      named('percent', '100%_sure\\n@example.com'),
      named('plain', '100 Xsure@example.com'),
      named('umlaut', 'JÜRGEN.Größe@example.com'),
      named('cyrillic', 'Ольга@example.com'),
      ...HOSTILE.filter((text) => text.trim() !== '').map((text, n) => named(`hostile-${String(n)}`, text, n + 2)),
    ]);
  });

  it.each([
    ['100%', ['percent']],
    ['%_S', ['percent']],
    ['sure\\n', ['percent']],
    ['jürgen.GRÖßE', ['umlaut']],
    ['ОЛЬГА', ['cyrillic']],
    ['xs', ['plain']], // shorter than the pieces that the filter knows
    ['nowhere to be found', []],
  ])('finds %j, in any case, as text and not as a pattern', async (text, uids) => {
    expect(await found(test.clickhouse, { text })).toEqual(uids);
  });

  it('finds what an attacker wrote by what he wrote', async () => {
    for (const [n, text] of HOSTILE.filter((one) => one.trim() !== '').entries()) {
      const asked = text.slice(0, 200);
      expect(await found(test.clickhouse, { text: asked }), asked).toContain(`hostile-${String(n)}`);
    }
  });

  it('skips blocks that can not hold the text', async () => {
    const explained = defineQuery({
      name: 'test.explain',
      sql: `EXPLAIN indexes = 1 SELECT uid FROM access_events WHERE searched LIKE lowerUTF8({text:String})`,
      params: z.object({ text: z.string() }),
      row: z.object({ explain: z.string() }),
    });
    const plan = (await test.clickhouse.query(explained, { text: '%nowhere to be found%' })).map(({ explain }) => explain).join('\n');
    expect(plan).toMatch(/Name: by_text[\s\S]*Granules: 0\//);
  });

  it('finds rows that were stored before the column was there', async () => {
    const migrations = await loadMigrations();
    await migrate(
      grown,
      migrations.filter(({ version }) => version !== 60 && version !== 61),
    );
    await new ClickHouseAssessmentStore(grown).insertEvents([named('before', 'Before@example.com')]);
    await migrate(grown);
    await new ClickHouseAssessmentStore(grown).insertEvents([named('after', 'After@example.com')]);
    expect(await found(grown, { text: 'BEFORE@' })).toEqual(['before']);
    expect(await found(grown, { text: 'after@' })).toEqual(['after']);
    expect(await found(grown, { text: '@example.com' })).toEqual(['after', 'before']);
  });
});

describe('searching events by hour and weekday', () => {
  it('reads them in the time zone that is asked for', async () => {
    // Monday 2026-03-02 23:30 UTC is Tuesday 00:30 in Vienna.
    const night = { ...named('night', 'night@example.com') };
    const event = { ...night.event, time: Date.UTC(2026, 2, 2, 23, 30) };
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([{ ...night, event }]);
    expect(await found(test.clickhouse, { weekday: '1', hour: '23' })).toEqual(['night']);
    expect(await found(test.clickhouse, { weekday: '2', hour: '0', timezone: 'Europe/Vienna' })).toEqual(['night']);
    expect(await found(test.clickhouse, { weekday: '2', hour: '0', timezone: 'europe/vienna' })).toEqual(['night']);
    expect(await found(test.clickhouse, { weekday: '1', hour: '23', timezone: 'Europe/Vienna' })).toEqual([]);
  });

  it.each(['Europe/Nowhere', "UTC'", '+05:00', ''])('knows no time zone %j', (timezone) => {
    expect(EventQuery.safeParse({ weekday: '1', timezone }).success).toBe(false);
  });
});
