import { api, entity, managed, posted, type Rule } from './mapping.js';

type On = Rule['on'];

/** Key/value secrets: by the first of the words that version 2 puts into its paths; version 1 and cubbyhole have none. */
const KV_WORD = /\/(data|metadata|subkeys|delete|destroy|undelete)\//;
const secret: On = {
  read: entity('read', 'secret', { credential: 'checked_out' }),
  write: entity('update', 'secret', { credential: 'changed' }),
  delete: entity('delete', 'secret'),
};
/** Names and versions, without what is kept under them. */
const metadata: On = { read: api('read', { resource: 'secret' }), write: entity('update', 'secret'), delete: entity('delete', 'secret') };
const KV: Readonly<Record<string, On>> = {
  data: secret,
  metadata,
  subkeys: metadata,
  delete: { write: entity('delete', 'secret') },
  destroy: { write: entity('delete', 'secret') },
  undelete: { write: entity('enable', 'secret') },
};

/** A cubbyhole is the token's own drawer: nobody hands anything out there. @param path of a key/value engine, `secret/data/apps/billing` */
export const keyValue = (path: string): On =>
  path.startsWith('cubbyhole/') ? metadata : (KV[KV_WORD.exec(path)?.[1] ?? ''] ?? (/^[^/]+\/config$/.test(path) ? metadata : secret));

const handsOut = entity('read', 'secret', { credential: 'checked_out' });
const uses = api('other', { resource: 'secret', credential: 'used' });
const rotates = entity('update', 'secret', { credential: 'changed' });

/** Engines that make, lend or use credentials, by the words that their APIs share. @see https://developer.hashicorp.com/vault/api-docs/secret */
export const ENGINE_RULES: readonly Rule[] = [
  // Accounts that are lent: ad, ldap, openldap.
  posted(/\/library\/(?:.+\/)?[^/]+\/check-out$/, entity('read', 'account', { credential: 'checked_out' })),
  posted(/\/library\/(?:.+\/)?[^/]+\/check-in$/, entity('other', 'account', { credential: 'checked_in' })),
  { path: /\/library\/(?:.+\/)?[^/]+\/status$/, on: { read: api('read', { resource: 'account' }) } },
  managed(/\/library\/./, 'safe'),
  posted(/\/(?:rotate-role|rotate-root|rotate|rotate-credentials|root\/rotate|config\/rotate-root)(?:$|\/)/, rotates),
  posted(/\/keys\/[^/]+\/(?:rotate|trim)$/, rotates),
  // Credentials that are made for the caller: database, aws, azure, gcp, consul, nomad, rabbitmq, kubernetes, ssh, pki ...
  { path: /\/(?:static-creds?|static-cred|creds|sts)\/./, on: { read: handsOut, write: handsOut } },
  { path: /\/(?:roleset|static-account|impersonated-account)\/[^/]+\/(?:key|token)$/, on: { read: handsOut, write: handsOut } },
  { path: /^[^/]+\/(?:key|token)\/[^/]+$/, on: { read: handsOut, write: handsOut } },
  posted(/\/(?:issue|root\/generate\/exported|intermediate\/generate\/exported)(?:$|\/)/, handsOut),
  posted(/\/(?:sign|sign-verbatim|sign-intermediate|sign-self-issued)(?:$|\/)/, handsOut),
  { path: /\/export\//, on: { read: handsOut } },
  { path: /\/backup\//, on: { read: handsOut } },
  // Keys that are used without being shown: transit, totp, kmip.
  { path: /^[^/]+\/code\/./, on: { read: uses, write: uses } },
  posted(/\/(?:decrypt|encrypt|rewrap|datakey|hmac|verify)(?:$|\/)/, uses),
  posted(/\/(?:revoke|revoke-with-key)$/, entity('delete', 'secret')),
  managed(/\/(?:roles?|static-roles?|rolesets?|static-account)\/./, 'role'),
  managed(/\/keys\/./, 'secret'),
  managed(/\/(?:config|configs)(?:$|\/)/, 'other'),
];

/** What is left: an engine that nobody here knows. */
export const UNKNOWN_ENGINE: On = {
  read: api('read', { resource: 'other' }),
  write: api('update', { resource: 'other' }),
  delete: api('delete', { resource: 'other' }),
};
