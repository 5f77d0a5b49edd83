import { DAY_MS, MINUTE_MS } from '@keyward/events';
import type { SodPolicy } from './policy.js';

type Mitigation = SodPolicy['mitigations'][number];

/** Who is asked about. */
export interface SodSubject {
  readonly identity: string;
  readonly groups: ReadonlySet<string>;
  /** Of the identity at the instant asked for: a mitigation's date is a whole local day. Default 0. */
  readonly utcOffsetMinutes?: number;
}

interface Edge {
  /** Epoch ms; of a date, its midnight as if local time were UTC. */
  readonly at: number;
  readonly isLocal: boolean;
}
/** `from` inclusive, `until` exclusive; an open end is for ever. */
export interface MitigationSpan {
  readonly from: Edge | undefined;
  readonly until: Edge | undefined;
  readonly isReadable: boolean;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function readEdge(text: string, isEnd: boolean): Edge | undefined {
  const isLocal = DATE.test(text.trim());
  const at = Date.parse(isLocal ? `${text.trim()}T00:00:00Z` : text);
  return Number.isNaN(at) ? undefined : { at: at + (isLocal && isEnd ? DAY_MS : 0), isLocal };
}

/** A mitigation whose dates can't be read mitigates nothing. */
export function mitigationSpan(mitigation: Pick<Mitigation, 'from' | 'to'>): MitigationSpan {
  const from = mitigation.from === undefined ? undefined : readEdge(mitigation.from, false);
  const until = mitigation.to === undefined ? undefined : readEdge(mitigation.to, true);
  const isReadable = (from !== undefined || mitigation.from === undefined) && (until !== undefined || mitigation.to === undefined);
  return { from, until, isReadable };
}

/** True when the mitigation covers the subject at the instant. */
export function mitigates(mitigation: Mitigation, span: MitigationSpan, subject: SodSubject, at: number): boolean {
  const isFor = mitigation.identity === subject.identity || (mitigation.group !== undefined && subject.groups.has(mitigation.group));
  if (!isFor || !span.isReadable) return false;
  const local = at + (subject.utcOffsetMinutes ?? 0) * MINUTE_MS;
  const isAfter = (edge: Edge): boolean => (edge.isLocal ? local : at) >= edge.at;
  return (span.from === undefined || isAfter(span.from)) && (span.until === undefined || !isAfter(span.until));
}
