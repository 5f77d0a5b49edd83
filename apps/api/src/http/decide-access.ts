import { roleAtLeast, type ErrorCode, type Role, type RouteAccess } from '@keyward/contract';
import type { Caller } from './caller.js';

export interface Asked {
  readonly access: RouteAccess;
  /** The `:source` of an ingest route. */
  readonly source?: string | undefined;
  /** The request came from this machine, not through a proxy. */
  readonly local: boolean;
}
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

const OK: Verdict = { ok: true };
const no = (code: ErrorCode, message: string): Verdict => ({ ok: false, code, message });
const SIGN_IN = 'Sign in first, or send an API token.';

/** Whether a caller may use a route. Pure; what is not said to be allowed is refused. */
export function decideAccess(asked: Asked, caller: Caller): Verdict {
  switch (asked.access) {
    case 'public':
      return OK;
    case 'local':
      if (asked.local) return OK;
      return decideRole('viewer', caller);
    case 'ingest':
      return decideIngest(asked.source ?? '', caller);
    case 'scim':
      return decideScim(caller);
    case 'signed_in':
      if (caller.kind === 'session') return OK;
      return caller.kind === 'token' ? no('auth.forbidden', 'This needs a signed-in person, not a token.') : no('auth.required', SIGN_IN);
    case 'viewer':
    case 'analyst':
    case 'responder':
    case 'admin':
      return decideRole(asked.access, caller);
  }
}

function decideIngest(source: string, caller: Caller): Verdict {
  // Only who the sender may be: that the signature is right is seen when the body is read.
  if (caller.kind === 'signer' && caller.source === source) return OK;
  if (caller.kind !== 'token') {
    return caller.kind !== 'session'
      ? no('auth.required', 'Send an API token with the scope of the source.')
      : no('auth.forbidden', 'Records are sent with an API token, not with a session.');
  }
  if (caller.scopes.includes('ingest:*') || caller.scopes.includes(`ingest:${source}`)) return OK;
  return no('auth.forbidden', 'The token may not send records of this source.');
}

function decideScim(caller: Caller): Verdict {
  if (scimSystemOf(caller) !== undefined) return OK;
  return caller.kind === 'anonymous' || caller.kind === 'signer'
    ? no('auth.required', 'Send an API token with the scope scim:<system>.')
    : no('auth.forbidden', 'Users and groups are brought with an API token of the scope scim:<system>.');
}

/** The system whose users and groups a token brings; undefined when it brings none. */
export function scimSystemOf(caller: Caller): string | undefined {
  const scope = caller.kind === 'token' ? caller.scopes.find((one) => one === 'scim' || one.startsWith('scim:')) : undefined;
  return scope === 'scim' ? 'scim' : scope?.slice('scim:'.length);
}

function decideRole(needed: Role, caller: Caller): Verdict {
  if (caller.kind === 'anonymous' || caller.kind === 'signer') return no('auth.required', SIGN_IN);
  if (caller.kind === 'session') {
    if (caller.mustChangePassword) return no('auth.password_change_required', 'Change the password first.');
    return roleAtLeast(caller.role, needed) ? OK : no('auth.forbidden', `This needs the role ${needed}.`);
  }
  const role = roleOfScopes(caller.scopes);
  if (role && roleAtLeast(role, needed)) return OK;
  return no('auth.forbidden', `The token does not reach as far as the role ${needed}.`);
}

/** `read` is a viewer, `respond` a responder; no token is an admin. */
function roleOfScopes(scopes: readonly string[]): Role | undefined {
  if (scopes.includes('respond')) return 'responder';
  return scopes.includes('read') ? 'viewer' : undefined;
}
