import { z } from 'zod';
import { SourceId } from './source-id.js';

/** OCSF 1.8 classes that Keyward reads and writes; their numbers stand in `ocsf/classes.ts`. */
export const EVENT_CLASSES = [
  'authentication',
  'authorize_session',
  'account_change',
  'user_access',
  'group_management',
  'entity_management',
  'api_activity',
  'process_activity',
] as const;
export const EventClass = z.enum(EVENT_CLASSES);
export type EventClass = z.infer<typeof EventClass>;

export const Outcome = z.enum(['success', 'failure']);
export type Outcome = z.infer<typeof Outcome>;

/**
 * A login in one system. Not an identity: several accounts can be one person.
 * `name` is the login as people write it, lower case; a host's own account is `name@host`.
 */
export const Account = z.object({
  system: z.string().min(1).describe('The system that keeps the account: a source id, or the directory a vendor names'),
  name: z.string().min(1),
  id: z.string().optional().describe("The system's own immutable id"),
  displayName: z.string().optional(),
  email: z.string().optional(),
  kind: z.enum(['human', 'service', 'system', 'admin']).optional().describe('What the vendor says the account is'),
  identity: z.string().optional().describe('Set by INGEST: id from the organisation, or `<system>:<name>`'),
});
export type Account = z.infer<typeof Account>;

/** A place as precise as it is known. `radiusKm` is the accuracy radius: about 50 city, 250 region, 1000 country. */
export const Geo = z.object({
  lat: z.number().min(-90).max(90).optional(),
  lon: z.number().min(-180).max(180).optional(),
  radiusKm: z.number().positive().optional(),
  city: z.string().optional(),
  region: z.string().optional(),
  country: z.string().optional().describe('ISO 3166-1 alpha-2 where known, else as the vendor writes it'),
});
export type Geo = z.infer<typeof Geo>;

/** Where the act came from, as the system that logged it saw it. */
export const Endpoint = z.object({
  ip: z.string().optional().describe('IPv4 or IPv6 in canonical form'),
  port: z.number().int().min(0).max(65_535).optional(),
  hostname: z.string().optional(),
  geo: Geo.optional(),
  geoFrom: z.enum(['vendor', 'database']).optional(),
  asn: z.number().int().nonnegative().optional(),
  asOrg: z.string().optional(),
  networkKind: z.enum(['hosting', 'vpn', 'tor', 'relay', 'satellite', 'mobile', 'corporate', 'private']).optional(),
});
export type Endpoint = z.infer<typeof Endpoint>;

export const Device = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  userAgent: z.string().optional(),
  browser: z.string().optional().describe('Name and major version, `Chrome 126`'),
  os: z.string().optional().describe('Name and major version, `Windows 11`'),
  type: z.string().optional().describe('desktop, mobile, tablet, server, bot'),
  managed: z.boolean().optional(),
});
export type Device = z.infer<typeof Device>;

export const Session = z.object({
  uid: z.string().describe("The vendor's id of the session; with `source` it names one session"),
  tokenId: z.string().optional().describe('Id of the token that was shown, never the token'),
  kind: z.enum(['sign_in', 'privileged']).optional(),
});
export type Session = z.infer<typeof Session>;

/** How the actor proved who he is. */
export const Authentication = z.object({
  method: z.string().optional().describe('password, push, totp, fido2, sms, certificate, kerberos, key, federated, token ...'),
  mfa: z.boolean().optional().describe('True when a second factor was shown (or asked for, when the outcome is failure)'),
  step: z.enum(['primary', 'second_factor', 'session']).optional().describe('Which step of the sign-in this record tells of'),
  factorResult: z.enum(['approved', 'denied', 'timeout', 'challenged']).optional().describe('What became of a push or code'),
  interactive: z.boolean().optional(),
  protocol: z.string().optional(),
  application: z.string().optional().describe('What was signed in to'),
  failure: z
    .enum(['bad_password', 'bad_factor', 'unknown_user', 'locked', 'disabled', 'expired', 'policy', 'interrupted', 'other'])
    .optional(),
});
export type Authentication = z.infer<typeof Authentication>;

/** What was reached for: an application, host, secret, safe, role, group, API. */
export const Resource = z.object({
  kind: z.enum(['application', 'host', 'secret', 'safe', 'role', 'group', 'account', 'policy', 'api', 'database', 'device', 'other']),
  name: z.string().min(1),
  id: z.string().optional(),
  host: z.string().optional().describe('The machine it stands on, lower case'),
});
export type Resource = z.infer<typeof Resource>;

/**
 * What an event says about who may do what. `entitlement` is `<system>:<kind>:<name>`, as `sod.json` writes it.
 * Present on every event that gives or takes a role, group, application or JIT grant.
 */
export const Privilege = z.object({
  change: z.enum(['requested', 'approved', 'denied', 'cancelled', 'granted', 'activated', 'expired', 'revoked', 'extended']),
  entitlement: z.string().min(1),
  entitlementId: z.string().optional().describe("The issuing system's id of the role or group, for the call that takes it back"),
  scopeId: z.string().optional().describe('Directory scope, e.g. "/" in Entra'),
  jit: z.boolean().describe('True when it is for a time, or an activation of an eligibility'),
  eligible: z.boolean().optional().describe('True when it gives the right to activate, not the role itself'),
  requestId: z.string().optional().describe('Joins request, approval, activation and end'),
  requester: z.string().optional().describe('Account name of who asked'),
  approver: z.string().optional().describe('Account name of who approved'),
  startsAt: z.number().int().optional().describe('Epoch milliseconds'),
  endsAt: z.number().int().optional().describe('Epoch milliseconds; absent: standing'),
  justification: z.string().optional(),
  ticket: z.string().optional(),
  approvedAfterMs: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('Set by ASSESS where a right begins that somebody else approved: from request to approval, as the ledger has both'),
});
export type Privilege = z.infer<typeof Privilege>;

/** Use of a credential that a vault keeps. `account` is `name@host`, or the cloud account's login. */
export const Credential = z.object({
  act: z.enum(['checked_out', 'checked_in', 'changed', 'used', 'session_opened', 'session_closed']),
  account: z.string().min(1),
  vault: z.string().optional().describe('Safe, folder or mount'),
  secretId: z.string().optional(),
});
export type Credential = z.infer<typeof Credential>;

/** Somebody in whose hands an account was that is nobody's own, such as `root@db1`. */
export const Holder = z.object({
  identity: z.string(),
  since: z.number().int().describe('Epoch ms'),
  through: z.enum(['check_out', 'use', 'session', 'switch']).describe('Check-out, use without showing it, brokered session, su or sudo'),
});
export type Holder = z.infer<typeof Holder>;

/**
 * One thing that somebody or something did, in OCSF 1.8 words: what the whole line behind the parser works on.
 * Instants are epoch milliseconds UTC; ids are the vendor's unless said otherwise; text is as the vendor wrote it, never trusted as markup.
 */
export const AccessEvent = z.object({
  uid: z.string().describe('hash(source, nativeId): the same record gives the same uid'),
  nativeId: z.string().describe("The vendor's own id of the record"),
  source: SourceId,
  time: z.number().int().describe('When it happened, epoch ms UTC, by the vendor'),
  class: EventClass,
  activity: z.string().min(1).describe('OCSF activity of the class, snake case: logon, assign_privileges ...'),
  code: z.string().min(1).describe("The vendor's own name of the operation: `metadata.event_code`"),
  outcome: Outcome,
  detail: z.string().optional().describe("The vendor's reason or message, one line"),
  actor: Account.optional().describe('Who acted; absent when the vendor names nobody'),
  heldBy: z
    .array(Holder)
    .optional()
    .describe("Set by ASSESS: who held the actor's account then. One: the act counts for him; several: it can't be told for whom"),
  target: Account.optional().describe('The account that was acted on, when it is not the actor'),
  src: Endpoint.optional(),
  device: Device.optional(),
  session: Session.optional(),
  auth: Authentication.optional(),
  resource: Resource.optional(),
  privilege: Privilege.optional(),
  credential: Credential.optional(),
  command: z.string().optional().describe('Command line, SQL text or keystrokes in a privileged session'),
  ticket: z.string().optional().describe('Change or incident number the actor gave'),
  vendorRisk: z
    .object({ level: z.enum(['none', 'low', 'medium', 'high']).optional(), detections: z.array(z.string()).optional() })
    .optional()
    .describe('What the vendor itself thought of it; an input, never the verdict'),
  quantity: z.number().nonnegative().optional().describe('Bytes or rows moved, where the vendor counts'),
});
export type AccessEvent = z.infer<typeof AccessEvent>;
