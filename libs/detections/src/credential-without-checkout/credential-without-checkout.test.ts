import { describe, expect, it } from 'vitest';
import type { AccessEvent, Credential } from '@keyward/events';
import { HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { credentialWithoutCheckout } from './credential-without-checkout.detection.js';

const scenario = { detection: credentialWithoutCheckout, organisation: anOrganisation() };
const login = (at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent({ at, source: 'linux', code: 'sshd', actor: anAccount('root@db1', 'linux'), src: { ip: '192.0.2.44' }, ...more });
const vault = (act: Credential['act'], at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent({
    at,
    source: 'cyberark',
    class: 'entity_management',
    activity: 'read',
    code: '295',
    actor: anAccount('anna', 'cyberark'),
    credential: { act, account: 'root@db1.example.com', vault: 'Safe-DB' },
    ...more,
  });

describe('credential without check-out', () => {
  it('fires when a vaulted account signs in and the vault gave it to nobody', () => {
    const [finding, ...more] = play(scenario, [login(MONDAY)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      identity: 'root@db1',
      severity: 'high',
      observed: { account: 'root@db1', vault: 'Safe-DB', sourceIp: '192.0.2.44' },
    });
    expect(finding?.sentence).toContain('the vault has no use of it on record');
  });
  it('fires when the last check-out is older than the look-back, and says who had it', () => {
    const [finding] = play(scenario, [vault('checked_out', MONDAY), login(MONDAY + 9 * HOUR)]);
    expect(finding?.sentence).toContain('the last one was 9 hours earlier, by anna');
  });
  it('finds the account by host address and by domain name', () => {
    const byAddress = login(MONDAY, { actor: anAccount('root', 'linux'), resource: { kind: 'host', name: '192.0.2.10' } });
    const byDomain = login(MONDAY, { actor: anAccount('root@db1.example.com', 'linux') });
    expect(play(scenario, [byAddress])).toHaveLength(1);
    expect(play(scenario, [byDomain])).toHaveLength(1);
  });
  it('makes one finding an hour of repeated sign-ins', () => {
    expect(play(scenario, [login(MONDAY), login(MONDAY + MINUTE), login(MONDAY + 50 * MINUTE), login(MONDAY + 61 * MINUTE)])).toHaveLength(
      2,
    );
  });
  it.each([
    ['a check-out before', [vault('checked_out', MONDAY), login(MONDAY + HOUR)]],
    ['a brokered session', [vault('session_opened', MONDAY, { session: { uid: 'psm-1' } }), login(MONDAY + 1000)]],
    [
      'a brokered session that is still open after the look-back',
      [vault('session_opened', MONDAY, { session: { uid: 'psm-1' } }), login(MONDAY + 12 * HOUR)],
    ],
    ['the vault changing the password', [vault('changed', MONDAY), login(MONDAY + MINUTE)]],
    ['a failed sign-in', [login(MONDAY, { outcome: 'failure' })]],
    ['an account that no vault keeps', [login(MONDAY, { actor: anAccount('anna@db1', 'linux') })]],
    ['a service that uses its own credential', [login(MONDAY, { actor: anAccount('backup@db1', 'linux') })]],
    ['a log-off', [login(MONDAY, { activity: 'logoff' })]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('is silent on the vault machines that are named to it, and only on them', () => {
    const named = { ...scenario, params: { vaultAddresses: ['192.0.2.44'] } };
    expect(play(named, [login(MONDAY)])).toEqual([]);
    expect(play(named, [login(MONDAY, { src: { ip: '192.0.2.45' } })])).toHaveLength(1);
  });
  it('fires on a service credential that somebody uses interactively', () => {
    expect(play(scenario, [login(MONDAY, { actor: anAccount('backup@db1', 'linux'), auth: { interactive: true } })])).toHaveLength(1);
  });
  it('fires once a session that nobody closed is older than a day', () => {
    expect(play(scenario, [vault('session_opened', MONDAY, { session: { uid: 'psm-1' } }), login(MONDAY + 25 * HOUR)])).toHaveLength(1);
  });
});
