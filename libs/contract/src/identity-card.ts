import { z } from 'zod';
import { IdentityRef, Instant, Score } from './primitives.js';

export const IdentityKind = z.enum(['human', 'service', 'shared', 'break_glass', 'unknown']);
export type IdentityKind = z.infer<typeof IdentityKind>;

/** An identity in one line of a list. */
export const IdentitySummary = IdentityRef.extend({
  kind: IdentityKind.describe('`unknown` when the organisation does not list it'),
  privileged: z.boolean(),
  department: z.string().nullable(),
  team: z.string().nullable(),
  title: z.string().nullable(),
  status: z.enum(['active', 'not_started', 'left', 'unknown']),
  risk: Score.describe('Now: decayed to the instant of the answer'),
  openAlerts: z.number().int(),
  activeGrants: z.number().int(),
  lastSeen: Instant.nullable(),
});
export type IdentitySummary = z.infer<typeof IdentitySummary>;

/** Who an alert is about. */
export const IdentityCard = IdentitySummary.extend({
  email: z.string().nullable(),
  manager: IdentityRef.nullable(),
  owner: IdentityRef.nullable().describe('Of a service account'),
  home: z.object({ lat: z.number(), lon: z.number(), city: z.string().nullable(), country: z.string().nullable() }).nullable(),
  timezone: z.string().nullable(),
  criticality: z.number().describe('0.5 low, 1 medium, 1.5 high, 2 critical'),
  onLeave: z.boolean(),
  onCall: z.boolean(),
});
export type IdentityCard = z.infer<typeof IdentityCard>;
