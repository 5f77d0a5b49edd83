import type { BehaviourModel, Snapshot, VerdictEntry } from '@keyward/baselines';
import type { DetectionEngine, Finding } from '@keyward/detections';
import { dayOf, ledgerId, type LedgerEntry } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import {
  FINDINGS_TOPIC,
  orderOf,
  type Batch,
  type Clock,
  type Consumed,
  type Logger,
  type Mark,
  type Metrics,
  type Order,
  type OutRecord,
  type Prepared,
  type Publisher,
  type StageHandler,
} from '@keyward/runtime';
import { assessEntry, heedVerdict } from './assess-entry.js';
import type { DayBoundary } from './day-boundary.js';
import { assessStateCodec, type AssessState } from './identity-ledger.js';
import { LedgerCache, type CachedLedger } from './ledger-cache.js';
import { decodeEntry, isVerdict } from './decode-entry.js';
import { nextOffsets } from './offsets.js';
import { persist } from './persist.js';
import { readRecords, withoutUnreadable, type Unreadable } from './unreadable.js';
import type {
  AssessedEvent,
  AssessmentStore,
  DeadLetterStore,
  EntryStore,
  FoldedEntry,
  LedgerStore,
  OrganisationSource,
  SnapshotStore,
  VerdictStore,
} from './ports.js';

export interface AssessStageDeps {
  readonly ledgers: LedgerStore;
  readonly store: AssessmentStore;
  /** Absent: the entries come from there. */
  readonly entries?: EntryStore;
  /** Absent: the verdicts come from there. */
  readonly verdicts?: VerdictStore;
  readonly snapshots: SnapshotStore;
  /** Absent: this stage reads all partitions there are. */
  readonly days?: DayBoundary;
  readonly organisation: OrganisationSource;
  readonly publisher: Publisher;
  readonly deadLetters: DeadLetterStore;
  readonly model: BehaviourModel;
  readonly engine: DetectionEngine;
  /** Alerts on behaviour per 1000 identities and day; absent: the default budget. */
  readonly alertsPerThousand?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  readonly checkpoints?: CheckpointPolicy;
}

/** A checkpoint costs a row for each ledger that changed; what it saves is work to be done again after a crash. */
export interface CheckpointPolicy {
  readonly everyMs: number;
  readonly everyEntries: number;
  /** Ledgers in memory. 100,000 of 4 KB are 400 MB. */
  readonly maxLedgers: number;
}
const DEFAULT_CHECKPOINTS: CheckpointPolicy = { everyMs: 1_000, everyEntries: 50_000, maxLedgers: 100_000 };

type Entry = LedgerEntry | VerdictEntry;

interface Computed {
  readonly rows: AssessedEvent[];
  readonly entries: FoldedEntry[];
  readonly findings: { readonly finding: Finding; readonly order: Order | undefined }[];
  readonly grants: { readonly grant: Grant; readonly version: number }[];
  readonly verdicts: VerdictEntry[];
}

/**
 * Second stage: `access.events` in, rows and `access.findings` out. Folds each ledger in partition order.
 *
 * Order of storing, and what holds if the next step fails: rows (a replay replaces them), findings (ALERT drops repeats), ledgers (they say which
 * offset they contain, so a replay skips what is in), offsets (the reader commits them last).
 */
export class AssessStage implements StageHandler<Entry | Unreadable> {
  readonly #deps: AssessStageDeps;
  readonly #checkpoints: CheckpointPolicy;
  readonly #ledgers: LedgerCache<AssessState>;
  #entriesSinceSave = 0;
  #savedAt: number;
  /** While a batch is folded into memory and not yet stored. If it ends there, memory is ahead of the store, and must not be saved. */
  #isFolding = false;

  constructor(deps: AssessStageDeps) {
    this.#deps = deps;
    this.#checkpoints = deps.checkpoints ?? DEFAULT_CHECKPOINTS;
    const codec = assessStateCodec(deps.model, deps.engine, () => deps.organisation.current().organisation);
    this.#ledgers = new LedgerCache('assess', deps.ledgers, codec, this.#checkpoints.maxLedgers);
    this.#savedAt = deps.clock.now();
  }

  prepare(batch: Batch): readonly Prepared<Entry | Unreadable>[] {
    return readRecords(batch, 'assess', (bytes) => {
      const value = decodeEntry(bytes);
      return { value, time: isVerdict(value) ? value.verdict.at : value.event.time };
    });
  }

  async handle(all: readonly Prepared<Entry | Unreadable>[], marks: readonly Mark[] = []): Promise<readonly Consumed[]> {
    const newest = all.reduce((reach, { time, place }) => Math.max(reach, place?.reach ?? time), -Infinity);
    if (all.length > 0) await this.#deps.days?.begin(dayOf(newest));
    const items = await withoutUnreadable(all, 'assess', this.#deps);
    const wanted = items.map(({ partition, value }) => ({ id: ledgerId(value), partition }));
    await this.#persist(() => this.#ledgers.load(wanted));
    this.#isFolding = true;
    for (const run of runsByDay(items)) await this.#handleRun(run);
    if (marks.length > 0) {
      await this.#persist(async () => this.#deps.days?.reached(marks));
      await this.#persist(() => this.#deps.publisher.publish([], { topic: FINDINGS_TOPIC, marks }));
    }
    this.#isFolding = false;
    this.#ledgers.consumed(nextOffsets(all));
    this.#entriesSinceSave += items.length;
    const isDue =
      this.#entriesSinceSave >= this.#checkpoints.everyEntries || this.#deps.clock.now() - this.#savedAt >= this.#checkpoints.everyMs;
    return isDue ? this.checkpoint() : [];
  }

  async checkpoint(): Promise<readonly Consumed[]> {
    if (this.#isFolding) return [];
    const consumed = await this.#persist(() => this.#ledgers.save());
    this.#entriesSinceSave = 0;
    this.#savedAt = this.#deps.clock.now();
    return consumed;
  }

  assigned(partitions: readonly { readonly partition: number }[]): void {
    this.#deps.days?.assigned(partitions.map(({ partition }) => partition));
    this.#ledgers.clear();
    this.#isFolding = false;
  }

  async #handleRun(items: readonly Prepared<Entry>[]): Promise<void> {
    const snapshots = await this.#snapshotsFor(items);
    const { model, engine, alertsPerThousand } = this.#deps;
    const common = { model, engine, alertsPerThousand, ...this.#deps.organisation.current() };
    const computed: Computed = { rows: [], entries: [], findings: [], grants: [], verdicts: [] };
    for (const item of items) {
      const { time, value } = item;
      const ledger = this.#ledgers.get(ledgerId(value));
      if (this.#ledgers.contains(ledger, item)) continue;
      const number = ledger.state.entries;
      if (isVerdict(value)) {
        heedVerdict(value, ledger.state, common);
        this.#ledgers.advanced(ledger, item);
        computed.entries.push(this.#folded(item, ledger, number));
        computed.verdicts.push({ ...value, countsFrom: value.countsFrom ?? dayTakenIn(item) });
        continue;
      }
      const snapshot = snapshots.get(dayOf(time));
      if (!snapshot) continue;
      const result = assessEntry(value, ledger.state, { ...common, snapshot });
      this.#ledgers.advanced(ledger, item);
      if (ledger.state.entries > number) computed.entries.push(this.#folded(item, ledger, number));
      if (result.row) computed.rows.push({ ...result.row, isLate: isLate(item, ledger.state) });
      for (const finding of result.findings) computed.findings.push({ finding, order: orderOf(item) });
      for (const grant of result.changedGrants) computed.grants.push({ grant, version: value.event.time });
    }
    await this.#store(computed);
  }

  /** By the event's own day, so that a late one is scored alike by whoever meets it, before and after a crash. */
  async #snapshotsFor(items: readonly Prepared<Entry>[]): Promise<ReadonlyMap<number, Snapshot>> {
    const snapshots = new Map<number, Snapshot>();
    const events = items.filter(({ value }) => !isVerdict(value));
    for (const day of new Set(events.map(({ time }) => dayOf(time)))) {
      snapshots.set(day, await this.#persist(() => this.#deps.snapshots.forDay(day)));
    }
    return snapshots;
  }

  #folded({ time, value }: Prepared<Entry>, ledger: CachedLedger<AssessState>, number: number): FoldedEntry {
    const { state, id } = ledger;
    const through = this.#ledgers.placeOf(ledger);
    if (isVerdict(value)) {
      // Somebody's working day need not be a day of the ledger: it makes no later event late.
      return { ledger: id, number, eventUid: value.verdict.uid, part: value.part, primary: false, time, day: state.newestDay, through };
    }
    const { event, part, primary } = value;
    state.newestDay = Math.max(state.newestDay, dayOf(time));
    return { ledger: id, number, eventUid: event.uid, part, primary, time, day: state.newestDay, through };
  }

  async #store({ rows, entries, findings, grants, verdicts }: Computed): Promise<void> {
    const { store, entries: entryStore, verdicts: verdictStore, publisher, metrics } = this.#deps;
    await Promise.all([
      entries.length > 0 && this.#persist(async () => entryStore?.insertEntries(entries)),
      verdicts.length > 0 && this.#persist(async () => verdictStore?.insertVerdicts(verdicts)),
      rows.length > 0 && this.#persist(() => store.insertEvents(rows)),
      grants.length > 0 && this.#persist(() => store.upsertGrants(grants)),
      findings.length > 0 && this.#persist(() => store.insertFindings(findings.map(({ finding }) => finding))),
    ]);
    if (findings.length > 0) await this.#persist(() => publisher.publish(findings.map(findingRecord)));
    metrics.counter('keyward_assess_events_total', 'Events scored').inc(rows.length);
    const found = metrics.counter('keyward_assess_findings_total', 'Findings by detection', ['detection']);
    for (const { finding } of findings) found.inc({ detection: finding.detection });
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, 'assess', this.#deps);
  }
}

/** Cuts where a day begins: its snapshot is built from the stored rows of the days before it, so these are stored first. Late events cut nothing. */
function* runsByDay(items: readonly Prepared<Entry>[]): Generator<readonly Prepared<Entry>[]> {
  let start = 0;
  let newest = -Infinity;
  for (const [index, { time }] of items.entries()) {
    if (dayOf(time) <= newest) continue;
    newest = dayOf(time);
    if (index > start) yield items.slice(start, index);
    start = index;
  }
  if (start < items.length) yield items.slice(start);
}

/** A verdict that comes when its partition is in a later day is in no snapshot of that day: it may have been built. */
const dayTakenIn = ({ time, place }: Prepared<unknown>): number => Math.max(dayOf(time), place?.day ?? 0, dayOf(place?.reach ?? 0));

/** The first day of the snapshots that hold it may have begun. */
const isLate = ({ time, place }: Prepared<Entry>, { newestDay }: AssessState): boolean =>
  Math.max(newestDay, place?.day ?? 0, dayOf(place?.reach ?? 0)) > dayOf(time);

const findingRecord = ({ finding, order }: Computed['findings'][number]): OutRecord => ({
  topic: FINDINGS_TOPIC,
  key: finding.identity,
  value: JSON.stringify(finding),
  order,
});
