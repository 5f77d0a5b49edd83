import { describe, expect, it } from 'vitest';
import type { AccessEvent } from '@keyward/events';
import { DAY, HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { accountUsedAfterLeave } from './account-used-after-leave.detection.js';

const organisation = anOrganisation({
  identities: [
    {
      id: 'p-dora',
      displayName: 'Dora Eng',
      timezone: 'Europe/Paris',
      status: 'active',
      endsAt: '2026-01-05',
      accounts: [
        { system: 'okta', name: 'dora@example.com' },
        { system: 'cyberark', name: 'dora' },
      ],
    },
    { id: 'p-old', status: 'terminated', accounts: [{ system: 'okta', name: 'old@example.com' }] },
    { id: 'p-soon', endsAt: '2026-01-05T12:00:00Z', accounts: [{ system: 'okta', name: 'soon@example.com' }] },
    { id: 's-etl', kind: 'service', owner: 'p-dora', accounts: [{ system: 'okta', name: 'etl@example.com' }] },
  ],
});
const scenario = { detection: accountUsedAfterLeave, organisation };
/** Midnight after the last day, in Paris. */
const GONE = Date.UTC(2026, 0, 5, 23);
const dora = anAccount('dora@example.com');
const disabled = (at: number, target = anAccount('anna@example.com')): AccessEvent =>
  anEvent({
    at,
    class: 'account_change',
    activity: 'disable',
    code: 'user.lifecycle.deactivate',
    actor: anAccount('admin@example.com'),
    target,
  });
const annaVault = (at: number): AccessEvent => anEvent({ at, source: 'cyberark', actor: anAccount('anna', 'cyberark'), code: '7' });

describe('account used after its owner left', () => {
  it('fires from the first instant after the last local day, on any account of the person', () => {
    const used = anEvent({ at: GONE, source: 'cyberark', actor: anAccount('dora', 'cyberark'), code: '295' });
    const [finding] = play(scenario, [used]);
    expect(finding).toMatchObject({
      identity: 'p-dora',
      severity: 'critical',
      p: 1e-6,
      observed: { account: 'cyberark:dora', endsAt: '2026-01-05' },
    });
    expect(finding?.sentence).toBe('cyberark:dora was used after Dora Eng (p-dora) had left (2026-01-05): authentication (295).');
  });
  it('fires on an instant to the millisecond', () => {
    const at = (ms: number) => [anEvent({ at: Date.UTC(2026, 0, 5, 12) + ms, actor: anAccount('soon@example.com') })];
    expect(play(scenario, at(-1))).toEqual([]);
    expect(play(scenario, at(0))).toHaveLength(1);
  });
  it('fires on somebody who had left before the history begins', () => {
    expect(play(scenario, [anEvent({ actor: anAccount('old@example.com') })])[0]?.sentence).toContain('(before the history begins)');
  });
  it('says low of a failed attempt, once a day', () => {
    const tries = Array.from({ length: 30 }, (_, i) => anEvent({ at: GONE + i * HOUR, actor: dora, outcome: 'failure' }));
    expect(play(scenario, tries).map(({ severity }) => severity)).toEqual(['low', 'low']);
  });
  it('fires, with medium severity, when another account of the person was disabled before', () => {
    const [finding] = play(scenario, [disabled(MONDAY), annaVault(MONDAY + 3 * HOUR)]);
    expect(finding).toMatchObject({ identity: 'p-anna', severity: 'medium', observed: { disabledAccount: 'okta:anna@example.com' } });
    expect(finding?.sentence).toContain('had been disabled or deleted 3 hours earlier');
  });
  it('fires, with high severity, when the disabled account itself works on', () => {
    expect(play(scenario, [disabled(MONDAY), anEvent({ at: MONDAY + 2 * HOUR })])[0]).toMatchObject({ severity: 'high' });
  });
  it('fires when a person signs in as a service whose owner left', () => {
    const signIn = anEvent({ at: GONE + HOUR, actor: anAccount('etl@example.com'), auth: { interactive: true } });
    expect(play(scenario, [signIn])[0]).toMatchObject({ identity: 's-etl', severity: 'medium' });
  });
  it.each([
    ['the last day, to its local end', [anEvent({ at: GONE - 1, actor: dora })]],
    ['a log-off after the end', [anEvent({ at: GONE + HOUR, actor: dora, activity: 'logoff' })]],
    ['an administrator who disables the account', [disabled(GONE + HOUR, dora)]],
    ['a service that runs on after its owner left', [anEvent({ at: GONE + HOUR, actor: anAccount('etl@example.com') })]],
    ['use within the grace of a disabling', [disabled(MONDAY), annaVault(MONDAY + 30 * MINUTE)]],
    ['use long after another account was disabled', [disabled(MONDAY), annaVault(MONDAY + 31 * DAY)]],
    [
      'an account that was enabled again',
      [
        disabled(MONDAY),
        { ...disabled(MONDAY + HOUR), activity: 'enable', code: 'user.lifecycle.reactivate' },
        annaVault(MONDAY + 3 * HOUR),
      ],
    ],
    ['an identity that nobody knows', [anEvent({ at: GONE + HOUR, actor: anAccount('who@example.com') })]],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
});
