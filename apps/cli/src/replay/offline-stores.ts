import type { Alert } from '@keyward/alerts';
import type { BehaviourModel, Snapshot, SnapshotBuilder } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { dayOf } from '@keyward/events';
import type { Grant, Organisation } from '@keyward/identity';
import type { OutRecord, Publisher } from '@keyward/runtime';
import type { AlertStore, AssessedEvent, AssessmentStore, EntityRisk, LedgerStore, SnapshotStore } from '@keyward/stages';

/** Offline, every ledger stays in memory and nothing is ever loaded. */
export const memoryLedgers: LedgerStore = {
  load: () => Promise.resolve(new Map()),
  save: () => Promise.resolve(),
};

/**
 * Builds snapshots from the rows of the days before, as the store of the service does from its tables: a chain over the days that have events, each
 * from the one before and one such day. So both give an event the same snapshot.
 */
export class OfflineSnapshots implements SnapshotStore {
  readonly #model: BehaviourModel;
  readonly #organisation: Organisation;
  #current: Snapshot;
  #builder: SnapshotBuilder;
  /** Day of the rows that are not in a snapshot yet; undefined when there are none. */
  #open: number | undefined;

  constructor(model: BehaviourModel, organisation: Organisation) {
    this.#model = model;
    this.#organisation = organisation;
    this.#current = model.emptySnapshot();
    this.#builder = model.snapshotBuilder(this.#current, organisation);
  }
  add({ event, identity, assessment }: AssessedEvent): void {
    this.#builder.add(identity, event, assessment);
    this.#open = Math.max(this.#open ?? 0, dayOf(event.time));
  }
  forDay(day: number): Promise<Snapshot> {
    if (this.#open !== undefined && day > this.#open) {
      this.#current = this.#builder.build(this.#open + 1);
      this.#builder = this.#model.snapshotBuilder(this.#current, this.#organisation);
      this.#open = undefined;
    }
    return Promise.resolve(this.#current);
  }
}

export interface ReplayListener {
  rows(rows: readonly AssessedEvent[]): void;
  findings(findings: readonly Finding[]): void;
}

/** What ASSESS stores, handed on as it comes. */
export class OfflineAssessments implements AssessmentStore {
  readonly grants = new Map<string, Grant>();
  readonly #snapshots: OfflineSnapshots;
  readonly #listener: ReplayListener;
  constructor(snapshots: OfflineSnapshots, listener: ReplayListener) {
    this.#snapshots = snapshots;
    this.#listener = listener;
  }
  insertEvents(rows: readonly AssessedEvent[]): Promise<void> {
    for (const row of rows) this.#snapshots.add(row);
    this.#listener.rows(rows);
    return Promise.resolve();
  }
  insertFindings(findings: readonly Finding[]): Promise<void> {
    this.#listener.findings(findings);
    return Promise.resolve();
  }
  upsertGrants(grants: readonly { readonly grant: Grant }[]): Promise<void> {
    for (const { grant } of grants) this.grants.set(grant.uid, grant);
    return Promise.resolve();
  }
}

/** The newest version of each alert, and each identity's contributions. */
export class OfflineAlerts implements AlertStore {
  readonly alerts = new Map<string, Alert>();
  readonly risks = new Map<string, EntityRisk>();
  upsertAlerts(alerts: readonly Alert[]): Promise<void> {
    for (const alert of alerts) this.alerts.set(alert.uid, alert);
    return Promise.resolve();
  }
  upsertRisk(rows: readonly EntityRisk[]): Promise<void> {
    for (const row of rows) this.risks.set(row.identity, row);
    return Promise.resolve();
  }
}

/** Collects what a stage publishes; the next stage takes it. */
export class Outbox implements Publisher {
  #records: OutRecord[] = [];
  publish(records: readonly OutRecord[]): Promise<void> {
    this.#records.push(...records);
    return Promise.resolve();
  }
  take(): readonly OutRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }
}
