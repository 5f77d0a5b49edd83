import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, type EventClass, type ParseResult } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIVITIES, CLASSES } from '../ocsf-export/activities.js';
import { toOcsf } from '../ocsf-export/to-ocsf.js';
import { parsePayload } from '../payload.js';
import { ocsf } from './ocsf.js';

const results = (name: string): readonly ParseResult[] =>
  parsePayload(ocsf, readFileSync(resolve(import.meta.dirname, 'samples', name)), { now: Date.UTC(2026, 0, 6) });
const samples = results('events.ndjson');
const events = samples.flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
const nth = (of: EventClass, index = 0): AccessEvent => events.filter((event) => event.class === of)[index]!;
const parse = (record: unknown): ParseResult => ocsf.parse(record);
const TIME = Date.UTC(2026, 0, 5, 9);

describe('OCSF samples', () => {
  it('are each a valid event with a word of its class', () => {
    for (const result of samples) {
      expect(result).toMatchObject({ kind: 'kept' });
      if (result.kind !== 'kept') continue;
      expect(AccessEvent.parse(result.event)).toEqual(result.event);
      expect(Object.keys(ACTIVITIES[result.event.class])).toContain(result.event.activity);
    }
  });
  it('cover every class, and have stable and distinct ids', () => {
    expect(new Set(events.map((event) => event.class)).size).toBe(Object.keys(CLASSES).length);
    expect(new Set(events.map((event) => event.uid)).size).toBe(samples.length);
    expect(results('events.ndjson')).toEqual(samples);
  });
  it('that say nothing about access are ignored, each category for its reason', () => {
    expect(results('others.ndjson')).toEqual(
      ['finding', 'network_activity', 'system_activity', 'discovery', 'remediation', 'application_activity'].map((reason) => ({
        kind: 'ignored',
        reason,
      })),
    );
  });
});

describe('an OCSF sign-in', () => {
  it('names the person, place, browser, factors and application', () => {
    expect(nth('authentication')).toMatchObject({
      activity: 'logon',
      outcome: 'success',
      actor: { system: 'ocsf', name: 'anna@example.com', id: 'u-1', kind: 'human' },
      src: { ip: '192.0.2.10', port: 50022, geo: { city: 'Hamburg', country: 'DE', lat: 53.55 }, geoFrom: 'vendor', asn: 64496 },
      device: { browser: 'Chrome 126', type: 'desktop' },
      session: { uid: 's-1' },
      auth: { application: 'Ledger', mfa: true, method: 'push', protocol: 'saml' },
    });
    expect(nth('authentication').target).toBeUndefined();
  });
  it('that failed is a failure with its cause', () => {
    expect(nth('authentication', 1)).toMatchObject({ outcome: 'failure', detail: 'Wrong password', auth: { failure: 'bad_password' } });
  });
  it('may say time and outcome in words', () => {
    expect(nth('authentication', 3)).toMatchObject({
      time: Date.UTC(2026, 0, 5, 9, 0, 0, 250),
      outcome: 'success',
      resource: { kind: 'host', host: 'db1.example.com' },
      auth: { protocol: 'ssh-key' },
    });
  });
  it('that a word of refusal ends is a failure', () => {
    for (const status of ['Locked', 'Invalid credentials', 'Timed out', '0xC000006D'])
      expect(
        ocsf.parse({ class_uid: 3002, activity_id: 1, status_id: 99, status, time: 1_767_603_600_000, user: { name: 'anna' } }),
      ).toMatchObject({ event: { outcome: 'failure' } });
  });
  it('without an outcome is rejected, since none may be guessed', () => {
    expect(parse({ class_uid: 3002, activity_id: 1, time: TIME, user: { name: 'anna' } })).toMatchObject({
      kind: 'rejected',
      code: 'schema_mismatch',
    });
  });
});

describe('an OCSF change', () => {
  it('gives or takes a right', () => {
    expect(nth('user_access')).toMatchObject({
      target: { name: 'dora' },
      privilege: { change: 'granted', entitlement: 'ocsf:role:Global Reader', jit: false },
    });
    expect(nth('user_access', 1).privilege).toEqual({ change: 'revoked', entitlement: 'aws:policy:ReadOnly', jit: false });
    expect(nth('group_management')).toMatchObject({
      resource: { kind: 'group', name: 'dba', id: 'g-7' },
      privilege: { change: 'granted', entitlement: 'ocsf:group:dba', entitlementId: 'g-7' },
    });
    expect(nth('group_management', 1).privilege).toMatchObject({ change: 'revoked' });
    expect(nth('group_management', 2).privilege).toBeUndefined();
  });
  it('that failed gives nobody anything', () => {
    const result = parse({ class_uid: 3006, activity_id: 3, time: TIME, status_id: 2, user: { name: 'dora' }, group: { name: 'dba' } });
    expect(result).toMatchObject({ kind: 'kept', event: { outcome: 'failure' } });
    expect(result.kind === 'kept' && result.event.privilege).toBeUndefined();
  });
  it('of the API is named by its operation, and fails by its error', () => {
    expect(nth('api_activity')).toMatchObject({
      code: 'GetSecretValue',
      actor: { name: 'deploy', kind: 'service' },
      session: { uid: 'k-1', tokenId: 'key-1' },
      resource: { kind: 'secret', name: 'prod/db', id: 'sec-9' },
      src: { ip: '2001:db8::5' },
    });
    expect(nth('api_activity', 1)).toMatchObject({ code: 'DeleteTrail', outcome: 'failure' });
  });
});

describe('an OCSF command', () => {
  it('is of a person in a privileged session on a host, and says as whom it ran', () => {
    expect(nth('process_activity')).toMatchObject({
      activity: 'launch',
      command: 'sudo systemctl restart nginx',
      actor: { name: 'anna@example.com' },
      target: { name: 'root@web1.example.com' },
      session: { uid: 'p-1', kind: 'privileged' },
      resource: { kind: 'host', host: 'web1.example.com' },
    });
  });
  it('of before 1.0 is of the API, whatever its class had for a number, and by whom `identity` names', () => {
    const before = {
      metadata: { product: { name: 'P' } },
      time: 1_767_603_600_000,
      api: { operation: 'CreateRole', response: { error: null } },
    };
    const cloud = { ...before, class_uid: 5001, class_name: 'Cloud API', activity_id: 3, ref_event_uid: 'r-1' };
    expect(ocsf.parse({ ...cloud, identity: { user: { name: 'Anna' } }, unmapped: [['a', 'b']] })).toMatchObject({
      event: { nativeId: 'r-1', class: 'api_activity', activity: 'other', code: 'CreateRole', actor: { name: 'anna' } },
    });
    expect(ocsf.parse({ ...cloud, identity: { user: { name: null }, invoked_by: 'lake.example.com' } })).toMatchObject({
      event: { actor: { name: 'lake.example.com', kind: 'service' } },
    });
    expect(ocsf.parse({ ...before, class_uid: 3005, class_name: 'API Activity', activity_id: 1 })).toMatchObject({
      event: { class: 'api_activity', activity: 'create' },
    });
    expect(ocsf.parse({ ...before, class_uid: 5001, class_name: 'Device Inventory Info' })).toEqual({
      kind: 'ignored',
      reason: 'discovery',
    });
  });
  it('is known by all it says when it has no id, whatever the order of its members', () => {
    const one = { class_uid: 1007, time: TIME, process: { cmd_line: 'ls' }, actor: { user: { name: 'anna' } } };
    const same = { actor: { user: { name: 'anna' } }, process: { cmd_line: 'ls' }, time: TIME, class_uid: 1007 };
    const other = { ...one, process: { cmd_line: 'ls -la' } };
    const ids = [one, same, other].map((record) => {
      const result = parse(record);
      return result.kind === 'kept' ? result.event.uid : '';
    });
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
  });
  it('is read from type_uid alone, as text', () => {
    expect(nth('process_activity', 2)).toMatchObject({ activity: 'launch', command: 'cat /etc/shadow' });
  });
});

describe('an OCSF class', () => {
  const classOf = (record: object): unknown => {
    const result = parse({ time: TIME, status_id: 1, metadata: { uid: 'c' }, ...record });
    return result.kind === 'kept' ? [result.event.class, result.event.activity] : result;
  };
  it.each([
    [{ class_uid: 3007, activity_id: 1 }, 'account_change', 'create'],
    [{ class_uid: 3007, activity_id: 12 }, 'account_change', 'mfa_factor_enable'],
    [{ class_uid: 3007, activity_id: 16 }, 'user_access', 'assign_role'],
    [{ class_uid: 3007, activity_name: 'Remove Privileges' }, 'user_access', 'revoke_privileges'],
    [{ class_uid: 3008, activity_id: 3 }, 'entity_management', 'delete'],
    [{ class_uid: 3042, activity_name: 'Delete', activity_id: 9 }, 'entity_management', 'delete'],
    [{ class_uid: '3006', activity_id: '3' }, 'group_management', 'add_user'],
    [{ class_uid: 'authentication', activity_id: 1 }, 'authentication', 'logon'],
    [{ class_name: 'Account Change', activity_name: 'MFA Factor Enable' }, 'account_change', 'mfa_factor_enable'],
    [{ class_name: 'user_access', activity_id: 3 }, 'user_access', 'assign_role'],
    [{ type_name: 'API Activity: Read', activity_id: 2 }, 'api_activity', 'read'],
    [{ type_uid: 300799 }, 'entity_management', 'other'],
  ])('%j is %s: %s', (record, of, activity) => {
    expect(classOf(record)).toEqual([of, activity]);
  });
  it('with a name that nobody knows is ignored, and one without any is rejected', () => {
    expect(classOf({ class_name: 'Weather Report' })).toEqual({ kind: 'ignored', reason: 'unknown_class' });
    expect(classOf({})).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
  });
  it('of 1.9 names the role, the users, and the policy', () => {
    const event = (record: object): AccessEvent => {
      const result = parse({ time: TIME, status_id: 1, metadata: { uid: 'c' }, ...record });
      if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
      return AccessEvent.parse(result.event);
    };
    expect(
      event({
        class_uid: 3007,
        activity_id: 16,
        user: { name: 'dora' },
        iam_roles: [{ name: 'Auditor' }],
        actor: { user: { name: 'anna' } },
      }),
    ).toMatchObject({
      target: { name: 'dora' },
      resource: { kind: 'role', name: 'Auditor' },
      privilege: { change: 'granted', entitlement: 'ocsf:role:Auditor' },
    });
    expect(
      event({ class_uid: 3007, activity_id: 10, user: { name: 'dora' }, policies: [{ name: 'ReadOnly' }] }).privilege?.entitlement,
    ).toBe('ocsf:policy:ReadOnly');
    expect(event({ class_uid: 3008, activity_id: 1, iam_role: { name: 'Auditor' } }).resource).toEqual({ kind: 'role', name: 'Auditor' });
    expect(event({ class_uid: 3006, activity_id: 3, users: [{ name: 'dora' }], group: { name: 'dba' } }).target?.name).toBe('dora');
    expect(
      event({ class_uid: 3004, activity_id: 4, entity: { user: { name: 'dora' } }, actor: { app_name: 'Provisioner' } }),
    ).toMatchObject({
      actor: { name: 'provisioner', kind: 'service' },
      target: { name: 'dora' },
      resource: { kind: 'account', name: 'dora' },
    });
    expect(event({ class_uid: 3002, activity_id: 1, user: { name: 'anna', type: 'Admin' }, mfa: true })).toMatchObject({
      actor: { kind: 'admin' },
      auth: { mfa: true },
    });
    expect(
      event({ class_uid: 1007, process: { cmd_line: 'ls', session: { uid: 'p-9' } }, actor: { user: { name: 'anna' } } }).session?.uid,
    ).toBe('p-9');
  });
  it('a logoff that says no outcome is read, and an id of the original event is the id', () => {
    expect(
      parse({ class_uid: 3002, activity_id: 2, time: TIME, user: { name: 'anna' }, metadata: { original_event_uid: 'o-9' } }),
    ).toMatchObject({
      kind: 'kept',
      event: { activity: 'logoff', outcome: 'success', nativeId: 'o-9' },
    });
  });
});

describe('OCSF records', () => {
  it('that are no OCSF or have no time are rejected', () => {
    expect(parse({ eventType: 'user.session.start' })).toMatchObject({ kind: 'rejected', code: 'unknown_shape' });
    expect(parse({ class_uid: 3002, status_id: 1, time: 'soon' })).toMatchObject({ kind: 'rejected', code: 'bad_time' });
  });
  it('are read from lists and CloudEvents', () => {
    const record = { class_uid: 3002, activity_id: 1, status_id: 1, time: TIME, user: { name: 'anna' } };
    for (const envelope of [{ events: [record] }, { records: [record] }, { specversion: '1.0', data: record }, [record]])
      expect(parsePayload(ocsf, Buffer.from(JSON.stringify(envelope)))).toMatchObject([
        { kind: 'kept', event: { actor: { name: 'anna' } } },
      ]);
  });
  it('never make the parser throw, whatever the JSON', () => {
    const keys = ['class_uid', 'time', 'user', 'actor', 'process', 'metadata', 'unmapped', 'status_id', 'resources', 'group', 'session'];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
        fc.constantFrom(3002, 3005, 3006, 6003, 1007, 3004),
        (record, uid) => {
          const result = parse({ time: TIME, status_id: 1, ...record, class_uid: uid });
          if (result.kind === 'kept') AccessEvent.parse(result.event);
        },
      ),
    );
  });
});

const word = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('a', 'b', 'x', 'y', '0', '9') }).map((text) => `n${text}`);
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const account = fc.record({
  system: fc.constant('ocsf'),
  name: word,
  id: optional(word),
  kind: optional(fc.constantFrom('human', 'service')),
});
const ofClass = fc
  .constantFrom(...(Object.keys(CLASSES) as EventClass[]))
  .chain((of) => fc.record({ class: fc.constant(of), activity: fc.constantFrom(...Object.keys(ACTIVITIES[of])) }));
const anyEvent = fc
  .record({
    of: ofClass,
    nativeId: word,
    code: word,
    time: fc.integer({ min: TIME, max: TIME + 1e9 }),
    outcome: fc.constantFrom('success', 'failure'),
    detail: optional(word),
    actor: account,
    target: optional(account),
    ip: optional(fc.constantFrom('192.0.2.1', '2001:db8::1')),
    session: optional(word),
    method: optional(fc.constantFrom('password', 'push', 'totp', 'sms', 'fido2', 'certificate')),
    mfa: optional(fc.boolean()),
    application: optional(word),
    resource: optional(fc.record({ kind: fc.constantFrom('host', 'secret', 'group', 'application'), name: word })),
    privilege: optional(
      fc.record({
        change: fc.constantFrom('granted', 'revoked', 'requested'),
        entitlement: word.map((name) => `okta:role:${name}`),
        jit: fc.boolean(),
      }),
    ),
    credential: optional(fc.record({ act: fc.constantFrom('checked_out', 'used'), account: word })),
    command: optional(word),
    ticket: optional(word),
    risk: optional(fc.constantFrom('low', 'high')),
  })
  .map(({ of, ip, session, method, mfa, application, risk, outcome, privilege, target, command, ...rest }) => {
    const isCommand = of.class === 'process_activity';
    return AccessEvent.parse(
      JSON.parse(
        JSON.stringify({
          uid: 'u',
          source: 'ocsf',
          ...rest,
          ...of,
          outcome,
          src: ip && { ip },
          // Only what the class has attributes for can come back.
          target: target && { ...target, name: isCommand ? `${target.name}@db1` : target.name },
          session: session && { uid: session, ...(isCommand && { kind: 'privileged' }) },
          auth: of.class === 'authentication' ? { method, mfa, application } : undefined,
          privilege: outcome === 'success' ? privilege : undefined,
          command: isCommand ? command : undefined,
          vendorRisk: risk && { level: risk },
        }),
      ),
    );
  });

describe("Keyward's own export", () => {
  it('of an event about somebody, where nobody is said to have acted, comes back without an actor', () => {
    const bare = { uid: 'u', nativeId: 'n', source: 'ocsf', time: TIME, outcome: 'success', code: 'c' } as const;
    for (const of of Object.keys(CLASSES) as EventClass[]) {
      const event: AccessEvent = { ...bare, class: of, activity: 'other', target: { system: 'elsewhere', name: 'dora' } };
      const result = parse(JSON.parse(JSON.stringify(toOcsf(event))));
      expect(result.kind === 'kept' && [result.event.actor, result.event.target], of).toEqual([undefined, event.target]);
    }
  });
  it('is read back: exported again it is the same', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const exported: unknown = JSON.parse(JSON.stringify(toOcsf(event)));
        const result = parse(exported);
        expect(result.kind).toBe('kept');
        if (result.kind === 'kept') expect(JSON.parse(JSON.stringify(toOcsf(result.event)))).toEqual(exported);
      }),
      { numRuns: 500 },
    );
  });
});
