import { HOUR_MS } from '@keyward/events';
import type { ParsedRecord } from './parsed-record.js';
import type { IgnoredSample } from './ports.js';

/** Enough to see what it is; a record that nobody needs is not to be kept whole. */
const SAMPLE_BYTES = 4 * 1024;
/** A source has a handful of reasons. One that makes up thousands gets samples of these only. */
const MAX_REASONS = 1_000;

/** Picks a record now and then that shows what is ignored: one of each source and reason an hour. */
export class IgnoredSamples {
  /** By source and reason: wall time of the last one, epoch ms. */
  readonly #taken = new Map<string, number>();

  /** @param now epoch ms @returns what is to be stored; nothing while all have one that is younger than an hour */
  of(
    items: readonly { readonly topic: string; readonly partition: number; readonly offset: number; readonly value: ParsedRecord }[],
    now: number,
  ): readonly IgnoredSample[] {
    const samples: IgnoredSample[] = [];
    for (const { topic, partition, offset, value } of items) {
      const { source, record, results } = value;
      const [only] = results;
      // Of many in one payload nobody could say which it is.
      if (results.length !== 1 || only?.kind !== 'ignored') continue;
      const key = `${source} ${only.reason}`;
      const before = this.#taken.get(key);
      if (before === undefined ? this.#taken.size >= MAX_REASONS : now - before < HOUR_MS) continue;
      this.#taken.set(key, now);
      const payload = record.value.subarray(0, SAMPLE_BYTES).toString('base64');
      samples.push({ source, reason: only.reason, topic, partition, offset, bytes: record.value.length, payload });
    }
    return samples;
  }
}
