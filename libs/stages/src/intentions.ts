import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import { AppError, describeError, type Clock, type Logger, type Metrics } from '@keyward/runtime';
import {
  decide,
  guard,
  nextAction,
  nextStep,
  openEffect,
  planManualRevocation,
  planOf,
  type Decision,
  type Effect,
  type GuardContext,
  type Plan,
  type Policy,
} from '@keyward/response';
import type { DecisionWriter } from './decision-writer.js';
import { persist } from './persist.js';
import type { OrganisationSource, ResponseStore } from './ports.js';
import { isDue, type Revocations } from './revocations.js';

interface IntentionsDeps {
  readonly store: ResponseStore;
  readonly organisation: OrganisationSource;
  readonly policy: Policy;
  readonly log: DecisionWriter;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** Whoever works on a revocation is done with it within this time, or is gone: calls and looks have their own, shorter limits. */
const ABANDONED_AFTER_MS = 3 * MINUTE_MS;
/** Of each connector, in one round of the timer. */
const UNFINISHED_A_ROUND = 100;

/**
 * What becomes of intentions to take a grant back: begun under the guard rails, decided by people, carried out, taken up again. Each step stands in
 * the decision log before it is done.
 */
export class Intentions {
  readonly #deps: IntentionsDeps;
  /** Wall times at which alerts came, for the mass-trigger rail. */
  #arrivals: number[] = [];
  /** The last work begun on each effect: an alert's versions, a decision and the timer must not take its next step twice. */
  readonly #inHand = new Map<string, Promise<unknown>>();

  constructor(deps: IntentionsDeps) {
    this.#deps = deps;
  }

  /** @param alerts how many have just come */
  noteArrivals(alerts: number): void {
    const now = this.#deps.clock.now();
    this.#arrivals = [...this.#arrivals.filter((at) => at > now - HOUR_MS), ...Array.from({ length: alerts }, () => now)];
  }

  /**
   * Begins what is new and goes on with what was begun before: a redelivery after a crash, or an alert that has grown.
   * @param wanted each with the chain of the decision log that its steps are written to
   */
  async begin(wanted: readonly { readonly plan: Plan; readonly chain: string }[]): Promise<void> {
    if (wanted.length === 0) return;
    const { store, clock } = this.#deps;
    const context = await this.#guardContext(clock.now());
    const known = await this.#persist(() => store.effectsOf([...new Set(wanted.map(({ plan }) => plan.alertUid))]));
    const begunBefore = new Set(known.map(({ uid }) => uid));
    const begun: Promise<unknown>[] = [];
    const begin = (work: Promise<unknown>): void => {
      work.catch(() => undefined); // heard of below, after the others have begun too
      begun.push(work);
    };
    for (const { plan, chain } of wanted) {
      if (begunBefore.has(plan.effectUid)) {
        begin(this.#goOn(plan, chain));
        continue;
      }
      // One after another: the guard counts what this batch has already begun.
      const first = await this.#open(plan, context, chain);
      begin(this.#oneAtATime(plan.effectUid, () => this.#advance([first], plan.grant, chain)));
    }
    await Promise.all(begun);
  }

  /** What a person has decided. A decision about what nobody knows, or what it can't change any more, does nothing. */
  async decided(decision: Decision, chain: string): Promise<void> {
    await (decision.kind === 'revoke' ? this.#revokeByHand(decision, chain) : this.#approveOrDeny(decision, chain));
  }

  /**
   * On a timer: what waits for a system to come back. Systems beside each other, one effect of a system after the other until it is away again: a
   * system that lets us wait holds up no other.
   *
   * @param tickMs how often this is called
   */
  async resume(tickMs: number, chain: string): Promise<void> {
    const histories = groupBy(await this.#deps.store.unfinishedEffects(UNFINISHED_A_ROUND), ({ uid }) => uid);
    const byConnector = groupBy(histories, ([first]) => first?.connector ?? '');
    await Promise.all(byConnector.map((own) => this.#resumeEach(own, tickMs, chain)));
  }

  async #resumeEach(histories: readonly (readonly Effect[])[], tickMs: number, chain: string): Promise<void> {
    const { store, clock, logger, signal } = this.#deps;
    const isMine = (history: readonly Effect[]): boolean => isLeftToTimer(history, clock.now()) && isDue(history, clock.now(), tickMs);
    for (const history of histories) {
      const [first] = history;
      if (!first || !isMine(history) || this.#inHand.has(first.uid)) continue;
      const grant = await store.grant(first.grantUid);
      if (!grant) continue;
      try {
        const last = await this.#oneAtATime(first.uid, async () => {
          const steps = await store.effect(first.uid);
          return isMine(steps) ? this.#advance(steps, grant, chain) : undefined;
        });
        if (last?.state === 'revoking') return;
      } catch (error) {
        if (signal.aborted || error instanceof AppError) throw error;
        logger.error({ effect: first.uid }, `can't go on, the others can: ${describeError(error)}`);
      }
    }
  }

  #goOn(plan: Plan, chain: string): Promise<void> {
    return this.#oneAtATime(plan.effectUid, async () => {
      const steps = await this.#persist(() => this.#deps.store.effect(plan.effectUid));
      await this.#advance(steps, plan.grant, chain);
    });
  }

  /** The first step of an intention. The guard sees what this batch has already begun. */
  async #open(plan: Plan, context: GuardContext & { readonly recent: Effect[] }, chain: string): Promise<Effect> {
    const effect = await this.#deps.log.append(openEffect(plan, guard(plan, context), { chain, at: this.#deps.clock.now() }));
    context.recent.push(effect);
    return effect;
  }

  /** Does what can be done about an intention now, from wherever it stands. @returns its last step */
  async #advance(history: readonly Effect[], grant: Grant, chain: string): Promise<Effect | undefined> {
    const last = history.at(-1);
    if (!last) return undefined;
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
      return this.#deps.revocations.carryOut(steps, grant, chain);
    }
    return steps.at(-1);
  }

  async #revokeByHand(decision: Decision, chain: string): Promise<void> {
    const { store, policy, clock, logger } = this.#deps;
    const grant = decision.grantUid === undefined ? undefined : await this.#persist(() => store.grant(decision.grantUid ?? ''));
    if (!grant) {
      logger.warn({ decision: decision.uid }, 'a decision names a grant that is not known');
      return;
    }
    const plan = planManualRevocation(decision, grant, policy);
    await this.#oneAtATime(plan.effectUid, async () => {
      const known = await this.#persist(() => store.effect(plan.effectUid));
      const steps = known.length > 0 ? known : [await this.#open(plan, await this.#guardContext(clock.now()), chain)];
      await this.#advance(steps, grant, chain);
    });
  }

  async #approveOrDeny(decision: Decision, chain: string): Promise<void> {
    const { store, policy, log, clock, logger } = this.#deps;
    const uid = decision.effectUid ?? '';
    await this.#oneAtATime(uid, async () => {
      const history = await this.#persist(() => store.effect(uid));
      const result = decide(history, decision, { policy, chain, at: clock.now() });
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
  async #oneAtATime<T>(effectUid: string, work: () => Promise<T>): Promise<T> {
    const before = this.#inHand.get(effectUid) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    this.#inHand.set(effectUid, mine);
    try {
      return await mine;
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
    return persist(work, 'respond', this.#deps);
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

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups.values()];
}
