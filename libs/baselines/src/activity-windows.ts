import { DAY_MS, HOUR_MS } from '@keyward/events';
import { z } from 'zod';
import type { Count } from './counts.js';
import { HashList, NO_HASHES } from './hash-list.js';

/** Targets of one day that are told apart; the 101st and what follows are counted as one. */
const MAX_TARGETS = 100;
/** After so long a quiet, failures belong to another story than the success. */
const FAILURES_LAST_MS = DAY_MS;

/** One act, as far as it is counted. */
export interface CountedAct {
  readonly at: number;
  /** Hash of what was reached for. */
  readonly target: string | undefined;
  readonly secret: boolean;
  readonly grant: boolean;
  /** Hashes of applications and resources of others that it never used before. */
  readonly firstUses: readonly string[];
  /** False for a background act: what it reaches for counts for the day, its hour is a machine's choice. */
  readonly deliberate: boolean;
}

export type Teach = (count: Count, value: number, day: number, isOdd: boolean) => void;

export const ActivityWindowsWire = z.object({
  h: z.tuple([z.number().int(), z.number().int(), z.number().int()]).optional().describe('hour, acts, 1 when odd'),
  d: z
    .tuple([z.number().int(), z.number().int(), z.number().int(), z.number().int(), z.string()])
    .optional()
    .describe('day, secrets, grants, 1 when odd, hashes of targets'),
  n: z.string().optional().describe('hashes of what was used for the first time on the day'),
  f: z.tuple([z.number().int(), z.number()]).optional().describe('failed sign-ins since the last success, time of the last one'),
});
type ActivityWindowsWire = z.infer<typeof ActivityWindowsWire>;
/** First uses of one day that are told apart. */
const MAX_FIRST_USES = 20;

/**
 * What an identity has done in the clock hour and UTC day of its newest act, and its failed sign-ins since the last success. Everything counts here, also what
 * is too odd to be learned: a burst of odd acts is a burst. When a window is over it teaches its total; where an act in it must never teach, no more than is
 * about usual (winsorised). Not learning from it at all would keep a job that has grown alarming for ever.
 */
export class ActivityWindows {
  #hour = -1;
  #acts = 0;
  #isOddHour = false;
  #day = -1;
  #secrets = 0;
  #grants = 0;
  #isOddDay = false;
  #targets = NO_HASHES;
  #firstUses = NO_HASHES;
  #insertions = 0;
  #failures = 0;
  #failedAt = 0;

  /** How many it would be with this act; undefined for a record older than the window. */
  actsWith(at: number): number | undefined {
    const hour = Math.floor(at / HOUR_MS);
    return hour < this.#hour ? undefined : hour === this.#hour ? this.#acts + 1 : 1;
  }
  /** @returns undefined when the target was reached for before on that day, or the record is older than the window */
  targetsWith(at: number, target: string): number | undefined {
    const day = Math.floor(at / DAY_MS);
    if (day < this.#day || (day === this.#day && this.#targets.has(target))) return undefined;
    return day === this.#day ? this.#targets.size + 1 : 1;
  }
  secretsWith(at: number): number | undefined {
    const day = Math.floor(at / DAY_MS);
    return day < this.#day ? undefined : day === this.#day ? this.#secrets + 1 : 1;
  }
  grantsWith(at: number): number | undefined {
    const day = Math.floor(at / DAY_MS);
    return day < this.#day ? undefined : day === this.#day ? this.#grants + 1 : 1;
  }
  /** @returns undefined when all were among the day's first uses before, or the record is older than the window */
  firstUsesWith(at: number, uses: readonly string[]): number | undefined {
    const day = Math.floor(at / DAY_MS);
    if (day < this.#day) return undefined;
    if (day > this.#day) return uses.length;
    const more = uses.filter((use) => !this.#firstUses.has(use)).length;
    return more === 0 ? undefined : this.#firstUses.size + more;
  }
  /** Failed sign-ins since the last success, none when the last one is a day ago. */
  failuresBefore(at: number): number {
    return at - this.#failedAt > FAILURES_LAST_MS ? 0 : this.#failures;
  }

  /** Targets that were new so far. */
  get insertions(): number {
    return this.#insertions;
  }
  /** Targets and first uses of the day. */
  get targets(): number {
    return this.#targets.size + this.#firstUses.size;
  }

  fail(at: number): void {
    this.#failures = this.failuresBefore(at) + 1;
    this.#failedAt = Math.max(this.#failedAt, at);
  }
  succeed(): void {
    this.#failures = 0;
    this.#failedAt = 0;
  }

  /**
   * @param isOdd when the act must never teach
   * @param teach called for each window that is over, with its total, and whether an act in it must never teach
   */
  add({ at, target, secret, grant, firstUses, deliberate }: CountedAct, isOdd: boolean, teach: Teach): void {
    const day = Math.floor(at / DAY_MS);
    if (deliberate) this.#addToHour(Math.floor(at / HOUR_MS), isOdd, teach);
    if (day > this.#day) {
      this.#closeDay(teach);
      this.#day = day;
    }
    if (day !== this.#day) return;
    this.#isOddDay ||= isOdd;
    if (secret) this.#secrets += 1;
    if (grant) this.#grants += 1;
    for (const use of firstUses) {
      if (this.#firstUses.size >= MAX_FIRST_USES || this.#firstUses.has(use)) continue;
      this.#firstUses = this.#firstUses.with(use);
      this.#insertions += 1;
    }
    if (target !== undefined && this.#targets.size < MAX_TARGETS && !this.#targets.has(target)) {
      this.#targets = this.#targets.with(target);
      this.#insertions += 1;
    }
  }

  #addToHour(hour: number, isOdd: boolean, teach: Teach): void {
    if (hour > this.#hour) {
      if (this.#hour >= 0) teach('hour', this.#acts - 1, Math.floor(this.#hour / 24), this.#isOddHour);
      this.#hour = hour;
      this.#acts = 0;
      this.#isOddHour = false;
    }
    if (hour !== this.#hour) return;
    this.#acts += 1;
    this.#isOddHour ||= isOdd;
  }

  #closeDay(teach: Teach): void {
    if (this.#day >= 0) {
      teach('dst', this.#targets.size, this.#day, this.#isOddDay);
      teach('sec', this.#secrets, this.#day, this.#isOddDay);
      teach('grt', this.#grants, this.#day, this.#isOddDay);
      teach('new', this.#firstUses.size, this.#day, this.#isOddDay);
    }
    this.#secrets = this.#grants = 0;
    this.#isOddDay = false;
    this.#targets = NO_HASHES;
    this.#firstUses = NO_HASHES;
  }

  toJSON(): ActivityWindowsWire {
    return {
      ...(this.#hour >= 0 && { h: [this.#hour, this.#acts, this.#isOddHour ? 1 : 0] as [number, number, number] }),
      ...(this.#day >= 0 && {
        d: [this.#day, this.#secrets, this.#grants, this.#isOddDay ? 1 : 0, String(this.#targets)] as [
          number,
          number,
          number,
          number,
          string,
        ],
      }),
      ...(this.#firstUses.size > 0 && { n: this.#firstUses.toString() }),
      ...(this.#failures > 0 && { f: [this.#failures, this.#failedAt] as [number, number] }),
    };
  }

  static from({ h, d, n, f }: ActivityWindowsWire): ActivityWindows {
    const windows = new ActivityWindows();
    if (h) {
      [windows.#hour, windows.#acts] = h;
      windows.#isOddHour = h[2] === 1;
    }
    if (d) {
      [windows.#day, windows.#secrets, windows.#grants] = d;
      windows.#isOddDay = d[3] === 1;
      if (d[4] !== '') windows.#targets = new HashList(d[4]);
    }
    if (n !== undefined) windows.#firstUses = new HashList(n);
    if (f) [windows.#failures, windows.#failedAt] = f;
    return windows;
  }
}
