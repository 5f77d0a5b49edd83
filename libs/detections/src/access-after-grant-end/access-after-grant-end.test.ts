import { describe, expect, it } from 'vitest';
import type { AccessEvent, Privilege } from '@keyward/events';
import { DAY, HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { accessAfterGrantEnd } from './access-after-grant-end.detection.js';

const scenario = { detection: accessAfterGrantEnd, organisation: anOrganisation() };
const END = MONDAY + HOUR;
const grant = (change: Privilege['change'], at: number, privilege: Partial<Privilege> = {}): AccessEvent =>
  anEvent({
    at,
    class: 'user_access',
    activity: 'assign_role',
    code: change,
    privilege: { change, entitlement: 'okta:role:db-admin', jit: true, requestId: 'r1', ...privilege },
  });
const activated = grant('activated', MONDAY, { endsAt: END });
const touch = (at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  anEvent({
    at,
    source: 'cyberark',
    class: 'authorize_session',
    activity: 'assign_privileges',
    code: '300',
    actor: anAccount('anna', 'cyberark'),
    credential: { act: 'session_opened', account: 'root@db1' },
    ...more,
  });

describe('access after the end of a grant', () => {
  it('fires when an asset that asks for the role is used after the role expired, though no record said so', () => {
    const [finding, ...more] = play(scenario, [activated, touch(END + 30 * MINUTE)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      identity: 'p-anna',
      severity: 'high',
      observed: { minutesAfterEnd: 30, endedBy: 'expiry', used: 'db1' },
    });
    expect(finding?.sentence).toBe('Anna Berg (p-anna) used db1 30 minutes after the grant of db-admin expired.');
    expect(finding?.grantUids).toHaveLength(1);
  });
  it('is critical after a revocation, and keeps the time of the revocation when the agreed end comes later', () => {
    const [finding] = play(scenario, [activated, grant('revoked', MONDAY + 10 * MINUTE), touch(END + 5 * MINUTE)]);
    expect(finding).toMatchObject({ severity: 'critical', observed: { minutesAfterEnd: 55, endedBy: 'revocation' } });
  });
  it.each<[string, Partial<AccessEvent>]>([
    [
      'a command in a session that stayed open',
      { class: 'process_activity', activity: 'launch', command: 'id', resource: { kind: 'host', name: 'db1.example.com' } },
    ],
    ['the host by address', { resource: { kind: 'host', name: '192.0.2.10' } }],
    ['a database that stands on it', { resource: { kind: 'database', name: 'ledger', host: 'db1' } }],
  ])('sees %s', (_what, more) => {
    const use = anEvent({ at: END + HOUR, source: 'cyberark', code: '411', actor: anAccount('anna', 'cyberark'), ...more });
    expect(play(scenario, [activated, use])).toHaveLength(1);
  });
  it('sees an application whose assignment was taken away', () => {
    const app = { entitlement: 'okta:app:payroll', jit: false };
    const use = anEvent({ at: MONDAY + HOUR, resource: { kind: 'application', name: 'Payroll' } });
    expect(play(scenario, [grant('granted', MONDAY, app), grant('revoked', MONDAY + MINUTE, app), use])).toHaveLength(1);
  });
  it('makes one finding an hour of a session that goes on', () => {
    const events = [activated, ...[20, 30, 40, 75].map((minutes) => touch(END + minutes * MINUTE))];
    expect(play(scenario, events)).toHaveLength(1);
    expect(play(scenario, [...events, touch(END + 81 * MINUTE)])).toHaveLength(2);
  });
  it.each([
    ['while the grant is active', [activated, touch(END - MINUTE)]],
    ['within the grace', [activated, touch(END + 9 * MINUTE)]],
    ['after the grant was extended', [activated, grant('extended', END - MINUTE, { endsAt: END + DAY }), touch(END + HOUR)]],
    ['under a new grant', [activated, grant('activated', END + MINUTE, { requestId: 'r2', endsAt: END + 2 * HOUR }), touch(END + HOUR)]],
    ['when the session is closed', [activated, touch(END + HOUR, { credential: { act: 'session_closed', account: 'root@db1' } })]],
    ['on a failed attempt', [activated, touch(END + HOUR, { outcome: 'failure' })]],
    ['on an asset that asks for no role', [activated, touch(END + HOUR, { credential: { act: 'session_opened', account: 'root@web1' } })]],
    ['on a request that was never activated', [grant('requested', MONDAY), touch(END + HOUR)]],
    ['on a grant that ended last quarter', [activated, touch(END + 31 * DAY)]],
    ['by somebody else', [activated, touch(END + HOUR, { actor: anAccount('ben@example.com') })]],
  ])('is silent %s', (_when, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('is silent when a standing right covers the use', () => {
    const organisation = anOrganisation({
      identities: [{ id: 'p-cleo', accounts: [{ system: 'okta', name: 'cleo@example.com' }], groups: ['okta:group:db-admin'] }],
    });
    const cleo = { actor: anAccount('cleo@example.com') };
    const events = [{ ...activated, ...cleo }, touch(END + HOUR, cleo)];
    expect(play({ ...scenario, organisation }, events)).toEqual([]);
  });
});
