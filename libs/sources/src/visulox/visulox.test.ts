import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { object } from '../json.js';
import { ACTIVITIES } from '../ocsf-export/activities.js';
import { parsePayload } from '../payload.js';
import { VISULOX_IGNORED } from './events.js';
import { visulox } from './visulox.js';

const sample = (name: string): Buffer => readFileSync(resolve(import.meta.dirname, 'samples', name));
const read = (name: string) => parsePayload(visulox, sample(name), { now: Date.UTC(2026, 0, 6) });
const results = read('events.ndjson');
const events = results.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const of = (code: string): AccessEvent => {
  const found = events.find((event) => event.code === code);
  if (!found) throw new Error(`no sample of ${code}`);
  return found;
};

describe('visulox samples', () => {
  it('are each kept or ignored, as valid events whose activity is a word of their class', () => {
    for (const result of results) expect(result.kind).not.toBe('rejected');
    for (const event of events) {
      expect(AccessEvent.parse(event)).toEqual(event);
      expect(Object.keys(ACTIVITIES[event.class]), event.code).toContain(event.activity);
    }
    expect(new Set(events.map(({ uid }) => uid)).size).toBe(events.length);
    expect(read('events.ndjson')).toEqual(results);
  });
  it('give each element of an envelope its own answer, also one that is no record', () => {
    const [record] = sample('events.ndjson').toString('utf8').split('\n');
    const answers = (items: string): string[] =>
      parsePayload(visulox, Buffer.from(`{"items":${items}}`), { now: Date.UTC(2026, 0, 6) }).map(({ kind }) => kind);
    expect(answers(`[${record ?? ''},[null],"x"]`)).toEqual(['kept', 'rejected', 'rejected']);
    expect(answers('["x","y"]')).toHaveLength(1);
  });
  it('are read from pairs behind syslog, with quotes or semicolons, from CEF, and from an envelope', () => {
    expect(read('lines.txt')).toMatchObject([
      { event: { nativeId: 'k-1', code: 'Login', src: { ip: '198.51.100.40' }, time: Date.UTC(2026, 0, 5, 9, 0, 1) } },
      { event: { nativeId: 'k-2', resource: { name: 'VLX Jump Shell' }, time: Date.UTC(2026, 0, 5, 9, 0, 2) } },
      { event: { nativeId: 'k-3', outcome: 'failure', time: Date.UTC(2026, 0, 5, 9, 0, 3) } },
      { event: { nativeId: 'k-4', outcome: 'failure', command: 'reboot' } },
      {
        event: {
          nativeId: 'k-5',
          activity: 'logoff',
          actor: { name: 'chief' },
          target: { name: 'miller' },
          time: Date.UTC(2026, 0, 5, 9, 0, 5),
        },
      },
      {
        event: {
          nativeId: 'k-6',
          actor: { name: 'miller' },
          src: { ip: '198.51.100.40' },
          credential: { account: 'root@db1.example.com' },
        },
      },
      { event: { nativeId: 'k-7', activity: 'logon', outcome: 'failure' } },
      { event: { nativeId: 'k-8', class: 'process_activity', outcome: 'failure', command: 'rm -rf /' } },
      { event: { nativeId: 'k-9', activity: 'logon', outcome: 'failure', auth: { failure: 'bad_factor' } } },
      { event: { nativeId: 'k-10', credential: { act: 'checked_out', account: 'root@db1.example.com' } } },
      { event: { nativeId: 'k-11', class: 'account_change', activity: 'lock' } },
    ]);
  });
});

describe('a visulox event', () => {
  it.each([
    ['Login', 'authentication', 'logon', 'success'],
    ['Login failed', 'authentication', 'logon', 'failure'],
    ['multipleloginfailures', 'authentication', 'logon', 'failure'],
    ['2faPinRequested', 'authentication', 'other', 'success'],
    ['2faPinAccepted', 'authentication', 'logon', 'success'],
    ['2faPinRejected', 'authentication', 'logon', 'failure'],
    ['webtopSessionEndedByAdmin', 'authentication', 'logoff', 'success'],
    ['sessionControllerStarted', 'authentication', 'logon', 'success'],
    ['sessionUncontolledStarted', 'authentication', 'logon', 'success'],
    ['sessionEndedByAdmin', 'authentication', 'logoff', 'success'],
    ['reject', 'authorize_session', 'other', 'failure'],
    ['Command denied', 'process_activity', 'launch', 'failure'],
    ['Keyword detected', 'process_activity', 'launch', 'success'],
    ['File Transfer:Download', 'entity_management', 'read', 'success'],
    ['Dual Control started', 'authentication', 'logon', 'success'],
    ['Access denied by policy', 'authentication', 'logon', 'failure'],
    ['Policy changed', 'entity_management', 'update', 'success'],
    ['Policy:create', 'entity_management', 'create', 'success'],
    ['User created', 'account_change', 'create', 'success'],
    ['Frobnicated', 'entity_management', 'other', 'success'],
  ])('%s is %s: %s, %s', (code, ofClass, activity, outcome) => {
    expect(of(code)).toMatchObject({ class: ofClass, activity, outcome });
  });
  it('names the owner, his address and the session', () => {
    expect(of('sessionControllerStarted')).toMatchObject({
      actor: { system: 'visulox', name: 'miller', email: 'miller@example.com' },
      src: { ip: '198.51.100.40' },
      session: { uid: 's-1', kind: 'privileged' },
      resource: { kind: 'application', name: 'VLX Jump Shell' },
    });
  });
  it('on a host takes an account there; a command that was blocked used nothing', () => {
    expect(of('Connection opened')).toMatchObject({
      target: { name: 'root@db1.example.com' },
      credential: { act: 'session_opened', account: 'root@db1.example.com' },
    });
    expect(of('Command allowed').credential?.act).toBe('used');
    expect(of('Command denied').credential).toBeUndefined();
  });
  it('of access for a time is for who asked, never for who decided', () => {
    expect(of('In-time access granted')).toMatchObject({
      actor: { name: 'master' },
      target: { name: 'miller' },
      privilege: { change: 'granted', jit: true, approver: 'master', ticket: 'A-1235', endsAt: Date.UTC(2026, 0, 5, 13) },
    });
    expect(of('Request rejected')).toMatchObject({ target: { name: 'miller' }, outcome: 'success', privilege: { change: 'denied' } });
    const bare = visulox.parse({ id: 'x', time: '2026-01-05T09:00:00Z', event: 'Request approved', user: 'master', application: 'Shell' });
    expect(bare).toMatchObject({ kind: 'kept', event: { class: 'user_access' } });
    expect(bare.kind === 'kept' && bare.event.privilege).toBeUndefined();
  });
});

describe('a record in words of somebody who forwards it', () => {
  const event = (more: object): AccessEvent => {
    const result = visulox.parse({ time: '2026-01-05T09:00:00Z', ...more });
    if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
    return AccessEvent.parse(result.event);
  };
  it.each([
    [{ event: 'session', action: 'start' }, 'session:start', 'authentication', 'logon', 'success'],
    [{ type: 'session', event: 'end' }, 'session:end', 'authentication', 'logoff', 'success'],
    [{ event_type: 'SESSION_START' }, 'SESSION_START', 'authentication', 'logon', 'success'],
    [{ event_type: 'LOGIN_FAILURE' }, 'LOGIN_FAILURE', 'authentication', 'logon', 'failure'],
    [{ event: 'command_guard', action: 'block', command: 'rm -rf /' }, 'command_guard:block', 'process_activity', 'launch', 'failure'],
    [{ event: 'file_transfer', direction: 'upload', result: 'denied' }, 'file_transfer:upload', 'entity_management', 'create', 'failure'],
    [{ event: 'dual_control', action: 'denied' }, 'dual_control:denied', 'authorize_session', 'other', 'failure'],
    [{ event: 'access_request', status: 'approved', requester: 'anna' }, 'access_request', 'user_access', 'assign_privileges', 'success'],
    [{ event: 'access_request', status: 'denied', requester: 'anna' }, 'access_request', 'user_access', 'other', 'success'],
    [{ event: 'user_blocked', target_user: 'anna' }, 'user_blocked', 'account_change', 'disable', 'success'],
  ])('%j is %s: %s %s, %s', (record, code, ofClass, activity, outcome) => {
    expect(event({ user: 'boss', ...record })).toMatchObject({ code, class: ofClass, activity, outcome, actor: { name: 'boss' } });
  });
  it('that names an actor beside a user is about the user', () => {
    expect(event({ event: 'Role assigned', actor: 'boss', user: 'anna', role: 'Supervisor' })).toMatchObject({
      actor: { name: 'boss' },
      target: { name: 'anna' },
    });
  });
});

describe('visulox records that are no events of ours', () => {
  it('are ignored for a reason of the closed set', () => {
    const reasons = results.flatMap((result) => (result.kind === 'ignored' ? [result.reason] : []));
    expect([...new Set(reasons)].sort()).toEqual([...VISULOX_IGNORED].sort());
  });
  it.each([
    [{}, 'unknown_shape'],
    [{ event: 'Login', user: 'miller' }, 'bad_time'],
  ])('%j is rejected: %s', (record, code) => {
    expect(visulox.parse(record)).toMatchObject({ kind: 'rejected', code });
    expect(parsePayload(visulox, Buffer.from('<13>Jan  5 09:00:00 vlx1 kernel: hello'))).toMatchObject([{ kind: 'rejected' }]);
  });
  it('never throws, whatever the JSON, and gives a valid event or none', () => {
    const bases = sample('events.ndjson')
      .toString()
      .trim()
      .split('\n')
      .map((line) => object(JSON.parse(line)));
    const key = fc.constantFrom(
      'VLXEVENT',
      'VLXEVENTTIME',
      'VLXOWNER',
      'host',
      'hostuser',
      'command',
      'filesize',
      'validuntil',
      'user',
      'VLXREMOTEIP',
    );
    fc.assert(
      fc.property(fc.constantFrom(...bases), fc.dictionary(key, fc.jsonValue()), (base, more) => {
        const result = visulox.parse({ ...base, ...more });
        if (result.kind === 'kept') AccessEvent.parse(result.event);
      }),
      { numRuns: 300 },
    );
  });
});
