import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { defined, firstText, object, text, type JsonObject } from '../json.js';

/** Values that Vault has hashed (`hmac-sha256:...`) name nobody. */
export const plain = (value: unknown): string | undefined => {
  const found = text(value);
  return found === undefined || found.startsWith('hmac-sha') ? undefined : found;
};

/** Metadata in which sign-in methods write the login, the surest first. */
const LOGIN = ['username', 'user_name', 'email', 'preferred_username', 'upn', 'login', 'common_name', 'role_name', 'service_account_name'];
/** Methods whose callers are programs. */
const MACHINES = /^(?:approle|kubernetes|k8s|aws|gcp|azure|jwt-|alicloud|oci|pcf|cf|spiffe|token-)/;
/** A method's own users, as their display name has them: mount, `-`, login. Only customary mounts: of another one the name stays as it is. */
const MOUNT_PREFIX = /^(?:userpass|ldap|oidc|okta|github|radius|kerberos|saml|cert)-(?=.)/;

/**
 * Who a token was made for. The login as people write it (`anna`), which Vault keeps in the metadata of most methods; its display name
 * (`userpass-anna`) stands beside it; the id is that of Vault's entity.
 *
 * @param auth `auth` of an entry, or of its response
 */
export function holderOf(auth: JsonObject): Account | undefined {
  const displayName = plain(auth['display_name']);
  const metadata = object(auth['metadata']);
  const login = namespaced(metadata) ?? firstText(...LOGIN.map((key) => plain(metadata[key])));
  const name = accountName(login ?? displayName?.replace(MOUNT_PREFIX, ''));
  if (name === undefined) return undefined;
  const email = plain(metadata['email']);
  const isRoot = displayName === 'root' && login === undefined;
  return defined<Account>({
    system: 'vault',
    name,
    id: plain(auth['entity_id']),
    displayName,
    email,
    kind: isRoot ? 'admin' : MACHINES.test(displayName ?? '') ? 'service' : undefined,
  });
}

/** Kubernetes says the name in two parts. */
function namespaced(metadata: JsonObject): string | undefined {
  const name = plain(metadata['service_account_name']);
  const namespace = plain(metadata['service_account_namespace']);
  return name !== undefined && namespace !== undefined ? `${namespace}/${name}` : undefined;
}

/** An account that only the path names: `auth/userpass/login/anna`. */
export function namedAccount(user: string | undefined): Account | undefined {
  const name = accountName(plain(user));
  return name === undefined ? undefined : { system: 'vault', name };
}
