import type { PollCursor } from './poll-cursor.js';

/** One record as the vendor wrote it, with what tells it from others and when it happened (epoch ms). */
export interface PolledRecord {
  readonly id: string;
  readonly at: number;
  readonly text: string;
}

/** A list that is asked for by time. */
export interface SliceFeed {
  readonly kind: 'slices';
  readonly id: string;
  /** All records with `from <= time <= to` (epoch ms), in any order; more than that does no harm. A record may be shown twice, none may be left out. */
  pages(from: number, to: number, signal: AbortSignal): AsyncIterable<readonly PolledRecord[]>;
}

export interface TailPage {
  /** None: this is the end for now. */
  readonly records: readonly PolledRecord[];
  readonly next: string;
}

/** A list whose next page the vendor names: each page says where the next one is, also when there is none yet. */
export interface TailFeed {
  readonly kind: 'tail';
  readonly id: string;
  /** @returns the place from which everything since an instant (epoch ms) can be read; records that stand before it. No place where there is nothing yet */
  open(since: number, signal: AbortSignal): Promise<{ readonly records: readonly PolledRecord[]; readonly position?: string }>;
  /** @throws InvalidInputError, NotFoundError when the vendor does not know the place */
  page(position: string, signal: AbortSignal): Promise<TailPage>;
}
export type Feed = SliceFeed | TailFeed;

/** What a reader tells of itself and where it brings records. */
export interface PollSink {
  readonly now: () => number;
  /** Stores the records with everybody's progress as it is at the call. */
  put(records: readonly PolledRecord[]): Promise<void>;
  /** More ids than are kept: what comes very late may be missed, nothing is put twice. */
  windowCut(): void;
}
export interface FeedReader {
  /** One step: reads, and puts what is new. @throws AppError what the vendor's side met; nothing is lost by it */
  advance(signal: AbortSignal): Promise<'more' | 'caught_up'>;
  progress(): PollCursor['feeds'][string];
}

/** What the vendor's side of a poller is built with when it runs. */
export interface PollSession {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Counts an answer: an HTTP status, or `timeout`, `unreachable`. */
  readonly answered: (status: string) => void;
}
