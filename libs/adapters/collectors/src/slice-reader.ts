import { SeenIds, type SliceProgress } from './poll-cursor.js';
import type { FeedReader, PolledRecord, PollSink, SliceFeed } from './feed.js';

/** A first slice of a long history; longer than SETTLED_MS, so that the newest slice always reaches now. */
const SLICE_MS = 6 * 3_600_000;
/** A quiet slice this old is done with by our clock; a newer one by the vendor's records only, since clocks differ. */
const SETTLED_MS = 3_600_000;
/** More records than this are not held in memory: the slice is halved. */
const MAX_RECORDS = 20_000;
const SMALLEST_SLICE_MS = 1_000;
/** Of one `put`: about 2 MB of records. */
const CHUNK = 500;

/**
 * Reads a list that can only be asked for by time, and in any order: slice by slice, each whole before its records are put in order of time, the last
 * `lateMs` again each time, since vendors show records late. What was put already is known by its id.
 */
export class SliceReader implements FeedReader {
  readonly #feed: SliceFeed;
  readonly #sink: PollSink;
  readonly #lateMs: number;
  readonly #maxSeen: number;
  #through: number;
  #floor: number;
  readonly #seen: SeenIds;

  constructor(feed: SliceFeed, sink: PollSink, options: { start: number; lateMs: number; maxSeen: number }, stored?: SliceProgress) {
    this.#feed = feed;
    this.#sink = sink;
    this.#lateMs = options.lateMs;
    this.#maxSeen = options.maxSeen;
    this.#through = stored?.through ?? options.start;
    this.#floor = stored?.floor ?? options.start;
    this.#seen = new SeenIds(stored?.seen);
  }
  progress(): SliceProgress {
    return { kind: 'slices', through: this.#through, floor: this.#floor, seen: this.#seen.stored() };
  }

  async advance(signal: AbortSignal): Promise<'more' | 'caught_up'> {
    const now = this.#sink.now();
    const to = Math.min(now, this.#through + SLICE_MS);
    const from = this.#from();
    if (to <= from) return 'caught_up';
    await this.#read(from, to, signal);
    const settled = Math.min(to, now - SETTLED_MS);
    if (settled > this.#through) {
      this.#through = settled;
      this.#forget();
      // A quiet stretch of history is not read again after a restart; the quiet of today would be written down with every poll.
      if (to < now) await this.#sink.put([]);
    }
    return to < now ? 'more' : 'caught_up';
  }

  #from(): number {
    return Math.max(this.#floor, this.#through - this.#lateMs);
  }

  async #read(from: number, to: number, signal: AbortSignal): Promise<void> {
    const fresh = await this.#fresh(from, to, signal);
    if (fresh === 'too_many') {
      const middle = Math.floor((from + to) / 2);
      await this.#read(from, middle, signal);
      await this.#read(middle, to, signal);
      return;
    }
    for (let at = 0; at < fresh.length; at += CHUNK) {
      const chunk = fresh.slice(at, at + CHUNK);
      for (const record of chunk) this.#seen.add(record.id, record.at);
      // The slice is whole and in order: nothing of it is older than what this chunk ends with.
      this.#through = Math.max(this.#through, chunk.at(-1)?.at ?? 0);
      this.#forget();
      await this.#sink.put(chunk);
    }
  }

  async #fresh(from: number, to: number, signal: AbortSignal): Promise<readonly PolledRecord[] | 'too_many'> {
    const found = new Map<string, PolledRecord>();
    let read = 0;
    for await (const page of this.#feed.pages(from, to, signal)) {
      // Older than was asked for: it was read in its time, and its id may be forgotten. Newer: it is in the next slice.
      const within = page.filter(({ at }) => at >= from && at <= to);
      for (const record of within) if (!this.#seen.has(record.id)) found.set(record.id, record);
      read += within.length;
      if (read > MAX_RECORDS && to - from > SMALLEST_SLICE_MS) return 'too_many';
    }
    return [...found.values()].toSorted((a, b) => a.at - b.at);
  }

  #forget(): void {
    this.#seen.forgetBefore(this.#from());
    while (this.#seen.size > this.#maxSeen) {
      const end = this.#seen.forgetOldest();
      if (end === undefined) return;
      this.#floor = Math.max(this.#floor, end);
      this.#sink.windowCut();
    }
  }
}
