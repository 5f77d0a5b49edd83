import { describe, expect, it } from 'vitest';
import { IdentityRecord, TicketRecord, buildOrganisation } from '@keyward/identity';
import { DAY, HOUR, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { breakGlassUsed } from './break-glass-used.detection.js';

const GLASS = {
  id: 'bg-1',
  displayName: 'Emergency 1',
  kind: 'break_glass',
  team: 'identity',
  owner: 'p-ben',
  accounts: [
    { system: 'entra', name: 'emergency1@example.com' },
    { system: 'cyberark', name: 'emergency1@entra' },
  ],
};
const organisation = anOrganisation({ identities: [GLASS] });
const scenario = { detection: breakGlassUsed, organisation };
const used = (at = MONDAY, more: Partial<Parameters<typeof anEvent>[0]> = {}) =>
  anEvent({
    at,
    source: 'entra',
    actor: anAccount('emergency1@example.com', 'entra'),
    code: 'Sign-in activity',
    src: { ip: '192.0.2.7' },
    ...more,
  });
/** Anna takes the password out of the vault. */
const taken = (act: 'checked_out' | 'checked_in' | 'changed' = 'checked_out') =>
  anEvent({
    source: 'cyberark',
    class: 'entity_management',
    activity: 'read',
    code: '295',
    actor: anAccount('anna', 'cyberark'),
    credential: { act, account: 'emergency1@entra' },
  });
const withTicket = (ticket: object) =>
  buildOrganisation({
    ...organisation,
    identities: [...organisation.identities],
    assets: [],
    groups: [],
    roles: [],
    tickets: [TicketRecord.parse({ id: 'INC-7', start: '2026-01-05T08:00:00Z', end: '2026-01-05T12:00:00Z', ...ticket })],
  });

describe('break-glass account used', () => {
  it('fires on a successful sign-in, under the id that the organisation gave it', () => {
    const [finding] = play(scenario, [used()]);
    expect(finding).toMatchObject({ identity: 'bg-1', severity: 'high', p: 1e-5, observed: { account: 'entra:emergency1@example.com' } });
    expect(finding?.sentence).toBe(
      'Emergency 1 (bg-1), an account for emergencies, was used from 192.0.2.7: authentication (Sign-in activity).',
    );
    expect(finding?.explanation[0]).toContain('No incident or change is open');
  });
  it('fires once an account and day', () => {
    const at = [0, HOUR, 2 * HOUR, DAY].map((ms) => used(MONDAY + ms));
    expect(play(scenario, at).map(({ dedupeKey }) => dedupeKey)).toEqual([20458, 20459].map((day) => `break_glass_used:bg-1:${day}`));
  });
  it('fires on whoever takes its password out of the vault', () => {
    const [finding] = play(scenario, [taken()]);
    expect(finding).toMatchObject({ identity: 'p-anna', severity: 'high' });
    expect(finding?.sentence).toContain('Anna Berg (p-anna) took Emergency 1 (bg-1), an account for emergencies, out of the vault');
  });
  it.each([
    ['its team', { kind: 'incident', team: 'identity', summary: 'sign-in is down' }],
    ['its owner', { kind: 'change', owner: 'p-ben' }],
  ])('fires, with medium severity, while a ticket of %s is open', (_whose, ticket) => {
    const [finding] = play({ ...scenario, organisation: withTicket(ticket) }, [used()]);
    expect(finding).toMatchObject({ severity: 'medium', p: 1e-3 });
    expect(finding?.explanation[0]).toContain(`${ticket.kind} INC-7`);
  });
  it('fires, with medium severity, while one of its people is on call', () => {
    const ida = { id: 'p-ida', displayName: 'Ida', team: 'identity', onCall: [{ from: '2026-01-05', to: '2026-01-05' }] };
    const [finding] = play({ ...scenario, organisation: anOrganisation({ identities: [GLASS, ida] }) }, [used()]);
    expect(finding).toMatchObject({ severity: 'medium', p: 1e-4, explanation: ['On call then: Ida (p-ida).'] });
  });
  it('fires with high severity when the only open ticket is a request, or one of another team', () => {
    for (const ticket of [
      { kind: 'request', team: 'identity' },
      { kind: 'incident', team: 'payments' },
    ])
      expect(play({ ...scenario, organisation: withTicket(ticket) }, [used()])[0]).toMatchObject({ severity: 'high' });
  });
  it.each([
    ['a failed sign-in', [used(MONDAY, { outcome: 'failure' })]],
    ['a log-off', [used(MONDAY, { activity: 'logoff' })]],
    ['an act on the account', [used(MONDAY, { actor: anAccount(), source: 'okta', target: anAccount('emergency1@example.com', 'entra') })]],
    ['a check-in', [taken('checked_in')]],
    ['a password that the vault changes', [taken('changed')]],
    ['anybody else', [anEvent()]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('is silent on an account that is listed as shared', () => {
    const shared = IdentityRecord.parse({ ...GLASS, kind: 'shared' });
    expect(play({ ...scenario, organisation: anOrganisation({ identities: [shared] }) }, [used()])).toEqual([]);
  });
});
