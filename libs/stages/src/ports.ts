import type { Alert, RiskContribution } from '@keyward/alerts';
import type { Assessment, Snapshot, VerdictEntry } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import type { AccessEvent, Geo, LedgerEntry } from '@keyward/events';
import type { Grant, Organisation } from '@keyward/identity';
import type { Effect } from '@keyward/response';
import type { SodPolicy } from '@keyward/sod';

/** A fold's state as stored: by ledger, with the place of the last entry it contains. Equal places mean equal content, whoever wrote it. */
export interface StoredLedger {
  /** `identity:p-anna`; ASSESS and ALERT keep theirs apart by `stage`. */
  readonly id: string;
  readonly partition: number;
  /** `released` of that place. */
  readonly throughOffset: number;
  /** The rest of it, as text of this library's own; empty: everything that was released at the offset. */
  readonly throughPlace: string;
  /** JSON. */
  readonly state: string;
}

/** @throws UnavailableError */
export interface LedgerStore {
  /** Newest stored state of each id; ids that were never stored are missing. */
  load(stage: 'assess' | 'alert', ids: readonly string[]): Promise<ReadonlyMap<string, StoredLedger>>;
  save(stage: 'assess' | 'alert', ledgers: readonly StoredLedger[]): Promise<void>;
}

/** One row of `access_events`: the event, its score and terms. */
export interface AssessedEvent {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly assessment: Assessment;
  /** Its partition had come to a later UTC day before it: it is in no snapshot, since that of the day after its own may have been built. */
  readonly isLate?: boolean;
}

/** That a ledger has taken in an entry, and as which: with the events, all that a rebuild needs to fold the same again. */
export interface FoldedEntry {
  /** `identity:p-anna`. */
  readonly ledger: string;
  /** How many the ledger had taken in before. */
  readonly number: number;
  readonly eventUid: string;
  /** `verdict`: `eventUid` is the uid of a verdict. */
  readonly part: LedgerEntry['part'] | VerdictEntry['part'];
  readonly primary: boolean;
  /** Event time, epoch ms. */
  readonly time: number;
  /** Newest UTC day of any event in the ledger, this one included: never goes back within a ledger. */
  readonly day: number;
  /** The ledger's place once it contains the entry. */
  readonly through: Pick<StoredLedger, 'partition' | 'throughOffset' | 'throughPlace'>;
}
/** Idempotent: an entry is known by its ledger and number. @throws UnavailableError */
export interface EntryStore {
  insertEntries(entries: readonly FoldedEntry[]): Promise<void>;
}

/**
 * Verdicts that ASSESS has taken into profiles, by uid and ledger: what snapshots and a rebuild read. Those of a day are stored before the next begins.
 * @throws UnavailableError
 */
export interface VerdictStore {
  insertVerdicts(entries: readonly VerdictEntry[]): Promise<void>;
}

/** What ASSESS stores. Idempotent: rows are keyed by their uids. @throws UnavailableError */
export interface AssessmentStore {
  insertEvents(rows: readonly AssessedEvent[]): Promise<void>;
  insertFindings(findings: readonly Finding[]): Promise<void>;
  /** The newest state of each grant wins (`version`: time of the event it was learned from). */
  upsertGrants(grants: readonly { readonly grant: Grant; readonly version: number }[]): Promise<void>;
}

/** Population snapshots by day. Building the same day twice gives the same snapshot. @throws UnavailableError */
export interface SnapshotStore {
  /** The snapshot to score events of `day` with: stored, or built now from the stored events of earlier days. */
  forDay(day: number): Promise<Snapshot>;
}

/** Up to which UTC day the rows of each partition of `access.events` are complete. @throws UnavailableError */
export interface DayStore {
  /** All rows of days before `day` that the partition's entries make are stored. */
  reached(partitions: readonly number[], day: number): Promise<void>;
  /** The newest such day of each partition; one that has reached none is missing. */
  days(): Promise<ReadonlyMap<number, number>>;
}

export interface AlertStore {
  upsertAlerts(alerts: readonly Alert[]): Promise<void>;
  /** Entity risk as it stands, for lists: recomputable from contributions. */
  upsertRisk(rows: readonly EntityRisk[]): Promise<void>;
}
export interface EntityRisk {
  readonly identity: string;
  readonly at: number;
  readonly risk: number;
  readonly contributions: readonly RiskContribution[];
}

/** @throws UnavailableError */
export interface ResponseStore {
  /** Grants of these identities that are active or eligible. */
  openGrants(identities: readonly string[]): Promise<readonly Grant[]>;
  grant(uid: string): Promise<Grant | undefined>;
  alert(uid: string): Promise<Alert | undefined>;
  /** All effects of these alerts, oldest first: what has been done already. */
  effectsOf(alertUids: readonly string[]): Promise<readonly Effect[]>;
  effect(uid: string): Promise<readonly Effect[]>;
  /** Effects that took something away since the instant, for caps and cool-downs. */
  revocationsSince(at: number): Promise<readonly Effect[]>;
  /** The newest link of a chain; undefined when it is empty. */
  chainHead(chain: string): Promise<{ readonly seq: number; readonly hash: string } | undefined>;
  appendEffects(effects: readonly Effect[]): Promise<void>;
  upsertGrants(grants: readonly { readonly grant: Grant; readonly version: number }[]): Promise<void>;
  deliveries(ids: readonly string[]): Promise<ReadonlyMap<string, DeliveryState>>;
  saveDelivery(delivery: DeliveryState): Promise<void>;
  /** Deliveries that no receiver has taken yet, oldest first, at most `limitPerSink` of each sink: a dead one hides no other's. */
  pendingDeliveries(limitPerSink: number): Promise<readonly DeliveryState[]>;
  /**
   * All steps of effects whose last step waits for the machine: approved, revoking, revoked, already_absent, not_verified. Those that began first, at
   * most `limitPerConnector` of each connector: one that is away hides no other's.
   */
  unfinishedEffects(limitPerConnector: number): Promise<readonly Effect[]>;
  /** JIT grants that are active at the instant, all identities. */
  countActiveGrants(at: number): Promise<number>;
}

export interface DeliveryState {
  /** `<sink>/<delivery id>`; the delivery id is the webhook-id. */
  readonly id: string;
  readonly sink: string;
  readonly alertUid: string;
  readonly alertVersion: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: number;
  readonly lastError: string | undefined;
  /** Wall time, epoch ms. */
  readonly updatedAt: number;
}

/** Who is who, now. A changed organisation is another object. */
export interface OrganisationSource {
  current(): { readonly organisation: Organisation; readonly sod: SodPolicy };
}

/** Place and network of an address. */
export interface GeoLookup {
  lookup(ip: string): { readonly geo?: Geo; readonly asn?: number; readonly asOrg?: string } | undefined;
}

/** One record of the dead letter: a Kafka record of which something could not be read. `payload` is its first 64 KiB, base64. */
export interface DeadLetter {
  /** Source id as the topic names it; need not be a known one. */
  readonly source: string;
  readonly code: string;
  readonly message: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytes: number;
  readonly payload: string;
}
export interface IngestCounts {
  readonly source: string;
  /** Start of the minute in which the first record counted arrived, epoch ms. */
  readonly minute: number;
  readonly kept: number;
  readonly ignored: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  /** Newest event time among the kept, epoch ms. */
  readonly lastEventTime: number | undefined;
  /** Newest arrival, epoch ms. */
  readonly lastArrival: number | undefined;
  /** Vendor records by the minute in which they arrived, minutes since 1970: a backlog is many minutes in one batch. */
  readonly arrivals: Readonly<Record<string, number>>;
  /** Kept events by `lagStep`, arrival minus event time. */
  readonly lags: Readonly<Record<string, number>>;
  /** Kept events with an address of the internet whose place nobody knows. */
  readonly unplaced: number;
  /** Kept events whose actor is an account of nobody known. */
  readonly unresolved: number;
}
/** A record that was ignored, as an example of its reason. */
export interface IgnoredSample {
  readonly source: string;
  readonly reason: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytes: number;
  /** The first 4 KiB, base64. */
  readonly payload: string;
}
/** Dead letters for people to see; keyed by origin, so a replay doubles nothing. @throws UnavailableError */
export interface DeadLetterStore {
  insertDeadLetters(letters: readonly DeadLetter[]): Promise<void>;
}
/** Counts and dead letters for people to see; keyed by origin, so a replay doubles nothing. @throws UnavailableError */
export interface IngestLedger extends DeadLetterStore {
  record(origin: { readonly topic: string; readonly partition: number; readonly firstOffset: number }, counts: IngestCounts): Promise<void>;
  /** One of each source and reason is kept: the newest. */
  insertSamples(samples: readonly IgnoredSample[]): Promise<void>;
}
