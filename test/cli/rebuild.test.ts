import {
  ClickHouseAssessmentStore,
  ClickHouseEntryStore,
  ClickHouseLedgerStore,
  ClickHouseSnapshotStore,
  OrganisationStore,
  RebuildLock,
  RebuiltDatabase,
  StoredOrganisationSource,
  assessmentsHash,
  defineQuery,
  openClickHouse,
  type ClickHouse,
  type ConnectionConfig,
} from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { DAY_MS, dayOf, type LedgerEntry } from '@keyward/events';
import { makeDemo } from '@keyward/fixtures';
import { EVENTS_TOPIC, Metrics, Secret, silentLogger, systemClock, type Prepared } from '@keyward/runtime';
import { parsePayload, sourceById } from '@keyward/sources';
import { AssessStage, eventEntries } from '@keyward/stages';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DEMO_START, demoRecords, keyward, temporaryFolder, type Ran } from './keyward.js';

const folder = temporaryFolder('rebuild');
const DAYS = 3;
const NOBODY = { insertDeadLetters: () => Promise.resolve() };

/** Example Bank's first days as ASSESS reads them, in order of time; `late` ones come a day after their time. */
function theHistory(organisation: StoredOrganisationSource): Prepared<LedgerEntry>[] {
  const current = organisation.current().organisation;
  const events = demoRecords(DAYS).flatMap(({ source, record }) => {
    const found = sourceById(source);
    const results = found ? parsePayload(found, Buffer.from(JSON.stringify(record)), { now: DEMO_START + 40 * DAY_MS }) : [];
    return results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
  });
  const arrivals = events.map((event, index) => ({ event, at: event.time + (index % 97 === 0 ? DAY_MS : 0) }));
  arrivals.sort((a, b) => a.at - b.at);
  let offset = 0;
  return arrivals.flatMap(({ event, at }) =>
    eventEntries(event, current, { lookup: () => undefined }).map((value): Prepared<LedgerEntry> => {
      offset += 1;
      const place = { released: offset, reach: at, input: 'access.raw.test/0', offset, day: dayOf(at) };
      return { topic: EVENTS_TOPIC, partition: 3, offset, time: event.time, value, place };
    }),
  );
}

describe('keyward rebuild', () => {
  let server: EmbeddedClickHouse;
  let clickhouse: ClickHouse;
  let env: Record<string, string>;
  let connection: ConnectionConfig;
  let history: readonly Prepared<LedgerEntry>[];
  let organisation: StoredOrganisationSource;
  /** What the line left, by table. */
  let left: { readonly hash: string; readonly ledgers: readonly unknown[]; readonly ages: readonly unknown[] };

  const run = (...args: string[]): Promise<Ran> => keyward(['rebuild', ...args], { env });
  const rows = (sql: string): Promise<Record<string, unknown>[]> =>
    clickhouse.query(defineQuery({ name: 'test', sql, params: z.object({}), row: z.record(z.string(), z.unknown()) }), {});
  const change = (sql: string): Promise<void> => clickhouse.command('test', sql);
  const told = (): Promise<unknown> =>
    rows(
      'SELECT (SELECT count() FROM findings) AS findings, (SELECT count() FROM alerts) AS alerts, (SELECT count() FROM effects) AS effects, (SELECT count() FROM deliveries) AS deliveries',
    );
  const ledgers = (): Promise<Record<string, unknown>[]> =>
    rows('SELECT id, partition, through_offset, through_place, state FROM ledgers FINAL ORDER BY id');

  function line(): AssessStage {
    const model = createBehaviourModel();
    const created = createDetectionEngine();
    if (created.kind === 'invalid') throw new Error(created.problems.join());
    return new AssessStage({
      ...{ organisation, model, engine: created.engine, clock: systemClock, metrics: new Metrics(), logger: silentLogger },
      ledgers: new ClickHouseLedgerStore(clickhouse),
      store: new ClickHouseAssessmentStore(clickhouse),
      entries: new ClickHouseEntryStore(clickhouse),
      snapshots: new ClickHouseSnapshotStore(clickhouse, model, organisation),
      publisher: { publish: () => Promise.resolve() },
      deadLetters: NOBODY,
      signal: new AbortController().signal,
    });
  }

  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ directory: folder.file('clickhouse') });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });
  let number = 0;
  beforeEach(async () => {
    number += 1;
    env = {
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.username,
      CLICKHOUSE_PASSWORD: server.password,
      CLICKHOUSE_DATABASE: `rebuild_${number}`,
    };
    connection = {
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.username,
      CLICKHOUSE_PASSWORD: new Secret(server.password),
      CLICKHOUSE_DATABASE: `rebuild_${number}`,
    };
    ({ clickhouse } = await openClickHouse(connection));
    await new OrganisationStore(clickhouse).save(makeDemo(DEMO_START).organisation);
    organisation = await StoredOrganisationSource.load(new OrganisationStore(clickhouse));
    history = theHistory(organisation);
    const stage = line();
    for (let at = 0; at < history.length; at += 1_500) await stage.handle(history.slice(at, at + 1_500));
    await stage.checkpoint();
    left = {
      hash: (await assessmentsHash(clickhouse)).hash,
      ledgers: await ledgers(),
      ages: await rows('SELECT uid, toString(stored_at) AS at FROM access_events FINAL ORDER BY uid'),
    };
  }, 120_000);
  afterEach(() => clickhouse.close());

  it('finds that what the line left is what its history makes of it, late events and all, and changes nothing', async () => {
    const late = await rows("SELECT countIf(arrival = 'late') AS late, count() AS rows FROM access_events FINAL");
    expect(late[0]?.['late']).toBeGreaterThan(10);
    const ran = await run('--check');
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('keyward:')]);
    expect(ran.stdout).toContain(`= assessments ${new Intl.NumberFormat('en').format(Number(late[0]?.['rows']))}\n  ${left.hash}`);
    expect(ran.stdout).toContain('Equal');
    expect(await ledgers()).toEqual(left.ledgers);
    expect(await rows(`SELECT name FROM system.databases WHERE name = 'rebuild_${number}_rebuild'`)).toEqual([]);
  });

  it('names the event and the feature that differ, and puts right what is wrong, lost ledgers and snapshots too', async () => {
    const before = await told();
    const [victim] = await rows(
      "SELECT uid, identity FROM access_events FINAL WHERE length(term_features) > 2 AND arrival = 'in_time' ORDER BY time DESC LIMIT 1",
    );
    const uid = String(victim?.['uid']);
    await change(
      `INSERT INTO access_events SELECT * REPLACE ('[]' AS terms, 3 AS score, now64(3) AS stored_at) FROM access_events FINAL WHERE uid = '${uid}'`,
    );
    await change("ALTER TABLE ledgers DELETE WHERE stage = 'assess' SETTINGS mutations_sync = 1");
    await change('TRUNCATE TABLE snapshots');
    const checked = await run('--check', '--json');
    expect(checked.code).toBe(1);
    const { first, tables } = JSON.parse(checked.stdout) as {
      first: Record<string, unknown>[];
      tables: { what: string; unlike: number }[];
    };
    expect(first).toEqual([
      expect.objectContaining({
        eventUid: uid,
        identity: victim?.['identity'],
        rebuilt: expect.stringContaining('nats') as string,
        stored: 'did not speak',
      }),
    ]);
    expect(tables.filter(({ unlike }) => unlike > 0).map(({ what }) => what)).toEqual(['assessments', 'ledgers', 'snapshots']);

    const written = await run('--write', '--workers-stopped');
    expect([written.code, written.stdout]).toEqual([0, expect.stringContaining('Written')]);
    expect((await assessmentsHash(clickhouse)).hash).toBe(left.hash);
    expect(await ledgers()).toEqual(left.ledgers);
    const ages = await rows(`SELECT uid, toString(stored_at) AS at FROM access_events FINAL WHERE uid != '${uid}' ORDER BY uid`);
    expect(ages).toEqual(left.ages.filter((row) => (row as { uid: string }).uid !== uid));
    expect(await told()).toEqual(before);
    expect((await run('--check')).code).toBe(0);
  });

  it('leaves ledgers that know what they contain: what comes again is skipped, what comes next is learned', async () => {
    await change("ALTER TABLE ledgers DELETE WHERE stage = 'assess' SETTINGS mutations_sync = 1");
    expect((await run('--write', '--workers-stopped')).code).toBe(0);
    const stage = line();
    await stage.handle(history.slice(-500));
    await stage.checkpoint();
    expect(await ledgers()).toEqual(left.ledgers);
    expect((await run()).code).toBe(0);
  });

  it('does not write away what nobody can learn again, unless that is said', async () => {
    const days = await rows('SELECT min(day) AS day FROM ledger_entries');
    await change(`ALTER TABLE ledger_entries DELETE WHERE day = ${String(days[0]?.['day'])} SETTINGS mutations_sync = 1`);
    const refused = await run('--write', '--workers-stopped');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--accept-loss')]);
    expect(await ledgers()).toEqual(left.ledgers);
    const accepted = await run('--write', '--workers-stopped', '--accept-loss');
    expect([accepted.code, accepted.stdout]).toEqual([0, expect.stringContaining('no longer')]);
    expect((await rows('SELECT count() AS rows FROM access_events FINAL'))[0]?.['rows']).toBe(left.ages.length);
    expect((await run('--check')).code).toBe(0);
  });

  it('takes events that were stored before their order was in order of time, and says so', async () => {
    await change('TRUNCATE TABLE ledger_entries');
    await change("ALTER TABLE access_events UPDATE arrival = '' WHERE 1 SETTINGS mutations_sync = 1");
    const ran = await run('--check');
    expect(ran.stdout).toContain(`Of ${new Intl.NumberFormat('en').format(left.ages.length)} events it is not kept`);
    expect(ran.stdout).toMatch(/^[=≠] assessments [\d,]+ /mu);
    const written = await run('--write', '--workers-stopped', '--accept-loss');
    expect(written.code).toBe(0);
    expect((await run('--check')).code).toBe(0);
  });

  it('does not take for done what a killed worker may not have told yet', async () => {
    const [ledger] = await rows("SELECT id FROM ledgers FINAL WHERE JSONExtractUInt(state, 'n', 1) > 3 LIMIT 1");
    await change(
      `ALTER TABLE ledgers UPDATE state = replaceRegexpOne(state, '"n":.[0-9]+', '"n":[2') WHERE id = '${String(ledger?.['id'])}' SETTINGS mutations_sync = 1`,
    );
    const checked = await run('--check');
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringContaining('1 ledgers have yet to be saved')]);
    await change('TRUNCATE TABLE snapshots');
    const refused = await run('--write', '--workers-stopped');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('a worker was killed')]);
  });

  it('keeps ASSESS from starting while it writes, and another rebuild from beginning', async () => {
    const lock = new RebuildLock(clickhouse);
    await lock.take('a', 'checking');
    await expect(lock.refuseWhileRebuilding()).resolves.toBeUndefined();
    const second = await run('--check');
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining('A rebuild is under way')]);
    await lock.tell('a', 'given_up');
    await lock.take('b', 'building');
    await expect(lock.refuseWhileRebuilding()).rejects.toThrow('A rebuild is under way');
    await lock.tell('b', 'given_up');
    expect((await run('--check', '--write')).code).toBe(2);
    const unasked = await run('--write');
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('KAFKA_BROKERS')]);
  });

  it('finishes what was interrupted between two tables, before ASSESS starts again', async () => {
    const database = new RebuiltDatabase(clickhouse, connection);
    await database.create();
    for (const table of ['access_events', 'ledger_entries', 'snapshots', 'ledgers']) {
      await change(`INSERT INTO ${database.name}.${table} SELECT * FROM ${table} FINAL`.replace('snapshots FINAL', 'snapshots'));
    }
    await database.prepare();
    await database.close();
    const lock = new RebuildLock(clickhouse);
    await lock.tell('killed', 'replacing');
    await change(`EXCHANGE TABLES ${database.name}.next_ledger_entries AND ledger_entries`);
    await change('TRUNCATE TABLE ledgers'); // the other one's turn has not come
    await expect(lock.refuseWhileRebuilding()).rejects.toThrow('run "keyward rebuild --write" again');
    expect((await run('--check')).code).toBe(2);
    const finished = await run('--write', '--workers-stopped');
    expect([finished.code, finished.stdout]).toEqual([0, expect.stringContaining('is finished')]);
    await expect(lock.refuseWhileRebuilding()).resolves.toBeUndefined();
    expect(await ledgers()).toEqual(left.ledgers);
    expect((await assessmentsHash(clickhouse)).hash).toBe(left.hash);
  });
});
