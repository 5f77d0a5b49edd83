import type { Change, ChangeFeed, PulseQueries } from '@keyward/adapter-clickhouse';
import type { StreamEvent } from '@keyward/contract';
import { MINUTE_MS } from '@keyward/events';
import { describeError, type Logger } from '@keyward/runtime';

/** How often the store is asked what has changed, while somebody listens. */
const LOOK_EVERY_MS = 1_000;
const PULSE_EVERY_MS = 5_000;
/** Rows are dated when they are written and seen a little later: each look goes back this far, and what was told is not told again. */
const OVERLAP_MS = 3_000;
/** A page that was away for longer loads its lists anew. */
const MAX_REPLAY_MS = 10 * MINUTE_MS;
const MAX_REMEMBERED = 5_000;

export interface Message {
  /** For `Last-Event-ID`: the store's wall time of the change. Absent for what need not be told again. */
  readonly id?: string;
  readonly event: StreamEvent;
}
export type Listener = (message: Message) => void;

/** Tells every open page what has changed. Asks the store only while somebody listens; one look serves all. */
export class StreamHub {
  readonly #feed: ChangeFeed;
  readonly #pulse: PulseQueries;
  readonly #logger: Logger;
  readonly #listeners = new Set<Listener>();
  #told = new Set<string>();
  #through: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #nextPulse = 0;

  constructor(feed: ChangeFeed, pulse: PulseQueries, logger: Logger) {
    this.#feed = feed;
    this.#pulse = pulse;
    this.#logger = logger;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /**
   * @param lastId the last id that the page has seen: what came after is told first
   * @returns ends listening
   */
  async listen(listener: Listener, lastId?: string): Promise<() => void> {
    const missed = await this.#missed(lastId);
    for (const change of missed) listener(message(change));
    this.#listeners.add(listener);
    this.#schedule();
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  async #missed(lastId: string | undefined): Promise<Change[]> {
    const since = Number(lastId);
    if (lastId === undefined || !Number.isSafeInteger(since)) return [];
    const now = await this.#feed.now();
    return now - since > MAX_REPLAY_MS || since > now ? [] : this.#feed.since(since);
  }

  #schedule(): void {
    if (this.#timer || this.#looking || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#look()
        .catch((error: unknown) => {
          this.#logger.warn({ stage: 'stream' }, describeError(error));
        })
        .finally(() => {
          this.#looking = undefined;
          if (this.#listeners.size === 0) this.#through = undefined;
          this.#schedule();
        });
    }, LOOK_EVERY_MS);
  }

  async #look(): Promise<void> {
    // Nobody listened before: what is older stands in the lists that the page has just loaded.
    this.#through ??= (await this.#feed.now()) - LOOK_EVERY_MS * 2;
    const changes = await this.#feed.since(this.#through - OVERLAP_MS);
    const fresh = changes.filter((change) => change.at > (this.#through ?? 0) - OVERLAP_MS && !this.#told.has(change.key));
    for (const change of fresh) {
      this.#told.add(change.key);
      this.#tell(message(change));
    }
    this.#through = Math.max(this.#through, ...changes.map((change) => change.at));
    if (this.#told.size > MAX_REMEMBERED) this.#told = new Set([...this.#told].slice(-MAX_REMEMBERED / 2));
    await this.#tellPulse();
  }

  async #tellPulse(): Promise<void> {
    const now = performance.now();
    if (now < this.#nextPulse) return;
    this.#nextPulse = now + PULSE_EVERY_MS;
    this.#tell({ event: { kind: 'pulse', pulse: await this.#pulse.show() } });
  }

  #tell(told: Message): void {
    for (const listener of this.#listeners) listener(told);
  }
}

const message = (change: Change): Message => ({ id: String(change.at), event: change.event });
