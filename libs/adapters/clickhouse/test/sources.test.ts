import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { NotFoundError } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import type { IngestCounts, SourceAlarm } from '@keyward/stages';
import { SetClock } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  ClickHouseAlertStore,
  ClickHouseAssessmentStore,
  ClickHouseIngestLedger,
  ClickHouseSourceAlarmStore,
  ClickHouseSourceHistory,
  SourceQueries,
  defineQuery,
} from '../src/index.js';
import { Directory } from '../src/queries/directory.js';
import { anAlert, anAssessedEvent } from './builders.js';
import { startTestStore, type TestStore } from './harness.js';

/** Arrival is limited by when a row was stored, which the server's own clock says: the tests are about the time before now. */
const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const OKTA = 'access.raw.okta';

let test: TestStore;
let ledger: ClickHouseIngestLedger;
let queries: SourceQueries;
let offset = 0;

const counts = (source: string, minute: number, more: Partial<IngestCounts> = {}): IngestCounts => ({
  ...{ source, minute, kept: 10, ignored: {}, rejected: {}, lastEventTime: minute, lastArrival: minute + 30_000 },
  ...{ arrivals: { [minute / MINUTE_MS]: 10 }, lags: { 0: 10 }, unplaced: 0, unresolved: 0 },
  ...more,
});
const record = (source: string, minute: number, more: Partial<IngestCounts> = {}, firstOffset = (offset += 100)): Promise<void> =>
  ledger.record({ topic: `access.raw.${source}`, partition: 0, firstOffset }, counts(source, minute, more));

beforeAll(async () => {
  test = await startTestStore();
  ledger = new ClickHouseIngestLedger(test.clickhouse);
  const organisation = { current: () => ({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }) };
  const clock = new SetClock(NOW);
  const lag = () => Promise.resolve([{ group: 'keyward-ingest', topic: OKTA, records: 7 }]);
  queries = new SourceQueries(test.clickhouse, new Directory(organisation, clock), clock, lag);
});
afterAll(() => test.close());

describe('the health of sources', () => {
  it('counts what arrived in the window, once however often it is delivered, with lag, lost events and what waits', async () => {
    const minute = NOW - 2 * HOUR_MS;
    const more = { ignored: { not_access: 4 }, rejected: { not_json: 2 }, lags: { 0: 5, 8: 4, 20: 1 }, unplaced: 3, unresolved: 2 };
    await record('okta', minute, { ...more, kept: 9 }, 7);
    await record('okta', minute, more, 7);
    await record('okta', NOW - 9 * DAY_MS);
    const { sources, bucketMinutes } = await queries.list(24);
    expect(bucketMinutes).toBe(30);
    expect(sources).toHaveLength(1);
    expect(sources[0]).toMatchObject({
      ...{ source: 'okta', state: 'steady', kept: 10, ignored: 4, rejected: 2, unplaced: 3, unresolved: 2, waiting: 7 },
      lag: { p50Seconds: 1, p95Seconds: 32 },
      firstArrival: new Date(NOW - 9 * DAY_MS).toISOString(),
      lastArrival: new Date(minute + 30_000).toISOString(),
    });
    expect(sources[0]?.buckets).toHaveLength(48);
    const own = sources[0]?.buckets.filter(({ kept }) => kept > 0);
    expect(own).toEqual([{ from: new Date(minute).toISOString(), kept: 10, ignored: 4, rejected: 2, usual: 0 }]);
  });

  it('says what is usual at that time of the week, on average of the weeks that the source was there', async () => {
    const minute = NOW - 3 * HOUR_MS;
    for (const [weeks, kept] of [
      [1, 30],
      [2, 10],
      [5, 999],
    ] as const)
      await record('entra', minute - weeks * 7 * DAY_MS, { kept });
    await record('entra', NOW - 17 * DAY_MS);
    const { sources } = await queries.list(24);
    const entra = sources.find(({ source }) => source === 'entra');
    const usual = entra?.buckets.find(({ from }) => Date.parse(from) === minute)?.usual;
    // Of the last four weeks: 30, 10 and two of nothing.
    expect(usual).toBe(10);
    expect(sources.find(({ source }) => source === 'okta')?.buckets.every((bucket) => bucket.usual === 0)).toBe(true);
  });

  it('shows the newest record of each reason, and accounts of nobody', async () => {
    const at = { topic: OKTA, partition: 0, bytes: 3 };
    const letter = (n: number, message: string) => ({ ...at, source: 'okta', code: 'not_json', message, offset: n, payload: 'YWJj' });
    await ledger.insertDeadLetters([letter(1, 'first')]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await ledger.insertDeadLetters([letter(2, 'second')]);
    await ledger.insertSamples([{ ...at, source: 'okta', reason: 'not_access', offset: 3, payload: 'YWJj' }]);
    const event = anAssessedEvent(1, { time: NOW - HOUR_MS, actor: { system: 'okta', name: 'ghost', identity: 'okta:ghost' } });
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([{ ...event, identity: 'okta:ghost' }]);
    const { reasons, unresolved, history } = await queries.show('okta', 24);
    expect(reasons.map(({ result, reason, records, sample }) => [result, reason, records, sample?.message, sample?.offset])).toEqual([
      ['rejected', 'not_json', 2, 'second', 2],
      ['ignored', 'not_access', 4, '', 3],
      ['kept', event.event.code, 1, undefined, undefined],
    ]);
    expect(unresolved).toMatchObject([{ account: 'ghost', events: 1, link: { query: { source: 'okta', actor: 'okta:ghost' } } }]);
    expect(history).toEqual([]);
    await expect(queries.show('nobody', 24)).rejects.toBeInstanceOf(NotFoundError);
  });
});

describe('what the watch over sources goes by', () => {
  it('is the minutes in which records arrived, whole gaps between them, and counts by the hour', async () => {
    const hour = NOW - 5 * HOUR_MS;
    const minutes = (...list: number[]) => Object.fromEntries(list.map((minute) => [hour / MINUTE_MS + minute, 1]));
    await record('duo', hour, { arrivals: minutes(0, 1, 2, 40) });
    await record('duo', hour + 61 * MINUTE_MS, { arrivals: minutes(61), rejected: { not_json: 5 }, lags: { 3: 10 } });
    const history = new ClickHouseSourceHistory(test.clickhouse);
    const duo = (await history.past(NOW - 8 * DAY_MS, NOW, 10 * MINUTE_MS)).get('duo');
    expect(duo?.firstArrival).toBe(hour);
    expect(duo?.hours.toSorted((a, b) => a.at - b.at)).toEqual([
      { at: hour, activeMinutes: 4, records: 10, rejected: 0, lags: { 0: 10 } },
      { at: hour + HOUR_MS, activeMinutes: 1, records: 15, rejected: 5, lags: { 3: 10 } },
    ]);
    expect(duo?.gaps.toSorted((a, b) => a.from - b.from)).toEqual([
      { from: hour + 2 * MINUTE_MS, to: hour + 40 * MINUTE_MS },
      { from: hour + 40 * MINUTE_MS, to: hour + 61 * MINUTE_MS },
    ]);
    const present = (await history.present(NOW - 8 * DAY_MS, hour)).get('duo');
    expect(present).toEqual({ lastArrival: hour + 61 * MINUTE_MS + 30_000, records: 25, rejected: 5, lags: { 0: 10, 3: 10 } });
  });

  it('remembers what it has told, and closes its alert unless an analyst has it in hand', async () => {
    const alarms = new ClickHouseSourceAlarmStore(test.clickhouse);
    const alarm = (uid: string): SourceAlarm => ({
      ...{ uid, version: 1, source: 'duo', kind: 'silent', since: NOW - HOUR_MS, raisedAt: NOW - MINUTE_MS, endedAt: undefined },
      sentence: 'Nothing came.',
    });
    await new ClickHouseAlertStore(test.clickhouse).upsertAlerts([anAlert('a1', 1), anAlert('a2', 1)]);
    await alarms.save(alarm('a1'));
    await alarms.save(alarm('a2'));
    expect(await alarms.open()).toEqual([alarm('a1'), alarm('a2')]);
    expect((await queries.list(24)).sources[0]).toMatchObject({
      source: 'duo',
      state: 'silent',
      alarms: [{ kind: 'silent' }, { kind: 'silent' }],
    });
    const act = ['u1', 'a2', 'in_progress', 'mia', NOW, ''];
    await test.clickhouse.insert('alert_actions', ['uid', 'alert_uid', 'status', 'author', 'at', 'note'], [act]);
    for (const uid of ['a1', 'a2']) await alarms.save({ ...alarm(uid), version: 2, endedAt: NOW });
    expect(await alarms.open()).toEqual([]);
    const statuses = defineQuery({
      name: 'test.acts',
      sql: 'SELECT alert_uid AS uid, status, author FROM alert_actions ORDER BY uid',
      params: z.object({}),
      row: z.object({ uid: z.string(), status: z.string(), author: z.string() }),
    });
    expect(await test.clickhouse.query(statuses, {})).toEqual([
      { uid: 'a1', status: 'resolved', author: 'keyward' },
      { uid: 'a2', status: 'in_progress', author: 'mia' },
    ]);
    expect((await queries.show('duo', 24)).history).toHaveLength(2);
  });
});
