import { ALERTS_TOPIC, DECISIONS_TOPIC, EVENTS_TOPIC, FINDINGS_TOPIC, VERDICTS_TOPIC, rawTopic } from '@keyward/runtime';
import { SOURCES } from '@keyward/sources';
import type { ConsumerGroup } from './parts.js';

/** The consumer groups of the line (`apps/pipeline/src/line.ts`), for the pulse of an API that runs as a process of its own. */
export const LINE_CONSUMERS: readonly ConsumerGroup[] = [
  { group: 'keyward-ingest', topics: [...SOURCES.map(({ id }) => rawTopic(id)), VERDICTS_TOPIC] },
  { group: 'keyward-assess', topics: [EVENTS_TOPIC] },
  { group: 'keyward-alert', topics: [FINDINGS_TOPIC] },
  { group: 'keyward-respond', topics: [ALERTS_TOPIC, DECISIONS_TOPIC] },
];
