import { access, account, api, authentication, entity, group, lookup, managed, posted, type Rule } from './mapping.js';

/** What Vault itself answers under `sys/`; first match wins. @see https://developer.hashicorp.com/vault/api-docs/system */
export const SYSTEM_RULES: readonly Rule[] = [
  managed(/^sys\/polic(?:y|ies)\//, 'policy'),
  managed(/^sys\/(?:auth|mounts|audit)\/.+\/tune$/, 'other'),
  {
    path: /^sys\/(?:auth|mounts|audit)\/./,
    on: { write: entity('enable', 'other'), delete: entity('disable', 'other'), read: api('read', { resource: 'other' }) },
  },
  { path: /^sys\/mfa\/validate/, on: { write: authentication('logon', { step: 'second_factor' }) } },
  { path: /^sys\/(?:leases\/)?revoke(?:$|[-/])/, on: { write: entity('delete', 'secret', { credential: 'checked_in' }) } },
  posted(/^sys\/(?:leases\/)?renew(?:$|\/)/, api('update', { resource: 'secret' })),
  lookup(/^sys\/(?:leases\/(?:lookup|count)|wrapping\/lookup|capabilities|audit-hash|tools\/|internal\/)/),
  posted(/^sys\/wrapping\/unwrap/, entity('read', 'secret')),
  posted(/^sys\/wrapping\//, api('create', { resource: 'secret' })),
  posted(/^sys\/control-group\/authorize/, access('other', 'other')),
  lookup(/^sys\/control-group\/request/),
  {
    path: /^sys\/generate-(?:root|recovery-token)\//,
    on: { write: entity('create', 'account'), delete: entity('delete', 'account') },
  },
  managed(/^sys\/namespaces\/./, 'other'),
  { path: /^sys\/locked-users\/.*unlock/, on: { write: account('unlock') } },
  { path: /^sys\/(?:seal|step-down)$/, on: { write: entity('disable', 'other') } },
  { path: /^sys\/unseal$/, on: { write: entity('enable', 'other') } },
  managed(/^sys\//, 'other'),
];

/** Entities are Vault's identities; a group gives its policies to its members. @see https://developer.hashicorp.com/vault/api-docs/secret/identity */
export const IDENTITY_RULES: readonly Rule[] = [
  lookup(/^identity\/(?:lookup\/|.*\/lookup$)/),
  { path: /^identity\/entity\/(?:batch-delete)/, on: { write: account('delete') } },
  { path: /^identity\/entity\/merge/, on: { write: account('other') } },
  { path: /^identity\/entity$/, on: { write: account('create') } },
  {
    path: /^identity\/entity\/(?:id|name)\/(?<user>[^/]+)/,
    on: {
      write: account('other', { ofUser: true }),
      delete: account('delete', { ofUser: true }),
      read: api('read', { resource: 'account' }),
    },
  },
  {
    path: /^identity\/(?:entity-alias|alias|persona)\b/,
    on: { write: account('other'), delete: account('other'), read: api('read', { resource: 'account' }) },
  },
  { path: /^identity\/group(?:-alias)?$/, on: { write: group('create') } },
  {
    path: /^identity\/group(?:-alias)?\//,
    on: { write: group('update'), delete: group('delete'), read: api('read', { resource: 'group' }) },
  },
  { path: /^identity\/oidc\/token\//, on: { read: authentication('authentication_ticket') } },
  { path: /^identity\/mfa\/method\/.*admin-destroy/, on: { write: account('mfa_factor_disable') } },
  { path: /^identity\/mfa\/method\/.*generate/, on: { write: account('mfa_factor_enable'), read: account('mfa_factor_enable') } },
  managed(/^identity\/(?:mfa|oidc)\//, 'policy'),
  managed(/^identity\//, 'other'),
];

/** What sign-in methods answer under `auth/<mount>/`. @see https://developer.hashicorp.com/vault/api-docs/auth */
export const AUTH_RULES: readonly Rule[] = [
  // Tokens.
  { path: /^auth\/token\/revoke-self$/, on: { write: authentication('logoff') } },
  posted(/^auth\/token\/(?:revoke|revoke-accessor|revoke-orphan|revoke-prefix|revoke-force)(?:$|\/)/, entity('delete', 'other')),
  posted(/^auth\/token\/create(?:$|-orphan|\/)/, entity('create', 'other')),
  posted(/^auth\/token\/renew/, api('update', { resource: 'other' })),
  lookup(/^auth\/token\/(?:lookup|accessors)/),
  managed(/^auth\/token\/roles?\/./, 'role'),
  // Signing in.
  {
    path: /^auth\/.+\/(?:oidc\/callback|callback)(?:$|\/)/,
    on: { write: authentication('logon', { step: 'primary' }), read: authentication('logon', { step: 'primary' }) },
  },
  {
    path: /^auth\/.+\/(?:oidc\/auth_url|sso_service_url|nonce|challenge)$/,
    on: { write: authentication('preauth', { step: 'primary' }), read: authentication('preauth', { step: 'primary' }) },
  },
  {
    path: /^auth\/.+?\/login(?:$|\/(?<user>[^/]+)$)/,
    on: { write: authentication('logon', { step: 'primary' }), read: authentication('logon', { step: 'primary' }) },
  },
  // Users, groups and roles of a method.
  { path: /^auth\/.+\/users\/(?<user>[^/]+)\/password$/, on: { write: account('password_reset', { ofUser: true }) } },
  { path: /^auth\/.+\/users\/(?<user>[^/]+)\/policies$/, on: { write: access('assign_privileges', 'account', { ofUser: true }) } },
  {
    path: /^auth\/.+\/(?:map\/)?users\/(?<user>[^/]+)$/,
    on: {
      write: account('create', { ofUser: true }),
      delete: account('delete', { ofUser: true }),
      read: api('read', { resource: 'account' }),
    },
  },
  {
    path: /^auth\/.+\/(?:groups|map\/teams)\/[^/]+$/,
    on: { write: group('update'), delete: group('delete'), read: api('read', { resource: 'group' }) },
  },
  lookup(/^auth\/.+\/(?:secret-id|secret-id-accessor)\/lookup$/),
  posted(/^auth\/.+\/(?:secret-id|secret-id-accessor)\/destroy$/, entity('delete', 'secret')),
  posted(/^auth\/.+\/(?:secret-id|custom-secret-id)$/, entity('create', 'secret', { credential: 'checked_out' })),
  { path: /^auth\/.+\/role\/[^/]+\/role-id$/, on: { read: entity('read', 'role'), write: entity('update', 'role') } },
  managed(/^auth\/.+\/(?:role|roles|certs)\/./, 'role'),
  managed(/^auth\//, 'other'),
];
