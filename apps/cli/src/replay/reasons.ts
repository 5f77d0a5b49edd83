import type { DayReason } from '@keyward/baselines';
import type { TalliedCommand } from './command-blocks.js';

/** Reasons that a row of risk.ndjson or sessions.ndjson names. */
const MAX_REASONS = 3;
export interface Reason {
  readonly p: number;
  readonly text: string;
}
/** Its words are made only when it is among the strongest. */
export interface Candidate {
  readonly p: number;
  readonly say: () => string;
}

export function keepStrongest(reasons: Reason[], { p, say }: Candidate): void {
  if (reasons.length === MAX_REASONS && p >= (reasons.at(-1)?.p ?? 1)) return;
  const said = say();
  if (reasons.some(({ text }) => text === said)) return;
  reasons.push({ p, text: said });
  reasons.sort((a, b) => a.p - b.p);
  if (reasons.length > MAX_REASONS) reasons.pop();
}

/** What is tallied of an assessed event. */
export interface Tallied {
  readonly time: number;
  /** Whom it counts for. */
  readonly identity: string;
  /** `<source>:<session uid>` */
  readonly session: string | undefined;
  /** Undefined when nothing could be evaluated: counted as p = 1 it would dilute what the others say. */
  readonly p: number | undefined;
  /** The words of its strongest term. */
  readonly say: (() => string) | undefined;
  /** Features that were evaluated. */
  readonly terms: readonly DayReason[];
  /** Of a command in a privileged session. */
  readonly command?: TalliedCommand | undefined;
}
export const reasonOf = ({ p, say }: Pick<Tallied, 'p' | 'say'>): Candidate | undefined =>
  p === undefined || !say ? undefined : { p, say };
