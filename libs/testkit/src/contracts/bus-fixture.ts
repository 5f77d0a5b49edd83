import { randomUUID } from 'node:crypto';
import type { MessageBus } from '@keyward/runtime';
import { note } from './recording-stage.js';

export const newGroup = (): string => `group-${randomUUID()}`;

/** A topic that nobody else has. */
export async function newTopic(bus: MessageBus, partitions = 2): Promise<string> {
  const topic = `test.${randomUUID()}`;
  await bus.ensureTopics([{ name: topic, partitions }]);
  return topic;
}

/** One note an id, whose time it is too; seven keys. */
export const send = (bus: MessageBus, topic: string, ids: readonly number[]): Promise<void> =>
  bus.publisher().publish(ids.map((id) => note(topic, `key-${id % 7}`, String(id), id)));
