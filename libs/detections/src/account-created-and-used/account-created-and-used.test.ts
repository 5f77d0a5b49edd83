import { describe, expect, it } from 'vitest';
import type { AccessEvent } from '@keyward/events';
import { HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { accountCreatedAndUsed } from './account-created-and-used.detection.js';

const NEW = anAccount('svc-sync@example.com');
const OFFICE = { ip: '192.0.2.7' };
const AWAY = { ip: '198.51.100.9' };
const organisation = anOrganisation({
  identities: [{ id: 's-known', kind: 'service', accounts: [{ system: 'okta', name: 'known@example.com' }] }],
});
const scenario = { detection: accountCreatedAndUsed, organisation };
type More = Partial<AccessEvent> & { at?: number };
const made = (more: More = {}): AccessEvent =>
  anEvent({ class: 'account_change', activity: 'create', code: 'user.lifecycle.create', target: NEW, src: OFFICE, ...more });
const given = (entitlement = 'okta:role:Super Admin', more: More = {}): AccessEvent =>
  anEvent({
    at: MONDAY + MINUTE,
    class: 'user_access',
    activity: 'assign_privileges',
    code: 'user.account.privilege.grant',
    target: NEW,
    privilege: { change: 'granted', entitlement, jit: false },
    src: OFFICE,
    ...more,
  });
const used = (more: More = {}): AccessEvent => anEvent({ at: MONDAY + 2 * HOUR, actor: NEW, src: AWAY, ...more });
const ben = anAccount('ben@example.com');

describe('new account made strong and used', () => {
  it('fires once on an account that its maker made strong, used from wherever', () => {
    const findings = play(scenario, [made(), given(), used(), used({ at: MONDAY + 3 * HOUR })]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ identity: 'okta:svc-sync@example.com', severity: 'high', p: 1e-4, observed: { madeBy: 'p-anna' } });
    expect(findings[0]?.eventUids).toHaveLength(3);
    expect(findings[0]?.sentence).toBe(
      'okta:svc-sync@example.com was used (user.session.start) 2 hours after Anna Berg (p-anna) had made it, who also gave it okta:role:Super Admin; the organisation does not know it.',
    );
  });
  it('fires where another gave the right, when it is used from the network it was made from', () => {
    const other = given('okta:group:Domain Admins', { actor: ben });
    expect(play(scenario, [made(), other, used({ src: OFFICE })])[0]?.explanation).toHaveLength(1);
    expect(play(scenario, [made(), other, used()])).toEqual([]);
  });
  it('fires on a user of one host', () => {
    const root = anAccount('root@web1', 'linux');
    const target = anAccount('sysupdate@web1', 'linux');
    const linux = { source: 'linux', actor: root, target } as const;
    const events = [
      made({ ...linux, code: 'useradd' }),
      given('linux:group:sudo@web1', linux),
      used({ source: 'linux', actor: target, code: 'accepted' }),
    ];
    expect(play(scenario, events)[0]).toMatchObject({ identity: 'sysupdate@web1', observed: { madeBy: 'root@web1' } });
  });
  it.each([
    ['an account without a strong right', [made(), given('okta:group:Everyone'), used()]],
    ['an account that was there before', [given(), used()]],
    ['a right that came after the use', [made(), used({ at: MONDAY + 30_000 }), given()]],
    ['use after the window', [made(), given(), used({ at: MONDAY + 25 * HOUR })]],
    ['a failed sign-in', [made(), given(), used({ outcome: 'failure' })]],
    ['an account on record', [made({ target: ben }), given('okta:role:Super Admin', { target: ben }), used({ actor: ben })]],
    [
      'what a program made',
      [made({ actor: anAccount('known@example.com') }), given('okta:role:Super Admin', { actor: anAccount('known@example.com') }), used()],
    ],
    ['an attempt to make it that failed', [made({ outcome: 'failure' }), given(), used()]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
});
