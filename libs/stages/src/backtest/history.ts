import type { Snapshot } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import type { AccessEvent } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import type { AssessedEvent } from '../ports.js';

/** Event time, epoch ms: from it on, and before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What people said an alert was: worth it, or not. */
export type AlertLabel = 'genuine' | 'not_genuine';

/** An alert that people have judged. */
export interface LabelledAlert {
  readonly uid: string;
  readonly findingUids: readonly string[];
  readonly label: AlertLabel;
}

/** What was stored, for looking back. Reads only. @throws UnavailableError */
export interface BacktestHistory {
  /** Events of each hour that has some, in order; `at` is its beginning, epoch ms. Before any span asked for too, so that folds can begin where the history does. */
  eventsByHour(before: number): Promise<readonly { readonly at: number; readonly events: number }[]>;
  /** Events by time, then source, then uid; blocks of some thousand. */
  events(span: Span, signal: AbortSignal): AsyncIterable<readonly AccessEvent[]>;
  /** Rows whose score's p is at most `p`, by time and uid. */
  rareEvents(span: Span, p: number, signal: AbortSignal): AsyncIterable<readonly AssessedEvent[]>;
  /** Findings as stored, by time and uid. */
  findings(span: Span, signal: AbortSignal): AsyncIterable<readonly Finding[]>;
  /** The snapshot that events of the UTC day are scored with; undefined while none was made. */
  snapshot(day: number): Promise<Snapshot | undefined>;
  /** The newest state of all grants of these identities. */
  grantsOf(identities: readonly string[]): Promise<readonly Grant[]>;
  /** JIT grants that were active at the instant, all identities. */
  countActiveGrants(at: number): Promise<number>;
  /** Alerts that began in the span and were judged. */
  labels(span: Span): Promise<readonly LabelledAlert[]>;
  /** Most identities that acted on one UTC day of the span. */
  people(span: Span): Promise<number>;
}
