import type { AccessEvent, Credential, Part } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildOrganisation } from './build-organisation.js';
import { CHECK_OUT_HOURS, EMPTY_CUSTODY, advanceCustody, holdersAt, type Custody } from './custody.js';
import { AssetRecord, IdentityRecord } from './organisation-records.js';
import { resolveIdentities } from './route.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEN = Date.UTC(2026, 0, 5, 10);
const KEY = 'root@db1';
const organisation = buildOrganisation({
  identities: [
    IdentityRecord.parse({ id: 'p-anna', displayName: 'Anna Berg', accounts: [{ system: 'cyberark', name: 'anna' }] }),
    IdentityRecord.parse({ id: 'p-ben', accounts: [{ system: 'cyberark', name: 'ben' }] }),
    IdentityRecord.parse({ id: 's-robot', kind: 'service', accounts: [{ system: 'cyberark', name: 'robot' }] }),
  ],
  assets: [AssetRecord.parse({ id: 'a-db1', host: 'db1', accounts: [{ name: 'root', vault: 'Safe' }, { name: 'appsvc' }] })],
  groups: [],
  roles: [],
  tickets: [],
});

let nextUid = 0;
const anEvent = (at: number, more: Partial<AccessEvent>): AccessEvent => {
  nextUid += 1;
  return resolveIdentities(
    {
      uid: `u-${nextUid}`,
      nativeId: 'n',
      source: 'cyberark',
      time: at,
      class: 'entity_management',
      activity: 'read',
      code: 'x',
      outcome: 'success',
      ...more,
    },
    organisation,
  );
};
const vault = (act: Credential['act'], at: number, who = 'anna', more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent(at, { actor: { system: 'cyberark', name: who }, credential: { act, account: KEY }, ...more });
const session = (act: 'session_opened' | 'session_closed', at: number, who = 'anna', uid = `psm-${who}`): AccessEvent =>
  vault(act, at, who, { session: { uid, kind: 'privileged' } });
const act = (at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent(at, { source: 'linux', class: 'process_activity', actor: { system: 'linux', name: KEY }, ...more });
const other: Credential = { act: 'checked_out', account: 'appsvc@db1' };
const component = { system: 'cyberark', name: 'psmapp', kind: 'service' } as const;
const lent = { system: 'linux', name: 'appsvc@db1' } as const;
/** What a vault says when the right to use the account has an end. */
const until = (endsAt: number): Partial<AccessEvent> => ({
  privilege: { change: 'activated', entitlement: `cyberark:account:${KEY}`, jit: true, endsAt },
});
const fold = (events: readonly AccessEvent[], part: Part = 'target'): Custody =>
  events.reduce((custody, event) => advanceCustody(custody, { key: KEY, part, event }, organisation), EMPTY_CUSTODY);
const whoseIs = (events: readonly AccessEvent[], event: AccessEvent): string[] =>
  holdersAt(fold(events), event)
    .map(({ identity }) => identity)
    .toSorted();

describe('an act of root@db1', () => {
  it('counts for whoever has checked it out', () => {
    expect(holdersAt(fold([vault('checked_out', TEN)]), act(TEN + HOUR))).toMatchObject([
      { identity: 'p-anna', since: TEN, through: 'check_out' },
    ]);
  });
  it('counts for the person behind a brokered session, until it is closed', () => {
    const records = [session('session_opened', TEN), session('session_closed', TEN + HOUR)];
    expect(holdersAt(fold(records), act(TEN + MINUTE))).toMatchObject([{ identity: 'p-anna', through: 'session' }]);
    expect(whoseIs(records, act(TEN + HOUR + 1))).toEqual([]);
  });
  it('counts for the person who became root with su, until he leaves it', () => {
    const su = (activity: string, at: number): AccessEvent =>
      anEvent(at, {
        source: 'linux',
        class: 'authentication',
        activity,
        actor: { system: 'cyberark', name: 'ben' },
        target: { system: 'linux', name: KEY },
      });
    const records = [su('logon', TEN), su('logoff', TEN + HOUR)];
    expect(holdersAt(fold(records), act(TEN + MINUTE))).toMatchObject([{ identity: 'p-ben', through: 'switch' }]);
    expect(whoseIs(records, act(TEN + 2 * HOUR))).toEqual([]);
  });
  it('counts for the one who runs commands in a session whose beginning nobody recorded', () => {
    const command = vault('used', TEN, 'anna', { class: 'process_activity', session: { uid: 'psm-1', kind: 'privileged' } });
    expect(whoseIs([command], act(TEN + MINUTE))).toEqual(['p-anna']);
    expect(whoseIs([command, session('session_closed', TEN + HOUR, 'anna', 'psm-1')], act(TEN + 2 * HOUR))).toEqual([]);
  });

  const out = vault('checked_out', TEN);
  it.each<[string, readonly AccessEvent[], AccessEvent]>([
    ['nobody is on record', [], act(TEN)],
    ['it was before the check-out', [out], act(TEN - 1)],
    ['it was checked in', [out, vault('checked_in', TEN + HOUR)], act(TEN + HOUR + 1)],
    ['an administrator checked it in', [out, vault('checked_in', TEN + HOUR, 'ben')], act(TEN + HOUR + 1)],
    ['its password was changed', [out, vault('changed', TEN + HOUR, 'robot')], act(TEN + HOUR + 1)],
    ['the check-out is a working day old', [out], act(TEN + CHECK_OUT_HOURS * HOUR + 1)],
    ['the stated end of the check-out has passed', [vault('checked_out', TEN, 'anna', until(TEN + HOUR))], act(TEN + HOUR + 1)],
    ['a session was left open for a day', [session('session_opened', TEN)], act(TEN + 24 * HOUR + 1)],
    ['the check-out failed', [vault('checked_out', TEN, 'anna', { outcome: 'failure' })], act(TEN + 1)],
    ['a service fetched the password', [vault('checked_out', TEN, 'robot')], act(TEN + 1)],
    ['a component of the vault did', [anEvent(TEN, { actor: component, credential: { act: 'used', account: KEY } })], act(TEN + 1)],
    ['another account was checked out', [vault('checked_out', TEN, 'anna', { credential: other })], act(TEN + 1)],
    ['another lent account did, which is nobody', [vault('checked_out', TEN, '-', { actor: lent })], act(TEN + 1)],
  ])('counts for nobody when %s', (_what, records, event) => {
    expect(whoseIs(records, event)).toEqual([]);
  });

  it('counts until the stated end of a check-out, however long that is', () => {
    expect(whoseIs([vault('checked_out', TEN, 'anna', until(TEN + 40 * HOUR))], act(TEN + 39 * HOUR))).toEqual(['p-anna']);
  });
  it('leaves a check-out in force when a session through the broker ends', () => {
    const records = [vault('checked_out', TEN), session('session_opened', TEN + MINUTE), session('session_closed', TEN + HOUR)];
    expect(whoseIs(records, act(TEN + 2 * HOUR))).toEqual(['p-anna']);
  });
  it('takes a use that only prepares a brokered session for part of it', () => {
    const closed = session('session_closed', TEN + HOUR);
    const opened = session('session_opened', TEN + MINUTE);
    expect(whoseIs([vault('used', TEN), opened, closed], act(TEN + 2 * HOUR))).toEqual([]);
    expect(whoseIs([opened, vault('used', TEN + 2 * MINUTE), closed], act(TEN + 2 * HOUR))).toEqual([]);
    expect(whoseIs([vault('used', TEN)], act(TEN + 2 * HOUR))).toEqual(['p-anna']);
  });
  it('counts for the next holder when one has checked it in', () => {
    const records = [out, vault('checked_in', TEN + HOUR), vault('checked_out', TEN + HOUR, 'ben')];
    expect(whoseIs(records, act(TEN + 2 * HOUR))).toEqual(['p-ben']);
  });
  it('a password changed in the second of the check-out is the one that was given out', () => {
    expect(whoseIs([vault('changed', TEN), vault('checked_out', TEN)], act(TEN + MINUTE))).toEqual(['p-anna']);
    expect(whoseIs([vault('checked_out', TEN), vault('changed', TEN)], act(TEN + MINUTE))).toEqual(['p-anna']);
  });
});

describe('two holders at once', () => {
  const records = [
    vault('checked_out', TEN, 'anna', { src: { ip: '192.0.2.10' } }),
    vault('checked_out', TEN + MINUTE, 'ben', { src: { ip: '192.0.2.20' } }),
  ];
  it('are both named when it cannot be told who acted', () => {
    expect(whoseIs(records, act(TEN + HOUR))).toEqual(['p-anna', 'p-ben']);
    expect(whoseIs(records, act(TEN + HOUR, { src: { ip: '192.0.2.99' } }))).toEqual(['p-anna', 'p-ben']);
  });
  it('are told apart by where they sit', () => {
    expect(whoseIs(records, act(TEN + HOUR, { src: { ip: '192.0.2.20' } }))).toEqual(['p-ben']);
    const named = [records[0] ?? vault('checked_out', TEN), vault('checked_out', TEN, 'ben', { src: { hostname: 'WS-BEN' } })];
    expect(whoseIs(named, act(TEN + HOUR, { src: { hostname: 'ws-ben' } }))).toEqual(['p-ben']);
  });
  it('are told apart by their session', () => {
    const sessions = [session('session_opened', TEN, 'anna', 's1'), session('session_opened', TEN, 'ben', 's2')];
    expect(whoseIs(sessions, act(TEN + MINUTE, { source: 'cyberark', session: { uid: 's1' } }))).toEqual(['p-anna']);
    expect(whoseIs(sessions, act(TEN + MINUTE))).toEqual(['p-anna', 'p-ben']);
  });
  it('are one again when the other has checked in, and his check-in takes nothing from her', () => {
    expect(whoseIs([...records, vault('checked_in', TEN + HOUR, 'ben')], act(TEN + 2 * HOUR))).toEqual(['p-anna']);
  });
});

describe('records of the vault', () => {
  it('count alike whether they come in order, late, or twice', () => {
    const out = vault('checked_out', TEN);
    const back = vault('checked_in', TEN + HOUR);
    const open = session('session_opened', TEN + 2 * HOUR, 'ben');
    const closed = session('session_closed', TEN + 3 * HOUR, 'ben');
    const moments = [-1, 0, 1, 59, 61, 119, 121, 179, 181].map((minutes) => act(TEN + minutes * MINUTE));
    const inOrder = moments.map((moment) => whoseIs([out, back, open, closed], moment));
    expect(inOrder.flat()).toEqual(['p-anna', 'p-anna', 'p-anna', 'p-ben', 'p-ben']);
    for (const records of [
      [back, out, closed, open],
      [closed, open, back, out],
      [out, out, back, back, open, out, closed, open, closed],
    ])
      expect(moments.map((moment) => whoseIs(records, moment))).toEqual(inOrder);
  });
  it('leave the custody as it is, the same object, when they say nothing of it', () => {
    const out = vault('checked_out', TEN);
    const back = vault('checked_in', TEN + MINUTE);
    const custody = fold([out, back]);
    for (const event of [
      out,
      back,
      act(TEN),
      vault('checked_out', TEN, 'anna', { outcome: 'failure' }),
      vault('checked_out', TEN, 'robot'),
    ])
      expect(advanceCustody(custody, { key: KEY, part: 'actor', event }, organisation)).toBe(custody);
  });
  it('of more holders than are kept name nobody, rather than the ones who are left', () => {
    const many = Array.from({ length: 40 }, (_, i) => vault('checked_out', TEN + i, `person-${i}`, until(TEN + HOUR + i * MINUTE)));
    expect(fold(many).holds.length).toBeLessThan(40);
    const leavesOne = many.slice(1).map((_, i) => vault('checked_in', TEN + 100, `person-${i + 1}`));
    expect(whoseIs([...many, ...leavesOne], act(TEN + 200))).toEqual([]);
  });
});

const who = fc.constantFrom('anna', 'ben');
const minute = fc.integer({ min: 0, max: 20 * 60 });
const anyRecord = fc.oneof(
  fc
    .tuple(fc.constantFrom('checked_out' as const, 'checked_in' as const, 'changed' as const, 'used' as const), minute, who)
    .map(([does, at, person]) => vault(does, TEN + at * MINUTE, person)),
  fc
    .tuple(fc.constantFrom('session_opened' as const, 'session_closed' as const), minute, who, fc.constantFrom('s1', 's2'))
    .map(([does, at, person, uid]) => session(does, TEN + at * MINUTE, person, `${person}-${uid}`)),
);

describe('custody, whatever the records', () => {
  it('names nobody who did not begin to hold it before, in a time that has passed, or ended it since', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), minute, (records, at) => {
        const event = act(TEN + at * MINUTE);
        const inOrder = records.toSorted((a, b) => a.time - b.time);
        for (const { identity } of holdersAt(fold(inOrder), event)) {
          const own = inOrder.filter((record) => record.time <= event.time && record.actor?.identity === identity);
          const begins = own.filter(({ credential }) => ['checked_out', 'used', 'session_opened'].includes(credential?.act ?? ''));
          const isOpen = begins.some((begin) => {
            const isSession = begin.credential?.act === 'session_opened';
            if (event.time - begin.time > (isSession ? 24 : CHECK_OUT_HOURS) * HOUR) return false;
            return !own.some(
              (end) =>
                end.time > begin.time &&
                end.time < event.time &&
                (isSession
                  ? end.credential?.act === 'session_closed' && end.session?.uid === begin.session?.uid
                  : end.credential?.act === 'checked_in'),
            );
          });
          expect(isOpen).toBe(true);
        }
      }),
    );
  });
  it('is the same from the same records, and survives being stored at any point', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 40 }), (records) => {
        const stored = records.reduce<Custody>(
          (custody, event) =>
            JSON.parse(JSON.stringify(advanceCustody(custody, { key: KEY, part: 'target', event }, organisation))) as Custody,
          EMPTY_CUSTODY,
        );
        expect(stored).toEqual(fold(records));
        expect(stored.holds.length).toBeLessThanOrEqual(32);
        expect(stored.ends.length).toBeLessThanOrEqual(32);
      }),
    );
  });
});
