import { createBehaviourModel } from '@keyward/baselines';
import { BacktestResult } from '@keyward/contract';
import { DAY_MS, HOUR_MS, dayOf } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { DEFAULT_POLICY } from '@keyward/response';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BacktestStore,
  Backtests,
  ClickHouseAlertStore,
  ClickHouseAssessmentStore,
  ClickHouseBacktestHistory,
  ClickHouseSnapshotStore,
  type StoredBacktest,
} from '../src/index.js';
import { T0, aFinding, aGrant, anAlert, anAssessedEvent } from './builders.js';
import { startTestStore, type TestStore } from './harness.js';

const signal = new AbortController().signal;
const SPAN = { from: T0, to: T0 + DAY_MS };

describe('what a backtest reads', () => {
  let test: TestStore;
  let history: ClickHouseBacktestHistory;
  const model = createBehaviourModel();
  const all = async <T>(blocks: AsyncIterable<readonly T[]>): Promise<T[]> => {
    const rows: T[] = [];
    for await (const block of blocks) rows.push(...block);
    return rows;
  };

  beforeAll(async () => {
    test = await startTestStore();
    history = new ClickHouseBacktestHistory(test.clickhouse, model);
    const store = new ClickHouseAssessmentStore(test.clickhouse);
    const rows = Array.from({ length: 300 }, (_, n) => {
      const row = anAssessedEvent(n);
      return { ...row, assessment: { ...row.assessment, p: n % 100 === 7 ? 1e-5 : 0.3 } };
    });
    await store.insertEvents([...rows.slice(100), ...rows.slice(0, 120)]);
    // At one instant: another source, then the uids.
    await store.insertEvents([anAssessedEvent(900, { time: T0 + 5_000, source: 'entra' }), anAssessedEvent(901, { time: SPAN.to })]);
    await store.insertFindings([
      aFinding(3, { time: T0 + 3 }),
      aFinding(1, { time: T0 + 1 }),
      aFinding(9, { time: SPAN.to }),
      aFinding(1, { time: T0 + 1 }),
    ]);
    await store.upsertGrants([
      { grant: aGrant('g1', { state: 'active' }), version: 1 },
      { grant: aGrant('g1', { state: 'revoked', endedAt: T0 + 60_000 }), version: 2 },
      { grant: aGrant('g2', { identity: 'p-bert' }), version: 1 },
      { grant: aGrant('g3', { state: 'denied' }), version: 1 },
    ]);
  });
  afterAll(() => test.close());

  it('events of the span, each once, by time, source and uid', async () => {
    const events = await all(history.events(SPAN, signal));
    expect(events).toHaveLength(301);
    const keys = events.map(({ time, source, uid }) => `${String(time)} ${source} ${uid}`);
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(301);
    const one = anAssessedEvent(7).event;
    expect(events.find(({ uid }) => uid === one.uid)).toEqual(one);
    const hours = await history.eventsByHour(SPAN.to);
    expect(hours).toEqual([{ at: Math.floor(T0 / HOUR_MS) * HOUR_MS, events: expect.any(Number) as number }]);
  });

  it('rows whose p is at most the one asked for, with their terms', async () => {
    const rows = await all(history.rareEvents(SPAN, 1e-4, signal));
    expect(rows.map(({ event }) => event.nativeId)).toEqual(['native-7', 'native-107', 'native-207']);
    expect(rows[0]?.assessment).toEqual({ ...anAssessedEvent(7).assessment, p: 1e-5 });
  });

  it('findings of the span in order, each once', async () => {
    expect((await all(history.findings(SPAN, signal))).map(({ time }) => time - T0)).toEqual([1, 3]);
  });

  it('the newest state of grants, and how many were active at an instant', async () => {
    expect((await history.grantsOf(['p-anna'])).map(({ uid, state }) => [uid, state])).toEqual([
      ['g1', 'revoked'],
      ['g3', 'denied'],
    ]);
    expect(await history.grantsOf([])).toEqual([]);
    expect([await history.countActiveGrants(T0 + 1_000), await history.countActiveGrants(T0 + 61_000)]).toEqual([2, 1]);
    expect(await history.countActiveGrants(T0 - 1)).toBe(0);
  });

  it('what people said: the verdict before the status, and none that was taken back', async () => {
    const names = ['resolved', 'expected', 'verdict', 'undone', 'open', 'later'];
    await new ClickHouseAlertStore(test.clickhouse).upsertAlerts(
      names.map((uid) => anAlert(uid, 1, { firstTime: uid === 'later' ? SPAN.to : T0, findingUids: [`f-${uid}`] })),
    );
    await test.clickhouse.insert(
      'alert_actions',
      ['uid', 'alert_uid', 'status', 'author', 'at'],
      [
        ['1', 'resolved', 'in_progress', 'anna', 1],
        ['2', 'resolved', 'resolved', 'anna', 2],
        ['3', 'expected', 'expected', 'anna', 1],
        ['4', 'verdict', 'false_positive', 'anna', 1],
        ['5', 'undone', 'resolved', 'anna', 1],
        ['6', 'open', 'in_progress', 'anna', 1],
        ['7', 'later', 'resolved', 'anna', 1],
      ],
    );
    await test.clickhouse.insert(
      'verdicts',
      ['uid', 'kind', 'scope', 'identity', 'alert_uid', 'author', 'reason', 'at', 'expires_at', 'undoes', 'about', 'entries'],
      [
        ['v1', 'malicious', 'identity', 'p-anna', 'verdict', 'anna', 'seen', 5, 9, '', [], '[]'],
        ['v2', 'benign', 'identity', 'p-anna', 'undone', 'anna', 'seen', 5, 9, '', [], '[]'],
        ['v3', 'benign', 'identity', 'p-anna', 'undone', 'anna', 'not so', 6, 9, 'v2', [], '[]'],
      ],
    );
    const labels = await history.labels(SPAN);
    expect(Object.fromEntries(labels.map(({ uid, label }) => [uid, label]))).toEqual({
      resolved: 'genuine',
      expected: 'not_genuine',
      verdict: 'genuine',
      undone: 'genuine',
    });
    expect(labels[0]?.findingUids).toEqual(['f-expected']);
    expect(await history.people(SPAN)).toBe(50);
    expect(await history.people({ from: 0, to: 1 })).toBe(0);
  });

  it('the snapshot of a day, or of the last day before it; it builds none', async () => {
    const organisation = { current: () => ({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }) };
    expect(await history.snapshot(dayOf(T0) + 1)).toBeUndefined();
    const made = await new ClickHouseSnapshotStore(test.clickhouse, model, organisation).forDay(dayOf(T0) + 1);
    expect((await history.snapshot(dayOf(T0) + 9))?.id).toBe(made.id);
    expect(await history.snapshot(dayOf(T0))).toBeUndefined();
  });

  it('gives a whole backtest: the same folds over what is stored', async () => {
    const organisation = { current: () => ({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }) };
    const backtests = new Backtests(test.clickhouse, organisation, { detections: {}, policy: () => DEFAULT_POLICY });
    const wanted = { from: SPAN.from, to: SPAN.to, warmUpDays: 1 };
    const refused = backtests.prepare({ ...wanted, change: { detections: { mfa_fatigue: { minRefusals: 1 } } } });
    expect(refused).toEqual({ kind: 'invalid', problems: ['detections.mfa_fatigue: Unrecognized key: "minRefusals"'] });
    const ready = backtests.prepare({ ...wanted, change: { detections: { mfa_fatigue: { minRefusalsCount: 1 } } } });
    if (ready.kind !== 'ready') throw new Error('not ready');
    const result = await ready.run({ signal, onProgress: () => undefined, breathe: () => Promise.resolve() });
    expect(result.read).toEqual({ events: 301, findings: 2 });
    expect([result.current.alerts, result.changed.alerts]).toEqual([2, 2]);
    expect(BacktestResult.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });
});

describe('backtests in the store', () => {
  let test: TestStore;
  beforeAll(async () => {
    test = await startTestStore();
  });
  afterAll(() => test.close());
  const one: StoredBacktest = {
    ...{ id: 'b1', state: 'waiting', author: 'anna', createdAt: T0, updatedAt: T0, from: T0 - DAY_MS, to: T0 },
    change: { detections: { mfa_fatigue: { windowMinutes: 5 } } },
  };

  it('are what the newest row says; what is over stays over', async () => {
    const store = new BacktestStore(test.clickhouse);
    expect(await store.find('b1')).toBeUndefined();
    await store.save(one);
    await store.save({ ...one, state: 'running', updatedAt: T0 + 10, progress: { phase: 'alerts', done: 1, of: 2 } });
    expect(await store.find('b1')).toMatchObject({
      state: 'running',
      progress: { phase: 'alerts', done: 1, of: 2 },
      error: null,
      result: null,
    });
    await store.save({ ...one, state: 'cancelled', updatedAt: T0 + 20 });
    await store.save({ ...one, state: 'running', updatedAt: T0 + 30 }); // by a process that has not yet heard of it
    expect(await store.find('b1')).toMatchObject({ state: 'cancelled', change: one.change, from: new Date(one.from).toISOString() });
    await store.save({ ...one, id: 'b2', createdAt: T0 + 1, updatedAt: T0 + 1, state: 'failed', error: 'It said: "no" \u0000' });
    expect((await store.newest()).map(({ id, error }) => [id, error])).toEqual([
      ['b2', 'It said: "no" \u0000'],
      ['b1', null],
    ]);
  });
});
