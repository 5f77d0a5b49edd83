import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES, ROUTE_LIST, roleAtLeast, type Role } from '@keyward/contract';
import type { Caller } from './caller.js';
import { decideAccess } from './decide-access.js';

const person = (role: Role, mustChangePassword = false): Caller => ({
  kind: 'session',
  user: 'anna',
  displayName: 'Anna',
  role,
  session: 'hash',
  secret: 'secret',
  mustChangePassword,
  expiresAt: 0,
  idleExpiresAt: 0,
});
const token = (...scopes: string[]): Caller => ({ kind: 'token', id: 't', name: 'siem', scopes });
const nobody: Caller = { kind: 'anonymous' };
const allowed = (access: Parameters<typeof decideAccess>[0]['access'], caller: Caller, source?: string, local = false): boolean =>
  decideAccess({ access, source, local }, caller).ok;

describe('access', () => {
  it('follows the order of roles', () => {
    for (const has of ROLES) for (const needed of ROLES) expect(allowed(needed, person(has))).toBe(roleAtLeast(has, needed));
  });
  it('lets nobody in anywhere but at public routes, or on the machine itself at local ones', () => {
    for (const [name, route] of ROUTE_LIST) expect(allowed(route.access, nobody), name).toBe(route.access === 'public');
    expect(allowed('local', nobody, undefined, true)).toBe(true);
  });
  it("never gives an administrator's rights to a token, whatever its scopes", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom('read', 'respond', 'ingest:*', 'admin', '*'), fc.string())), (scopes) => {
        expect(allowed('admin', token(...scopes))).toBe(false);
        expect(allowed('signed_in', token(...scopes))).toBe(false);
      }),
    );
  });
  it('lets a token send only what its scope names', () => {
    expect(allowed('ingest', token('ingest:okta'), 'okta')).toBe(true);
    expect(allowed('ingest', token('ingest:*'), 'okta')).toBe(true);
    expect(allowed('ingest', token('ingest:okta'), 'entra')).toBe(false);
    expect(allowed('ingest', token('read', 'respond'), 'okta')).toBe(false);
    expect(allowed('ingest', person('admin'), 'okta')).toBe(false);
    expect(allowed('viewer', token('ingest:*'))).toBe(false);
  });
  it('lets a signed delivery as far as the body, of its own source alone', () => {
    const signer: Caller = { kind: 'signer', source: 'delinea' };
    expect(allowed('ingest', signer, 'delinea')).toBe(true);
    expect(allowed('ingest', signer, 'okta')).toBe(false);
    for (const access of ['viewer', 'analyst', 'responder', 'admin', 'signed_in', 'local'] as const)
      expect(allowed(access, signer)).toBe(false);
    expect(decideAccess({ access: 'viewer', local: false }, signer)).toMatchObject({ code: 'auth.required' });
  });
  it('holds everything back until a password that somebody else made is changed', () => {
    expect(decideAccess({ access: 'viewer', local: false }, person('admin', true))).toMatchObject({
      code: 'auth.password_change_required',
    });
    expect(allowed('signed_in', person('admin', true))).toBe(true);
  });
});
