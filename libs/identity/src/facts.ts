import { z } from 'zod';

/** Where a JIT grant stands. `active` ends by `expired` (its time is over) or `revoked` (somebody took it). */
export const GrantState = z.enum(['requested', 'approved', 'denied', 'eligible', 'active', 'expired', 'revoked']);
export type GrantState = z.infer<typeof GrantState>;

/** A right that an identity has for a time: the unit that RESPOND can take back. */
export const Grant = z.object({
  uid: z.string().describe('hash(system, principal, entitlement, native id)'),
  identity: z.string(),
  system: z.string().describe('Source id of the system that issued it'),
  principal: z.string().describe('Account name in that system'),
  principalId: z.string().optional(),
  entitlement: z.string().describe('`<system>:<kind>:<name>`'),
  entitlementId: z.string().optional(),
  scopeId: z.string().optional(),
  jit: z.boolean(),
  state: GrantState,
  requestId: z.string().optional(),
  requester: z.string().optional(),
  approver: z.string().optional(),
  justification: z.string().optional(),
  ticket: z.string().optional(),
  requestedAt: z.number().int().optional(),
  approvedAt: z.number().int().optional(),
  startsAt: z.number().int().optional(),
  endsAt: z.number().int().optional().describe('Absent: standing'),
  endedAt: z.number().int().optional().describe('When it was revoked or seen to expire'),
  eventUids: z.array(z.string()).describe('Events it was learned from, oldest first, at most 16'),
});
export type Grant = z.infer<typeof Grant>;

/** What events have taught about one identity; folded in its ledger next to the profile. Plain JSON. */
export const IdentityFacts = z.object({
  accounts: z.record(z.string(), z.object({ id: z.string().optional(), lastSeen: z.number().int() })).describe('`<system>:<name>` as seen'),
  entitlements: z
    .record(
      z.string(),
      z.object({ since: z.number().int(), until: z.number().int().optional(), via: z.string().describe('event uid or `context`') }),
    )
    .describe('What it holds now; JIT ones carry `until`'),
  grants: z.record(z.string(), Grant).describe('By uid; ended ones are kept 90 days'),
  disabledAt: z.record(z.string(), z.number().int()).describe('`<system>:<name>` of accounts that were disabled or deleted'),
});
export type IdentityFacts = z.infer<typeof IdentityFacts>;
