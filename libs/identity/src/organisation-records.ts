import { z } from 'zod';

/** A date without a time is a whole local day, both ends included; an instant is ISO 8601. */
export const DateOrInstant = z.string().min(4);
const Period = z.object({ from: DateOrInstant, to: DateOrInstant });

/** `identities.ndjson`: a person or a service. Unknown fields are kept. */
export const IdentityRecord = z.looseObject({
  id: z.string().min(1),
  accounts: z
    .array(
      z.object({
        system: z.string().min(1),
        name: z.string().min(1),
        id: z.string().min(1).optional().describe("The system's own immutable id"),
        addresses: z.array(z.string()).optional().describe('Mail addresses that the account alone bears'),
      }),
    )
    .default([]),
  displayName: z.string().optional(),
  email: z.string().optional(),
  department: z.string().optional(),
  team: z.string().optional(),
  manager: z.string().optional(),
  title: z.string().optional(),
  kind: z.enum(['human', 'service', 'shared', 'break_glass']).default('human'),
  privileged: z.boolean().default(false),
  criticality: z.union([z.number(), z.string()]).optional(),
  owner: z.string().optional(),
  timezone: z.string().optional().describe('IANA name'),
  home: z.object({ lat: z.number(), lon: z.number(), city: z.string().optional(), country: z.string().optional() }).optional(),
  status: z.enum(['active', 'terminated']).optional(),
  startsAt: DateOrInstant.nullish(),
  endsAt: DateOrInstant.nullish().describe('Decides at event time, whatever `status` says'),
  leaves: z.array(Period).default([]),
  onCall: z.array(Period).default([]),
  groups: z.array(z.string()).default([]),
  eligibleRoles: z.array(z.string()).default([]),
});
export type IdentityRecord = z.infer<typeof IdentityRecord>;

/** `assets.ndjson`: a machine or application; a managed account is `name@host`. */
export const AssetRecord = z.looseObject({
  id: z.string().min(1),
  host: z.string().optional(),
  names: z.array(z.string()).default([]),
  addresses: z.array(z.string()).default([]),
  criticality: z.union([z.number(), z.string()]).optional(),
  accounts: z.array(z.object({ name: z.string().min(1), vault: z.string().optional() })).default([]),
  requiresRole: z.string().nullish().describe('JIT role that must be active while the asset is used'),
});
export type AssetRecord = z.infer<typeof AssetRecord>;

/** `groups.ndjson` */
export const GroupRecord = z.looseObject({ group: z.string().min(1), memberOf: z.array(z.string()).default([]) });
export type GroupRecord = z.infer<typeof GroupRecord>;

/** `roles.ndjson` */
export const RoleRecord = z.looseObject({
  role: z.string().min(1),
  approvalRequired: z.boolean().default(false),
  maxHours: z.number().positive().optional(),
});
export type RoleRecord = z.infer<typeof RoleRecord>;

/** `tickets.ndjson` */
export const TicketRecord = z.looseObject({
  id: z.string().min(1),
  kind: z.enum(['change', 'incident', 'request']),
  opened: DateOrInstant.optional(),
  start: DateOrInstant.optional(),
  end: DateOrInstant.optional(),
  team: z.string().optional(),
  owner: z.string().optional(),
  summary: z.string().optional(),
});
export type TicketRecord = z.infer<typeof TicketRecord>;
