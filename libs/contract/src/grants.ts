import { z } from 'zod';
import { EventSummary } from './events.js';
import { IdentityRef, Instant, listOf, pageOf, PageQuery, Reason } from './primitives.js';

export const GrantState = z.enum(['requested', 'approved', 'denied', 'eligible', 'active', 'expired', 'revoked']);
export type GrantState = z.infer<typeof GrantState>;

/** Where one intended revocation stands. */
export const EffectState = z.enum([
  'observed',
  'held',
  'awaiting_approval',
  'approved',
  'denied',
  'revoking',
  'revoked',
  'already_absent',
  'verified',
  'not_verified',
  'failed',
]);
export type EffectState = z.infer<typeof EffectState>;

/** A right that an identity has for a time. */
export const GrantView = z.object({
  uid: z.string(),
  identity: IdentityRef,
  system: z.string(),
  principal: z.string(),
  entitlement: z.string().describe('`<system>:<kind>:<name>`'),
  scopeId: z.string().nullable(),
  jit: z.boolean(),
  state: GrantState.describe('`expired` also when its end has passed and nobody said so'),
  requester: z.string().nullable(),
  approver: z.string().nullable(),
  justification: z.string().nullable(),
  ticket: z.string().nullable(),
  requestedAt: Instant.nullable(),
  startsAt: Instant.nullable(),
  endsAt: Instant.nullable().describe('Null: standing'),
  endedAt: Instant.nullable(),
  eventUids: z.array(z.string()),
  risk: z.number().describe("The identity's risk now"),
  openAlerts: z.number().int(),
  effect: z.object({ uid: z.string(), state: EffectState }).nullable().describe('The newest intended revocation of it'),
});
export type GrantView = z.infer<typeof GrantView>;
export const GrantPage = pageOf(GrantView);
export type GrantPage = z.infer<typeof GrantPage>;
export const GrantQuery = PageQuery.extend({
  state: listOf(GrantState).optional(),
  identity: z.string().optional(),
  system: z.string().optional(),
  jit: z.stringbool().optional(),
  text: z.string().max(200).optional(),
});
export type GrantQuery = z.infer<typeof GrantQuery>;

/** One step of the decision log. */
export const EffectStep = z.object({
  chain: z.string(),
  seq: z.number().int(),
  at: Instant,
  state: EffectState,
  guard: z.string().nullable().describe('The guard rail that said no'),
  actor: z.string().describe('`keyward`, or the user who decided'),
  reason: z.string(),
  detail: z.string().nullable(),
  hash: z.string(),
});
export type EffectStep = z.infer<typeof EffectStep>;

/** One intended revocation as it stands: its newest step. */
export const EffectView = z.object({
  uid: z.string(),
  state: EffectState,
  mode: z.enum(['observe', 'approve', 'enforce']),
  rule: z.string().describe('Id of the policy rule, or `manual`'),
  alertUid: z.string(),
  alertTitle: z.string().nullable(),
  identity: IdentityRef,
  grantUid: z.string(),
  entitlement: z.string(),
  connector: z.string(),
  reason: z.string(),
  guard: z.string().nullable(),
  actor: z.string(),
  approvals: z.array(z.string()),
  approvalsNeeded: z.number().int().describe('Different users that must approve; 2 is the two-person rule'),
  mayDecide: z.boolean().describe('Whether the user who asks may approve it now'),
  whyNot: z.string().nullable().describe('Why not, as a sentence'),
  detail: z.string().nullable(),
  firstAt: Instant,
  at: Instant,
});
export type EffectView = z.infer<typeof EffectView>;
export const EffectPage = pageOf(EffectView);
export type EffectPage = z.infer<typeof EffectPage>;
export const EffectQuery = PageQuery.extend({
  state: listOf(EffectState).optional().describe('`awaiting_approval` is the approve queue'),
  identity: z.string().optional(),
  alert: z.string().optional(),
  grant: z.string().optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
export type EffectQuery = z.infer<typeof EffectQuery>;
export const EffectDetail = z.object({ effect: EffectView, steps: z.array(EffectStep), decisions: z.lazy(() => z.array(DecisionView)) });
export type EffectDetail = z.infer<typeof EffectDetail>;

export const GrantDetail = z.object({
  grant: GrantView,
  effects: z.array(EffectView),
  timeline: z.array(EventSummary).describe('Events it was learned from, oldest first'),
  alerts: z.array(z.object({ uid: z.string(), title: z.string() })),
});
export type GrantDetail = z.infer<typeof GrantDetail>;

/** What a person decides. Answered 202: RESPOND carries it out; the stream and the effect tell how it went. */
export const NewDecision = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approve'), effectUid: z.string().min(1).max(64), reason: Reason }),
  z.object({ kind: z.literal('deny'), effectUid: z.string().min(1).max(64), reason: Reason }),
  z.object({
    kind: z.literal('revoke'),
    grantUid: z.string().min(1).max(64),
    alertUid: z.string().min(1).max(64).optional().describe('The alert it is about'),
    reason: Reason,
  }),
]);
export type NewDecision = z.infer<typeof NewDecision>;
export const DecisionView = z.object({
  uid: z.string(),
  kind: z.enum(['approve', 'deny', 'revoke']),
  effectUid: z.string().nullable(),
  alertUid: z.string().nullable(),
  grantUid: z.string().nullable(),
  user: z.string(),
  reason: z.string(),
  at: Instant,
});
export type DecisionView = z.infer<typeof DecisionView>;
