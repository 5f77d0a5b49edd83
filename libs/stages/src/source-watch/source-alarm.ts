import type { Alert, AlertEvidence } from '@keyward/alerts';
import { alertUid, isoInstant, MINUTE_MS, type Severity } from '@keyward/events';

export type SourceAlarmKind = 'silent' | 'late' | 'rejecting';

/** Something that is, or was, wrong with a source. */
export interface SourceAlarm {
  /** Of its alert: one for each silence. */
  readonly uid: string;
  /** 1: raised; 2: over. */
  readonly version: 1 | 2;
  readonly source: string;
  readonly kind: SourceAlarmKind;
  /** silent: its last record; else the beginning of the hour that stood out. Wall time, epoch ms, as are the others. */
  readonly since: number;
  readonly raisedAt: number;
  readonly endedAt: number | undefined;
  /** What was seen, and what is usual. */
  readonly sentence: string;
}

interface KindOfAlarm {
  readonly detection: string;
  readonly severity: Severity;
  /** As an alert's: 0 to 100. */
  readonly score: number;
  /** MITRE ATT&CK: who wants not to be seen stops the log. */
  readonly attack: readonly string[];
  readonly title: (source: string) => string;
  readonly over: (source: string) => string;
}
const KINDS: Readonly<Record<SourceAlarmKind, KindOfAlarm>> = {
  silent: {
    detection: 'source_silent',
    severity: 'high',
    score: 75,
    attack: ['T1562'],
    title: (source) => `Source ${source} has fallen silent`,
    over: (source) => `Source ${source} speaks again`,
  },
  rejecting: {
    detection: 'source_rejecting',
    severity: 'medium',
    score: 50,
    attack: [],
    title: (source) => `Records of source ${source} can't be read`,
    over: (source) => `Records of source ${source} can be read again`,
  },
  late: {
    detection: 'source_late',
    severity: 'low',
    score: 30,
    attack: [],
    title: (source) => `Records of source ${source} come late`,
    over: (source) => `Records of source ${source} come in time again`,
  },
};

/** In place of an identity: an alert about a source is about nobody. */
const subjectOf = (source: string): string => `source:${source}`;

/** @param since see `SourceAlarm.since` @returns the same for everybody who sees the same silence */
export const sourceAlarmUid = (source: string, kind: SourceAlarmKind, since: number): string =>
  alertUid(subjectOf(source), KINDS[kind].detection, String(Math.floor(since / MINUTE_MS)));

/** The alert that an alarm is told by: the same alarm gives the same alert. */
export function alertOfSource(alarm: SourceAlarm): Alert {
  const { detection, severity, score, attack, title, over } = KINDS[alarm.kind];
  const { uid, version, source, since, raisedAt, endedAt, sentence } = alarm;
  const dedupeKey = `${detection}:${source}`;
  const ended = endedAt === undefined ? [] : [`${over(source)} since ${isoInstant(endedAt)}.`];
  const evidence: AlertEvidence = {
    ...{
      findingUid: uid,
      detection,
      title: title(source),
      kind: 'rule' as const,
      severity,
      source,
      time: raisedAt,
      p: 1,
      dedupeKey,
      sentence,
    },
    observed: { since: isoInstant(since), ...(endedAt !== undefined && { until: isoInstant(endedAt) }) },
    explanation: [],
    attack: [...attack],
    eventUids: [],
    grantUids: [],
  };
  return {
    ...{ uid, version, identity: subjectOf(source), displayName: `Source ${source}`, severity, score, dedupeKey },
    title: endedAt === undefined ? title(source) : over(source),
    entityRisk: 0,
    contributions: [],
    firstTime: since,
    lastTime: endedAt ?? raisedAt,
    detections: [detection],
    attack: [...attack],
    findingUids: [],
    eventUids: [],
    grantUids: [],
    sources: [source],
    explanation: [...ended, sentence],
    evidence: [evidence],
    notify: true,
    ...(endedAt !== undefined && { isOver: true }),
  };
}
