import type { DecisionStore, EffectQueries, GrantQueries } from '@keyward/adapter-clickhouse';
import type { DecisionView, NewDecision } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { decide, type Decision, type Policy } from '@keyward/response';
import { ConflictError, DECISIONS_TOPIC, ForbiddenError, NotFoundError, type Clock, type Publisher } from '@keyward/runtime';
import { newId } from '../auth/secrets.js';

export interface DecisionsDeps {
  readonly store: DecisionStore;
  readonly effects: EffectQueries;
  readonly grants: GrantQueries;
  readonly publisher: Publisher;
  readonly policy: () => Policy;
  readonly clock: Clock;
}

/** Takes what a person decides, checks that it can be decided, and hands it to RESPOND, which checks again and acts. */
export class Decisions {
  readonly #deps: DecisionsDeps;
  constructor(deps: DecisionsDeps) {
    this.#deps = deps;
  }

  /**
   * Written down before it is handed over: nothing is done that nobody can read about. When the bus does not take it, the caller is told, and
   * tries again with a new decision.
   *
   * @param audit writes the act into the audit log, between the two
   * @throws NotFoundError, ConflictError (nothing to decide any more), ForbiddenError (two-person rule), UnavailableError
   */
  async make(wanted: NewDecision, user: string, audit: (uid: string) => Promise<void>): Promise<DecisionView> {
    const decision = await this.#checked(wanted, user);
    await this.#deps.store.append(decision);
    await audit(decision.uid);
    await this.#deps.publisher.publish([
      { topic: DECISIONS_TOPIC, key: decision.effectUid ?? decision.alertUid ?? decision.uid, value: JSON.stringify(decision) },
    ]);
    return {
      uid: decision.uid,
      kind: decision.kind,
      effectUid: decision.effectUid ?? null,
      alertUid: decision.alertUid ?? null,
      grantUid: decision.grantUid ?? null,
      user,
      reason: decision.reason,
      at: isoInstant(decision.at),
    };
  }

  async #checked(wanted: NewDecision, user: string): Promise<Decision> {
    const { effects, grants, policy, clock } = this.#deps;
    const common = { uid: newId(), user, reason: wanted.reason, at: clock.now() };
    if (wanted.kind === 'revoke') {
      const [grant] = await grants.byUids([wanted.grantUid]);
      if (!grant) throw new NotFoundError('not_found', 'There is no such grant.');
      if (grant.state !== 'active' && grant.state !== 'eligible') {
        throw new ConflictError('conflict', `The grant is ${grant.state}: there is nothing to take back.`);
      }
      const { alertUid, grantUid } = wanted;
      return { ...common, kind: 'revoke', grantUid, ...(alertUid === undefined ? {} : { alertUid }) };
    }
    const decision: Decision = { ...common, kind: wanted.kind, effectUid: wanted.effectUid };
    const history = await effects.history(wanted.effectUid);
    const chain = history.at(-1)?.chain ?? '';
    const result = decide(history, decision, { policy: policy(), chain, at: decision.at });
    if (result.ok) return decision;
    if (result.code === 'nothing_to_decide') throw new NotFoundError('not_found', result.reason);
    if (result.code === 'same_user') throw new ForbiddenError('auth.forbidden', result.reason);
    throw new ConflictError('conflict', result.reason);
  }
}
