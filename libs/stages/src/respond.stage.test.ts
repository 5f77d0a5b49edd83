import { deliveryId, type Alert } from '@keyward/alerts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@keyward/events';
import { EMPTY_ORGANISATION, type Grant } from '@keyward/identity';
import { Policy, verifyChain, type Decision, type Effect } from '@keyward/response';
import {
  ALERTS_TOPIC,
  DEAD_LETTER_TOPIC,
  DECISIONS_TOPIC,
  ForbiddenError,
  Metrics,
  UnavailableError,
  silentLogger,
} from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import {
  InMemoryRevoker,
  InMemorySink,
  MONDAY_9,
  MemoryIngestLedger,
  MemoryResponseStore,
  RecordingPublisher,
  SetClock,
  SetOrganisation,
  aBatch,
  aGrant,
  anAlert,
} from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DecisionWriter, Deliveries, RespondStage, Revocations, type ConfiguredSink } from './index.js';

const TICK_MS = 5_000;
const AWAY = (): UnavailableError => new UnavailableError('system.unavailable', 'away');
const ENFORCE = Policy.parse({
  version: 1,
  rules: [{ id: 'contain', mode: 'enforce' }],
  connectors: [{ id: 'entra-main', product: 'entra_pim', grants: ['entra:*'] }],
});
const policyWith = (fields: object): Policy => Policy.parse({ ...ENFORCE, ...fields });
const inMode = (mode: string, more: object = {}): Policy => policyWith({ rules: [{ id: 'contain', mode, ...more }] });

/** Nothing answers once so many steps are in the decision log. */
class StoreThatGoesAway extends MemoryResponseStore {
  stepsLeft = Infinity;
  protected override pass(): Promise<void> {
    return this.stepsLeft < 0 ? Promise.reject(AWAY()) : super.pass();
  }
  override async appendEffects(effects: readonly Effect[]): Promise<void> {
    if (this.stepsLeft <= 0) this.stepsLeft = -1;
    await super.appendEffects(effects);
    this.stepsLeft -= 1;
  }
}

function aWorld(policy: Policy = ENFORCE, grants: readonly Grant[] = [aGrant()]) {
  const store = new StoreThatGoesAway();
  store.grants.upsert(grants.map((grant) => ({ grant, version: MONDAY_9 })));
  const revoker = new InMemoryRevoker(
    'entra-main',
    grants.map(({ uid }) => uid),
  );
  const [siem, chat] = [new InMemorySink('siem'), new InMemorySink('chat')];
  const publisher = new RecordingPublisher();
  const deadLetters = new MemoryIngestLedger();
  const sinks: ConfiguredSink[] = [
    { sink: siem, minSeverity: 'low' },
    { sink: chat, minSeverity: 'critical' },
  ];
  const clock = new SetClock(MONDAY_9 + MINUTE_MS);
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  /** A worker that owns the first partition. */
  const worker = (signal = new AbortController().signal, under = policy, ownsTimer = true): RespondStage => {
    const common = { store, clock, logger: silentLogger, metrics: new Metrics(), signal };
    const log = new DecisionWriter(store, common);
    const deliveries = new Deliveries({ ...common, sinks, publicUrl: 'https://keyward.example.com' });
    const revocations = new Revocations({ ...common, log, revokers: new Map(under.connectors.length > 0 ? [[revoker.id, revoker]] : []) });
    const stage = new RespondStage({
      ...common,
      ...{ publisher, deadLetters, organisation, policy: under, instance: 'w1', log, deliveries, revocations, maxAlertAgeMs: 24 * HOUR_MS },
    });
    stage.assigned([{ topic: ALERTS_TOPIC, partition: ownsTimer ? 0 : 1 }]);
    return stage;
  };
  /** `ms` go by, with the timer ticking. */
  const wait = async (stage: RespondStage, ms: number): Promise<void> => {
    for (const end = clock.at + ms; clock.at < end;) {
      clock.at += TICK_MS;
      await stage.resume(TICK_MS);
    }
  };
  const statesOf = (grantUid = 'grant-1'): string[] =>
    store.effects.filter((effect) => effect.grantUid === grantUid).map(({ state }) => state);
  return { store, publisher, deadLetters, revoker, siem, chat, clock, worker, wait, statesOf };
}
type World = ReturnType<typeof aWorld>;

const alertsTo = (stage: RespondStage, ...alerts: readonly Alert[]) => stage.handle(stage.prepare(aBatch(ALERTS_TOPIC, alerts)));
const decisionTo = (stage: RespondStage, ...decisions: readonly Decision[]) =>
  stage.handle(stage.prepare(aBatch(DECISIONS_TOPIC, decisions)));
const decision = (kind: Decision['kind'], user: string, fields: Partial<Decision> = {}): Decision => ({
  uid: `decision-${kind}-${user}`,
  kind,
  user,
  reason: 'Looked at it.',
  at: MONDAY_9,
  ...fields,
});

function chainsOf({ store }: World): Effect[][] {
  const names = [...new Set(store.effects.map(({ chain }) => chain))];
  return names.map((name) => store.effects.filter(({ chain }) => chain === name).sort((a, b) => a.seq - b.seq));
}
let world: World | undefined;
const make = (...args: Parameters<typeof aWorld>): World => (world = aWorld(...args));

beforeEach(() => {
  world = undefined;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
  // Whatever a test did: the decision log holds together.
  for (const chain of world ? chainsOf(world) : []) expect(verifyChain(chain)).toMatchObject({ ok: true });
});

describe('notifying', () => {
  it('sends each alert once to the sinks that want its severity, with a link', async () => {
    const { worker, siem, chat } = make();
    const alert = anAlert();
    expect(await alertsTo(worker(), alert)).toEqual([{ topic: ALERTS_TOPIC, partition: 0, nextOffset: 1 }]);
    expect(siem.arrived.map(({ id }) => id)).toEqual([deliveryId(alert)]);
    expect(JSON.stringify(siem.arrived[0]?.event)).toContain('https://keyward.example.com/alerts/alert-1');
    expect(chat.arrived).toEqual([]);
  });

  it('leaves an old alert alone: it is history, and nobody is woken and nothing is taken', async () => {
    const { worker, clock, siem, revoker, store } = make();
    clock.at = MONDAY_9 + 24 * HOUR_MS + 1;
    await alertsTo(worker(), anAlert());
    expect([siem.arrived, revoker.calls, store.effects]).toEqual([[], [], []]);
  });

  it('tells of the versions that say so, and of no others', async () => {
    const { worker, siem } = make();
    const stage = worker();
    await alertsTo(stage, anAlert({ version: 1 }), anAlert({ version: 2, notify: false }), anAlert({ version: 3 }));
    expect(siem.arrived.map(({ id }) => id).sort()).toEqual([deliveryId(anAlert({ version: 1 })), deliveryId(anAlert({ version: 3 }))]);
  });

  it('never sends a delivered id again: in one batch, in a redelivery, in another worker', async () => {
    const { worker, siem } = make();
    const stage = worker();
    await alertsTo(stage, anAlert(), anAlert());
    await alertsTo(stage, anAlert());
    await alertsTo(worker(), anAlert());
    expect(siem.arrived).toHaveLength(1);
  });

  it('tries a receiver that is away again after growing pauses, with the same id, and gives up after 24 tries', async () => {
    const { worker, wait, siem, store } = make();
    const alert = anAlert();
    store.alerts.set(alert.uid, alert);
    siem.failNext(...Array.from({ length: 30 }, AWAY));
    const stage = worker();
    await alertsTo(stage, alert);
    const id = `siem/${deliveryId(alert)}`;
    const attempts = async (): Promise<number> => (await store.deliveries([id])).get(id)?.attempts ?? 0;
    expect((await store.deliveries([id])).get(id)).toMatchObject({ state: 'pending', attempts: 1, lastError: 'system.unavailable: away' });
    await wait(stage, MINUTE_MS);
    const inOneMinute = await attempts();
    await wait(stage, MINUTE_MS);
    const inTwo = await attempts();
    expect(inOneMinute).toBeGreaterThan(3);
    expect(inTwo - inOneMinute).toBeLessThan(inOneMinute);
    await wait(stage, 4 * HOUR_MS);
    expect((await store.deliveries([id])).get(id)).toMatchObject({ state: 'failed', attempts: 24 });
    expect(siem.arrived).toEqual([]);
  });

  it('delivers once the receiver is back', async () => {
    const { worker, wait, siem, store } = make();
    store.alerts.set('alert-1', anAlert());
    siem.failNext(AWAY(), AWAY());
    const stage = worker();
    await alertsTo(stage, anAlert());
    await wait(stage, 10 * MINUTE_MS);
    expect(siem.arrived).toHaveLength(1);
  });

  it('gives up at once on a receiver that will never take it', async () => {
    const { worker, wait, siem, store } = make();
    store.alerts.set('alert-1', anAlert());
    siem.failNext(new ForbiddenError('siem.forbidden', 'No.'));
    const stage = worker();
    await alertsTo(stage, anAlert());
    await wait(stage, 10 * MINUTE_MS);
    expect(siem.arrived).toEqual([]);
    expect([...(await store.deliveries([`siem/${deliveryId(anAlert())}`])).values()]).toMatchObject([{ state: 'failed', attempts: 1 }]);
  });

  it('sends what an alert has become where an older version is still waiting, and tells nobody else of it', async () => {
    const { worker, wait, siem, chat, store } = make();
    const first = anAlert({ severity: 'critical' });
    siem.failNext(AWAY());
    const stage = worker();
    await alertsTo(stage, first);
    expect(chat.arrived).toHaveLength(1);
    const grown = anAlert({ severity: 'critical', version: 2, notify: false });
    store.alerts.set(grown.uid, grown);
    await wait(stage, MINUTE_MS);
    expect(siem.arrived.map(({ id }) => id)).toEqual([deliveryId(grown)]);
    expect(chat.arrived).toHaveLength(1);
  });

  it('a receiver that lets us wait holds up no other, and no revocation', async () => {
    const { worker, wait, clock, siem, chat, store, revoker } = make();
    const alerts = Array.from({ length: 4 }, (_, index) => anAlert({ uid: `alert-${index}`, severity: 'critical' }));
    for (const alert of alerts) store.alerts.set(alert.uid, alert);
    siem.failNext(...Array.from({ length: 4 }, AWAY), 'hang', 'hang', 'hang', 'hang');
    chat.failNext(...Array.from({ length: 4 }, AWAY));
    revoker.failNext(AWAY(), AWAY(), AWAY());
    const stage = worker();
    await alertsTo(stage, ...alerts);
    clock.at += 10 * SECOND_MS;
    const order: string[] = [];
    const seen = (): void => {
      for (const [name, done] of [
        ['chat', chat.arrived.length === 4],
        ['grant', revoker.active.size === 0],
      ] as const) {
        if (done && !order.includes(name)) order.push(name);
      }
    };
    const resumed = stage.resume(TICK_MS).then(() => order.push('siem'));
    for (let tick = 0; tick < 20; tick += 1) {
      await vi.advanceTimersByTimeAsync(10);
      seen();
    }
    await resumed;
    expect(order.at(-1)).toBe('siem');
    expect(order).toHaveLength(3);
    await wait(stage, 10 * MINUTE_MS);
    expect(siem.arrived).toHaveLength(4);
  });

  it('only the owner of the first partition takes what waits', async () => {
    const { worker, wait, siem, store } = make();
    store.alerts.set('alert-1', anAlert());
    siem.failNext(AWAY());
    const stage = worker(undefined, ENFORCE, false);
    await alertsTo(stage, anAlert());
    await wait(stage, HOUR_MS);
    expect(siem.arrived).toEqual([]);
  });
});

describe('taking a grant back', () => {
  it('logs each step before it is done, looks afterwards, and closes the grant', async () => {
    const { worker, revoker, store, statesOf } = make();
    await alertsTo(worker(), anAlert());
    expect(statesOf()).toEqual(['revoking', 'revoked', 'verified']);
    expect(revoker.active.size).toBe(0);
    expect(store.grants.rows.get('grant-1')?.grant.state).toBe('revoked');
  });

  it('calls no system while the first step cannot be stored', async () => {
    const { worker, revoker, store } = make();
    store.stepsLeft = 0;
    const stop = new AbortController();
    const handled = expect(alertsTo(worker(stop.signal), anAlert())).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(30_000);
    stop.abort(new Error('stopping'));
    await handled;
    expect([revoker.calls, store.effects]).toEqual([[], []]);
  });

  it.each([1, 2, 3])(
    'stopped while the store is away after step %i of two revocations: rejects, and a new worker goes on from there',
    async (steps) => {
      const { worker, revoker, store, statesOf } = make(ENFORCE, [
        aGrant(),
        aGrant({ uid: 'grant-2', entitlement: 'entra:role:User Administrator' }),
      ]);
      store.stepsLeft = steps;
      const stop = new AbortController();
      const handled = expect(alertsTo(worker(stop.signal), anAlert())).rejects.toThrow('stopping');
      await vi.advanceTimersByTimeAsync(30_000);
      stop.abort(new Error('stopping'));
      await handled;
      await vi.advanceTimersByTimeAsync(1_000);
      store.stepsLeft = Infinity;
      await alertsTo(worker(), anAlert());
      for (const uid of ['grant-1', 'grant-2']) {
        expect(statesOf(uid).at(-1)).toBe('verified');
        expect(new Set(revoker.calls.filter(({ grantUid }) => grantUid === uid).map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
      }
      expect(revoker.active.size).toBe(0);
    },
  );

  it('goes on after a crash between the intention and the answer, with the same key', async () => {
    const { worker, revoker, statesOf } = make();
    revoker.failNext(new Error('the process died'));
    await expect(alertsTo(worker(), anAlert())).rejects.toThrow('died');
    expect(statesOf()).toEqual(['revoking']);
    await alertsTo(worker(), anAlert());
    expect(statesOf()).toEqual(['revoking', 'revoked', 'verified']);
    expect(new Set(revoker.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it('leaves a redelivered or grown alert alone when all is done', async () => {
    const { worker, revoker, statesOf } = make();
    const stage = worker();
    await alertsTo(stage, anAlert(), anAlert());
    await alertsTo(stage, anAlert({ version: 2, notify: false }));
    await alertsTo(worker(), anAlert());
    expect(revoker.calls).toHaveLength(1);
    expect(statesOf()).toHaveLength(3);
  });

  it('only writes down what it would do, in mode observe', async () => {
    const { worker, wait, revoker, statesOf } = make(inMode('observe'));
    const stage = worker();
    await alertsTo(stage, anAlert());
    await wait(stage, HOUR_MS);
    expect([revoker.calls, statesOf()]).toEqual([[], ['observed']]);
  });

  it('counts what the batch at hand has already begun: the cap holds within one batch', async () => {
    const grants = Array.from({ length: 5 }, (_, index) => aGrant({ uid: `g${index}`, entitlement: `entra:role:Role ${index}` }));
    const { worker, revoker, store } = make(policyWith({ guardRails: { maxRevocationsPerHour: 2 } }), grants);
    await alertsTo(worker(), anAlert());
    expect(revoker.active.size).toBe(3);
    expect(store.effects.filter(({ state }) => state === 'held').map(({ guard }) => guard)).toEqual([
      'cap_per_hour',
      'cap_per_hour',
      'cap_per_hour',
    ]);
  });

  it('takes nothing by itself while alerts pour in, and again an hour later', async () => {
    const { worker, clock, revoker, store } = make(policyWith({ guardRails: { quietWhenFindingsExceed: 3 } }));
    const stage = worker();
    await alertsTo(stage, ...Array.from({ length: 4 }, (_, index) => anAlert({ uid: `alert-${index}` })));
    expect(revoker.calls).toEqual([]);
    expect(new Set(store.effects.map(({ guard }) => guard))).toEqual(new Set(['mass_trigger']));
    clock.at += HOUR_MS + MINUTE_MS;
    await alertsTo(stage, anAlert({ uid: 'later', lastTime: clock.at - MINUTE_MS }));
    expect(revoker.calls).toHaveLength(1);
  });

  it('asks a system that is away again and again, ever more rarely, and calls a person after an hour', async () => {
    const { worker, wait, revoker, statesOf, clock } = make();
    revoker.failNext(...Array.from({ length: 1_000 }, AWAY));
    const stage = worker();
    await alertsTo(stage, anAlert());
    expect(statesOf()).toEqual(['revoking', 'revoking']);
    await wait(stage, 2 * MINUTE_MS);
    const early = statesOf().length;
    await wait(stage, 2 * MINUTE_MS);
    expect(statesOf().length - early).toBeLessThan(early);
    await wait(stage, 70 * MINUTE_MS);
    expect(statesOf().at(-1)).toBe('failed');
    expect(statesOf().length).toBeLessThan(25);
    const calls = revoker.calls.length;
    await wait(stage, 2 * HOUR_MS);
    expect(revoker.calls).toHaveLength(calls);
    expect(clock.at).toBeGreaterThan(MONDAY_9);
  });

  it('takes it back once the system answers', async () => {
    const { worker, wait, revoker, statesOf } = make();
    revoker.failNext(...Array.from({ length: 7 }, AWAY));
    const stage = worker();
    await alertsTo(stage, anAlert());
    await wait(stage, 10 * MINUTE_MS);
    expect(statesOf().slice(-2)).toEqual(['revoked', 'verified']);
  });

  it('needs a person at once when the system refuses', async () => {
    const { worker, revoker, statesOf } = make();
    revoker.failNext(new ForbiddenError('entra.forbidden', 'No.'));
    await alertsTo(worker(), anAlert());
    expect(statesOf()).toEqual(['revoking', 'failed']);
  });

  it('looks again at what still stands, takes it once more after ten minutes, and says after an hour that it needs a person', async () => {
    const { worker, wait, revoker, statesOf, store } = make();
    revoker.sticky.add('grant-1');
    const stage = worker();
    await alertsTo(stage, anAlert());
    expect(statesOf()).toEqual(['revoking', 'revoked', 'not_verified']);
    await wait(stage, 9 * MINUTE_MS);
    expect(revoker.calls).toHaveLength(1);
    await wait(stage, 20 * MINUTE_MS);
    expect(revoker.calls).toHaveLength(2);
    await wait(stage, 5 * HOUR_MS);
    expect(revoker.calls).toHaveLength(2);
    expect(statesOf().at(-1)).toBe('failed');
    expect(await store.unfinishedEffects(10)).toEqual([]);
  });

  it('sees that a directory has come to agree with itself', async () => {
    const { worker, wait, revoker, statesOf } = make();
    revoker.sticky.add('grant-1');
    const stage = worker();
    await alertsTo(stage, anAlert());
    revoker.active.clear();
    await wait(stage, MINUTE_MS);
    expect(statesOf().at(-1)).toBe('verified');
  });

  it.each(['revoking', 'revoked', 'not_verified'])(
    'does not fall over what stands at %s when the policy names its connector no more',
    async (at) => {
      const { worker, wait, revoker, store, statesOf } = make();
      if (at === 'not_verified') revoker.sticky.add('grant-1');
      else store.stepsLeft = at === 'revoking' ? 1 : 2;
      const stop = new AbortController();
      const handled = alertsTo(worker(stop.signal), anAlert()).catch(() => undefined);
      await vi.advanceTimersByTimeAsync(30_000);
      stop.abort(new Error('stopping'));
      await handled;
      store.stepsLeft = Infinity;
      expect(statesOf().at(-1)).toBe(at);
      const stage = worker(undefined, policyWith({ connectors: [] }));
      await alertsTo(stage, anAlert({ uid: 'another' }));
      await wait(stage, 3 * HOUR_MS);
      expect(statesOf()).toContain('failed');
      expect(await store.unfinishedEffects(10)).toEqual([]);
    },
  );

  it('asks a system that is away once a round, whatever else waits for it', async () => {
    const grants = Array.from({ length: 5 }, (_, index) =>
      aGrant({ uid: `grant-${String(index)}`, entitlement: `entra:role:R${String(index)}` }),
    );
    const { worker, revoker, store, clock } = make(ENFORCE, grants);
    revoker.failNext(...Array.from({ length: 1_000 }, AWAY));
    const stage = worker();
    await alertsTo(stage, anAlert());
    const steps = store.effects.length;
    clock.at += 10 * MINUTE_MS;
    await stage.resume(TICK_MS);
    expect(store.effects.length).toBe(steps + 1);
  });

  it('goes on with the others when one thing that waits meets a bug', async () => {
    const { worker, wait, revoker, statesOf } = make(ENFORCE, [
      aGrant(),
      aGrant({ uid: 'grant-2', entitlement: 'entra:role:User Administrator' }),
    ]);
    revoker.failNext(...Array.from({ length: 6 }, AWAY), new Error('a bug'));
    const stage = worker();
    await alertsTo(stage, anAlert());
    await wait(stage, 10 * SECOND_MS);
    expect([statesOf('grant-1').at(-1), statesOf('grant-2').at(-1)].sort()).toEqual(['revoking', 'verified']);
    await wait(stage, 20 * MINUTE_MS);
    expect([statesOf('grant-1').at(-1), statesOf('grant-2').at(-1)]).toEqual(['verified', 'verified']);
  });
});

describe('what people decide', () => {
  const effectUid = ({ store }: World): string => store.effects[0]?.uid ?? '';

  it('waits for an approval, guards again, and takes it', async () => {
    const w = make(inMode('approve'));
    const stage = w.worker();
    await alertsTo(stage, anAlert());
    expect(w.statesOf()).toEqual(['awaiting_approval']);
    await decisionTo(stage, decision('approve', 'ines', { effectUid: effectUid(w) }));
    expect(w.statesOf()).toEqual(['awaiting_approval', 'approved', 'revoking', 'revoked', 'verified']);
  });

  it('asks for two different persons where the rule says two', async () => {
    const w = make(inMode('approve', { approvals: 2 }));
    const stage = w.worker();
    await alertsTo(stage, anAlert());
    const by = (user: string, uid: string) => decisionTo(stage, decision('approve', user, { uid, effectUid: effectUid(w) }));
    await by('ines', 'd1');
    await by('ines', 'd2');
    expect([w.statesOf(), w.revoker.calls]).toEqual([['awaiting_approval', 'awaiting_approval'], []]);
    await by('tom', 'd3');
    expect(w.statesOf().at(-1)).toBe('verified');
  });

  it('takes nothing after a denial, and hears no approval any more', async () => {
    const w = make(inMode('approve'));
    const stage = w.worker();
    await alertsTo(stage, anAlert());
    await decisionTo(stage, decision('deny', 'ines', { effectUid: effectUid(w) }), decision('approve', 'tom', { effectUid: effectUid(w) }));
    expect([w.statesOf(), w.revoker.calls]).toEqual([['awaiting_approval', 'denied'], []]);
  });

  it('a redelivered decision does nothing again', async () => {
    const w = make(inMode('approve'));
    const stage = w.worker();
    await alertsTo(stage, anAlert());
    const approval = decision('approve', 'ines', { effectUid: effectUid(w) });
    await decisionTo(stage, approval, approval);
    await decisionTo(w.worker(), approval);
    expect(w.revoker.calls).toHaveLength(1);
  });

  it('an approval whose worker died before it acted is taken up on the timer', async () => {
    const w = make(inMode('approve'));
    await alertsTo(w.worker(), anAlert());
    w.store.stepsLeft = 1;
    const stop = new AbortController();
    const approval = decision('approve', 'ines', { effectUid: effectUid(w) });
    const handled = expect(decisionTo(w.worker(stop.signal), approval)).rejects.toThrow('stopping');
    await vi.advanceTimersByTimeAsync(30_000);
    stop.abort(new Error('stopping'));
    await handled;
    w.store.stepsLeft = Infinity;
    expect(w.statesOf()).toEqual(['awaiting_approval', 'approved']);
    const stage = w.worker();
    await decisionTo(stage, approval);
    await w.wait(stage, 5 * MINUTE_MS);
    expect(w.statesOf().at(-1)).toBe('verified');
    expect(w.revoker.calls).toHaveLength(1);
  });

  it('takes a grant back by hand, also what a rule only observed', async () => {
    const w = make(inMode('observe'));
    const stage = w.worker();
    await alertsTo(stage, anAlert());
    await decisionTo(stage, decision('revoke', 'ines', { grantUid: 'grant-1', alertUid: 'alert-1' }));
    await decisionTo(stage, decision('revoke', 'ines', { grantUid: 'grant-1', alertUid: 'alert-1' }));
    expect(w.statesOf()).toEqual(['observed', 'revoking', 'revoked', 'verified']);
    expect(w.store.effects.at(-1)?.rule).toBe('manual');
    expect(w.store.effects[1]?.actor).toBe('ines');
  });

  it('by hand too needs a second person where the policy asks for two', async () => {
    const w = make(policyWith({ rules: [], guardRails: { twoPersonFor: ['entra:role:*'] } }));
    const stage = w.worker();
    await decisionTo(stage, decision('revoke', 'ines', { grantUid: 'grant-1' }));
    expect(w.statesOf()).toEqual(['awaiting_approval']);
    await decisionTo(stage, decision('approve', 'tom', { effectUid: effectUid(w) }));
    expect(w.statesOf().at(-1)).toBe('verified');
  });

  it('is not put off by a decision about what nobody knows', async () => {
    const w = make();
    const stage = w.worker();
    await decisionTo(
      stage,
      decision('revoke', 'ines', { grantUid: 'nothing' }),
      decision('revoke', 'ines'),
      decision('approve', 'ines', { effectUid: 'nothing' }),
    );
    expect(w.store.effects).toEqual([]);
  });

  it('that cannot be read stops nothing: it goes to the dead letter', async () => {
    const w = make();
    const stage = w.worker();
    const items = stage.prepare(aBatch(DECISIONS_TOPIC, ['{', { kind: 'shoot' }, decision('revoke', 'ines', { grantUid: 'grant-1' })]));
    expect(await stage.handle(items)).toEqual([{ topic: DECISIONS_TOPIC, partition: 0, nextOffset: 3 }]);
    expect(w.publisher.on(DEAD_LETTER_TOPIC)).toMatchObject([
      { offset: 0, source: 'respond' },
      { offset: 1, topic: DECISIONS_TOPIC },
    ]);
    expect([...w.deadLetters.deadLetters.values()]).toEqual(w.publisher.on(DEAD_LETTER_TOPIC));
    expect(w.statesOf().at(-1)).toBe('verified');
  });
});
