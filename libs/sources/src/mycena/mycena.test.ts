import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { object } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { MYCENA_IGNORED } from './events.js';
import { mycena } from './mycena.js';

const sample = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const read = (name: string) => parsePayload(mycena, sample(name), { now: Date.UTC(2026, 0, 6) });
const results = read('events.ndjson');
const events = results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const of = (code: string): AccessEvent => {
  const found = events.find((event) => event.code === code);
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};

describe('mycena samples', () => {
  it('are each kept or ignored, as valid events whose activity is a word of their class', () => {
    for (const result of results) expect(result.kind).not.toBe('rejected');
    for (const event of events) {
      expect(AccessEvent.parse(event)).toEqual(event);
      expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    }
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(read('events.ndjson')).toEqual(results);
  });
  it('are read from pairs behind syslog and from CEF', () => {
    expect(read('lines.txt')).toMatchObject([
      { event: { nativeId: 'l-1', credential: { act: 'used', account: 'anna.b@crm' } } },
      { event: { nativeId: 'l-2', class: 'user_access', target: { name: 'anna.b' } } },
      { event: { nativeId: 'l-3', time: Date.UTC(2026, 0, 5, 9, 0, 5), privilege: { change: 'approved', approver: 'boss@example.com' } } },
      { event: { nativeId: 'l-4', activity: 'logon', outcome: 'failure' } },
      { event: { nativeId: 'l-5', activity: 'logon', outcome: 'success' } },
    ]);
  });
});

describe('a mycena event', () => {
  it.each([
    ['Sign in', 'authentication', 'logon', 'success'],
    ['Sign in failed', 'authentication', 'logon', 'failure'],
    ['2FA code sent', 'authentication', 'other', 'success'],
    ['PIN incorrect', 'authentication', 'logon', 'failure'],
    ['IP not allowed', 'authentication', 'logon', 'failure'],
    ['Device blocked', 'authentication', 'logon', 'failure'],
    ['Credential deleted', 'entity_management', 'delete', 'success'],
    ['Access key regenerated', 'account_change', 'password_change', 'success'],
    ['Access kit matched', 'group_management', 'add_user', 'success'],
    ['User deactivated', 'account_change', 'disable', 'success'],
    ['User activated', 'account_change', 'enable', 'success'],
    ['Role removed', 'user_access', 'remove_role', 'success'],
    ['IP restriction updated', 'entity_management', 'update', 'success'],
    ['Credential rule:update', 'entity_management', 'update', 'success'],
    ['PIN changed', 'account_change', 'mfa_factor_enable', 'success'],
    ['Frobnicated', 'entity_management', 'other', 'success'],
  ])('%s is %s: %s, %s', (code, ofClass, activity, outcome) => {
    expect(of(code)).toMatchObject({ class: ofClass, activity, outcome });
  });
  it('tells using a credential from seeing it', () => {
    expect(of('Credential used').credential).toMatchObject({ act: 'used', account: 'anna.b@crm' });
    expect(of('Credential copied').credential).toMatchObject({ act: 'checked_out', account: 'anna.b@ledger' });
  });
  it('gives and takes credentials of a system, for whom they are', () => {
    expect(of('Credentials distributed')).toMatchObject({
      target: { name: 'dora@example.com' },
      privilege: { change: 'granted', entitlement: 'mycena:application:CRM' },
    });
    expect(of('Credential revoked')).toMatchObject({ target: { name: 'dora@example.com' }, privilege: { change: 'revoked' } });
  });
  it('names the person, the address and the device', () => {
    expect(of('Sign in')).toMatchObject({
      actor: { system: 'mycena', name: 'anna@example.com' },
      src: { ip: '198.51.100.41' },
      device: { id: 'dev-1' },
    });
  });
});

describe('mycena records that are no events of ours', () => {
  it('are ignored for a reason of the closed set', () => {
    const reasons = results.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []));
    expect([...new Set(reasons)].sort()).toEqual([...MYCENA_IGNORED].sort());
  });
  it.each([
    [{}, 'unknown_shape'],
    [{ event: 'Sign in', user: 'anna' }, 'bad_time'],
  ])('%j is rejected: %s', (record, code) => {
    expect(mycena.parse(record)).toMatchObject({ kind: 'rejected', code });
  });
  it('never throws, whatever the JSON, and gives a valid event or none', () => {
    const bases = sample('events.ndjson')
      .toString()
      .trim()
      .split('\n')
      .map((line) => object(JSON.parse(line)));
    const key = fc.constantFrom('event', 'timestamp', 'user', 'system', 'login', 'ip', 'result', 'target_user', 'device_id');
    fc.assert(
      fc.property(fc.constantFrom(...bases), fc.dictionary(key, fc.jsonValue()), (base, more) => {
        const result = mycena.parse({ ...base, ...more });
        if (result.kind === 'kept') AccessEvent.parse(result.event);
      }),
      { numRuns: 300 },
    );
  });
});
