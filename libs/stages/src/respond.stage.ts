import { Alert } from '@keyward/alerts';
import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import { grantStateAt, type Grant } from '@keyward/identity';
import {
  ALERTS_TOPIC,
  AppError,
  DECISIONS_TOPIC,
  describeError,
  type Batch,
  type Clock,
  type Consumed,
  type Logger,
  type Metrics,
  type Prepared,
  type Publisher,
  type StageHandler,
} from '@keyward/runtime';
import {
  Decision,
  decide,
  guard,
  nextAction,
  nextStep,
  openEffect,
  planManualRevocation,
  planOf,
  planRevocations,
  type Effect,
  type GuardContext,
  type Plan,
  type Policy,
} from '@keyward/response';
import type { DecisionWriter } from './decision-writer.js';
import type { Deliveries } from './deliveries.js';
import { nextOffsets } from './offsets.js';
import { persist } from './persist.js';
import type { OrganisationSource, ResponseStore } from './ports.js';
import { readRecords, withoutUnreadable, type Unreadable } from './unreadable.js';
import { isDue, type Revocations } from './revocations.js';

export type RespondInput = { readonly kind: 'alert'; readonly alert: Alert } | { readonly kind: 'decision'; readonly decision: Decision };

export interface RespondStageDeps {
  readonly store: ResponseStore;
  /** For what can't be read. */
  readonly publisher: Publisher;
  readonly organisation: OrganisationSource;
  readonly policy: Policy;
  /** Name of this worker: stable over restarts, unique among the live ones. */
  readonly instance: string;
  readonly log: DecisionWriter;
  readonly deliveries: Deliveries;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  /** An alert about something older is history (a backfill, a long outage): kept and shown, but nobody is woken and nothing is taken. */
  readonly maxAlertAgeMs: number;
}

/** Chain of the steps that are taken on a timer, by the one worker that owns the first partition. */
const TIMER_CHAIN = 'timer';
/** Whoever works on a revocation is done with it within this time, or is gone: calls and looks have their own, shorter limits. */
const ABANDONED_AFTER_MS = 3 * MINUTE_MS;

/** Fourth stage: `access.alerts` and people's decisions in; notifications and revocations out, each in the decision log before it is done. */
export class RespondStage implements StageHandler<RespondInput | Unreadable> {
  readonly #deps: RespondStageDeps;
  /** Wall times at which alerts came, for the mass-trigger rail. */
  #arrivals: number[] = [];
  #ownsTimer = false;
  /** The last work begun on each effect: an alert's versions, a decision and the timer must not take its next step twice. */
  readonly #inHand = new Map<string, Promise<void>>();

  constructor(deps: RespondStageDeps) {
    this.#deps = deps;
  }

  prepare(batch: Batch): readonly Prepared<RespondInput | Unreadable>[] {
    return readRecords(batch, 'respond', (bytes, timestamp) => {
      const json: unknown = JSON.parse(bytes.toString('utf8'));
      const value: RespondInput =
        batch.topic === DECISIONS_TOPIC
          ? { kind: 'decision', decision: Decision.parse(json) }
          : { kind: 'alert', alert: Alert.parse(json) };
      // By arrival: a decision about an alert comes after it, whatever the event's time.
      return { value, time: timestamp };
    });
  }

  async handle(all: readonly Prepared<RespondInput | Unreadable>[]): Promise<readonly Consumed[]> {
    const { read: items, letters } = withoutUnreadable(all, this.#deps);
    if (letters.length > 0) await this.#persist(() => this.#deps.publisher.publish(letters));
    const now = this.#deps.clock.now();
    const alerts: { readonly alert: Alert; readonly chain: string }[] = [];
    for (const { topic, partition, value } of items) {
      if (value.kind === 'alert' && now - value.alert.lastTime <= this.#deps.maxAlertAgeMs) {
        alerts.push({ alert: value.alert, chain: this.#chain(`${topic}-${partition}`) });
      }
    }
    this.#arrivals = [...this.#arrivals.filter((at) => at > now - HOUR_MS), ...alerts.map(() => now)];
    await Promise.all([
      this.#deps.deliveries.notify(alerts.map(({ alert }) => alert).filter(({ notify }) => notify)),
      this.#revoke(alerts, now),
    ]);
    for (const { topic, partition, value } of items) {
      if (value.kind === 'decision') await this.#decided(value.decision, this.#chain(`${topic}-${partition}`));
    }
    return nextOffsets(all);
  }

  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.#deps.log.forget();
    this.#ownsTimer = partitions.some(({ topic, partition }) => topic === ALERTS_TOPIC && partition === 0);
  }

  checkpoint(): Promise<readonly Consumed[]> {
    return Promise.resolve([]);
  }

  /**
   * On a timer: what waits for a receiver or a system to come back. Done by the worker that owns the first partition.
   *
   * @param tickMs how often it is called
   */
  async resume(tickMs: number): Promise<void> {
    if (!this.#ownsTimer) return;
    // Beside each other: a receiver that takes its time must not keep a grant alive.
    await Promise.all([this.#deps.deliveries.retryDue(), this.#resumeEffects(tickMs)]);
  }

  async #resumeEffects(tickMs: number): Promise<void> {
    const { store, clock, logger, signal } = this.#deps;
    const isMine = (history: readonly Effect[]): boolean => isLeftToTimer(history, clock.now()) && isDue(history, clock.now(), tickMs);
    for (const history of groupByUid(await store.unfinishedEffects(100))) {
      const [first] = history;
      if (!first || !isMine(history) || this.#inHand.has(first.uid)) continue;
      const grant = await store.grant(first.grantUid);
      if (!grant) continue;
      try {
        await this.#oneAtATime(first.uid, async () => {
          const steps = await store.effect(first.uid);
          if (isMine(steps)) await this.#advance(steps, grant, this.#chain(TIMER_CHAIN));
        });
      } catch (error) {
        if (signal.aborted || error instanceof AppError) throw error;
        logger.error({ effect: first.uid }, `can't go on, the others can: ${describeError(error)}`);
      }
    }
  }

  async #revoke(alerts: readonly { readonly alert: Alert; readonly chain: string }[], now: number): Promise<void> {
    if (alerts.length === 0) return;
    const { store, policy } = this.#deps;
    const { organisation } = this.#deps.organisation.current();
    const grants = await this.#persist(() => store.openGrants([...new Set(alerts.map(({ alert }) => alert.identity))]));
    const stillActive = grants.filter((grant) => grantStateAt(grant, now) === 'active');
    const context = await this.#guardContext(now);

    // Versions of one alert in one batch want the same: the newest says it best.
    const wanted = new Map<string, { readonly plan: Plan; readonly chain: string }>();
    for (const { alert, chain } of alerts) {
      for (const plan of planRevocations(alert, stillActive, policy, organisation)) wanted.set(plan.effectUid, { plan, chain });
    }
    const histories = new Map(
      groupByUid(await this.#persist(() => store.effectsOf(alerts.map(({ alert }) => alert.uid)))).map((steps) => [steps[0]?.uid, steps]),
    );
    const begun: Promise<void>[] = [];
    const begin = (work: Promise<void>): void => {
      work.catch(() => undefined); // heard of below, after the others have begun too
      begun.push(work);
    };
    for (const { plan, chain } of wanted.values()) {
      if (histories.has(plan.effectUid)) {
        begin(this.#goOn(plan, chain));
        continue;
      }
      // One after another: the guard counts what this batch has already begun.
      const first = await this.#open(plan, context, chain);
      begin(this.#oneAtATime(plan.effectUid, () => this.#advance([first], plan.grant, chain)));
    }
    await Promise.all(begun);
  }

  /** An intention that was begun before: a redelivery after a crash, or an alert that has grown. */
  #goOn(plan: Plan, chain: string): Promise<void> {
    return this.#oneAtATime(plan.effectUid, async () => {
      const steps = await this.#persist(() => this.#deps.store.effect(plan.effectUid));
      await this.#advance(steps, plan.grant, chain);
    });
  }

  /** One writer a chain, also while two workers still disagree about who owns a partition. */
  readonly #chain = (of: string): string => `${this.#deps.instance}/${of}`;

  /** The first step of an intention. The guard sees what this batch has already begun. */
  async #open(plan: Plan, context: GuardContext & { readonly recent: Effect[] }, chain: string): Promise<Effect> {
    const effect = await this.#deps.log.append(openEffect(plan, guard(plan, context), { chain, at: this.#deps.clock.now() }));
    context.recent.push(effect);
    return effect;
  }

  /** Does what can be done about an intention now, from wherever it stands. */
  async #advance(history: readonly Effect[], grant: Grant, chain: string): Promise<void> {
    const last = history.at(-1);
    if (!last) return;
    let steps = history;
    if (nextAction(history) === 'guard') {
      const verdict = guard(planOf(last, grant, this.#deps.policy), await this.#guardContext(this.#deps.clock.now()));
      const at = this.#deps.clock.now();
      const step = verdict.allowed
        ? nextStep(last, { state: 'revoking', chain, at })
        : nextStep(last, { state: 'held', chain, at, guard: verdict.rail, detail: verdict.sentence });
      steps = [...history, await this.#deps.log.append(step)];
    }
    const action = nextAction(steps);
    if (action === 'revoke' || action === 'verify' || steps.at(-1)?.state === 'not_verified') {
      await this.#deps.revocations.carryOut(steps, grant, chain);
    }
  }

  async #decided(decision: Decision, chain: string): Promise<void> {
    const { store, policy, log, logger } = this.#deps;
    if (decision.kind === 'revoke') {
      const grant = decision.grantUid === undefined ? undefined : await this.#persist(() => store.grant(decision.grantUid ?? ''));
      if (!grant) {
        logger.warn({ decision: decision.uid }, 'a decision names a grant that is not known');
        return;
      }
      const plan = planManualRevocation(decision, grant, policy);
      await this.#oneAtATime(plan.effectUid, async () => {
        const known = await this.#persist(() => store.effect(plan.effectUid));
        const steps = known.length > 0 ? known : [await this.#open(plan, await this.#guardContext(this.#deps.clock.now()), chain)];
        await this.#advance(steps, grant, chain);
      });
      return;
    }
    const uid = decision.effectUid ?? '';
    await this.#oneAtATime(uid, async () => {
      const history = await this.#persist(() => store.effect(uid));
      const result = decide(history, decision, { policy, chain, at: this.#deps.clock.now() });
      if (!result.ok) {
        logger.info({ decision: decision.uid, code: result.code }, result.reason);
        return;
      }
      const steps = [...history, await log.append(result.draft)];
      const grant = await this.#persist(() => store.grant(result.draft.grantUid));
      if (grant) await this.#advance(steps, grant, chain);
    });
  }

  /** Work on one effect waits for the work on it before. */
  async #oneAtATime(effectUid: string, work: () => Promise<void>): Promise<void> {
    const before = this.#inHand.get(effectUid) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#inHand.set(effectUid, mine);
    try {
      await mine;
    } finally {
      if (this.#inHand.get(effectUid) === mine) this.#inHand.delete(effectUid);
    }
  }

  async #guardContext(now: number): Promise<GuardContext & { readonly recent: Effect[] }> {
    const { policy, store } = this.#deps;
    const windowMs = Math.max(HOUR_MS, policy.guardRails.coolDownMinutes * MINUTE_MS);
    const recent = await this.#persist(() => store.revocationsSince(now - windowMs));
    const isCounted = policy.guardRails.maxShareOfActiveGrants !== undefined;
    return {
      policy,
      organisation: this.#deps.organisation.current().organisation,
      now,
      recent: [...recent],
      recentFindings: this.#arrivals.length,
      activeGrants: isCounted ? await this.#persist(() => store.countActiveGrants(now)) : undefined,
    };
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, this.#deps.logger, this.#deps.signal);
  }
}

/**
 * What waits for a system rather than for somebody who is at work on it now, perhaps in another process: a call that failed, access that was still
 * there when looked for, or steps so old that nobody can be.
 */
function isLeftToTimer(history: readonly Effect[], now: number): boolean {
  const last = history.at(-1);
  if (!last) return false;
  const mayGoOn = last.state === 'not_verified' || ['guard', 'revoke', 'verify'].includes(nextAction(history));
  if (!mayGoOn) return false;
  const wasGivenBack = last.state === 'not_verified' || (last.state === 'revoking' && last.detail !== undefined);
  return wasGivenBack || now - last.at >= ABANDONED_AFTER_MS;
}

function groupByUid(effects: readonly Effect[]): Effect[][] {
  const groups = new Map<string, Effect[]>();
  for (const effect of effects) {
    const group = groups.get(effect.uid);
    if (group) group.push(effect);
    else groups.set(effect.uid, [effect]);
  }
  return [...groups.values()];
}
