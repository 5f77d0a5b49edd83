import { createBehaviourModel } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { DAY_MS, HOUR_MS, MINUTE_MS, eventUid, type AccessEvent } from '@keyward/events';
import { EMPTY_ORGANISATION, type Grant } from '@keyward/identity';
import { DEFAULT_POLICY } from '@keyward/response';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { MONDAY_9, aFinding, aGrant, aSignInEvent } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { compileChange, type LineSettings } from './change.js';
import type { BacktestHistory, LabelledAlert, Span } from './history.js';
import { runBacktest } from './run-backtest.js';

const IN_FORCE: LineSettings = { detections: {}, sod: EMPTY_SOD_POLICY, policy: DEFAULT_POLICY };
const SPAN: Span = { from: MONDAY_9 - 9 * HOUR_MS, to: MONDAY_9 - 9 * HOUR_MS + 3 * DAY_MS };
const within = ({ from, to }: Span, time: number): boolean => time >= from && time < to;

/** What is stored, in memory. */
class MemoryHistory implements BacktestHistory {
  readonly stored: AccessEvent[] = [];
  readonly found: Finding[] = [];
  readonly grants: Grant[] = [];
  readonly judged: LabelledAlert[] = [];
  eventsByHour(before: number) {
    const hours = new Map<number, number>();
    for (const { time } of this.stored.filter((event) => event.time < before)) {
      const hour = Math.floor(time / HOUR_MS) * HOUR_MS;
      hours.set(hour, (hours.get(hour) ?? 0) + 1);
    }
    return Promise.resolve([...hours].map(([at, events]) => ({ at, events })).sort((a, b) => a.at - b.at));
  }
  *#blocks<T>(rows: readonly T[]): Generator<T[]> {
    for (let from = 0; from < rows.length; from += 2) yield rows.slice(from, from + 2);
  }
  async *events(span: Span) {
    yield* this.#blocks(await Promise.resolve(this.stored.filter(({ time }) => within(span, time)).sort((a, b) => a.time - b.time)));
  }
  async *rareEvents() {
    yield* await Promise.resolve([]);
  }
  async *findings(span: Span) {
    yield* this.#blocks(await Promise.resolve(this.found.filter(({ time }) => within(span, time))));
  }
  snapshot() {
    return Promise.resolve(undefined);
  }
  grantsOf(identities: readonly string[]) {
    return Promise.resolve(this.grants.filter(({ identity }) => identities.includes(identity)));
  }
  countActiveGrants() {
    return Promise.resolve(this.grants.length);
  }
  labels() {
    return Promise.resolve(this.judged);
  }
  people() {
    return Promise.resolve(200);
  }
}

async function backtest(
  history: BacktestHistory,
  change: unknown,
  more: { warmUpDays?: number; signal?: AbortSignal; inForce?: LineSettings } = {},
) {
  const compiled = compileChange(more.inForce ?? IN_FORCE, change);
  if (compiled.kind === 'invalid') throw new Error(compiled.problems.join('; '));
  return runBacktest({
    span: SPAN,
    change: compiled.change,
    history,
    organisation: EMPTY_ORGANISATION,
    model: createBehaviourModel(),
    signal: more.signal ?? new AbortController().signal,
    warmUpDays: more.warmUpDays,
  });
}

const VIENNA = { lat: 48.2, lon: 16.37, radiusKm: 20, city: 'Vienna', country: 'AT' };
const MUNICH = { lat: 48.14, lon: 11.58, radiusKm: 20, city: 'Munich', country: 'DE' };
const SYDNEY = { lat: -33.87, lon: 151.21, radiusKm: 20, city: 'Sydney', country: 'AU' };
const signIn = (nativeId: string, time: number, geo: typeof VIENNA, ip: string): AccessEvent =>
  aSignInEvent(nativeId, {
    time,
    actor: { system: 'okta', name: 'anna@example.com', identity: 'p-anna' },
    auth: { method: 'password', interactive: true },
    src: { ip, geo },
  });

/** Vienna, Munich and Sydney a few minutes apart each, on two days. */
function travelling(): MemoryHistory {
  const history = new MemoryHistory();
  history.stored.push(
    signIn('v1', MONDAY_9, VIENNA, '198.51.100.7'),
    signIn('m1', MONDAY_9 + 5 * MINUTE_MS, MUNICH, '203.0.113.9'),
    signIn('v2', MONDAY_9 + 30 * HOUR_MS, VIENNA, '198.51.100.7'),
    signIn('s1', MONDAY_9 + 30 * HOUR_MS + 5 * MINUTE_MS, SYDNEY, '192.0.2.9'),
  );
  return history;
}

describe('a backtest of a detection', () => {
  it('shows the alert that appears with a lower distance, and why; the one on both sides stays', async () => {
    const result = await backtest(travelling(), { detections: { impossible_travel: { minDistanceKm: 200 } } });
    expect(result.appeared.map(({ identity, firstTime }) => [identity, firstTime])).toEqual([
      ['p-anna', new Date(MONDAY_9 + 5 * MINUTE_MS).toISOString()],
    ]);
    expect(result.appeared[0]?.reasons[0]).toMatch(/^impossible_travel finds it only with minDistanceKm 200: .*Munich/);
    expect(result.disappeared).toEqual([]);
    expect([result.current.alerts, result.changed.alerts]).toEqual([1, 2]);
    expect(result.days.map(({ current, changed }) => [current, changed])).toEqual([
      [0, 1],
      [1, 1],
      [0, 0],
    ]);
  });

  it('says of what is stored how much it finds again', async () => {
    const history = travelling();
    const uid = 'a finding of an earlier version';
    history.found.push(aFinding({ uid, time: MONDAY_9 + HOUR_MS }));
    const result = await backtest(history, { detections: { impossible_travel: { minDistanceKm: 200 } } });
    expect(result.fidelity).toEqual({ stored: 1, repeated: 0, missing: 1, additional: 1 });
    expect(result.notes.join(' ')).toContain('1 of 1 stored findings were not found and 1 more were');
  });

  it('takes the findings of all other detections as they are stored', async () => {
    const history = travelling();
    history.found.push(aFinding({ uid: 'f1', detection: 'mfa_fatigue', time: MONDAY_9 + 2 * MINUTE_MS }));
    const result = await backtest(history, { detections: { impossible_travel: { minDistanceKm: 200 } } });
    expect(result.appeared).toEqual([]); // what the lower distance finds joins the alert that was there
    expect(result.altered).toHaveLength(1);
    expect(result.altered[0]).toMatchObject({ before: { detections: ['mfa_fatigue'] }, detections: ['mfa_fatigue', 'impossible_travel'] });
    expect(result.detections.find(({ id }) => id === 'mfa_fatigue')).toMatchObject({ current: 1, changed: 1 });
  });

  it('gives detections the events before the span, as many days as asked for', async () => {
    const history = new MemoryHistory();
    history.stored.push(
      signIn('v1', SPAN.from - 4 * MINUTE_MS, VIENNA, '198.51.100.7'),
      signIn('m1', SPAN.from + MINUTE_MS, MUNICH, '203.0.113.9'),
    );
    const change = { detections: { impossible_travel: { minDistanceKm: 200 } } };
    expect((await backtest(history, change)).appeared).toHaveLength(1);
    expect((await backtest(history, change, { warmUpDays: 1 })).read.events).toBe(2);
    expect((await backtest(history, change, { warmUpDays: 0 })).appeared).toEqual([]);
  });

  it('lets an alert from before the span grow, and counts it nowhere', async () => {
    const history = travelling();
    history.found.push(aFinding({ uid: 'f0', time: SPAN.from - HOUR_MS }));
    const result = await backtest(history, { detections: { impossible_travel: { minDistanceKm: 200 } } });
    // The finding on Monday morning is of the same thing within 24 hours of it: the same alert on both sides.
    expect(result.appeared).toEqual([]);
    expect(result.current.alerts).toBe(1);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(backtest(travelling(), { detections: { mfa_fatigue: { windowMinutes: 5 } } }, { signal })).rejects.toThrow('enough');
  });
});

describe('a backtest of a response policy', () => {
  const policy = {
    version: 1,
    rules: [{ id: 'contain', when: { minSeverity: 'high' }, mode: 'enforce' }],
    connectors: [{ id: 'pim', product: 'webhook', grants: ['entra:*'] }],
    guardRails: { maxRevocationsPerHour: 1 },
  };
  const history = new MemoryHistory();
  history.found.push(
    aFinding({ uid: 'f1', time: MONDAY_9 + HOUR_MS }),
    aFinding({ uid: 'f2', time: MONDAY_9 + HOUR_MS + MINUTE_MS, identity: 'p-bert' }),
    aFinding({ uid: 'f3', time: MONDAY_9 + 30 * HOUR_MS, identity: 'p-cleo' }),
  );
  history.grants.push(
    // Revoked since; at the time of the finding it was in her hands.
    aGrant({ uid: 'g1', state: 'revoked', endedAt: MONDAY_9 + 2 * HOUR_MS }),
    aGrant({ uid: 'g2', identity: 'p-bert' }),
    aGrant({ uid: 'g3', identity: 'p-cleo', state: 'expired', endedAt: MONDAY_9 + 8 * HOUR_MS }),
  );

  it('says what it would have taken in event time, what a guard rail would have held, and what had ended by itself', async () => {
    const result = await backtest(history, { policy });
    expect([result.current.alerts, result.changed.alerts]).toEqual([3, 3]);
    expect(result.current.revocations).toEqual({ observed: 2 });
    expect(result.changed.revocations).toEqual({ revoking: 1, held: 1 });
    expect(result.revocations.appeared.map(({ identity, before, state, guard }) => [identity, before, state, guard])).toEqual([
      ['p-anna', 'observed', 'revoking', null],
      ['p-bert', 'observed', 'held', 'cap_per_hour'],
    ]);
    expect(result.revocations.disappeared).toEqual([]);
    expect(result.read.events).toBe(0);
  });
});

describe('people who judged alerts', () => {
  it('are counted on both sides, also of an alert that another finding opens', async () => {
    const history = travelling();
    history.judged.push({ uid: 'another uid', findingUids: [], label: 'not_genuine' });
    const change = { detections: { impossible_travel: { minDistanceKm: 200 } } };
    const [known] = (await backtest(history, change)).appeared;
    history.judged.push({ uid: known?.uid ?? '', findingUids: [], label: 'genuine' });
    const judged = await backtest(history, change);
    expect(judged.appeared[0]?.label).toBe('genuine');
    expect(judged.changed.precision).toMatchObject({ genuine: 1, notGenuine: 0, unlabelled: 1, share: 1 });
    expect(judged.changed.precision.low).toBeCloseTo(0.2065, 3); // Wilson, 1 of 1
    expect(judged.current.precision).toMatchObject({ genuine: 0, share: null, low: null });
  });
});

it('the same events give the same result', async () => {
  const change = { detections: { impossible_travel: { minDistanceKm: 200 } } };
  const uid = eventUid('okta', 'm1');
  const [first, second] = [await backtest(travelling(), change), await backtest(travelling(), change)];
  expect(first).toEqual(second);
  expect(uid).toHaveLength(32);
});
