import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY, HOUR, LONDON, LYON, MINUTE, MONDAY, PARIS, SYDNEY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { impossibleTravel } from './impossible-travel.detection.js';
import { effectiveDistanceKm, shortestHours, travelEvidence } from './travel.js';

type Where = typeof PARIS;
const scenario = { detection: impossibleTravel, organisation: anOrganisation() };
const from = (geo: Where, ip: string, more: object = {}) => ({ src: { ip, geo, ...more } });
const signIn = (geo: Where, ip: string, at: number, more: object = {}) => anEvent({ at, ...from(geo, ip), ...more });
const through = (networkKind: 'vpn' | 'hosting' | 'mobile' | 'corporate') => ({ networkKind });

describe('impossible travel', () => {
  it('fires when Paris and Sydney are one hour apart, with distance and time in the sentence', () => {
    const first = signIn(PARIS, '192.0.2.1', MONDAY);
    const [finding, ...more] = play(scenario, [first, signIn(SYDNEY, '203.0.113.9', MONDAY + HOUR)]);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ identity: 'p-anna', severity: 'high', observed: { distanceKm: 16_861, elapsedMinutes: 60 } });
    expect(finding?.eventUids[0]).toBe(first.uid);
    expect(finding?.sentence).toContain(
      'Anna Berg (p-anna) signed in from Sydney, AU 60 minutes after Paris, FR: 16,861 km apart at least',
    );
  });
  it('fires across two accounts of one person', () => {
    const second = signIn(SYDNEY, '203.0.113.9', MONDAY + HOUR, { source: 'entra', actor: anAccount('anna.admin@example.com', 'entra') });
    expect(play(scenario, [signIn(PARIS, '192.0.2.1', MONDAY), second])).toHaveLength(1);
  });
  it('is critical when one session is at both ends: it was copied', () => {
    const session = { session: { uid: 'sess-1' } };
    const events = [signIn(PARIS, '192.0.2.1', MONDAY, session), signIn(SYDNEY, '203.0.113.9', MONDAY + 4 * HOUR, session)];
    expect(play(scenario, events)[0]).toMatchObject({ severity: 'critical', p: 1e-6 });
  });
  it('fires on a pair that reaches us in the wrong order', () => {
    expect(play(scenario, [signIn(SYDNEY, '203.0.113.9', MONDAY + HOUR), signIn(PARIS, '192.0.2.1', MONDAY)])).toHaveLength(1);
  });
  it.each([
    ['a journey that an airliner makes', [signIn(PARIS, '192.0.2.1', MONDAY), signIn(SYDNEY, '203.0.113.9', MONDAY + 22 * HOUR)]],
    ['a distance within geo error', [signIn(PARIS, '192.0.2.1', MONDAY), signIn(LYON, '203.0.113.9', MONDAY + MINUTE)]],
    [
      'two cities whose accuracy radii overlap',
      [signIn({ ...PARIS, radiusKm: 1000 }, '192.0.2.1', MONDAY), signIn(LONDON, '203.0.113.9', MONDAY)],
    ],
    ['a VPN exit', [signIn(PARIS, '192.0.2.1', MONDAY), anEvent({ at: MONDAY + HOUR, ...from(SYDNEY, '203.0.113.9', through('vpn')) })]],
    ['corporate egress', [anEvent({ ...from(PARIS, '192.0.2.1', through('corporate')) }), signIn(SYDNEY, '203.0.113.9', MONDAY + 9)]],
    [
      'one device that moved within minutes: a tunnel was switched on',
      [signIn(PARIS, '192.0.2.1', MONDAY, { device: { id: 'd1' } }), signIn(SYDNEY, '203.0.113.9', MONDAY + 9, { device: { id: 'd1' } })],
    ],
    ['a failed sign-in', [signIn(PARIS, '192.0.2.1', MONDAY), signIn(SYDNEY, '203.0.113.9', MONDAY + HOUR, { outcome: 'failure' })]],
    [
      'a token that a program renews',
      [signIn(PARIS, '192.0.2.1', MONDAY), signIn(SYDNEY, '203.0.113.9', MONDAY + HOUR, { auth: { interactive: false } })],
    ],
    ['an address without a place', [signIn(PARIS, '192.0.2.1', MONDAY), anEvent({ at: MONDAY + HOUR, src: { ip: '203.0.113.9' } })]],
    [
      'a service that runs in two regions',
      [PARIS, SYDNEY].map((geo, i) => signIn(geo, `203.0.113.${i}`, MONDAY + i, { actor: anAccount('backup@db1', 'linux') })),
    ],
  ])('is silent on %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('compares with the last real place after a VPN sign-in, not with its exit', () => {
    const vpn = anEvent({ at: MONDAY + HOUR, ...from(SYDNEY, '203.0.113.9', through('vpn')) });
    expect(play(scenario, [signIn(PARIS, '192.0.2.1', MONDAY), vpn, signIn(PARIS, '192.0.2.1', MONDAY + 2 * HOUR)])).toEqual([]);
  });
  it('is silent once two networks were used by turns on an earlier day', () => {
    const day = (start: number) => [signIn(PARIS, '192.0.2.1', start), signIn(SYDNEY, '203.0.113.9', start + MINUTE)];
    const findings = play(scenario, [...day(MONDAY), ...day(MONDAY + DAY)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.time).toBe(MONDAY + MINUTE);
  });
  it('is silent when a carrier puts a phone into another city of the country, and its provider is known', () => {
    const carrier = (geo: Where, ip: string, at: number, asn: number) => anEvent({ at, src: { ip, geo, asn } });
    const south = { ...SYDNEY, country: 'FR', city: 'Elsewhere' };
    const first = [carrier(PARIS, '192.0.2.1', MONDAY, 64500), carrier(south, '203.0.113.9', MONDAY + 30 * HOUR, 64501)];
    const beside = [carrier(PARIS, '192.0.2.7', MONDAY + 3 * DAY, 64500), carrier(south, '198.51.100.4', MONDAY + 3 * DAY + MINUTE, 64501)];
    expect(play(scenario, [...first, ...beside])).toEqual([]);
    expect(play(scenario, beside)).toHaveLength(1);
  });
  it('is silent on one address that two systems place differently', () => {
    expect(play(scenario, [signIn(PARIS, '192.0.2.1', MONDAY), signIn(SYDNEY, '192.0.2.1', MONDAY + MINUTE)])).toEqual([]);
  });
  it('counts hosting half: a near miss is silent, an absurd one is not', () => {
    const hosted = (at: number) => anEvent({ at, ...from(SYDNEY, '203.0.113.9', through('hosting')) });
    expect(play(scenario, [signIn(PARIS, '192.0.2.1', MONDAY), hosted(MONDAY + 6 * HOUR)])).toEqual([]);
    const [finding] = play(scenario, [signIn(PARIS, '192.0.2.1', MONDAY), hosted(MONDAY + HOUR)]);
    expect(finding?.explanation).toEqual(['Evidence was multiplied by 0.5: a sign-in came through a network of kind hosting.']);
  });
  it('never fires on a second sign-in from the same place, whenever it comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (gap) => {
        const events = [signIn(PARIS, '192.0.2.1', MONDAY), signIn(PARIS, '192.0.2.1', MONDAY + gap)];
        expect(play(scenario, events)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('travel', () => {
  it('takes both accuracy radii off the distance, and never goes below zero', () => {
    expect(effectiveDistanceKm(PARIS, LONDON)).toBeCloseTo(243.6, 0);
    expect(effectiveDistanceKm(PARIS, PARIS)).toBe(0);
  });
  it('drives to 300 km and flies beyond', () => {
    expect(shortestHours(240)).toBe(2);
    expect(shortestHours(850)).toBe(2.5);
  });
  it('is no evidence while a journey is possible and stays below 8 nats however absurd', () => {
    expect(travelEvidence(1000, 10 * HOUR)).toBe(0);
    expect(travelEvidence(16_000, 0)).toBe(8);
  });
});
