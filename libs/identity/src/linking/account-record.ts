import { z } from 'zod';
import { DateOrInstant } from '../organisation-records.js';

/**
 * `accounts.ndjson`: an account as its directory tells of it (SCIM, LDAP, a file). Who it belongs to is found out by linking, never said here.
 * Unknown fields are kept.
 */
export const AccountRecord = z.looseObject({
  system: z.string().min(1).toLowerCase().describe('The system that keeps the account, as events name it: a source id such as `okta`'),
  name: z.string().min(1).describe('The login'),
  id: z.string().optional().describe("The system's own immutable id"),
  upn: z.string().optional().describe('User principal name, where the directory has one'),
  email: z.string().optional(),
  emails: z.array(z.string()).default([]).describe('Further addresses'),
  employeeId: z.string().optional().describe('Number or key of the person in HR'),
  displayName: z.string().optional(),
  department: z.string().optional(),
  team: z.string().optional(),
  title: z.string().optional(),
  manager: z.string().optional().describe('Any name of the manager: login, id, mail address, employee id, distinguished name'),
  dn: z.string().optional().describe('Distinguished name'),
  kind: z.enum(['human', 'service', 'shared', 'break_glass']).optional(),
  privileged: z.boolean().optional(),
  timezone: z.string().optional().describe('IANA name'),
  active: z.boolean().default(true),
  since: DateOrInstant.nullish().describe('When it became known; the oldest of several gives an identity of their own its id'),
  startsAt: DateOrInstant.nullish(),
  endsAt: DateOrInstant.nullish().describe('When it was, or will be, closed'),
  groups: z.array(z.string()).default([]).describe('`<system>:<kind>:<name>`, or the name of a group of the same system'),
});
export type AccountRecord = z.infer<typeof AccountRecord>;

/** `links.ndjson`: a person's word on whose an account is; `identity` null: nobody's of those in question, it stands on its own. */
export const LinkDecision = z.looseObject({
  system: z.string().min(1).toLowerCase(),
  name: z.string().min(1),
  identity: z.string().min(1).nullable(),
});
export type LinkDecision = z.infer<typeof LinkDecision>;

/** The account's name in maps and lists, and the id of the identity that it is as long as it belongs to nobody: `<system>:<name>`, in lower case. */
export const ownIdentityOf = ({ system, name }: { readonly system: string; readonly name: string }): string =>
  `${system.toLowerCase()}:${name.toLowerCase()}`;
