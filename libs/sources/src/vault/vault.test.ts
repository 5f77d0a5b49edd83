import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, object, type JsonObject } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { VAULT_IGNORED } from './mapping.js';
import { vault } from './vault.js';

const sample = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const results = parsePayload(vault, sample('audit.ndjson'));
const events = results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const of = (path: string, operation?: string): AccessEvent => {
  const found = events.find((event) => event.resource?.name === path && (operation === undefined || event.code === operation));
  if (!found) throw new Error(`no sample of ${path}`);
  return found;
};
const entry = (path: string, operation: string, more: JsonObject = {}, request: JsonObject = {}): JsonObject => ({
  time: '2026-01-05T09:00:00.123456789Z',
  type: 'response',
  auth: { display_name: 'root', accessor: 'hmac-sha256:a' },
  request: { id: 'r-1', path, operation, remote_address: '192.0.2.1', ...request },
  response: {},
  ...more,
});
function parsed(record: unknown): AccessEvent {
  const result = vault.parse(record);
  if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
  return result.event;
}

describe('vault samples', () => {
  it('are each kept or ignored, as valid events whose activity is a word of their class', () => {
    for (const result of results) expect(result.kind).not.toBe('rejected');
    for (const event of events) {
      expect(AccessEvent.parse(event)).toEqual(event);
      expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    }
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(parsePayload(vault, sample('audit.ndjson'))).toEqual(results);
  });
  it('are read from syslog, behind the prefix of a device, and from a log shipper', () => {
    expect(parsePayload(vault, sample('lines.txt'))).toMatchObject([
      { kind: 'kept', event: { outcome: 'success', actor: { name: 'anna' } } },
      { kind: 'kept', event: { outcome: 'failure' } },
      { kind: 'kept', event: { outcome: 'failure' } },
    ]);
  });
});

describe('a vault sign-in', () => {
  const logons = events.filter((event) => event.class === 'authentication' && event.activity === 'logon');
  it('names the login, the entity, the address, the browser and the token by its accessor', () => {
    expect(logons[0]).toMatchObject({
      outcome: 'success',
      code: 'update',
      actor: { system: 'vault', name: 'anna', displayName: 'userpass-anna', id: 'ent-anna' },
      src: { ip: '192.0.2.10', port: 50001 },
      device: { browser: 'Chrome 141' },
      session: { uid: 'hmac-sha256:a1', kind: 'sign_in' },
      auth: { method: 'password', step: 'primary', interactive: true },
    });
  });
  it('that failed is a failure of whom the path names, also when only the response says so', () => {
    expect(logons[1]).toMatchObject({ outcome: 'failure', actor: { name: 'anna' }, auth: { failure: 'bad_password' } });
    expect(logons[2]).toMatchObject({ outcome: 'failure', actor: { name: 'dora' }, auth: { failure: 'other' } });
  });
  it('of a program is one of a service', () => {
    expect(logons[3]).toMatchObject({ actor: { name: 'billing', kind: 'service' }, auth: { method: 'key' } });
    expect(logons.map(({ actor }) => actor?.name)).toContain('shop/web');
  });
  it('by a second factor says so, and the address of an identity provider is no sign-in yet', () => {
    expect(logons.at(-1)).toMatchObject({ auth: { step: 'second_factor', mfa: true } });
    expect(events.filter(({ activity }) => activity === 'preauth')).toHaveLength(1);
    expect(events.filter(({ activity }) => activity === 'logoff')).toHaveLength(1);
  });
});

describe('a secret', () => {
  it('that is read was handed out; a list of names, or a refusal, hands out nothing', () => {
    expect(of('secret/data/apps/billing/db')).toMatchObject({
      class: 'entity_management',
      activity: 'read',
      credential: { act: 'checked_out', account: 'secret/apps/billing/db', vault: 'secret' },
      resource: { kind: 'secret' },
    });
    expect(of('secret/metadata/apps')).toMatchObject({ class: 'api_activity', activity: 'read' });
    expect(of('secret/metadata/apps').credential).toBeUndefined();
    expect(of('secret/data/apps/payroll')).toMatchObject({ outcome: 'failure', detail: 'permission denied' });
    expect(of('secret/data/apps/payroll').credential).toBeUndefined();
    expect(of('kv/legacy/smtp').credential).toMatchObject({ act: 'checked_out' });
    expect(parsed(entry('cubbyhole/note', 'read', {}, { mount_type: 'cubbyhole' })).credential).toBeUndefined();
    expect(of('team-a/secret/data/ops').credential).toMatchObject({ account: 'team-a/secret/ops' });
  });
  it('that is made, lent, given back, used or rotated is told apart', () => {
    expect(of('database/creds/readonly').credential).toMatchObject({ act: 'checked_out', secretId: 'database/creds/readonly/3Jlx' });
    expect(of('sys/leases/revoke-prefix/database/creds/readonly').credential).toMatchObject({
      act: 'checked_in',
      account: 'database/creds/readonly',
    });
    expect(of('sys/leases/revoke').credential).toBeUndefined();
    expect(of('ldap/library/dba/check-out').credential).toMatchObject({ act: 'checked_out', account: 'ldap/library/dba' });
    expect(of('ldap/library/dba/check-in').credential).toMatchObject({ act: 'checked_in', account: 'ldap/library/dba' });
    expect(of('transit/decrypt/payroll').credential?.act).toBe('used');
    expect(of('database/rotate-root/prod').credential?.act).toBe('changed');
    expect(of('secret/data/apps/new', 'create').activity).toBe('create');
  });
});

describe('a change in vault', () => {
  it.each([
    ['sys/policies/acl/admin', 'update', 'entity_management', 'update'],
    ['sys/policies/acl/admin', 'delete', 'entity_management', 'delete'],
    ['sys/auth/github', 'update', 'entity_management', 'enable'],
    ['sys/audit/file', 'delete', 'entity_management', 'disable'],
    ['auth/userpass/users/mallory', 'create', 'account_change', 'create'],
    ['auth/userpass/users/mallory', 'delete', 'account_change', 'delete'],
    ['auth/ldap/groups/dba', 'update', 'group_management', 'update'],
    ['identity/entity', 'update', 'account_change', 'create'],
    ['identity/group/name/admins', 'update', 'group_management', 'update'],
    ['identity/lookup/entity', 'update', 'api_activity', 'read'],
    ['auth/token/create', 'update', 'entity_management', 'create'],
    ['custom/do/something', 'update', 'api_activity', 'update'],
  ])('%s by %s is %s: %s', (path, operation, ofClass, activity) => {
    expect(of(path, operation)).toMatchObject({ class: ofClass, activity });
  });
  it('of a password is a reset, unless it is the own one', () => {
    expect(of('auth/userpass/users/anna/password')).toMatchObject({ activity: 'password_change', actor: { name: 'anna' } });
    expect(of('auth/userpass/users/dora/password')).toMatchObject({ activity: 'password_reset', target: { name: 'dora' } });
  });
  it('of policies gives what is written in plain text', () => {
    expect(of('auth/userpass/users/dora/policies')).toMatchObject({
      target: { name: 'dora' },
      privilege: { change: 'granted', entitlement: 'vault:policy:admin' },
    });
    const hashed = entry('auth/userpass/users/dora/policies', 'update', {}, { data: { policies: ['hmac-sha256:1'] } });
    expect(parsed(hashed).privilege).toBeUndefined();
  });
  it('that a policy forbids is a failure, whatever else the entry says', () => {
    expect(of('transit/keys/payroll').outcome).toBe('failure');
    expect(parsed(entry('sys/raw/x', 'read', { response: { data: { errors: ['no'] } } })).outcome).toBe('failure');
    expect(parsed(entry('sys/raw/x', 'read', { error: '' })).outcome).toBe('success');
  });
});

describe('vault entries that are no events', () => {
  it('the first half of a pair is ignored, and the state of the server, and the server log', () => {
    const reasons = results.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []));
    expect([...new Set(reasons)].sort()).toEqual([...VAULT_IGNORED].sort());
    expect(results.filter((result) => result.kind === 'ignored' && result.reason === 'request_half')).toHaveLength(2);
  });
  it('a refused look at the state of the server is kept', () => {
    expect(parsed(entry('sys/metrics', 'read', { error: 'permission denied' })).outcome).toBe('failure');
  });
  it.each([
    [{}, 'unknown_shape'],
    [{ request: {} }, 'schema_mismatch'],
    [entry('a/b', 'read', { time: 'noon' }), 'bad_time'],
  ])('%j is rejected: %s', (record, code) => {
    expect(vault.parse(record)).toMatchObject({ kind: 'rejected', code });
  });
  it('never throws, whatever the JSON, and gives a valid event or none', () => {
    const bases = sample('audit.ndjson')
      .toString()
      .trim()
      .split('\n')
      .map((line) => object(JSON.parse(line)));
    const check = (result: ParseResult): void => {
      if (result.kind === 'kept') AccessEvent.parse(result.event);
    };
    const key = fc.constantFrom('auth', 'request', 'response', 'error', 'type', 'time');
    const inner = fc.constantFrom(
      'path',
      'operation',
      'data',
      'namespace',
      'headers',
      'remote_address',
      'mount_type',
      'metadata',
      'display_name',
    );
    fc.assert(
      fc.property(fc.constantFrom(...bases), key, fc.dictionary(inner, fc.jsonValue()), fc.jsonValue(), (base, name, members, value) => {
        check(vault.parse({ ...base, [name]: { ...object(base[name]), ...members } }));
        for (const one of vault.unwrap({ ...base, [name]: value })) if (isObject(one)) check(vault.parse(one));
      }),
      { numRuns: 500 },
    );
  });
  it('takes time in proportion to the length of a path, never more', () => {
    const steps = (length: number): number => {
      const record = entry(`auth/${'users/'.repeat(length)}`, 'update');
      const from = process.cpuUsage().user;
      for (let i = 0; i < 20; i += 1) vault.parse(record);
      return process.cpuUsage(undefined).user - from;
    };
    steps(2_000);
    expect(steps(16_000)).toBeLessThan(20 * steps(2_000) + 50_000);
  });
});
