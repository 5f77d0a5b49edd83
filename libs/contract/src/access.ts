import { z } from 'zod';
import { Instant, pageOf, PageQuery } from './primitives.js';

/** Least first; each may do all that those before it may. */
export const ROLES = ['viewer', 'analyst', 'responder', 'admin'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;
export const roleAtLeast = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Sent back on every unsafe request that is authenticated by the cookie. */
export const CSRF_HEADER = 'x-keyward-csrf';

export const MIN_PASSWORD_LENGTH = 12;
const Password = z.string().min(1).max(200);
const NewPassword = z.string().min(MIN_PASSWORD_LENGTH).max(200);
/** Login name: lower case, no spaces. */
export const UserName = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@+-]{0,99}$/, 'Letters, digits and . _ @ + - only');

export const LoginRequest = z.object({ user: z.string().trim().toLowerCase().min(1).max(100), password: Password });
export type LoginRequest = z.infer<typeof LoginRequest>;

export const SessionInfo = z.object({
  user: z.string(),
  displayName: z.string(),
  role: Role,
  csrfToken: z.string().describe(`To be sent as ${CSRF_HEADER}`),
  mustChangePassword: z.boolean().describe('Until then only the session endpoints answer'),
  expiresAt: Instant.describe('Absolute end'),
  idleExpiresAt: Instant.describe('End without another request'),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

export const PasswordChange = z.object({ current: Password, next: NewPassword });
export type PasswordChange = z.infer<typeof PasswordChange>;

export const User = z.object({
  name: z.string(),
  displayName: z.string(),
  role: Role,
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  createdAt: Instant,
  changedAt: Instant,
  lastLoginAt: Instant.nullable(),
});
export type User = z.infer<typeof User>;
export const UserList = z.object({ items: z.array(User) });
export type UserList = z.infer<typeof UserList>;

export const NewUser = z.object({
  name: UserName,
  displayName: z.string().trim().min(1).max(200).optional(),
  role: Role,
  password: NewPassword.optional().describe('Absent: one is made, shown once, and has to be changed at the first login'),
});
export type NewUser = z.infer<typeof NewUser>;
/** `password` only when it was made here; it is shown once. */
export const UserWithPassword = z.object({ user: User, password: z.string().optional() });
export type UserWithPassword = z.infer<typeof UserWithPassword>;
export const UserChange = z.object({
  displayName: z.string().trim().min(1).max(200).optional(),
  role: Role.optional(),
  disabled: z.boolean().optional(),
});
export type UserChange = z.infer<typeof UserChange>;

/**
 * `ingest:<source>` or `ingest:*`: send records. `scim:<system>`: bring users and groups of that system (`scim` alone: of a system `scim`).
 * `read`: what a viewer may. `respond`: what a responder may.
 */
export const TokenScope = z
  .string()
  .regex(
    /^(ingest:(\*|[a-z0-9_-]{1,40})|scim(:[a-z0-9_-]{1,40})?|read|respond)$/,
    'ingest:<source>, ingest:*, scim:<system>, read or respond',
  );
export type TokenScope = z.infer<typeof TokenScope>;
export const TOKEN_PREFIX = 'kw_';

export const NewApiToken = z.object({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(TokenScope).min(1).max(20),
  expiresAt: Instant.optional().describe('Absent: never'),
});
export type NewApiToken = z.infer<typeof NewApiToken>;
export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  hint: z.string().describe('First characters of the token, enough to know it by'),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
});
export type ApiToken = z.infer<typeof ApiToken>;
export const ApiTokenList = z.object({ items: z.array(ApiToken) });
export type ApiTokenList = z.infer<typeof ApiTokenList>;
/** The only time that the token itself is shown. */
export const CreatedApiToken = z.object({ token: z.string(), record: ApiToken });
export type CreatedApiToken = z.infer<typeof CreatedApiToken>;

/** Who did what at the dashboard or with a token. */
export const AuditEntry = z.object({
  id: z.string(),
  at: Instant,
  user: z.string().describe('Login name, `token:<name>`, or the name that a failed login gave'),
  action: z.string().describe('`session.login`, `alert.status`, `decision.approve` ...'),
  object: z.string().describe('What it was done to: an alert uid, user name, token id'),
  outcome: z.enum(['success', 'failure']),
  detail: z.string(),
  address: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
export const AuditPage = pageOf(AuditEntry);
export type AuditPage = z.infer<typeof AuditPage>;
export const AuditQuery = PageQuery.extend({
  user: z.string().optional(),
  action: z.string().optional(),
  from: Instant.optional(),
  to: Instant.optional(),
});
export type AuditQuery = z.infer<typeof AuditQuery>;
