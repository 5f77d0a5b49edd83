import { CURSORS } from '@keyward/adapter-collectors';
import {
  ALERTS_TOPIC,
  DEAD_LETTER_TOPIC,
  DECISIONS_TOPIC,
  EVENTS_TOPIC,
  FINDINGS_TOPIC,
  VERDICTS_TOPIC,
  rawTopic,
  type TopicSpec,
} from '@keyward/runtime';
import { SOURCES } from '@keyward/sources';
import type { Role } from './config.js';

export interface LineStage {
  readonly role: Role;
  /** Consumer group: workers with the role share the partitions. */
  readonly group: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Topics of ours that another stage of the line reads to write what this one reads: their partitions are what marks speak of (docs/adr/0022). */
  readonly inputs?: readonly string[];
  /** Announces marks to the topic it writes first. */
  readonly announces?: boolean;
  /** No day is begun before the days before it are complete. */
  readonly alignDays?: boolean;
  /** `handler`: entries and offsets are one transaction of the stage itself. */
  readonly commits: 'reader' | 'handler';
}

/** What the line begins with: records of vendors, and what people say of alerts. */
const INPUT_TOPICS = [...SOURCES.map(({ id }) => rawTopic(id)), VERDICTS_TOPIC];

/** The straight line: vendor record -> event -> assessment and findings -> alert -> effect. */
export const LINE: readonly LineStage[] = [
  {
    role: 'ingest',
    group: 'keyward-ingest',
    reads: INPUT_TOPICS,
    writes: [EVENTS_TOPIC, DEAD_LETTER_TOPIC],
    announces: true,
    commits: 'handler',
  },
  {
    role: 'assess',
    group: 'keyward-assess',
    reads: [EVENTS_TOPIC],
    inputs: INPUT_TOPICS,
    alignDays: true,
    writes: [FINDINGS_TOPIC, DEAD_LETTER_TOPIC],
    announces: true,
    commits: 'reader',
  },
  {
    role: 'alert',
    group: 'keyward-alert',
    reads: [FINDINGS_TOPIC],
    inputs: [EVENTS_TOPIC],
    writes: [ALERTS_TOPIC, DEAD_LETTER_TOPIC],
    commits: 'reader',
  },
  { role: 'respond', group: 'keyward-respond', reads: [ALERTS_TOPIC, DECISIONS_TOPIC], writes: [DEAD_LETTER_TOPIC], commits: 'reader' },
];

/** Every topic of the line, and where its collectors stand; made at start when missing. */
export const TOPICS: readonly TopicSpec[] = [
  ...[...new Set(LINE.flatMap(({ reads, writes }) => [...reads, ...writes]))].map((name) => ({ name })),
  CURSORS,
];
