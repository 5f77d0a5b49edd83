import { createHash } from 'node:crypto';
import { z } from 'zod';

/** 11 characters of base64url are 66 bits: among 60 000 ids the chance that a new one is taken for one of them is 1 in 10^15. */
const KEY_CHARS = 11;
const BUCKET_MS = 10_000;

/** Keys of ten seconds, written one behind the other; the first number is epoch ms / 10 000. */
const StoredIds = z.array(z.tuple([z.number().int(), z.string()]));

/** Records that were put already, as far as the vendor may show them again: a hash of each id, in buckets of ten seconds, so that old ones can be forgotten. */
export class SeenIds {
  readonly #buckets = new Map<number, Set<string>>();
  #size = 0;

  constructor(stored: readonly (readonly [number, string])[] = []) {
    for (const [bucket, keys] of stored) {
      for (let at = 0; at + KEY_CHARS <= keys.length; at += KEY_CHARS) this.#add(keys.slice(at, at + KEY_CHARS), bucket);
    }
  }
  get size(): number {
    return this.#size;
  }
  has(id: string): boolean {
    const key = keyOf(id);
    for (const keys of this.#buckets.values()) if (keys.has(key)) return true;
    return false;
  }
  /** @param stamp epoch ms by which it will be forgotten */
  add(id: string, stamp: number): void {
    this.#add(keyOf(id), Math.floor(stamp / BUCKET_MS));
  }
  /** Forgets the buckets that ended before an instant. */
  forgetBefore(instant: number): void {
    for (const [bucket, keys] of this.#buckets) {
      if ((bucket + 1) * BUCKET_MS > instant) continue;
      this.#size -= keys.size;
      this.#buckets.delete(bucket);
    }
  }
  /** Forgets the oldest bucket. @returns when it ended; undefined when there is no more than one left */
  forgetOldest(): number | undefined {
    if (this.#buckets.size < 2) return undefined;
    const end = (Math.min(...this.#buckets.keys()) + 1) * BUCKET_MS;
    this.forgetBefore(end);
    return end;
  }
  stored(): z.infer<typeof StoredIds> {
    return [...this.#buckets].map(([bucket, keys]) => [bucket, [...keys].join('')]);
  }
  #add(key: string, bucket: number): void {
    const keys = this.#buckets.get(bucket) ?? new Set();
    this.#buckets.set(bucket, keys);
    if (keys.has(key)) return;
    keys.add(key);
    this.#size += 1;
  }
}
const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url').slice(0, KEY_CHARS);

/** What is known of a list that is read by slices of time. Instants in epoch ms. */
export const SliceProgress = z.object({
  kind: z.literal('slices'),
  /** Everything the vendor showed up to here has been put; what comes late is looked for behind it. */
  through: z.number(),
  /** Nothing before this is looked for. */
  floor: z.number(),
  seen: StoredIds,
});
export type SliceProgress = z.infer<typeof SliceProgress>;

/** What is known of a list whose next page the vendor names. */
export const TailProgress = z.object({
  kind: z.literal('tail'),
  /** The vendor's own name of the place to go on at. */
  position: z.string().optional(),
  /** Places where we were before, oldest first: by when everything before it had been put, time of the record before it, the place. */
  marks: z.array(z.tuple([z.number(), z.number(), z.string()])),
  /** Time of the record before `position`. */
  lastAt: z.number(),
  /** When an older place was last gone back to. */
  rewoundAt: z.number(),
  /** Going over what was read before: no new marks until the end is reached. */
  rewinding: z.boolean(),
  /** Time of the newest record. */
  newest: z.number().optional(),
  seen: StoredIds,
});
export type TailProgress = z.infer<typeof TailProgress>;

const PollCursor = z.object({
  version: z.literal(1),
  /** Where the history begins, epoch ms: it stays there over restarts. */
  start: z.number(),
  feeds: z.record(z.string(), z.union([SliceProgress, TailProgress])),
});
export type PollCursor = z.infer<typeof PollCursor>;

/** @throws Error when it is no cursor of a poller: going on without it would give everything twice */
export function readCursor(text: string): PollCursor {
  return PollCursor.parse(JSON.parse(text));
}
