import { InvalidInputError, NotFoundError } from '@keyward/runtime';
import { SeenIds, type TailProgress } from './poll-cursor.js';
import type { FeedReader, PolledRecord, PollSink, TailFeed, TailPage } from './feed.js';

/** A place where we were: everything before it had been put by `putBy`, and the record before it happened at `at`. */
interface Mark {
  readonly putBy: number;
  readonly at: number;
  readonly position: string;
}

/**
 * Reads a list whose next page the vendor names, and goes back now and then to a place where it was `lateMs` ago: whatever the vendor has put in
 * behind us since is found there. What was put already is known by its id.
 */
export class TailReader implements FeedReader {
  readonly #feed: TailFeed;
  readonly #sink: PollSink;
  readonly #options: { readonly start: number; readonly lateMs: number; readonly maxSeen: number };
  #position: string | undefined;
  #marks: readonly Mark[];
  /** Time of the record that stands before our place. */
  #lastAt: number;
  #rewoundAt: number;
  #rewinding: boolean;
  #newest: number | undefined;
  #justOpened = false;
  readonly #seen: SeenIds;

  constructor(feed: TailFeed, sink: PollSink, options: { start: number; lateMs: number; maxSeen: number }, stored?: TailProgress) {
    this.#feed = feed;
    this.#sink = sink;
    this.#options = options;
    this.#position = stored?.position;
    this.#marks = (stored?.marks ?? []).map(([putBy, at, position]) => ({ putBy, at, position }));
    this.#lastAt = stored?.lastAt ?? 0;
    this.#rewoundAt = stored?.rewoundAt ?? sink.now();
    this.#rewinding = stored?.rewinding ?? false;
    this.#newest = stored?.newest;
    this.#seen = new SeenIds(stored?.seen);
  }
  progress(): TailProgress {
    return {
      kind: 'tail',
      ...(this.#position !== undefined && { position: this.#position }),
      marks: this.#marks.map(({ putBy, at, position }) => [putBy, at, position]),
      lastAt: this.#lastAt,
      rewoundAt: this.#rewoundAt,
      rewinding: this.#rewinding,
      ...(this.#newest !== undefined && { newest: this.#newest }),
      seen: this.#seen.stored(),
    };
  }

  async advance(signal: AbortSignal): Promise<'more' | 'caught_up'> {
    if (this.#position === undefined) return this.#open(signal);
    this.#mark(this.#position);
    const page = await this.#page(this.#position, signal);
    if (page === undefined) {
      this.#position = undefined;
      return 'more';
    }
    this.#justOpened = false;
    const stands = page.next === this.#position;
    this.#position = page.next;
    // Only an empty page is the end: a vendor may give short ones before it.
    const last = page.records.at(-1);
    if (last) this.#lastAt = last.at;
    else this.#rewinding = false;
    await this.#put(page.records);
    if (!last) this.#rewindWhenDue();
    return !last || stands ? 'caught_up' : 'more';
  }

  /** The first place of all, or a new one where the vendor does not know ours any more. */
  async #open(signal: AbortSignal): Promise<'more' | 'caught_up'> {
    const { start, lateMs } = this.#options;
    const since = this.#newest === undefined ? start : Math.max(start, this.#newest - lateMs);
    const opened = await this.#feed.open(since, signal);
    this.#position = opened.position;
    this.#justOpened = true;
    this.#lastAt = since;
    this.#marks = opened.position === undefined ? [] : [{ putBy: 0, at: since, position: opened.position }];
    this.#rewinding = this.#newest !== undefined;
    await this.#put(opened.records);
    return opened.position === undefined ? 'caught_up' : 'more';
  }

  /** @returns undefined when the vendor does not know the place any more: it was kept for too long, or belongs to another tenant */
  async #page(position: string, signal: AbortSignal): Promise<TailPage | undefined> {
    try {
      return await this.#feed.page(position, signal);
    } catch (error) {
      const lost = error instanceof InvalidInputError || error instanceof NotFoundError;
      if (lost && !this.#justOpened) return undefined;
      throw error;
    }
  }

  async #put(records: readonly PolledRecord[]): Promise<void> {
    const now = this.#sink.now();
    const fresh = [...new Map(records.map((record) => [record.id, record])).values()].filter(({ id }) => !this.#seen.has(id));
    if (fresh.length === 0) return;
    for (const { id, at } of fresh) {
      this.#seen.add(id, now);
      if (at <= now) this.#newest = Math.max(this.#newest ?? at, at);
    }
    this.#forget();
    await this.#sink.put(fresh);
  }

  /** A place is worth remembering when everything before it has been put by now and nothing behind it yet. */
  #mark(position: string): void {
    const putBy = this.#sink.now();
    const at = Math.min(putBy, this.#lastAt);
    const newest = this.#marks.at(-1);
    if (this.#rewinding || (newest && (at - newest.at < this.#everyMs() / 4 || newest.position === position))) return;
    const marks = [...this.#marks, { putBy, at, position }];
    // What came late since the last look back happened no earlier than this.
    const oldest = marks.findLastIndex((mark) => mark.at <= this.#rewoundAt - this.#options.lateMs);
    this.#marks = marks.slice(Math.max(0, oldest));
    this.#forget();
  }

  #everyMs(): number {
    return this.#options.lateMs / 2;
  }

  #rewindWhenDue(): void {
    const now = this.#sink.now();
    const [oldest] = this.#marks;
    if (now - this.#rewoundAt < this.#everyMs()) return;
    this.#rewoundAt = now;
    if (!oldest || oldest.position === this.#position) return;
    this.#position = oldest.position;
    this.#lastAt = oldest.at;
    this.#rewinding = true;
  }

  /** Stamps are when a record was put: no earlier than when it happened, so that both ways back, by mark and by time, are covered. */
  #forget(): void {
    const [oldest] = this.#marks;
    const { lateMs, maxSeen } = this.#options;
    if (!this.#rewinding && oldest && this.#newest !== undefined) {
      this.#seen.forgetBefore(Math.min(oldest.putBy, this.#newest - 2 * lateMs));
    }
    // On the way over an old stretch what is oldest is what comes first: it is kept for as long as the cursor fits into a record of the bus.
    while (this.#seen.size > maxSeen * (this.#rewinding ? 1.3 : 1)) {
      const end = this.#seen.forgetOldest();
      if (end === undefined) return;
      this.#marks = this.#marks.filter(({ putBy }) => putBy >= end);
      this.#sink.windowCut();
    }
  }
}
