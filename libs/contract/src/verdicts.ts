import { z } from 'zod';
import { IdentityRef, Instant, pageOf, PageQuery, Reason, Score } from './primitives.js';

export const VerdictKind = z.enum(['benign', 'malicious']);
export type VerdictKind = z.infer<typeof VerdictKind>;
export const VerdictScope = z.enum(['identity', 'peers']);
export type VerdictScope = z.infer<typeof VerdictScope>;
export const DEFAULT_VERDICT_DAYS = 90;
export const MAX_VERDICT_DAYS = 365;

/** What scoring is to learn from an alert. */
export const VerdictWish = z.object({
  kind: VerdictKind,
  scope: VerdictScope.default('identity').describe(
    'For whom what was unusual is accepted: the identity, or also its closest peer group. Of a malicious one it means nothing',
  ),
  days: z.number().int().min(1).max(MAX_VERDICT_DAYS).default(DEFAULT_VERDICT_DAYS).describe('After so many days it counts no more'),
});
export type VerdictWish = z.infer<typeof VerdictWish>;
export const NewVerdict = VerdictWish.extend({ reason: Reason });
export type NewVerdict = z.infer<typeof NewVerdict>;

export const VerdictState = z.enum(['in_force', 'expired', 'undone']);
export type VerdictState = z.infer<typeof VerdictState>;

export const VerdictView = z.object({
  uid: z.string(),
  kind: VerdictKind,
  scope: VerdictScope,
  identity: IdentityRef,
  alertUid: z.string(),
  author: z.string(),
  reason: z.string(),
  at: Instant,
  expiresAt: Instant,
  about: z.array(z.string()).describe('What was unusual, in sentences, strongest first'),
  state: VerdictState,
  isApplied: z.boolean().describe('Whether scoring has taken it in: seconds after it was given, later while the line is behind'),
  undone: z.object({ by: z.string(), at: Instant, reason: z.string() }).nullable(),
});
export type VerdictView = z.infer<typeof VerdictView>;
export const VerdictPage = pageOf(VerdictView);
export type VerdictPage = z.infer<typeof VerdictPage>;

export const VerdictQuery = PageQuery.extend({
  state: VerdictState.optional(),
  identity: z.string().max(400).optional(),
  alert: z.string().max(64).optional().describe('uid of an alert'),
});
export type VerdictQuery = z.infer<typeof VerdictQuery>;

export const VerdictUndo = z.object({ reason: Reason });
export type VerdictUndo = z.infer<typeof VerdictUndo>;

/** An alert of the last 30 days that the same verdict speaks of. `score` is that of its most alarming event of behaviour. */
export const VerdictEffect = z.object({
  alertUid: z.string(),
  title: z.string(),
  identity: IdentityRef,
  lastTime: Instant,
  score: Score,
  scoreWith: Score,
  wouldAlert: z.boolean().describe('Whether there would still be an alert: its events still alarm, or a rule found it'),
});
export type VerdictEffect = z.infer<typeof VerdictEffect>;

/** What a verdict would change, before it is given. What a benign one absorbs comes on top: scores would be at most these. */
export const VerdictPreview = z.object({
  kind: VerdictKind,
  at: Instant,
  expiresAt: Instant,
  events: z.number().int().describe('Events of the alert that it would be about'),
  about: z.array(z.string()).describe('What was unusual, in sentences, strongest first'),
  scored: Score.describe("The alert's most alarming event of behaviour, as it was scored when it came"),
  score: Score.describe('The same, as its terms are worth today'),
  scoreWith: Score,
  wouldAlert: z.boolean().describe('Under the alert budget in force'),
  rules: z.array(z.string()).describe('Detections of the alert that no verdict damps'),
  similar: z.array(VerdictEffect).describe('Other alerts of the last 30 days that it speaks of, newest first, at most 50'),
  peers: z.object({
    group: z.string().nullable().describe('Closest peer group of the identity'),
    members: z.number().int(),
    agreeing: z.number().int().describe('Other members with a benign verdict in force on the same thing'),
    raises: z.boolean().describe('Whether with this one the whole group learns it, from the next UTC day on'),
  }),
});
export type VerdictPreview = z.infer<typeof VerdictPreview>;
