import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, DECISIONS_TOPIC, EVENTS_TOPIC, FINDINGS_TOPIC, rawTopic, type TopicSpec } from '@keyward/runtime';
import { SOURCES } from '@keyward/sources';
import type { Role } from './config.js';

export interface LineStage {
  readonly role: Role;
  /** Consumer group: workers with the role share the partitions. */
  readonly group: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** `handler`: entries and offsets are one transaction of the stage itself. */
  readonly commits: 'reader' | 'handler';
}

/** The straight line: vendor record -> event -> assessment and findings -> alert -> effect. */
export const LINE: readonly LineStage[] = [
  {
    role: 'ingest',
    group: 'keyward-ingest',
    reads: SOURCES.map(({ id }) => rawTopic(id)),
    writes: [EVENTS_TOPIC, DEAD_LETTER_TOPIC],
    commits: 'handler',
  },
  { role: 'assess', group: 'keyward-assess', reads: [EVENTS_TOPIC], writes: [FINDINGS_TOPIC, DEAD_LETTER_TOPIC], commits: 'reader' },
  { role: 'alert', group: 'keyward-alert', reads: [FINDINGS_TOPIC], writes: [ALERTS_TOPIC, DEAD_LETTER_TOPIC], commits: 'reader' },
  { role: 'respond', group: 'keyward-respond', reads: [ALERTS_TOPIC, DECISIONS_TOPIC], writes: [DEAD_LETTER_TOPIC], commits: 'reader' },
];

/** Every topic of the line; made at start when missing. */
export const TOPICS: readonly TopicSpec[] = [...new Set(LINE.flatMap(({ reads, writes }) => [...reads, ...writes]))].map((name) => ({
  name,
}));
