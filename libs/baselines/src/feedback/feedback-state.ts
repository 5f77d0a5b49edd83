import { z } from 'zod';
import { COUNT_NAMES } from '../counts.js';
import { LEVEL_NAMES } from '../levels.js';
import { Mark } from './mark.js';
import { VERDICT_KINDS } from './verdict.js';

/** What was added to an identity's tables, or taken out of them, in decay units relative to `b`: so that it can be taken back. */
export const Change = z.object({
  b: z.number().int().describe('Base day of the weights'),
  v: z.array(z.tuple([z.enum(LEVEL_NAMES), z.string(), z.number().int()])),
  w: z.array(z.tuple([z.number().int(), z.number().int()])).describe('Bins of the time of week'),
  k: z.array(z.tuple([z.enum(COUNT_NAMES), z.number().int(), z.number().int(), z.number().int()])).describe('Count: weight, sum, squares'),
  f: z.number().int().describe('First uses of resources'),
});
export type Change = z.infer<typeof Change>;

const HeldLesson = z.object({
  at: z.number(),
  values: z.record(z.string(), z.string()),
  bin: z.number().int().optional(),
  counts: z.partialRecord(z.enum(COUNT_NAMES), z.number().int()).optional(),
  privilege: z.string().optional(),
});

/** A verdict in the profile of the identity that it is about, until it expires or is taken back. */
export const VerdictInForce = z.object({
  u: z.string().describe('uid'),
  i: z.enum(VERDICT_KINDS),
  a: z.number().int().describe('Given at, epoch ms'),
  z: z.number().int().describe('Expires at, event time'),
  n: z.string().describe('Author'),
  m: z.array(Mark),
  c: Change.optional().describe('Benign: what was absorbed. Malicious: what was taken out'),
  d: z.array(HeldLesson).optional().describe('Lessons that were on hold: disputed by a malicious verdict, absorbed by a benign one'),
});
export type VerdictInForce = z.infer<typeof VerdictInForce>;

/** Verdicts of one identity, oldest first; a profile without any has none of this. */
export const FeedbackState = z.array(VerdictInForce);
export type FeedbackState = readonly VerdictInForce[];

/** Beyond so many the oldest one ends early: a profile stays small, and who needs more has a rule to write. */
export const MAX_VERDICTS = 8;
/** Different things that one verdict is about. */
export const MAX_MARKS = 16;

/** When the next of them ends, event time; Infinity without any. */
export const firstEnd = (feedback: FeedbackState | undefined): number =>
  feedback === undefined ? Infinity : feedback.reduce((first, { z: end }) => Math.min(first, end), Infinity);

/** When all that was learned is forgotten, there is nothing left to take back. What was said still holds. */
export const withoutChanges = (feedback: FeedbackState | undefined): FeedbackState | undefined =>
  feedback?.map(({ u, i, a, z: until, n, m }) => ({ u, i, a, z: until, n, m }));
