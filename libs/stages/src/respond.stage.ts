import { Alert } from '@keyward/alerts';
import { grantStateAt } from '@keyward/identity';
import {
  ALERTS_TOPIC,
  DECISIONS_TOPIC,
  type Batch,
  type Clock,
  type Consumed,
  type Logger,
  type Metrics,
  type Prepared,
  type Publisher,
  type StageHandler,
} from '@keyward/runtime';
import { Decision, planRevocations, type Plan, type Policy } from '@keyward/response';
import type { DecisionWriter } from './decision-writer.js';
import type { Deliveries } from './deliveries.js';
import { Intentions } from './intentions.js';
import { nextOffsets } from './offsets.js';
import { persist } from './persist.js';
import type { DeadLetterStore, OrganisationSource, ResponseStore } from './ports.js';
import type { Revocations } from './revocations.js';
import { readRecords, withoutUnreadable, type Unreadable } from './unreadable.js';

export type RespondInput = { readonly kind: 'alert'; readonly alert: Alert } | { readonly kind: 'decision'; readonly decision: Decision };

export interface RespondStageDeps {
  readonly store: ResponseStore;
  /** For what can't be read. */
  readonly publisher: Publisher;
  readonly deadLetters: DeadLetterStore;
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

/** An alert, or a decision, with the chain of the decision log that its steps are written to. */
type OnChain<T> = T & { readonly chain: string };

/** Fourth stage: `access.alerts` and people's decisions in; notifications and revocations out, each in the decision log before it is done. */
export class RespondStage implements StageHandler<RespondInput | Unreadable> {
  readonly #deps: RespondStageDeps;
  readonly #intentions: Intentions;
  #ownsTimer = false;

  constructor(deps: RespondStageDeps) {
    this.#deps = deps;
    this.#intentions = new Intentions(deps);
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
    const items = await withoutUnreadable(all, 'respond', this.#deps);
    const now = this.#deps.clock.now();
    const alerts: OnChain<{ readonly alert: Alert }>[] = [];
    const decisions: OnChain<{ readonly decision: Decision }>[] = [];
    for (const { topic, partition, value } of items) {
      const chain = this.#chain(`${topic}-${String(partition)}`);
      if (value.kind === 'decision') decisions.push({ decision: value.decision, chain });
      else if (now - value.alert.lastTime <= this.#deps.maxAlertAgeMs) alerts.push({ alert: value.alert, chain });
    }
    this.#intentions.noteArrivals(alerts.length);
    await Promise.all([
      this.#deps.deliveries.notify(alerts.map(({ alert }) => alert).filter(({ notify }) => notify)),
      this.#revoke(alerts, now),
    ]);
    for (const { decision, chain } of decisions) await this.#intentions.decided(decision, chain);
    return nextOffsets(all);
  }

  assigned(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    this.#deps.log.forget();
    this.#ownsTimer = partitions.some(({ topic, partition }) => topic === ALERTS_TOPIC && partition === 0);
  }

  checkpoint(): Promise<readonly Consumed[]> {
    return Promise.resolve([]);
  }

  /** Whether what happens by the clock, once in the whole installation, is this worker's to do: it reads the first partition of alerts. */
  get ownsTimer(): boolean {
    return this.#ownsTimer;
  }

  /**
   * On a timer: what waits for a receiver or a system to come back. Done by the worker that owns the first partition.
   *
   * @param tickMs how often it is called
   */
  async resume(tickMs: number): Promise<void> {
    if (!this.#ownsTimer) return;
    // Beside each other: a receiver that takes its time must not keep a grant alive.
    await Promise.all([this.#deps.deliveries.retryDue(), this.#intentions.resume(tickMs, this.#chain(TIMER_CHAIN))]);
  }

  async #revoke(alerts: readonly OnChain<{ readonly alert: Alert }>[], now: number): Promise<void> {
    if (alerts.length === 0) return;
    const { store, policy } = this.#deps;
    const { organisation } = this.#deps.organisation.current();
    const identities = [...new Set(alerts.map(({ alert }) => alert.identity))];
    const grants = await persist(() => store.openGrants(identities), 'respond', this.#deps);
    const stillActive = grants.filter((grant) => grantStateAt(grant, now) === 'active');
    // Versions of one alert in one batch want the same: the newest says it best.
    const wanted = new Map<string, OnChain<{ readonly plan: Plan }>>();
    for (const { alert, chain } of alerts) {
      for (const plan of planRevocations(alert, stillActive, policy, organisation)) wanted.set(plan.effectUid, { plan, chain });
    }
    await this.#intentions.begin([...wanted.values()]);
  }

  /** One writer a chain, also while two workers still disagree about who owns a partition. */
  readonly #chain = (of: string): string => `${this.#deps.instance}/${of}`;
}
