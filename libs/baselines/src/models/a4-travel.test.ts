import { HOUR_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSignIn, BERLIN, DAY_MS, newLine, organisationOf, people, START, step, type EventMore } from '../../test/history.js';
import type { Term } from '../assessment.js';
import { sentenceOf } from '../sentence.js';
import { shortestTravelHours, travelEvidence } from './a4-travel.js';

const organisation = organisationOf(people(8));
const SYDNEY = { lat: -33.87, lon: 151.21, radiusKm: 50, city: 'Sydney', country: 'AU' };
const NOON = START + 12 * HOUR_MS;

/** Berlin at noon, then Sydney half an hour later. */
function travelTerm(more: EventMore, first: EventMore = {}): Term | undefined {
  const line = newLine(organisation);
  step(line, aSignIn('p-1', NOON, first));
  const there: AccessEvent['src'] = { ip: '203.0.113.5', asn: 64_501, geo: SYDNEY };
  const event = aSignIn('p-1', NOON + 30 * MINUTE_MS, { src: there, device: { id: 'other', os: 'Linux' }, ...more });
  return step(line, event).terms.find(({ feature }) => feature === 'A4_travel');
}

describe('travel', () => {
  it.each([
    [120, 1],
    [200, 5 / 3],
    [425, 2],
    [850, 2.5],
    [8_500, 11.5],
  ])('%i km take at least %f h', (km, hours) => {
    expect(shortestTravelHours(km)).toBeCloseTo(hours, 12);
  });
  it('is evidence of 2 ln(T / (dt + 5 min)) beyond the accuracy of both places, at most 8', () => {
    expect(travelEvidence(950, 100, 55 * MINUTE_MS)).toBeCloseTo(2 * Math.log(2.5), 12);
    expect(travelEvidence(100, 100, 0)).toBe(0);
    expect(travelEvidence(16_000, 0, 0)).toBe(8);
  });
  it('grows with distance, falls with time and uncertainty, stays in [0, 8]', () => {
    const km = fc.double({ min: 0, max: 20_000, noNaN: true });
    const ms = fc.double({ min: 0, max: 10 * DAY_MS, noNaN: true });
    fc.assert(
      fc.property(km, km, ms, km, (distance, radii, elapsed, more) => {
        const here = travelEvidence(distance, radii, elapsed);
        return (
          here >= 0 &&
          here <= 8 &&
          travelEvidence(distance + more, radii, elapsed) >= here &&
          travelEvidence(distance, radii + more, elapsed) <= here &&
          travelEvidence(distance, radii, elapsed + more * 1e5) <= here
        );
      }),
      { seed: 13 },
    );
  });
  it('tells Berlin to Sydney in half an hour, with distance, uncertainty and the time that is needed', () => {
    const term = travelTerm({});
    expect(term?.evidence).toBeGreaterThan(6);
    expect(term?.observed).toBe('Berlin to Sydney, 16095 km in 30 min');
    expect(term && sentenceOf(term)).toContain('Berlin at 2026-01-05T12:00:00.000Z, Sydney 30 min later: at least 15995 km');
    expect(term?.factors).toEqual([]);
  });
  it.each<[string, number, EventMore, EventMore]>([
    ['hosting network', 0.5, { src: { ip: '203.0.113.5', geo: SYDNEY, networkKind: 'hosting' } }, {}],
    ['consumer VPN', 0.1, { src: { ip: '203.0.113.5', geo: SYDNEY, networkKind: 'vpn' } }, {}],
    ['mobile carrier', 0.3, { src: { ip: '203.0.113.5', geo: SYDNEY, networkKind: 'mobile' } }, {}],
    ['known corporate egress', 0, { src: { ip: '203.0.113.5', geo: SYDNEY, networkKind: 'corporate' } }, {}],
    ['consumer VPN', 0.1, {}, { src: { ip: '198.51.100.7', geo: BERLIN, networkKind: 'vpn' } }],
    ['same device at both ends', 0.2, { device: { id: 'laptop-p-1' } }, {}],
    ['same session token at both ends', 2, { session: { uid: 's1' } }, { session: { uid: 's1' } }],
  ])('scales by "%s" (x %f) and names it', (name, factor, more, first) => {
    const plain = travelTerm({})?.evidence ?? 0;
    const term = travelTerm(more, first);
    expect(term?.factors).toContainEqual({ name, factor });
    expect(term?.evidence).toBeCloseTo(plain * factor, 4);
  });
  it('scales two networks that were used side by side on two earlier days', () => {
    const line = newLine(organisation);
    const vpn: AccessEvent['src'] = { ip: '203.0.113.5', asn: 64_501, geo: SYDNEY };
    let last: Term | undefined;
    for (const day of [0, 1, 2]) {
      step(line, aSignIn('p-1', NOON + day * DAY_MS));
      last = step(line, aSignIn('p-1', NOON + day * DAY_MS + HOUR_MS, { src: vpn })).terms.find(({ feature }) => feature === 'A4_travel');
      if (day < 2) expect(last?.factors.map(({ name }) => name)).not.toContain('both networks were used side by side on earlier days');
    }
    expect(last?.factors).toContainEqual({ name: 'both networks were used side by side on earlier days', factor: 0.1 });
  });
  it('is not evaluated, and says so, without a place or without an earlier one', () => {
    const line = newLine(organisation);
    const feature = 'A4_travel';
    expect(step(line, aSignIn('p-1', NOON)).notEvaluated).toContainEqual({ feature, why: 'no earlier place is known' });
    expect(step(line, aSignIn('p-1', NOON + HOUR_MS, { src: { ip: '203.0.113.5' } })).notEvaluated).toContainEqual({
      feature,
      why: 'the place of the source address is not known',
    });
  });
});
