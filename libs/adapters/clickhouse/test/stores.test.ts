import type { Assessment, BehaviourModel, Snapshot } from '@keyward/baselines';
import { DAY_MS, dayOf, type AccessEvent } from '@keyward/events';
import { EMPTY_ORGANISATION, IdentityRecord } from '@keyward/identity';
import { SodPolicy } from '@keyward/sod';
import { UnavailableError } from '@keyward/runtime';
import { startEmbeddedClickHouse } from '@keyward/adapter-embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ClickHouseAlertStore,
  ClickHouseAssessmentStore,
  ClickHouseIngestLedger,
  ClickHouseResponseStore,
  ClickHouseSnapshotStore,
  OrganisationStore,
  StoredOrganisationSource,
  createClickHouse,
  defineQuery,
} from '../src/index.js';
import { HOSTILE, T0, aFinding, aGrant, anAlert, anAssessedEvent, anEffect } from './builders.js';
import { decodeTerms } from '../src/stored-terms.js';
import { openDatabase, startTestStore, type TestStore } from './harness.js';

const Nothing = z.object({});
const eventRows = defineQuery({
  name: 'test.events',
  sql: 'SELECT * EXCEPT (stored_at, time), toUnixTimestamp64Milli(access_events.time) AS time FROM access_events FINAL WHERE uid IN {uids:Array(String)} ORDER BY uid',
  params: z.object({ uids: z.array(z.string()) }),
  row: z.record(z.string(), z.unknown()),
});
const count = (table: string) =>
  defineQuery({
    name: 'test.count',
    sql: `SELECT count() AS rows FROM ${table} FINAL`,
    params: Nothing,
    row: z.object({ rows: z.number() }),
  });

describe('stores on a real ClickHouse', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await startTestStore();
  });
  afterAll(() => test.close());
  const rowsIn = async (table: string): Promise<number> => (await test.clickhouse.query(count(table), {}))[0]!.rows;

  it('makes one row of an event that is delivered again', async () => {
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const rows = Array.from({ length: 500 }, (_, n) => anAssessedEvent(n));
    await store.insertEvents(rows);
    await store.insertEvents(rows.slice(200));
    await store.insertEvents([]);
    expect(await rowsIn('access_events')).toBe(500);
    await store.insertFindings([aFinding(1), aFinding(2)]);
    await store.insertFindings([aFinding(2), aFinding(3)]);
    expect(await rowsIn('findings')).toBe(3);
  });

  it('flattens what analysts filter by, and keeps the event, its terms and its score whole', async () => {
    const row = anAssessedEvent(7);
    const [stored] = await test.clickhouse.query(eventRows, { uids: [row.event.uid] });
    expect(stored).toMatchObject({
      time: row.event.time,
      identity: 'p-7',
      source: 'okta',
      country: 'AT',
      lat: 48.2,
      asn: 64_500,
      mfa: true,
      application: 'Payments',
      term_features: ['A1_network'],
      score: 41.5,
      snapshot: 'snapshot-1',
    });
    expect(JSON.parse(String(stored!['event']))).toEqual(row.event);
    expect(decodeTerms(String(stored!['terms']))).toEqual(row.assessment.terms);
  });

  it('gives hostile text back exactly, in columns and in JSON', async () => {
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const rows = HOSTILE.map((text, n) =>
      anAssessedEvent(
        10_000 + n,
        {
          uid: `hostile-${n}`,
          nativeId: text,
          detail: text,
          command: text,
          actor: { system: 'okta', name: text === '' ? 'x' : text },
          resource: { kind: 'host', name: text || 'x' },
        },
        text,
      ),
    );
    await store.insertEvents(rows);
    const stored = await test.clickhouse.query(eventRows, { uids: rows.map((row) => row.event.uid) });
    expect(stored.map((row) => row['detail'])).toEqual(HOSTILE);
    expect(stored.map((row) => row['identity'])).toEqual(HOSTILE);
    expect(stored.map((row) => row['command'])).toEqual(HOSTILE);
    expect(stored.map((row) => JSON.parse(String(row['event'])) as AccessEvent)).toEqual(rows.map((row) => row.event));
    const byIdentity = defineQuery({
      name: 'test.by_identity',
      sql: 'SELECT identity FROM access_events FINAL WHERE identity IN {identities:Array(String)} AND uid LIKE {prefix:String}',
      params: z.object({ identities: z.array(z.string()), prefix: z.string() }),
      row: z.object({ identity: z.string() }),
    });
    for (const text of HOSTILE) {
      const found = await test.clickhouse.query(byIdentity, { identities: [text], prefix: 'hostile-%' });
      expect(found.map((row) => row.identity)).toEqual([text]);
    }
  });

  it('takes half a surrogate pair, a clock years off and a hundred months in one batch', async () => {
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const rows = [
      anAssessedEvent(20_000, { uid: 'odd-1', detail: 'half \ud83d here' }),
      anAssessedEvent(20_001, { uid: 'odd-2', time: -62_135_596_800_000 }),
      anAssessedEvent(20_002, { uid: 'odd-3', time: 253_402_300_799_999 }),
      ...Array.from({ length: 150 }, (_, n) => anAssessedEvent(21_000 + n, { time: Date.UTC(2005, n, 3) })),
    ];
    await store.insertEvents(rows);
    const stored = await test.clickhouse.query(eventRows, { uids: ['odd-1', 'odd-2', 'odd-3'] });
    expect(stored.map((row) => row['detail'])).toEqual(['half \ufffd here', '', '']);
    expect(stored.map((row) => (JSON.parse(String(row['event'])) as AccessEvent).time)).toEqual(
      rows.slice(0, 3).map((row) => row.event.time),
    );
  });

  it('keeps the newest version of alerts and the curve of the risk', async () => {
    const store = new ClickHouseAlertStore(test.clickhouse);
    await store.upsertAlerts([anAlert('a1', 1), anAlert('a2', 1)]);
    await store.upsertAlerts([anAlert('a1', 2, { severity: 'critical' })]);
    await store.upsertAlerts([anAlert('a1', 1)]);
    expect(await rowsIn('alerts')).toBe(2);
    const responses = new ClickHouseResponseStore(test.clickhouse);
    expect(await responses.alert('a1')).toEqual(anAlert('a1', 2, { severity: 'critical' }));
    expect(await responses.alert('a9')).toBeUndefined();
    const risk = { identity: 'p-anna', risk: 40, contributions: anAlert('x', 1).contributions };
    await store.upsertRisk([
      { ...risk, at: T0 },
      { ...risk, at: T0 + 1 },
    ]);
    await store.upsertRisk([{ ...risk, at: T0 + 1 }]);
    expect(await rowsIn('entity_risk')).toBe(2);
  });

  it('shows both of two links at one place of a chain', async () => {
    const store = new ClickHouseResponseStore(test.clickhouse);
    await store.appendEffects([anEffect(0), anEffect(1), anEffect(1, { hash: 'forged' })]);
    expect((await store.chain('access.alerts/0')).map((effect) => effect.hash)).toEqual(['h0', 'forged', 'h1']);
    expect(await store.chains()).toContain('access.alerts/0');
    await store.upsertGrants([{ grant: aGrant('g1'), version: T0 }]);
    expect(await store.grant('g1')).toEqual(aGrant('g1'));
  });

  it('counts a replayed batch once', async () => {
    const ledger = new ClickHouseIngestLedger(test.clickhouse);
    const origin = { topic: 'access.raw.okta', partition: 0, firstOffset: 100 };
    const counts = {
      source: 'okta',
      minute: T0 - (T0 % 60_000),
      kept: 3,
      ignored: { unlisted_type: 2 },
      rejected: { not_json: 1 },
      lastEventTime: T0,
      lastArrival: T0 + 500,
      arrivals: { [Math.floor(T0 / 60_000)]: 6 },
      lags: { 0: 3 },
      unplaced: 0,
      unresolved: 1,
    };
    await ledger.record(origin, counts);
    await ledger.record(origin, counts);
    const sums = defineQuery({
      name: 'test.minutes',
      sql: 'SELECT sum(kept) AS kept, sumMap(ignored) AS ignored, sumMap(rejected) AS rejected FROM ingest_minutes FINAL',
      params: Nothing,
      row: z.object({ kept: z.number(), ignored: z.record(z.string(), z.number()), rejected: z.record(z.string(), z.number()) }),
    });
    expect(await test.clickhouse.query(sums, {})).toEqual([{ kept: 3, ignored: { unlisted_type: 2 }, rejected: { not_json: 1 } }]);
    const letter = {
      source: 'okta',
      code: 'not_json',
      message: 'm',
      topic: 'access.raw.okta',
      partition: 0,
      offset: 7,
      bytes: 3,
      payload: 'YWJj',
    };
    await ledger.insertDeadLetters([letter, letter]);
    await ledger.insertDeadLetters([letter]);
    expect(await rowsIn('dead_letters')).toBe(1);
  });

  it('keeps the organisation, writes only what changed, and sees a change on refresh', async () => {
    const store = new OrganisationStore(test.clickhouse);
    const anna = IdentityRecord.parse({
      id: 'p-anna',
      displayName: 'Anna',
      costCentre: '42',
      accounts: [{ system: 'okta', name: 'anna@example.com' }],
    });
    const bob = IdentityRecord.parse({ id: 'p-bob' });
    const sod = SodPolicy.parse({ rules: [{ id: 'r1', functions: ['a', 'b'] }] });
    expect(await store.save({ identities: [anna, bob], sod })).toBe(3);
    expect(await store.save({ identities: [anna, bob], sod })).toBe(0);
    const source = await StoredOrganisationSource.load(store);
    expect(source.current().organisation.identity('p-anna')).toMatchObject({ costCentre: '42' });
    expect(source.current().sod).toEqual(sod);
    expect(await source.refresh()).toBe(false);
    const before = source.current().organisation;
    expect(await store.save({ identities: [{ ...anna, displayName: 'Anna B.' }], sod }, { replace: true })).toBe(2);
    expect(await source.refresh()).toBe(true);
    expect(source.current().organisation).not.toBe(before);
    expect(source.current().organisation.identities.map((one) => one.displayName)).toEqual(['Anna B.']);
    expect(await store.save({ identities: [anna, bob] })).toBe(2);
  });
});

/** Remembers only which events went in: enough to see what a snapshot contains. */
class CountingModel implements BehaviourModel {
  emptyProfile = (): { v: number } => ({ v: 1 });
  emptySnapshot = (): Snapshot => ({ id: 'empty', day: 0 });
  assess = (): Assessment => {
    throw new Error('not asked for');
  };
  advance = (): void => undefined;
  heed = (): void => undefined;
  encodeProfile = (): string => '';
  decodeProfile = (): { v: number } => ({ v: 1 });
  encodeSnapshot = (snapshot: Snapshot): string => JSON.stringify(snapshot);
  decodeSnapshot = (text: string): Snapshot => JSON.parse(text) as Snapshot;
  snapshotBuilder(previous: Snapshot): ReturnType<BehaviourModel['snapshotBuilder']> {
    let events = 0;
    return {
      add: (identity, event, assessment) => {
        expect([identity, assessment.eventUid, assessment.terms.length]).toEqual([event.actor?.identity, event.uid, 1]);
        events += 1;
      },
      addVerdict: () => undefined,
      build: (day) => ({ id: `${previous.id}+${events}@${day}`, day }),
    };
  }
}

describe('population snapshots on a real ClickHouse', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await startTestStore();
  });
  afterAll(() => test.close());
  const organisation = { current: () => ({ organisation: EMPTY_ORGANISATION, sod: SodPolicy.parse({}) }) };
  const D = dayOf(T0);

  it('holds only days before, is stored once, and does not depend on which days were asked for', async () => {
    const model = new CountingModel();
    const fresh = (): ClickHouseSnapshotStore => new ClickHouseSnapshotStore(test.clickhouse, model, organisation);
    expect((await fresh().forDay(D)).id).toBe('empty');
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const on = (day: number, from: number, n: number) =>
      Array.from({ length: n }, (_, index) => anAssessedEvent(from + index, { time: day * DAY_MS + index }));
    await store.insertEvents([...on(D, 0, 3), ...on(D + 1, 10, 2), ...on(D + 4, 20, 5)]);
    await store.insertEvents(on(D, 0, 3));
    const first = await fresh().forDay(D + 5);
    expect(first.id).toBe(`empty+3@${D + 1}+2@${D + 2}+5@${D + 5}`);
    expect((await fresh().forDay(D + 2)).id).toBe(`empty+3@${D + 1}+2@${D + 2}`);
    expect((await fresh().forDay(D + 4)).id).toBe(`empty+3@${D + 1}+2@${D + 2}`);
    expect((await fresh().forDay(D)).id).toBe('empty');
    const [one, two] = await Promise.all([fresh().forDay(D + 400), fresh().forDay(D + 400)]);
    expect([one.id, two.id]).toEqual([first.id, first.id]);
  });

  it('leaves out what came late, stored before it was built or after', async () => {
    const late = anAssessedEvent(90, { time: (D + 9) * DAY_MS + 7 });
    const inTime = [91, 92].map((n) => ({ ...anAssessedEvent(n, { time: (D + 9) * DAY_MS + n }), isLate: false }));
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([{ ...late, isLate: true }, ...inTime]);
    const snapshots = new ClickHouseSnapshotStore(test.clickhouse, new CountingModel(), organisation);
    expect((await snapshots.forDay(D + 10)).id).toMatch(new RegExp(`\\+2@${D + 10}$`));
  });

  it('is built once when many ask at once', async () => {
    const store = new ClickHouseSnapshotStore(test.clickhouse, new CountingModel(), organisation);
    const asked = await Promise.all(Array.from({ length: 20 }, () => store.forDay(D + 5)));
    expect(new Set(asked).size).toBe(1);
  });
});

describe('a ClickHouse that goes away', () => {
  it('is unavailable while it is away, and works again with what it had', async () => {
    const test = await startTestStore();
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    await store.insertEvents([anAssessedEvent(1)]);
    await test.server.kill();
    await expect(store.insertEvents([anAssessedEvent(2)])).rejects.toBeInstanceOf(UnavailableError);
    await expect(new ClickHouseResponseStore(test.clickhouse).openGrants(['p'])).rejects.toBeInstanceOf(UnavailableError);
    await expect(test.clickhouse.ping()).rejects.toMatchObject({ code: 'clickhouse.unavailable' });
    const again = await startEmbeddedClickHouse({ directory: test.directory, port: Number(new URL(test.config.CLICKHOUSE_URL).port) });
    await store.insertEvents([anAssessedEvent(2)]);
    const [rows] = await test.clickhouse.query(count('access_events'), {});
    expect(rows).toEqual({ rows: 2 });

    await expect(createClickHouse({ ...test.config, CLICKHOUSE_USER: 'nobody' }).ping()).rejects.toMatchObject({
      code: 'clickhouse.forbidden',
    });
    const empty = createClickHouse({ ...test.config, CLICKHOUSE_DATABASE: 'default' });
    await expect(new ClickHouseResponseStore(empty).openGrants(['p'])).rejects.toMatchObject({ code: 'clickhouse.not_migrated' });
    await empty.close();
    const other = await openDatabase({ ...test.config, CLICKHOUSE_DATABASE: 'second' });
    expect(other.applied.length).toBeGreaterThan(10);
    await other.clickhouse.close();
    await again.stop();
    await test.close();
  });
});
