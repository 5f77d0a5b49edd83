import type { DayCounts, VerdictEntry } from '@keyward/baselines';
import type { SourceId } from '@keyward/events';
import type { Grant, OrganisationRecords } from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import type { Slice } from '@keyward/sources';
import type { GeoLookup } from '@keyward/stages';
import type { TalliedCommand } from './command-blocks.js';
import type { PackedBatch } from './packed-events.js';
import type { SourceCounts } from './read-input.js';
import type { VerdictOrder } from './verdict-file.js';

/** What a thread is given before its first task. All of this file is plain data: it crosses threads by structured clone. */
export interface ThreadSetup {
  readonly organisation: OrganisationRecords;
  readonly sod: SodPolicy;
  /** Epoch ms by which records' times are plausible. */
  readonly now: number;
  /** In order of time. */
  readonly verdicts?: readonly VerdictOrder[] | undefined;
}

export type Place = ReturnType<GeoLookup['lookup']>;

export interface ReadTask {
  readonly kind: 'read';
  readonly source: SourceId;
  readonly slices: readonly Slice[];
}
/** Entries of one thread's ledgers, of one UTC day. */
export interface ScoreTask {
  readonly kind: 'score';
  readonly day: number;
  /** The day's last one: its counts go to the other threads, and the next task waits for theirs. */
  readonly closesDay: boolean;
  /** A JSON list of the events. */
  readonly events: Uint8Array<ArrayBuffer>;
  /** See `packEntry`. */
  readonly entries: readonly string[];
  /** For each entry: which of `events`, and its number among the entries of all threads. */
  readonly eventAt: Int32Array<ArrayBuffer>;
  readonly sequence: Int32Array<ArrayBuffer>;
}
export type Task = ReadTask | ScoreTask | { readonly kind: 'places'; readonly places: readonly (readonly [string, Place])[] };

export interface ReadReport {
  readonly kind: 'read';
  readonly source: SourceId;
  readonly counts: SourceCounts;
  readonly events: PackedBatch;
}
export interface ScoreReport {
  readonly kind: 'scored';
  readonly rows: ScoredRows;
  /** JSON of each, with the number of the entry that raised it. */
  readonly findings: readonly (readonly [number, string])[];
  readonly grants: readonly (readonly [number, Grant])[];
  /** uids of verdicts that profiles took in. */
  readonly verdicts: readonly string[];
}
/** Column by column, in order of `sequence`. */
export interface ScoredRows {
  readonly sequence: readonly number[];
  /** Lines of assessments.ndjson, and the length of each in bytes. */
  readonly lines: Uint8Array<ArrayBuffer>;
  readonly lengths: readonly number[];
  /** Whom the row counts for. */
  readonly identity: readonly string[];
  /** Undefined where nothing could be evaluated. */
  readonly p: readonly (number | undefined)[];
  /** Features that were evaluated, with the p of each: of a row, `terms[row]` of them, one row after the other. */
  readonly terms: Uint8Array<ArrayBuffer>;
  readonly features: readonly string[];
  readonly featureP: Float64Array<ArrayBuffer>;
  /** By place among `features`: what colleagues may turn out to have done on the same day. Few have one. */
  readonly sharedKeys: ReadonlyMap<number, string>;
  /** Of commands in privileged sessions. */
  readonly command: readonly (TalliedCommand | undefined)[];
}
export type Report = ReadReport | ScoreReport | { readonly kind: 'where'; readonly addresses: readonly string[] };

/** What one thread tells the others when it has scored its part of a day. */
export interface DayReport {
  readonly day: number;
  readonly hasRows: boolean;
  readonly counts: DayCounts;
  /** What was said of the thread's ledgers since the day before. */
  readonly verdicts: readonly VerdictEntry[];
}
