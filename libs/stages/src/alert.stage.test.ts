import type { Finding } from '@keyward/detections';
import { HOUR_MS } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, FINDINGS_TOPIC, Metrics, UnavailableError, silentLogger, type Consumed } from '@keyward/runtime';
import { Alert } from '@keyward/alerts';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import {
  MONDAY_9,
  MemoryAlertStore,
  MemoryIngestLedger,
  MemoryLedgerStore,
  RecordingPublisher,
  SetOrganisation,
  aBatch,
  aFinding,
} from '@keyward/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AlertStage } from './index.js';

const AWAY = (): UnavailableError => new UnavailableError('store.unavailable', 'away');

function aWorld() {
  const ledgers = new MemoryLedgerStore();
  const store = new MemoryAlertStore();
  const publisher = new RecordingPublisher();
  const deadLetters = new MemoryIngestLedger();
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  const worker = (signal = new AbortController().signal): AlertStage =>
    new AlertStage({ ledgers, store, publisher, deadLetters, organisation, signal, logger: silentLogger, metrics: new Metrics() });
  const versions = (): string[] => published().map(({ uid, version }) => `${uid} ${version}`);
  const published = (): Alert[] => publisher.on(ALERTS_TOPIC).map((value) => Alert.parse(value));
  return { ledgers, store, publisher, deadLetters, worker, published, versions };
}
type World = ReturnType<typeof aWorld>;

const at = (hours: number): number => MONDAY_9 + hours * HOUR_MS;
const FINDINGS: readonly Finding[] = [
  aFinding({ uid: 'f1', time: at(0), severity: 'medium' }),
  aFinding({ uid: 'f2', time: at(0.2), severity: 'medium' }),
  aFinding({ uid: 'b1', time: at(0.3), identity: 'p-ben' }),
  aFinding({ uid: 'f1', time: at(0), severity: 'medium' }), // ASSESS was redelivered
  aFinding({ uid: 'f3', time: at(0.5), detection: 'mfa_fatigue', severity: 'critical' }),
  aFinding({ uid: 'b2', time: at(30), identity: 'p-ben' }),
  aFinding({ uid: 'f4', time: at(0.6), severity: 'low' }),
];
const itemsOf = (stage: AlertStage, findings: readonly Finding[], firstOffset = 0): ReturnType<AlertStage['prepare']> =>
  stage.prepare(aBatch(FINDINGS_TOPIC, findings, { firstOffset }));

/** What receivers can tell apart: versions that say `notify`, the newest of each alert, risk, state. */
const resultOf = ({ published, store, ledgers }: World) => ({
  told: [
    ...new Map(
      published()
        .filter(({ notify }) => notify)
        .map((alert) => [`${alert.uid} ${alert.version}`, alert]),
    ).entries(),
  ].sort(([a], [b]) => (a < b ? -1 : 1)),
  alerts: [...store.alerts].sort(([a], [b]) => (a < b ? -1 : 1)),
  risk: [...store.risk].sort(([a], [b]) => (a < b ? -1 : 1)),
  ledgers: [...ledgers.rows].sort(([a], [b]) => (a < b ? -1 : 1)),
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

describe('alert', () => {
  it('publishes an alert under its identity, stores it and its risk, and commits', async () => {
    const { worker, publisher, store, published } = aWorld();
    const stage = worker();
    expect(await stage.handle(itemsOf(stage, [aFinding()], 7))).toEqual([{ topic: FINDINGS_TOPIC, partition: 0, nextOffset: 8 }]);
    expect(publisher.records.map(({ key }) => key)).toEqual(['p-anna']);
    expect(published()).toMatchObject([{ version: 1, notify: true, findingUids: ['finding-1'] }]);
    expect(store.alerts.size).toBe(1);
    expect(store.risk.get('p-anna')?.risk).toBeGreaterThan(0);
  });

  it('puts what is no finding into the dead letter, and goes on', async () => {
    const { worker, publisher, deadLetters, published } = aWorld();
    const stage = worker();
    const items = stage.prepare(aBatch(FINDINGS_TOPIC, ['{', { uid: 'x' }, aFinding()]));
    expect(await stage.handle(items)).toEqual([{ topic: FINDINGS_TOPIC, partition: 0, nextOffset: 3 }]);
    expect(publisher.on(DEAD_LETTER_TOPIC)).toMatchObject([{ offset: 0, source: 'alert' }, { offset: 1 }]);
    expect([...deadLetters.deadLetters.values()]).toEqual(publisher.on(DEAD_LETTER_TOPIC));
    expect(published()).toHaveLength(1);
  });

  it('makes nothing of a finding that it has seen', async () => {
    const { worker, publisher } = aWorld();
    const stage = worker();
    await stage.handle(itemsOf(stage, [aFinding()]));
    await stage.handle(itemsOf(stage, [aFinding(), aFinding()], 1));
    expect(publisher.records).toHaveLength(1);
  });

  it('saves its state after it has published: what is cut off between the two is published again, in the same versions', async () => {
    const { worker, publisher, ledgers, versions } = aWorld();
    const first = worker();
    const stop = new AbortController();
    const dying = worker(stop.signal);
    await first.handle(itemsOf(first, FINDINGS.slice(0, 2)));
    await dying.handle([]);
    publisher.failNext(new Error('a bug'));
    await expect(dying.handle(itemsOf(dying, FINDINGS.slice(2), 2))).rejects.toThrow('a bug');
    const before = new Map(ledgers.rows);
    expect(await dying.checkpoint()).toEqual([]);
    expect(ledgers.rows).toEqual(before);
    const next = worker();
    await next.handle(itemsOf(next, FINDINGS.slice(2), 2));
    const once = versions();
    await worker().handle(itemsOf(next, FINDINGS));
    expect(versions()).toEqual(once);
  });

  it('rejects when it is stopped while the store is away, with nothing committed', async () => {
    const { worker, store, ledgers, publisher } = aWorld();
    const stop = new AbortController();
    const stage = worker(stop.signal);
    store.failNext(...Array.from({ length: 1_000 }, AWAY));
    const handled = expect(stage.handle(itemsOf(stage, FINDINGS))).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(20_000);
    stop.abort(new Error('stopping'));
    await handled;
    expect([ledgers.rows.size, publisher.records.length]).toEqual([0, 0]);
  });

  it('loads its state anew when the partitions are shared out', async () => {
    const world = aWorld();
    const [sleeper, other] = [world.worker(), world.worker()];
    await sleeper.handle(itemsOf(sleeper, FINDINGS.slice(0, 1)));
    await other.handle(itemsOf(other, FINDINGS.slice(1, 5), 1));
    sleeper.assigned();
    await sleeper.handle(itemsOf(sleeper, FINDINGS.slice(5), 5));
    const alone = aWorld();
    const stage = alone.worker();
    await stage.handle(itemsOf(stage, FINDINGS));
    expect(resultOf(world)).toEqual(resultOf(alone));
  });

  it('however the findings are cut, wherever it dies, whatever was away: the same versions are told, and the same is stored', async () => {
    const alone = aWorld();
    const stage = alone.worker();
    await stage.handle(itemsOf(stage, FINDINGS));
    const expected = resultOf(alone);
    expect(expected.told.length).toBeGreaterThan(2);
    const step = fc.record({
      take: fc.integer({ min: 1, max: 4 }),
      end: fc.constantFrom('stays', 'dies', 'dies before it commits', 'cannot publish'),
      away: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (plan) => {
        const world = aWorld();
        let live = world.worker();
        let committed = 0;
        for (const { take, end, away } of [...plan, { take: FINDINGS.length, end: 'stays', away: [] }]) {
          for (const which of away) [world.ledgers, world.store, world.publisher][which]?.failNext(AWAY());
          if (end === 'cannot publish' && away.length === 0) world.publisher.failNext(new Error('a bug'));
          const handled: readonly Consumed[] | undefined = await live
            .handle(itemsOf(live, FINDINGS.slice(committed, committed + take), committed))
            .catch(() => undefined);
          if (handled && end !== 'dies before it commits') committed = handled[0]?.nextOffset ?? committed;
          if (!handled || end !== 'stays') live = world.worker();
        }
        await live.handle(itemsOf(live, FINDINGS.slice(committed), committed));
        expect(resultOf(world)).toEqual(expected);
      }),
      { numRuns: 60, seed: 20_260_105 },
    );
  });
});
