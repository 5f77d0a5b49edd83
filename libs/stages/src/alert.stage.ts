import { AlertLedger, foldFindings, identityContextOf, initialAlertLedger, type Alert } from '@keyward/alerts';
import { Finding } from '@keyward/detections';
import {
  ALERTS_TOPIC,
  type Batch,
  type Consumed,
  type Logger,
  type Metrics,
  type OutRecord,
  type Prepared,
  type Publisher,
  type StageHandler,
} from '@keyward/runtime';
import { LedgerCache } from './ledger-cache.js';
import { nextOffsets } from './offsets.js';
import { persist } from './persist.js';
import { readRecords, withoutUnreadable, type Unreadable } from './unreadable.js';
import type { AlertStore, DeadLetterStore, EntityRisk, LedgerStore, OrganisationSource } from './ports.js';

export interface AlertStageDeps {
  readonly ledgers: LedgerStore;
  readonly store: AlertStore;
  readonly organisation: OrganisationSource;
  readonly publisher: Publisher;
  readonly deadLetters: DeadLetterStore;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
}

/** 20,000 identities with findings of some KB each. */
const MAX_LEDGERS = 20_000;

/**
 * Third stage: `access.findings` in, `access.alerts` out. Groups the findings of an identity, and says how much risk it carries now.
 * Findings are few, so state is saved with every batch.
 */
export class AlertStage implements StageHandler<Finding | Unreadable> {
  readonly #deps: AlertStageDeps;
  readonly #ledgers: LedgerCache<AlertLedger>;
  /** While a batch is folded into memory and not yet published. If it ends there, memory is ahead, and must not be saved. */
  #isFolding = false;

  constructor(deps: AlertStageDeps) {
    this.#deps = deps;
    this.#ledgers = new LedgerCache<AlertLedger>(
      'alert',
      deps.ledgers,
      {
        initial: initialAlertLedger,
        encode: (state: AlertLedger) => JSON.stringify(state),
        decode: (text: string) => AlertLedger.parse(JSON.parse(text)),
      },
      MAX_LEDGERS,
    );
  }

  prepare(batch: Batch): readonly Prepared<Finding | Unreadable>[] {
    return readRecords(batch, 'alert', (bytes) => {
      const value = Finding.parse(JSON.parse(bytes.toString('utf8')));
      return { value, time: value.time };
    });
  }

  async handle(all: readonly Prepared<Finding | Unreadable>[]): Promise<readonly Consumed[]> {
    const items = await withoutUnreadable(all, 'alert', this.#deps);
    const byIdentity = new Map<string, Prepared<Finding>[]>();
    for (const item of items) {
      const group = byIdentity.get(item.value.identity);
      if (group) group.push(item);
      else byIdentity.set(item.value.identity, [item]);
    }
    await this.#persist(() => this.#ledgers.load(items.map(({ partition, value }) => ({ id: value.identity, partition }))));

    this.#isFolding = true;
    const alerts: Alert[] = [];
    const risks: EntityRisk[] = [];
    const { organisation } = this.#deps.organisation.current();
    for (const [identity, group] of byIdentity) {
      const ledger = this.#ledgers.get(identity);
      const fresh = group.filter((item) => !this.#ledgers.contains(ledger, item));
      const last = fresh.at(-1);
      if (!last) continue;
      const folded = foldFindings(
        ledger.state,
        fresh.map(({ value }) => value),
        identityContextOf(organisation, identity),
      );
      ledger.state = folded.state;
      this.#ledgers.advanced(ledger, last);
      alerts.push(...folded.alerts);
      risks.push({ identity, ...folded.risk });
    }

    await Promise.all([
      alerts.length > 0 && this.#persist(() => this.#deps.store.upsertAlerts(alerts)),
      risks.length > 0 && this.#persist(() => this.#deps.store.upsertRisk(risks)),
    ]);
    if (alerts.length > 0) await this.#persist(() => this.#deps.publisher.publish(alerts.map(alertRecord)));
    const raised = this.#deps.metrics.counter('keyward_alert_alerts_total', 'Alerts that a receiver hears of, by severity', ['severity']);
    for (const { severity, notify } of alerts) if (notify) raised.inc({ severity });
    this.#isFolding = false;
    this.#ledgers.consumed(nextOffsets(all));
    return this.checkpoint();
  }

  checkpoint(): Promise<readonly Consumed[]> {
    return this.#isFolding ? Promise.resolve([]) : this.#persist(() => this.#ledgers.save());
  }

  assigned(): void {
    this.#ledgers.clear();
    this.#isFolding = false;
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, 'alert', this.#deps);
  }
}

const alertRecord = (alert: Alert): OutRecord => ({ topic: ALERTS_TOPIC, key: alert.identity, value: JSON.stringify(alert) });
