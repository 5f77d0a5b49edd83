import {
  COMMANDS_FEATURE,
  countsOf,
  createBehaviourModel,
  isCommandOnly,
  mergeCounts,
  sharedKeyOf,
  type Assessment,
  type BehaviourModel,
  type Snapshot,
  type SnapshotBuilder,
  type VerdictEntry,
} from '@keyward/baselines';
import { createDetectionEngine, type DetectionEngine } from '@keyward/detections';
import { isoInstant, type AccessEvent } from '@keyward/events';
import type { Grant, Organisation } from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import { assessEntry, assessStateCodec, heedVerdict, type AssessState, type AssessedEvent } from '@keyward/stages';
import type { TalliedCommand } from './command-blocks.js';
import type { DayReport, ScoreReport, ScoreTask, ScoredRows } from './messages.js';
import { OfflineVerdicts } from './offline-verdicts.js';
import { TextBuffer, ledgerOf, unpackEntry } from './packed-events.js';
import type { VerdictOrder } from './verdict-file.js';

export interface Scored {
  readonly rows: readonly (readonly [number, AssessedEvent])[];
  readonly findings: ScoreReport['findings'];
  readonly grants: ScoreReport['grants'];
  readonly verdicts: readonly string[];
}

/**
 * ASSESS over the ledgers of one thread: score, detect, learn, in memory. A day's snapshot needs what all threads counted on the days before;
 * each builds it for itself from the same counts, so it is the same everywhere.
 */
export class LedgerShare {
  readonly #organisation: Organisation;
  readonly #sod: SodPolicy;
  readonly #model: BehaviourModel = createBehaviourModel();
  readonly #engine: DetectionEngine;
  readonly #initial: (ledger: string) => AssessState;
  readonly #ledgers = new Map<string, AssessState>();
  readonly #text = new TextBuffer();
  #snapshot: Snapshot;
  #builder: SnapshotBuilder;
  #hasRows = false;
  readonly #verdicts: OfflineVerdicts | undefined;
  /** Of the day that is being closed. */
  #said: { readonly day: number; readonly entries: readonly VerdictEntry[] } | undefined;

  constructor(organisation: Organisation, sod: SodPolicy, verdicts: readonly VerdictOrder[] = []) {
    this.#verdicts = verdicts.length === 0 ? undefined : new OfflineVerdicts(verdicts);
    this.#organisation = organisation;
    this.#sod = sod;
    const created = createDetectionEngine();
    if (created.kind === 'invalid') throw new Error(created.problems.join('; '));
    this.#engine = created.engine;
    const codec = assessStateCodec(this.#model, this.#engine, () => organisation);
    this.#initial = (ledger) => codec.initial(ledger);
    this.#snapshot = this.#model.emptySnapshot();
    this.#builder = this.#model.snapshotBuilder(this.#snapshot, organisation);
  }

  /** Entries in order of time, all of one day. */
  score({ entries, eventAt, sequence }: ScoreTask, events: readonly AccessEvent[]): Scored {
    const common = { model: this.#model, engine: this.#engine, organisation: this.#organisation, sod: this.#sod, snapshot: this.#snapshot };
    const rows: (readonly [number, AssessedEvent])[] = [];
    const findings: (readonly [number, string])[] = [];
    const grants: (readonly [number, Grant])[] = [];
    const verdicts: string[] = [];
    entries.forEach((packed, index) => {
      const event = events[eventAt[index] ?? -1];
      if (!event) throw new Error('an entry has no event');
      const at = sequence[index] ?? 0;
      const ledger = ledgerOf(packed);
      const state = this.#ledger(ledger);
      for (const verdict of this.#verdicts?.due(ledger, event.time) ?? []) {
        heedVerdict(verdict, state, common);
        verdicts.push(verdict.verdict.uid);
      }
      const entry = unpackEntry(packed, event);
      const { row, findings: found, changedGrants } = assessEntry(entry, state, common);
      if (row) {
        this.#builder.add(row.identity, row.event, row.assessment);
        this.#verdicts?.saw(ledger, entry, row);
        rows.push([at, row]);
      }
      for (const finding of found) findings.push([at, JSON.stringify(finding)]);
      for (const grant of changedGrants) grants.push([at, grant]);
    });
    this.#hasRows ||= rows.length > 0;
    return { rows, findings, grants, verdicts };
  }

  /** What the other threads must know of the day that is over. */
  dayReport(day: number): DayReport {
    return { day, hasRows: this.#hasRows, counts: countsOf(this.#builder), verdicts: this.#saidUntil(day) };
  }

  /** Begins the next day. A day without a row of anybody's has no snapshot of its own. */
  closeDay(day: number, others: readonly DayReport[]): void {
    for (const entry of [this.#saidUntil(day), ...others.map(({ verdicts }) => verdicts)].flat()) this.#builder.addVerdict(entry);
    const hasRows = this.#hasRows || others.some((other) => other.hasRows);
    this.#hasRows = false;
    if (!hasRows) return;
    for (const { counts } of others) mergeCounts(this.#builder, counts);
    this.#snapshot = this.#builder.build(day + 1);
    this.#builder = this.#model.snapshotBuilder(this.#snapshot, this.#organisation);
  }

  /** The lines of assessments.ndjson, and what the tallies need. */
  report({ rows, findings, grants, verdicts }: Scored): ScoreReport {
    const lengths = rows.map(([, row]) => this.#text.write(lineOf(row)));
    const columns: ScoredRows = {
      sequence: rows.map(([at]) => at),
      lines: this.#text.take(),
      lengths,
      identity: rows.map(([, { identity }]) => identity),
      // An event of which nothing could be evaluated says nothing: counted as p = 1 it would dilute what the others say.
      p: rows.map(([, { assessment }]) => (assessment.terms.length > 0 ? assessment.p : undefined)),
      ...termsOf(rows),
      command: rows.map(([, { assessment }]) => commandOf(assessment)),
    };
    return { kind: 'scored', rows: columns, findings, grants, verdicts };
  }

  #saidUntil(day: number): readonly VerdictEntry[] {
    if (this.#said?.day !== day) this.#said = { day, entries: this.#verdicts?.ofDaysUpTo(day) ?? [] };
    return this.#said.entries;
  }

  #ledger(id: string): AssessState {
    let state = this.#ledgers.get(id);
    if (!state) this.#ledgers.set(id, (state = this.#initial(id)));
    return state;
  }
}

function termsOf(rows: Scored['rows']): Pick<ScoredRows, 'terms' | 'features' | 'featureP' | 'sharedKeys'> {
  const terms = rows.flatMap(([, { assessment }]) => assessment.terms);
  const sharedKeys = new Map<number, string>();
  terms.forEach((term, index) => {
    const key = sharedKeyOf(term);
    if (key !== undefined) sharedKeys.set(index, key);
  });
  return {
    terms: Uint8Array.from(rows, ([, { assessment }]) => assessment.terms.length),
    features: terms.map(({ feature }) => feature),
    featureP: Float64Array.from(terms, ({ p }) => p),
    sharedKeys,
  };
}

function commandOf({ terms, stratum }: Assessment): TalliedCommand | undefined {
  const term = terms.find(({ feature }) => feature === COMMANDS_FEATURE);
  const position = term?.details?.commands?.position;
  return term && position !== undefined ? { position, nats: term.evidence, isWithin: isCommandOnly({ stratum }) } : undefined;
}

const lineOf = ({ event, identity, assessment }: AssessedEvent): string =>
  `${JSON.stringify({
    eventId: event.uid,
    nativeId: event.nativeId,
    source: event.source,
    time: isoInstant(event.time),
    identity,
    ...(event.session && { session: event.session.uid }),
    ...(event.heldBy && { heldBy: event.heldBy.map((holder) => ({ ...holder, since: isoInstant(holder.since) })) }),
    score: assessment.score,
    p: assessment.p,
    terms: assessment.terms,
    notEvaluated: assessment.notEvaluated,
    snapshot: assessment.snapshot,
  })}\n`;
