import type { Consumed, Prepared } from '@keyward/runtime';

/** How far each partition is consumed once all of these items are, with the reach that its next record goes on from. */
export function nextOffsets(items: readonly Pick<Prepared<unknown>, 'topic' | 'partition' | 'offset' | 'place'>[]): Consumed[] {
  const next = new Map<string, Consumed>();
  for (const { topic, partition, offset, place } of items) {
    const key = `${topic}/${partition}`;
    const known = next.get(key);
    if (!known || offset >= known.nextOffset) {
      next.set(key, { topic, partition, nextOffset: offset + 1, ...(place && { note: String(place.reach) }) });
    }
  }
  return [...next.values()];
}
