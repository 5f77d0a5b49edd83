import { z } from 'zod';
import { IdentityRef, Instant, PageQuery, pageOf, Reason, listOf } from './primitives.js';

export const LINK_RULE_NAMES = ['employee_id', 'upn', 'email', 'explicit'] as const;
export const LinkRuleName = z.enum(LINK_RULE_NAMES);
export type LinkRuleName = z.infer<typeof LinkRuleName>;

/**
 * `linked`: a rule found whose it is. `decided`: a person said so. `own`: nobody is listed to whom it belongs, so it is an identity itself.
 * `conflict`: several could be it; it stands on its own until somebody decides.
 */
export const LinkState = z.enum(['linked', 'decided', 'own', 'conflict']);
export type LinkState = z.infer<typeof LinkState>;

export const LinkDecisionView = z.object({
  uid: z.string(),
  identity: IdentityRef.nullable().describe('Null: nobody of those in question'),
  author: z.string(),
  at: Instant,
  reason: z.string(),
});
export type LinkDecisionView = z.infer<typeof LinkDecisionView>;

/** An account that a directory told of, and whose it is. */
export const AccountLinkView = z.object({
  system: z.string(),
  name: z.string(),
  displayName: z.string().nullable(),
  email: z.string().nullable(),
  employeeId: z.string().nullable(),
  active: z.boolean(),
  state: LinkState,
  identity: IdentityRef.nullable().describe('Null in a conflict'),
  rules: z.array(LinkRuleName).describe('That say so, strongest first'),
  reason: z.enum(['several_identities', 'rules_disagree', 'decision_outdated']).nullable().describe('Of a conflict'),
  candidates: z.array(z.object({ identity: IdentityRef, rules: z.array(LinkRuleName) })).describe('Of a conflict'),
  decision: LinkDecisionView.nullable(),
});
export type AccountLinkView = z.infer<typeof AccountLinkView>;
export const AccountLinkPage = pageOf(AccountLinkView);
export type AccountLinkPage = z.infer<typeof AccountLinkPage>;
export const AccountLinkQuery = PageQuery.extend({
  state: listOf(LinkState).optional(),
  system: z.string().max(100).optional(),
  text: z.string().max(200).optional().describe('Part of login, name, address or employee id, in any case'),
});
export type AccountLinkQuery = z.infer<typeof AccountLinkQuery>;

export const LinkSummary = z.object({
  conflicts: z.number().int(),
  systems: z
    .array(
      z.object({
        system: z.string(),
        accounts: z.number().int(),
        linked: z.number().int(),
        decided: z.number().int(),
        own: z.number().int(),
        conflicts: z.number().int(),
      }),
    )
    .describe('By name'),
});
export type LinkSummary = z.infer<typeof LinkSummary>;

/** Accounts that events named and the organisation does not know. */
export const UnresolvedAccounts = z.object({
  days: z.number().int(),
  accounts: z.number().int(),
  events: z.number().int(),
  bySystem: z.array(z.object({ system: z.string(), accounts: z.number().int(), events: z.number().int() })).describe('Most accounts first'),
  items: z
    .array(z.object({ system: z.string(), name: z.string(), events: z.number().int(), lastSeen: Instant }))
    .describe('Most events first, at most 200'),
});
export type UnresolvedAccounts = z.infer<typeof UnresolvedAccounts>;
export const UnresolvedQuery = z.object({
  days: z.coerce.number().int().min(1).max(90).default(7),
  system: z.string().max(100).optional(),
});
export type UnresolvedQuery = z.infer<typeof UnresolvedQuery>;

export const NewLinkDecision = z.object({
  system: z.string().min(1).max(100),
  name: z.string().min(1).max(400),
  identity: z.string().min(1).max(400).nullable().describe('Null: nobody of those in question, the account stands on its own'),
  reason: Reason,
});
export type NewLinkDecision = z.infer<typeof NewLinkDecision>;
export const LinkDecisionUndo = z.object({ reason: Reason });
export type LinkDecisionUndo = z.infer<typeof LinkDecisionUndo>;
