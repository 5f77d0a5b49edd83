import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine, defineDetection, type Detection } from '@keyward/detections';
import { DAY_MS, HOUR_MS, dayOf, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { DEAD_LETTER_TOPIC, FINDINGS_TOPIC, Metrics, UnavailableError, silentLogger, type Consumed, type Prepared } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import {
  MONDAY_9,
  MemoryAssessmentStore,
  MemoryIngestLedger,
  MemoryLedgerStore,
  MemorySnapshotStore,
  RecordingPublisher,
  SetClock,
  SetOrganisation,
  aBatch,
  aSignInEvent,
  entriesOf,
} from '@keyward/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AssessStage, type CheckpointPolicy, type DeadLetter, type SnapshotStore } from './index.js';

const AWAY = (): UnavailableError => new UnavailableError('store.unavailable', 'away');
const HUGE: CheckpointPolicy = { everyMs: Infinity, everyEntries: Infinity, maxLedgers: 1_000 };

/** Says how many sign-ins of the identity (or from the network) came before: shows what the state contains. */
const counting = (id: string, ledger: 'identity' | 'network'): Detection =>
  defineDetection<number, unknown>({
    id,
    title: 'Counts',
    kind: 'rule',
    severity: 'low',
    attack: [],
    ledger,
    p: 1e-3,
    params: z.strictObject({}),
    state: z.number(),
    initial: () => 0,
    evaluate: ({ state }) => ({ sentence: `${state} before`, observed: { before: state } }),
    advance: ({ state }) => state + 1,
  });

function engine() {
  const created = createDetectionEngine({ detections: [counting('of_identity', 'identity'), counting('of_network', 'network')] });
  if (created.kind === 'invalid') throw new Error(created.problems.join());
  return created.engine;
}

/** What outlives a worker, and workers that come and go. */
function aWorld() {
  const model = createBehaviourModel();
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  const ledgers = new MemoryLedgerStore();
  const store = new MemoryAssessmentStore();
  const publisher = new RecordingPublisher();
  const deadLetters = new MemoryIngestLedger();
  const snapshots: SnapshotStore = new MemorySnapshotStore(model, organisation, store);
  const clock = new SetClock();
  const worker = (checkpoints = HUGE, signal = new AbortController().signal, from: SnapshotStore = snapshots): AssessStage =>
    new AssessStage({
      ...{ ledgers, store, snapshots: from, organisation, publisher, deadLetters, model, engine: engine(), clock, signal, checkpoints },
      logger: silentLogger,
      metrics: new Metrics(),
    });
  return { model, ledgers, store, publisher, deadLetters, snapshots, clock, worker };
}
type World = ReturnType<typeof aWorld>;

/** All that anybody can see of the result. Findings as ALERT sees them: by uid, in the order of their first coming. */
const resultOf = ({ store, ledgers, publisher }: World) => ({
  rows: [...store.events].sort(byKey),
  findings: [...store.findings].sort(byKey),
  published: [...new Map(publisher.records.map(({ key, value }) => [`${key} ${value.toString()}`, 1])).keys()].sort(),
  ledgers: [...ledgers.rows].sort(byKey),
  grants: [...store.grants.rows].sort(byKey),
});
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

const ben = { system: 'okta', name: 'ben@example.com' } as const;
const signIn = (id: string, hours: number, fields: Partial<AccessEvent> = {}): AccessEvent =>
  aSignInEvent(id, { time: MONDAY_9 + hours * HOUR_MS, ...fields });
const activation = (id: string, hours: number): AccessEvent =>
  signIn(id, hours, {
    class: 'user_access',
    activity: 'assign_privileges',
    code: 'role.activate',
    source: 'entra',
    privilege: {
      change: 'activated',
      entitlement: 'entra:role:Global Administrator',
      jit: true,
      requestId: id,
      endsAt: MONDAY_9 + 99 * HOUR_MS,
    },
  });
const stateOf = (world: World, id: string): { r: string[]; d: Record<string, number> } =>
  JSON.parse(world.ledgers.rows.get(`assess ${id}`)?.state ?? '{}') as { r: string[]; d: Record<string, number> };
const beforeOf = (world: World, detection: string): unknown[] =>
  [...world.store.findings.values()].filter((finding) => finding.detection === detection).map(({ observed }) => observed['before']);

const ANNA = 'identity:okta:anna@example.com';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

describe('one batch', () => {
  it('scores and tests each event against what was known before it, then learns it', async () => {
    const world = aWorld();
    await world.worker().handle(entriesOf([signIn('a', 0), signIn('b', 1), signIn('c', 2)], EMPTY_ORGANISATION));
    expect(beforeOf(world, 'of_identity')).toEqual([0, 1, 2]);
    const confidences = [...world.store.events.values()].map(({ assessment }) => assessment.terms[0]?.confidence);
    expect(confidences[0]).toBe(0);
    expect(confidences[2]).toBeGreaterThan(0);
  });

  it('makes one row an event, whatever number of ledgers it concerns', async () => {
    const world = aWorld();
    const target = signIn('t', 1, { target: ben });
    await world.worker().handle(entriesOf([signIn('a', 0), target], EMPTY_ORGANISATION));
    expect([...world.store.events.keys()]).toHaveLength(2);
    expect(beforeOf(world, 'of_network')).toEqual([0, 1]);
    expect([...world.store.events.values()].map(({ identity }) => identity)).toEqual(['okta:anna@example.com', 'okta:anna@example.com']);
  });

  it('gives an event that nobody did a row with score 0, and says why', async () => {
    const world = aWorld();
    const { actor: _nobody, ...event } = signIn('a', 0);
    await world.worker().handle(entriesOf([event, { ...signIn('b', 0), actor: undefined, target: ben }], EMPTY_ORGANISATION));
    const rows = [...world.store.events.values()];
    expect(rows.map(({ identity }) => identity)).toEqual(['system:okta', 'okta:ben@example.com']);
    for (const { assessment } of rows) {
      expect(assessment).toMatchObject({
        score: 0,
        p: 1,
        terms: [],
        notEvaluated: [{ feature: 'all', why: 'The record names nobody who acted.' }],
      });
    }
  });

  it("drops a vendor's repeat of one of the last 48 events, and takes the 49th for new", async () => {
    const world = aWorld();
    const events = [signIn('first', 0), ...Array.from({ length: 47 }, (_, index) => signIn(`e${index}`, 1))];
    const again = signIn('first', 0);
    await world.worker().handle(entriesOf([...events, again, signIn('one more', 2), again], EMPTY_ORGANISATION));
    expect(beforeOf(world, 'of_identity')).toHaveLength(49); // by uid: the repeat's finding has the first one's uid
    const stage = world.worker();
    await stage.handle(entriesOf([...events, again], EMPTY_ORGANISATION));
    await stage.checkpoint();
    expect(stateOf(world, ANNA).d['of_identity']).toBe(48);
  });

  it('stores rows, grants, findings, then publishes, then saves', async () => {
    const world = aWorld();
    const stage = world.worker();
    world.publisher.failNext(new Error('a bug'));
    await expect(stage.handle(entriesOf([activation('a', 0)], EMPTY_ORGANISATION))).rejects.toThrow('a bug');
    expect([world.store.events.size, world.store.grants.rows.size, world.store.findings.size]).toEqual([1, 1, 1]);
    expect([world.publisher.records.length, world.ledgers.rows.size]).toEqual([0, 0]);
  });

  it('commits nothing before a checkpoint, and all of it then', async () => {
    const world = aWorld();
    const items = entriesOf([signIn('a', 0), signIn('b', 1)], EMPTY_ORGANISATION);
    const stage = world.worker();
    expect(await stage.handle(items)).toEqual([]);
    const ends = new Map<number, Consumed>();
    for (const { topic, partition, offset } of items) ends.set(partition, { topic, partition, nextOffset: offset + 1 });
    expect(await stage.checkpoint()).toEqual(expect.arrayContaining([...ends.values()]));
  });

  it('makes a checkpoint when enough entries or enough time have passed', async () => {
    const world = aWorld();
    const byCount = world.worker({ ...HUGE, everyEntries: 3 });
    const items = entriesOf([signIn('a', 0), signIn('b', 1)], EMPTY_ORGANISATION);
    expect(await byCount.handle(items.slice(0, 2))).toEqual([]);
    expect(await byCount.handle(items.slice(2))).not.toEqual([]);
    const byTime = aWorld();
    const stage = byTime.worker({ ...HUGE, everyMs: 1_000 });
    expect(await stage.handle(items.slice(0, 2))).toEqual([]);
    byTime.clock.at += 1_000;
    expect(await stage.handle(items.slice(2))).not.toEqual([]);
  });

  it('puts what INGEST never wrote into the dead letter, and goes on with what stands behind it', async () => {
    const world = aWorld();
    const stage = world.worker();
    const [entry] = entriesOf([signIn('a', 0)], EMPTY_ORGANISATION).map(({ value }) => value);
    const wrong = ['null', '{', '[]', { ...entry, ledger: 'x' }, { ...entry, part: 'x' }, { ...entry, event: { uid: 'x', time: 'x' } }];
    const items = stage.prepare(aBatch('access.events', [...wrong, entry ?? {}], { firstOffset: 3 }));
    expect(items.map(({ offset }) => offset)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    await stage.handle(items);
    expect(await stage.checkpoint()).toEqual([{ topic: 'access.events', partition: 0, nextOffset: 10 }]);
    expect(world.store.events.size).toBe(1);
    const letters = world.publisher.on(DEAD_LETTER_TOPIC) as DeadLetter[];
    expect(letters.map(({ topic, offset, code, source }) => [topic, offset, code, source])).toEqual(
      wrong.map((_, index) => ['access.events', 3 + index, 'unreadable', 'assess']),
    );
    expect([...world.deadLetters.deadLetters.values()]).toEqual(letters);
  });

  it('commits past a batch of which nothing can be read', async () => {
    const stage = aWorld().worker();
    await stage.handle(stage.prepare(aBatch('access.events', ['x'])));
    expect(await stage.checkpoint()).toEqual([{ topic: 'access.events', partition: 0, nextOffset: 1 }]);
  });
});

describe('a day', () => {
  it('is scored with a snapshot of the days before it, built once their rows are stored', async () => {
    const world = aWorld();
    const asked: { day: number; rows: number }[] = [];
    const watched: SnapshotStore = {
      forDay: (day) => {
        asked.push({ day: day - dayOf(MONDAY_9), rows: world.store.events.size });
        return world.snapshots.forDay(day);
      },
    };
    await world
      .worker(HUGE, undefined, watched)
      .handle(entriesOf([signIn('a', 0), signIn('b', 1), signIn('c', 24), signIn('d', 48)], EMPTY_ORGANISATION));
    expect(asked).toEqual([
      { day: 0, rows: 0 },
      { day: 1, rows: 2 },
      { day: 2, rows: 3 },
    ]);
    const used = [...world.store.events.values()].map(({ assessment }) => assessment.snapshot);
    expect(new Set(used).size).toBe(3);
    expect(used[0]).toBe(used[1]);
  });

  it('decides the snapshot of a late event too, whatever this worker has seen before it', async () => {
    const late = [signIn('a', 0), signIn('b', 24), signIn('late', 2), signIn('c', 25)];
    const usedBy = async (cuts: readonly number[]): Promise<unknown> => {
      const world = aWorld();
      const items = entriesOf(late, EMPTY_ORGANISATION, 1);
      for (const [index, from] of [0, ...cuts].entries()) {
        const stage = world.worker();
        await stage.handle(items.slice(from, cuts[index]));
        await stage.checkpoint();
      }
      return [...world.store.events.values()].map(({ assessment }) => [assessment.eventUid, assessment.snapshot, assessment.p]);
    };
    expect(await usedBy([4])).toEqual(await usedBy([]));
    expect(await usedBy([2, 4, 6])).toEqual(await usedBy([]));
  });
});

describe('partitions that come and go', () => {
  it('refuses to go on when a ledger has come to another partition, whose offsets say nothing about it', async () => {
    const world = aWorld();
    const stage = world.worker();
    const [item] = entriesOf([signIn('a', 0)], EMPTY_ORGANISATION);
    if (item) await stage.handle([item]);
    await stage.checkpoint();
    const moved = item && world.worker().handle([{ ...item, partition: item.partition + 1 }]);
    await expect(moved).rejects.toMatchObject({ code: 'ledger.moved', disposition: 'reject' });
  });

  it('takes nothing of a partition that another worker reads now', async () => {
    const world = aWorld();
    const stage = world.worker();
    const items = entriesOf([signIn('a', 0), signIn('b', 0, { actor: ben, src: { hostname: 'h' } })], EMPTY_ORGANISATION, 97);
    await stage.handle(items);
    const kept = items[0]?.partition ?? 0;
    stage.assigned([]);
    await stage.handle(items.filter(({ partition }) => partition === kept));
    const consumed = await stage.checkpoint();
    expect(consumed.map(({ partition }) => partition)).toEqual([kept]);
    expect([...world.ledgers.rows.values()].map(({ partition }) => partition)).toEqual([kept]);
  });

  it('goes on from what another worker saved when it lost a partition without noticing and has it again', async () => {
    const world = aWorld();
    const items = entriesOf(
      ['a', 'b', 'c', 'd'].map((id, index) => signIn(id, index)),
      EMPTY_ORGANISATION,
      1,
    );
    const [sleeper, other] = [world.worker(), world.worker()];
    await sleeper.handle(items.slice(0, 2));
    await sleeper.checkpoint();
    await other.handle(items.slice(2, 6));
    await other.checkpoint();
    sleeper.assigned([]);
    await sleeper.handle(items.slice(6));
    await sleeper.checkpoint();
    expect(beforeOf(world, 'of_identity')).toEqual([0, 1, 2, 3]);
    expect(stateOf(world, ANNA).d['of_identity']).toBe(4);
  });

  it('forgets only what is saved, least recently used first', async () => {
    const world = aWorld();
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ system: 'okta', name: `${name}@example.com` }));
    const events = [...names, ...names].map((actor, index) => signIn(`${index}`, index, { actor, src: { hostname: 'h' } }));
    const stage = world.worker({ ...HUGE, maxLedgers: 2 });
    for (const item of entriesOf(events, EMPTY_ORGANISATION, 1)) {
      await stage.handle([item]);
      if (item.offset % 3 === 2) await stage.checkpoint();
    }
    expect(beforeOf(world, 'of_identity')).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
  });
});

describe('a worker that ends in the middle', () => {
  it('waits for its store, and rejects when it is stopped meanwhile: nothing is committed or saved', async () => {
    const world = aWorld();
    const stop = new AbortController();
    const stage = world.worker(HUGE, stop.signal);
    world.store.failNext(...Array.from({ length: 1_000 }, AWAY));
    const handled = stage.handle(entriesOf([signIn('a', 0)], EMPTY_ORGANISATION));
    const outcome = expect(handled).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(60_000);
    stop.abort(new Error('stopping'));
    await outcome;
    expect([world.ledgers.rows.size, world.publisher.records.length]).toEqual([0, 0]);
  });

  it('saves nothing of a batch that it could not finish, even when it is asked to', async () => {
    const world = aWorld();
    const stage = world.worker();
    world.publisher.failNext(new Error('a bug'));
    const items = entriesOf([signIn('a', 0)], EMPTY_ORGANISATION);
    await expect(stage.handle(items)).rejects.toThrow('a bug');
    expect(await stage.checkpoint()).toEqual([]);
    await world.worker().handle(items);
    expect(world.publisher.on(FINDINGS_TOPIC)).toHaveLength(2);
  });

  const history = [
    signIn('a', 0),
    signIn('b', 1, { actor: ben }),
    activation('g', 2),
    signIn('c', 3, { target: ben }),
    signIn('a', 0), // a repeat
    signIn('d', 23, { src: { ip: '203.0.113.5', geo: { lat: -33.9, lon: 151.2, radiusKm: 50, city: 'Sydney', country: 'AU' } } }),
    signIn('late', 4),
    signIn('e', 26, { actor: ben }),
    signIn('f', 50),
    signIn('late 2', 25, { actor: ben }),
    signIn('h', 51, {
      class: 'user_access',
      activity: 'revoke_privileges',
      source: 'entra',
      privilege: { change: 'revoked', entitlement: 'entra:role:Global Administrator', jit: true, requestId: 'g' },
    }),
  ];
  const items = entriesOf(history, EMPTY_ORGANISATION, 2);
  const undisturbed = async () => {
    const world = aWorld();
    const stage = world.worker();
    await stage.handle(items);
    await stage.checkpoint();
    return resultOf(world);
  };

  /** Reads what is not committed, in these portions; after each it may save, and die. */
  async function live(
    world: World,
    plan: readonly { readonly take: number; readonly saves: boolean; readonly dies: boolean; readonly away: readonly number[] }[],
  ) {
    const committed = new Map<number, number>();
    let stage = world.worker();
    let ahead = 0;
    const rest = (): Prepared<LedgerEntry>[] => items.filter(({ partition, offset }) => offset >= (committed.get(partition) ?? 0));
    const commit = (consumed: readonly Consumed[]): void => {
      for (const { partition, nextOffset } of consumed) committed.set(partition, nextOffset);
    };
    let queue = rest();
    for (const { take, saves, dies, away } of [...plan, { take: items.length, saves: true, dies: false, away: [] }]) {
      const stores = [world.ledgers, world.store, world.publisher];
      for (const one of away) stores[one]?.failNext(AWAY());
      commit(await stage.handle(queue.slice(ahead, ahead + take)));
      ahead += take;
      if (saves) commit(await stage.checkpoint());
      if (!dies) continue;
      stage = world.worker();
      queue = rest();
      ahead = 0;
    }
    commit(await stage.checkpoint());
    expect(rest()).toEqual([]);
  }

  it('however the same entries are cut into batches, wherever it dies, whichever store was away: rows, findings, grants and ledgers are the same', async () => {
    const expected = await undisturbed();
    expect(expected.rows).toHaveLength(10);
    const step = fc.record({
      take: fc.integer({ min: 0, max: 8 }),
      saves: fc.boolean(),
      dies: fc.boolean(),
      away: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (plan) => {
        const world = aWorld();
        await live(world, plan);
        expect(resultOf(world)).toEqual(expected);
      }),
      { numRuns: 30, seed: 20_260_105 },
    );
  });

  it.each([0, 1, 2].flatMap((which) => [1, 2, 3, 4].map((times) => [which, times] as const)))(
    'store %i failing %i times changes nothing in the result',
    async (which, times) => {
      const world = aWorld();
      await live(world, [{ take: 4, saves: true, dies: false, away: Array.from({ length: times }, () => which) }]);
      expect(resultOf(world)).toEqual(await undisturbed());
    },
  );

  it('is told from another day by its events alone', () => {
    expect(new Set(history.map(({ time }) => dayOf(time))).size).toBe(3);
    expect(DAY_MS).toBe(24 * HOUR_MS);
  });
});
