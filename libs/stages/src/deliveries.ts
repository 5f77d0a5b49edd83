import { deliveryId, type Alert } from '@keyward/alerts';
import { MINUTE_MS, severityId, type Severity } from '@keyward/events';
import { AppError, backoffMs, describeError, type Clock, type Logger, type Metrics } from '@keyward/runtime';
import type { AlertSink } from '@keyward/response';
import { persist } from './persist.js';
import type { DeliveryState, ResponseStore } from './ports.js';

export interface ConfiguredSink {
  readonly sink: AlertSink;
  readonly minSeverity: Severity;
}
export interface DeliveriesDeps {
  readonly store: ResponseStore;
  readonly sinks: readonly ConfiguredSink[];
  /** Address of the dashboard, for the link in an alert. */
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

const CALL_TIMEOUT_MS = 5_000;
/** 1 s, 2 s, 4 s ... 10 min: 24 tries are about two hours and a half of a receiver's outage. */
const RETRIES = { attempts: 24, firstDelayMs: 1_000, maxDelayMs: 10 * MINUTE_MS };

/** A try is over within seconds. One without an outcome after this long was cut off, and nobody will come back to it. */
const ABANDONED_AFTER_MS = MINUTE_MS;

/** `in_hand`: somebody else of this process is at it. */
type Outcome = 'delivered' | 'again' | 'failed' | 'in_hand';

/**
 * Sends alerts to sinks. Each (sink, alert version) is stored as pending before the first try and as delivered after the receiver's yes, so a crash
 * repeats at most a try whose answer was not stored; the id in it is the same, and the receiver drops it.
 */
export class Deliveries {
  readonly #deps: DeliveriesDeps;
  /** Being tried now, by this process: a receiver that takes its time must not get the same twice. */
  readonly #inHand = new Set<string>();
  constructor(deps: DeliveriesDeps) {
    this.#deps = deps;
  }

  /** First try, at once. A receiver that does not answer is met again by `retryDue`. */
  async notify(alerts: readonly Alert[]): Promise<void> {
    await this.#notify(
      alerts.flatMap((alert) =>
        this.#deps.sinks
          .filter(({ minSeverity }) => severityId(alert.severity) >= severityId(minSeverity))
          .map(({ sink }) => ({ sink, alert })),
      ),
    );
  }

  /** @returns what came of each try that was made */
  async #notify(pairs: readonly { readonly sink: AlertSink; readonly alert: Alert }[]): Promise<readonly Outcome[]> {
    const wanted = pairs.map(({ sink, alert }) => ({ sink, alert, id: `${sink.id}/${deliveryId(alert)}` }));
    if (wanted.length === 0) return [];
    const known = await this.#persist(() => this.#deps.store.deliveries(wanted.map(({ id }) => id)));
    const open = wanted.filter(({ id }) => known.get(id)?.state !== 'delivered' && known.get(id)?.state !== 'failed');
    return Promise.all(open.map(({ sink, alert, id }) => this.#try(sink, alert, id, known.get(id)?.attempts ?? 0)));
  }

  /** Later tries, whenever their time has come. Run by one worker at a time. */
  async retryDue(limitPerSink = 100): Promise<void> {
    const pending = await this.#deps.store.pendingDeliveries(limitPerSink);
    const now = this.#deps.clock.now();
    const due = pending.filter(
      ({ lastError, updatedAt, attempts }) =>
        // Without an error it is being tried now, perhaps in another process, or was cut off by a crash: then its alert comes again.
        now >= updatedAt + (lastError === undefined ? ABANDONED_AFTER_MS : backoffMs(RETRIES, Math.max(1, attempts), () => 0.5)),
    );
    // One after the other to each receiver, all receivers beside each other.
    const sinks = new Set(due.map(({ sink }) => sink));
    await Promise.all([...sinks].map((id) => this.#again(due.filter(({ sink }) => sink === id))));
  }

  /** Until the receiver is away again: asking it for each of a hundred would take minutes, and the next round comes in seconds. */
  async #again(due: readonly DeliveryState[]): Promise<void> {
    for (const state of due) {
      const sink = this.#deps.sinks.find((candidate) => candidate.sink.id === state.sink)?.sink;
      const alert = await this.#deps.store.alert(state.alertUid);
      if (!sink || !alert) {
        await this.#save({ ...state, state: 'failed', lastError: sink ? 'the alert is gone' : 'the policy names this sink no more' });
        continue;
      }
      if (alert.version === state.alertVersion) {
        if ((await this.#try(sink, alert, state.id, state.attempts)) === 'again') return;
        continue;
      }
      // One id, one content: what has grown meanwhile goes out as what it is now.
      await this.#save({ ...state, state: 'failed', lastError: `superseded by version ${alert.version}` });
      if ((await this.#notify([{ sink, alert }])).includes('again')) return;
    }
  }

  async #try(sink: AlertSink, alert: Alert, id: string, attemptsBefore: number): Promise<Outcome> {
    if (this.#inHand.has(id)) return 'in_hand';
    this.#inHand.add(id);
    try {
      return await this.#deliver(sink, alert, id, attemptsBefore);
    } finally {
      this.#inHand.delete(id);
    }
  }

  async #deliver(sink: AlertSink, alert: Alert, id: string, attemptsBefore: number): Promise<Outcome> {
    const base = { id, sink: sink.id, alertUid: alert.uid, alertVersion: alert.version, attempts: attemptsBefore + 1 };
    await this.#save({ ...base, state: 'pending', lastError: undefined });
    const outcomes = this.#deps.metrics.counter('keyward_respond_deliveries_total', 'Tries to deliver an alert', ['sink', 'result']);
    try {
      const link = this.#deps.publicUrl === undefined ? {} : { link: `${this.#deps.publicUrl}/alerts/${alert.uid}` };
      const signal = AbortSignal.any([this.#deps.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]);
      await sink.deliver({ id: deliveryId(alert), alert, ...link }, signal);
      outcomes.inc({ sink: sink.id, result: 'delivered' });
      await this.#save({ ...base, state: 'delivered', lastError: undefined });
      return 'delivered';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const isOver = error.disposition === 'reject' || base.attempts >= RETRIES.attempts;
      const outcome = isOver ? 'failed' : 'again';
      outcomes.inc({ sink: sink.id, result: outcome });
      this.#deps.logger.warn({ sink: sink.id, delivery: id, attempt: base.attempts }, `not delivered: ${describeError(error)}`);
      await this.#save({ ...base, state: isOver ? 'failed' : 'pending', lastError: `${error.code}: ${error.message}` });
      return outcome;
    }
  }

  #save(state: Omit<DeliveryState, 'updatedAt'>): Promise<void> {
    return this.#persist(() => this.#deps.store.saveDelivery({ ...state, updatedAt: this.#deps.clock.now() }));
  }
  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, 'respond', this.#deps);
  }
}
