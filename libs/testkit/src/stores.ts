import type { Alert } from '@keyward/alerts';
import type { BehaviourModel, Snapshot } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { dayOf } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import type { Effect } from '@keyward/response';
import type {
  AlertStore,
  AssessedEvent,
  AssessmentStore,
  DeadLetter,
  DeliveryState,
  EntityRisk,
  IgnoredSample,
  IngestCounts,
  IngestLedger,
  LedgerStore,
  OrganisationSource,
  ResponseStore,
  SnapshotStore,
  StoredLedger,
} from '@keyward/stages';

type Stage = Parameters<LedgerStore['load']>[0];
interface VersionedGrant {
  readonly grant: Grant;
  readonly version: number;
}

/** Throws what it was told to, once per `failNext`: for tests of stages whose store is away. */
export class Outage {
  #errors: Error[] = [];
  failNext(...errors: Error[]): void {
    this.#errors.push(...errors);
  }
  protected pass(): Promise<void> {
    const error = this.#errors.shift();
    return error ? Promise.reject(error) : Promise.resolve();
  }
}

export class MemoryLedgerStore extends Outage implements LedgerStore {
  readonly rows = new Map<string, StoredLedger>();
  async load(stage: Stage, ids: readonly string[]): Promise<ReadonlyMap<string, StoredLedger>> {
    await this.pass();
    return new Map(
      ids.flatMap((id) => {
        const row = this.rows.get(`${stage} ${id}`);
        return row ? [[id, row]] : [];
      }),
    );
  }
  async save(stage: Stage, ledgers: readonly StoredLedger[]): Promise<void> {
    await this.pass();
    for (const ledger of ledgers) {
      const known = this.rows.get(`${stage} ${ledger.id}`);
      if (!known || known.throughOffset <= ledger.throughOffset) this.rows.set(`${stage} ${ledger.id}`, ledger);
    }
  }
}

/** The newest state of each grant, as both ASSESS and RESPOND write it. */
export class MemoryGrants {
  readonly rows = new Map<string, VersionedGrant>();
  upsert(grants: readonly VersionedGrant[]): void {
    for (const row of grants) if ((this.rows.get(row.grant.uid)?.version ?? -1) <= row.version) this.rows.set(row.grant.uid, row);
  }
}

export class MemoryAssessmentStore extends Outage implements AssessmentStore {
  readonly events = new Map<string, AssessedEvent>();
  readonly findings = new Map<string, Finding>();
  readonly grants: MemoryGrants;
  constructor(grants = new MemoryGrants()) {
    super();
    this.grants = grants;
  }
  async insertEvents(rows: readonly AssessedEvent[]): Promise<void> {
    await this.pass();
    for (const row of rows) this.events.set(row.event.uid, row);
  }
  async insertFindings(findings: readonly Finding[]): Promise<void> {
    await this.pass();
    for (const finding of findings) this.findings.set(finding.uid, finding);
  }
  async upsertGrants(grants: readonly VersionedGrant[]): Promise<void> {
    await this.pass();
    this.grants.upsert(grants);
  }
}

/** Builds a snapshot a day with events from what an assessment store holds, as the real one does from its table. */
export class MemorySnapshotStore implements SnapshotStore {
  readonly #model: BehaviourModel;
  readonly #organisation: OrganisationSource;
  readonly #assessments: MemoryAssessmentStore;
  readonly #stored: Snapshot[] = [];

  constructor(model: BehaviourModel, organisation: OrganisationSource, assessments: MemoryAssessmentStore) {
    this.#model = model;
    this.#organisation = organisation;
    this.#assessments = assessments;
  }
  forDay(day: number): Promise<Snapshot> {
    let newest = this.#stored.findLast((snapshot) => snapshot.day <= day);
    const rows = [...this.#assessments.events.values()].filter(({ isLate }) => isLate !== true);
    const days = [...new Set(rows.map(({ event }) => dayOf(event.time)))].filter((one) => one >= (newest?.day ?? 0) && one < day);
    for (const next of days.sort((a, b) => a - b)) {
      const builder = this.#model.snapshotBuilder(newest ?? this.#model.emptySnapshot(), this.#organisation.current().organisation);
      for (const row of rows) if (dayOf(row.event.time) === next) builder.add(row.identity, row.event, row.assessment);
      newest = builder.build(next + 1);
      this.#stored.push(newest);
    }
    return Promise.resolve(newest ?? this.#model.emptySnapshot());
  }
}

export class MemoryAlertStore extends Outage implements AlertStore {
  readonly alerts = new Map<string, Alert>();
  readonly risk = new Map<string, EntityRisk>();
  async upsertAlerts(alerts: readonly Alert[]): Promise<void> {
    await this.pass();
    for (const alert of alerts) if ((this.alerts.get(alert.uid)?.version ?? 0) <= alert.version) this.alerts.set(alert.uid, alert);
  }
  async upsertRisk(rows: readonly EntityRisk[]): Promise<void> {
    await this.pass();
    for (const row of rows) if ((this.risk.get(row.identity)?.at ?? -Infinity) <= row.at) this.risk.set(row.identity, row);
  }
}

const WAITING: readonly Effect['state'][] = ['approved', 'revoking', 'revoked', 'already_absent', 'not_verified'];
const TAKING: readonly Effect['state'][] = ['revoking', 'revoked', 'verified', 'not_verified'];

export class MemoryResponseStore extends Outage implements ResponseStore {
  readonly grants: MemoryGrants;
  readonly alerts: Map<string, Alert>;
  readonly #effects = new Map<string, Effect>();
  readonly #deliveries = new Map<string, DeliveryState>();

  constructor(grants = new MemoryGrants(), alerts = new Map<string, Alert>()) {
    super();
    this.grants = grants;
    this.alerts = alerts;
  }
  get effects(): readonly Effect[] {
    return [...this.#effects.values()].sort(byTime);
  }
  async openGrants(identities: readonly string[]): Promise<readonly Grant[]> {
    await this.pass();
    return [...this.grants.rows.values()]
      .map((row) => row.grant)
      .filter((grant) => identities.includes(grant.identity) && (grant.state === 'active' || grant.state === 'eligible'))
      .sort((a, b) => (a.uid < b.uid ? -1 : 1));
  }
  async grant(uid: string): Promise<Grant | undefined> {
    await this.pass();
    return this.grants.rows.get(uid)?.grant;
  }
  async alert(uid: string): Promise<Alert | undefined> {
    await this.pass();
    return this.alerts.get(uid);
  }
  async effectsOf(alertUids: readonly string[]): Promise<readonly Effect[]> {
    await this.pass();
    return this.effects.filter((effect) => alertUids.includes(effect.alertUid));
  }
  async effect(uid: string): Promise<readonly Effect[]> {
    await this.pass();
    return this.effects.filter((effect) => effect.uid === uid);
  }
  async revocationsSince(at: number): Promise<readonly Effect[]> {
    await this.pass();
    return this.effects.filter((effect) => effect.at >= at && TAKING.includes(effect.state));
  }
  async chainHead(chain: string): Promise<{ readonly seq: number; readonly hash: string } | undefined> {
    await this.pass();
    const newest = this.effects.filter((effect) => effect.chain === chain).sort((a, b) => b.seq - a.seq)[0];
    return newest && { seq: newest.seq, hash: newest.hash };
  }
  async appendEffects(effects: readonly Effect[]): Promise<void> {
    await this.pass();
    for (const effect of effects) this.#effects.set(`${effect.chain} ${effect.seq} ${effect.hash}`, effect);
  }
  async upsertGrants(grants: readonly VersionedGrant[]): Promise<void> {
    await this.pass();
    this.grants.upsert(grants);
  }
  async deliveries(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryState>> {
    await this.pass();
    return new Map([...this.#deliveries].filter(([id]) => ids.includes(id)));
  }
  async saveDelivery(delivery: DeliveryState): Promise<void> {
    await this.pass();
    if ((this.#deliveries.get(delivery.id)?.updatedAt ?? 0) <= delivery.updatedAt) this.#deliveries.set(delivery.id, delivery);
  }
  async pendingDeliveries(limitPerSink: number): Promise<readonly DeliveryState[]> {
    await this.pass();
    const pending = [...this.#deliveries.values()]
      .filter((delivery) => delivery.state === 'pending')
      .sort((a, b) => a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : 1));
    const ofSink = (sink: string): readonly DeliveryState[] => pending.filter((delivery) => delivery.sink === sink).slice(0, limitPerSink);
    return pending.filter((delivery) => ofSink(delivery.sink).includes(delivery));
  }
  async unfinishedEffects(limitPerConnector: number): Promise<readonly Effect[]> {
    await this.pass();
    const last = [...new Map(this.effects.map((effect) => [effect.uid, effect])).values()];
    const waiting = last.filter(({ state }) => WAITING.includes(state));
    const unfinished = new Set<string>();
    for (const { uid, connector } of waiting) {
      const ofConnector = waiting.filter((effect) => effect.connector === connector).slice(0, limitPerConnector);
      if (ofConnector.some((effect) => effect.uid === uid)) unfinished.add(uid);
    }
    return this.effects.filter((effect) => unfinished.has(effect.uid));
  }
  async countActiveGrants(at: number): Promise<number> {
    await this.pass();
    return [...this.grants.rows.values()].filter(
      ({ grant }) => grant.jit && grant.state === 'active' && (grant.startsAt ?? at) <= at && (grant.endsAt ?? Infinity) > at,
    ).length;
  }
}
const byTime = (a: Effect, b: Effect): number => a.at - b.at || (a.chain < b.chain ? -1 : a.chain > b.chain ? 1 : a.seq - b.seq);

export class MemoryIngestLedger extends Outage implements IngestLedger {
  readonly counts = new Map<string, IngestCounts>();
  readonly deadLetters = new Map<string, DeadLetter>();
  readonly samples = new Map<string, IgnoredSample>();
  async record(origin: Parameters<IngestLedger['record']>[0], counts: IngestCounts): Promise<void> {
    await this.pass();
    this.counts.set([origin.topic, origin.partition, origin.firstOffset, counts.source, counts.minute].join(' '), counts);
  }
  async insertSamples(samples: readonly IgnoredSample[]): Promise<void> {
    await this.pass();
    for (const sample of samples) this.samples.set(`${sample.source} ${sample.reason}`, sample);
  }
  async insertDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    await this.pass();
    for (const letter of letters) this.deadLetters.set([letter.topic, letter.partition, letter.offset].join(' '), letter);
  }
}

/** An organisation that a test sets. */
export class SetOrganisation implements OrganisationSource {
  #current: ReturnType<OrganisationSource['current']>;
  constructor(current: ReturnType<OrganisationSource['current']>) {
    this.#current = current;
  }
  current(): ReturnType<OrganisationSource['current']> {
    return this.#current;
  }
  set(current: ReturnType<OrganisationSource['current']>): void {
    this.#current = current;
  }
}
