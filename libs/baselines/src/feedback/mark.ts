import { z } from 'zod';
import { COUNT_NAMES } from '../counts.js';
import { LEVEL_NAMES } from '../levels.js';

/** What was accepted once covers a quarter more: the same export is never the same size. */
const SLACK = 1.25;
/** And an hour to both sides. */
const SLACK_MINUTES = 60;
const MINUTES_A_DAY = 1_440;

/**
 * What makes two terms of a feature the same thing: a name, and for counts and hours a number. The words of a term won't do: they say "another provider" first
 * and the network itself later, for the same act.
 */
export interface Likeness {
  readonly like: string;
  readonly measure?: number | undefined;
  /** B2: verbs that were unusual. */
  readonly verbs?: readonly string[] | undefined;
}

/** One unusual thing that a verdict is about, with what is absorbed of it where peers are taught. */
export const Mark = z.object({
  f: z.string().describe('Feature'),
  l: z.string().describe('`like` of its likeness'),
  m: z.number().optional(),
  v: z.array(z.string()).optional().describe('Verbs'),
  t: z.partialRecord(z.enum(LEVEL_NAMES), z.string()).optional().describe('Values by level'),
  b: z.number().int().optional().describe('Bin of the time of week'),
  k: z
    .tuple([z.enum(COUNT_NAMES), z.number().int()])
    .optional()
    .describe('Count and what was observed'),
});
export type Mark = z.infer<typeof Mark>;

/** Whether what was said about `mark` holds for a term of its feature. */
export function covers(mark: Pick<Mark, 'l' | 'm' | 'v'>, { like, measure = 0, verbs = [] }: Likeness): boolean {
  if (mark.l !== like) return false;
  if (like === 'verbs') return verbs.every((verb) => mark.v?.includes(verb));
  if (like.startsWith('@')) {
    const apart = Math.abs(measure - (mark.m ?? 0));
    return Math.min(apart, MINUTES_A_DAY - apart) <= SLACK_MINUTES;
  }
  return !like.startsWith('#') || measure <= (mark.m ?? 0) * SLACK;
}

/** The same thing of the same feature, for counting who said so too. Hours are compared by the whole hour. */
export const nameOf = ({ f, l, m, v }: Mark): string =>
  `${f}|${l}${l.startsWith('@') ? ` ${Math.floor((m ?? 0) / 60)}` : ''}${v ? ` ${v.toSorted().join(' ')}` : ''}`;
