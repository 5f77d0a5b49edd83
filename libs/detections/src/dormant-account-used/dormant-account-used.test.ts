import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { dormantAccountUsed } from './dormant-account-used.detection.js';

const person = (id: string, more: object = {}): object => ({ id, accounts: [{ system: 'okta', name: `${id}@example.com` }], ...more });
const organisation = anOrganisation({
  identities: [
    person('p-home', { home: { lat: 48.8, lon: 2.3, country: 'FR' } }),
    person('p-away', { leaves: [{ from: '2026-01-07', to: '2026-03-05' }] }),
    person('p-new', { startsAt: '2026-02-20' }),
    person('p-gone', { endsAt: '2026-02-01' }),
    person('s-job', { kind: 'service' }),
  ],
});
const scenario = { detection: dormantAccountUsed, organisation };
const LATER = MONDAY + 60 * DAY;
type Event = ReturnType<typeof anEvent>;
const act = (id: string, at: number, more: Partial<Event> = {}): Event => anEvent({ at, actor: anAccount(`${id}@example.com`), ...more });
const returned = (id: string, more: Partial<Event> = {}): Event[] => [act(id, MONDAY), act(id, LATER, more)];
const reset = (at: number): Event =>
  anEvent({
    at,
    class: 'account_change',
    activity: 'password_reset',
    actor: anAccount('helpdesk@example.com'),
    target: anAccount('p-home@example.com'),
  });

describe('dormant account used', () => {
  it('fires on a quiet return, once', () => {
    const findings = play(scenario, [...returned('p-home'), act('p-home', LATER + HOUR)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ identity: 'p-home', severity: 'medium', p: 1e-3, observed: { quietDays: 45 } });
    expect(findings[0]?.sentence).toBe(
      'okta:p-home@example.com was used (user.session.start) after no account of p-home had been used since 2026-01-05 09:00 UTC.',
    );
  });
  it('fires, with high severity, where a password reset came before', () => {
    const findings = play(scenario, [act('p-home', MONDAY), reset(LATER - HOUR), act('p-home', LATER)]);
    expect(findings[0]).toMatchObject({ severity: 'high', p: 1e-4, observed: { isRenewed: true } });
    expect(play(scenario, [act('p-home', MONDAY), reset(LATER - 10 * DAY), act('p-home', LATER)])[0]).toMatchObject({ severity: 'medium' });
  });
  it('fires, with high severity, from a country or a network where nobody is at home', () => {
    const of = (src: Event['src']): string | undefined => play(scenario, returned('p-home', src && { src }))[0]?.severity;
    expect(of({ geo: { country: 'AU' } })).toBe('high');
    expect(of({ networkKind: 'hosting' })).toBe('high');
    expect(of({ geo: { country: 'fr' }, networkKind: 'mobile' })).toBe('medium');
  });
  it('fires on a person who was never seen, when enough days were watched', () => {
    const first = [act('p-home', MONDAY)];
    expect(play({ ...scenario, watchedDays: 14 }, first)[0]).toMatchObject({
      severity: 'medium',
      observed: { lastSeen: 'never', quietDays: 14 },
    });
    expect(play({ ...scenario, watchedDays: 13 }, first)).toEqual([]);
    expect(play(scenario, first)).toEqual([]);
  });
  it.each([
    ['somebody who was seen lately', [act('p-home', MONDAY), act('p-home', MONDAY + 44 * DAY)]],
    ['a return from a leave', returned('p-away')],
    ['a joiner', [act('p-new', LATER)]],
    ['somebody who has left', returned('p-gone')],
    ['a service', returned('s-job')],
    ['somebody whom the organisation does not know', returned('p-nobody')],
    ['a failed sign-in', returned('p-home', { outcome: 'failure' })],
    ['a log-off', returned('p-home', { activity: 'logoff' })],
    ['what others do to the account', [act('p-home', MONDAY), reset(LATER)]],
  ])('is silent on %s', (_what, events) => {
    expect(play({ ...scenario, watchedDays: 28 }, events).filter(({ observed }) => observed['lastSeen'] !== 'never')).toEqual([]);
  });
  it('is silent on first acts of joiners, of those on leave and of services, however long it watched', () => {
    for (const id of ['p-new', 's-job', 'p-nobody']) expect(play({ ...scenario, watchedDays: 28 }, [act(id, LATER)])).toEqual([]);
    expect(play({ ...scenario, watchedDays: 28 }, [act('p-away', LATER)])).toEqual([]);
  });
});
