import { AccessEvent, DAY_MS, deterministicUid, LedgerKind } from '@keyward/events';
import { z } from 'zod';
import { Term, type Assessment } from '../assessment.js';

export const VERDICT_KINDS = ['benign', 'malicious'] as const;
export const DEFAULT_VERDICT_DAYS = 90;
export const MAX_VERDICT_DAYS = 365;
/** Events of one verdict and ledger: an alert lists up to 200, of which the strangest say what is to be remembered. */
export const MAX_EXAMPLES = 20;

/** What a person decided about an alert, or that he takes an earlier decision back. */
export const Verdict = z.object({
  uid: z.string().min(1),
  kind: z.enum(VERDICT_KINDS),
  scope: z.enum(['identity', 'peers']).describe('For whom a benign value is damped: the identity, or also its closest peer group'),
  at: z.number().int().describe('When it was given, epoch ms: its place among the events'),
  expiresAt: z.number().int().describe('Event time from which it counts no more, epoch ms'),
  author: z.string().min(1),
  reason: z.string(),
  alertUid: z.string().optional(),
  undoes: z.string().optional().describe('uid of the verdict that is taken back; this one has no other effect'),
});
export type Verdict = z.infer<typeof Verdict>;

/** An event that the verdict is about, with what its score was made of. */
export const VerdictExample = z.object({
  event: AccessEvent,
  p: z.number().min(0).max(1),
  stratum: z.string(),
  terms: z.array(Term.pick({ feature: true, observed: true, evidence: true, p: true, details: true })),
});
export type VerdictExample = z.infer<typeof VerdictExample>;

/**
 * A verdict in the ledger of the account whose profile learned from the events: an entry among its events, so that a profile stays a fold over one order.
 * Complete in itself: whoever folds it reads nothing else.
 */
export const VerdictEntry = z.object({
  ledger: LedgerKind,
  key: z.string().min(1),
  part: z.literal('verdict'),
  identity: z.string().min(1).describe('Whose habits the ledger holds'),
  verdict: Verdict,
  examples: z.array(VerdictExample).max(MAX_EXAMPLES),
  countsFrom: z
    .number()
    .int()
    .optional()
    .describe(
      'Set by ASSESS: UTC day (since 1970) that it was taken in on; the snapshot of the next day is the first to heed it. Absent: the day of the verdict',
    ),
});
export type VerdictEntry = z.infer<typeof VerdictEntry>;

/** The same act of the same person is the same verdict: a request that is sent twice changes nothing. @param subject the alert, or the events */
export const verdictUid = (subject: string, kind: string, author: string, at: number): string =>
  deterministicUid('verdict', subject, kind, author, at);

/** @returns the last instant that a verdict given at `at` may last, epoch ms */
export const latestExpiry = (at: number): number => at + MAX_VERDICT_DAYS * DAY_MS;

/** What a verdict keeps of a scored event. */
export const exampleOf = (event: AccessEvent, { p, stratum, terms }: Pick<Assessment, 'p' | 'stratum' | 'terms'>): VerdictExample => ({
  event,
  p,
  stratum,
  terms: terms.map(({ feature, observed, evidence, p: ofTerm, details }) => ({
    feature,
    observed,
    evidence,
    p: ofTerm,
    ...(details !== undefined && { details }),
  })),
});

/** The strangest first, then by time: at most {@link MAX_EXAMPLES}. Pure. */
export const strangest = (examples: readonly VerdictExample[]): VerdictExample[] =>
  examples
    .filter(({ terms }) => terms.length > 0)
    .toSorted((a, b) => a.p - b.p || a.event.time - b.event.time || (a.event.uid < b.event.uid ? -1 : 1))
    .slice(0, MAX_EXAMPLES);
