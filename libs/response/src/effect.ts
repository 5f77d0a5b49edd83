import { z } from 'zod';

export const ResponseMode = z.enum(['observe', 'approve', 'enforce']);
export type ResponseMode = z.infer<typeof ResponseMode>;

/** Where one intended revocation stands. Every step is a row of the decision log. */
export const EffectState = z.enum([
  'observed', // mode observe: this is what would have been done
  'held', // a guard rail said no; `guard` names it
  'awaiting_approval',
  'approved',
  'denied',
  'revoking',
  'revoked', // the system answered; not yet verified
  'already_absent',
  'verified', // looked in the system: access is gone
  'not_verified', // looked, and something still stands
  'failed',
]);
export type EffectState = z.infer<typeof EffectState>;

/** One row of the decision log: append-only, hash-chained within its chain. */
export const Effect = z.object({
  uid: z.string().describe('hash(alert, grant, connector): one intended revocation; its steps share it'),
  chain: z.string().describe('One writer at a time: the partition of access.alerts or access.decisions it came from'),
  seq: z.number().int().nonnegative(),
  prevHash: z.string(),
  hash: z.string().describe('SHA-256 over the canonical JSON of all other fields'),
  at: z.number().int().describe('Wall time of the step, epoch ms'),
  state: EffectState,
  mode: ResponseMode,
  rule: z.string().describe('Id of the policy rule, or `manual`'),
  alertUid: z.string(),
  identity: z.string(),
  grantUid: z.string(),
  entitlement: z.string(),
  connector: z.string(),
  reason: z.string(),
  guard: z.string().optional(),
  actor: z.string().describe('`keyward`, or the user who decided'),
  approvals: z.array(z.string()).describe('Users who approved so far'),
  detail: z.string().optional().describe("The system's answer, or what still stands"),
});
export type Effect = z.infer<typeof Effect>;

/** What a person decided; a message of `access.decisions`, key: effect uid or alert uid. */
export const Decision = z.object({
  uid: z.string(),
  kind: z.enum(['approve', 'deny', 'revoke']),
  effectUid: z.string().optional().describe('approve and deny'),
  alertUid: z.string().optional().describe('revoke: the alert it is about'),
  grantUid: z.string().optional().describe('revoke: the grant to take back'),
  user: z.string(),
  reason: z.string().min(1),
  at: z.number().int(),
});
export type Decision = z.infer<typeof Decision>;
