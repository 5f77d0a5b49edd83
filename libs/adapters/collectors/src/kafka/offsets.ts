import { randomUUID } from 'node:crypto';
import { InvalidInputError, type ForeignPosition } from '@keyward/runtime';
import { z } from 'zod';

/** Next offset by topic and partition. */
const OffsetsCursor = z.object({
  v: z.literal(1),
  kind: z.literal('kafka'),
  reader: z.string().min(1),
  offsets: z.record(z.string(), z.record(z.string().regex(/^\d+$/), z.number().int().nonnegative())),
});

/** How far each partition was read, also of topics that the settings do not name any more. */
export class Offsets {
  /**
   * Ends the name of our consumer group: the same for as long as there is the cursor, since Event Hubs counts groups and may keep each that there
   * ever was, and another one in another installation, which would else take half of the partitions.
   */
  readonly reader: string;
  readonly #topics = new Map<string, Map<number, number>>();

  private constructor(reader: string) {
    this.reader = reader;
  }

  /** @throws InvalidInputError `collector.foreign_cursor` when another kind of collector had the name before */
  static read(cursor: string | undefined, collector: string): Offsets {
    if (cursor === undefined) return new Offsets(randomUUID().slice(0, 8));
    const parsed = OffsetsCursor.safeParse(jsonOf(cursor));
    if (!parsed.success) {
      throw new InvalidInputError(
        'collector.foreign_cursor',
        `What is stored under the name ${collector} is no cursor of Kafka topics: choose another name`,
      );
    }
    const offsets = new Offsets(parsed.data.reader);
    for (const [topic, partitions] of Object.entries(parsed.data.offsets)) {
      for (const [partition, nextOffset] of Object.entries(partitions)) offsets.set({ topic, partition: Number(partition), nextOffset });
    }
    return offsets;
  }

  set({ topic, partition, nextOffset }: ForeignPosition): void {
    const partitions = this.#topics.get(topic) ?? new Map<number, number>();
    this.#topics.set(topic, partitions.set(partition, nextOffset));
  }

  all(): readonly ForeignPosition[] {
    return [...this.#topics].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, nextOffset]) => ({ topic, partition, nextOffset })),
    );
  }

  /** As it is stored. */
  cursor(): string {
    const offsets = Object.fromEntries([...this.#topics].map(([topic, partitions]) => [topic, Object.fromEntries(partitions)]));
    return JSON.stringify({ v: 1, kind: 'kafka', reader: this.reader, offsets });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
