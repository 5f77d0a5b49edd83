import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerdictInForce } from './feedback-state.js';
import { ACCEPTED_FACTOR, verdictsOn } from './verdicts-on.js';

const DAY_MS = 86_400_000;
const SINCE = Date.UTC(2026, 2, 1);
const verdict = (i: VerdictInForce['i'], m: VerdictInForce['m'], a = SINCE): VerdictInForce => ({
  u: `${i}${a}`,
  i,
  a,
  z: SINCE + 30 * DAY_MS,
  n: 'a.berg',
  m,
});
const NET = { f: 'A1_network', l: '192.0.2.0/24' };
const VALUES = { net: '192.0.2.0/24' };
const SHARE = { intelligenceShare: 0.2 };
const on = (
  own: readonly VerdictInForce[],
  evidence: number,
  {
    feature = 'A1_network',
    observed = '',
    details = {},
    at = SINCE + DAY_MS,
  }: { feature?: string; observed?: string; details?: object; at?: number } = {},
) => verdictsOn(feature, { observed, details }, evidence, VALUES, { own, shared: undefined, groups: [], at }, SHARE);

describe('what verdicts make of evidence', () => {
  it('leaves a tenth of what was accepted, and says by whom, since when and until when', () => {
    const weighed = on([verdict('benign', [NET])], 8);
    expect(weighed?.evidence).toBeCloseTo(0.8, 10);
    expect(weighed?.factors).toEqual([{ name: 'accepted by a.berg on 2026-03-01, until 2026-03-31', factor: ACCEPTED_FACTOR }]);
  });

  it('leaves no less than a tenth, however many verdicts say the same, and never touches what speaks for the identity', () => {
    fc.assert(
      fc.property(fc.double({ min: -60, max: 60, noNaN: true }), fc.integer({ min: 1, max: 8 }), (evidence, times) => {
        const own = Array.from({ length: times }, (_, index) => verdict('benign', [NET], SINCE + index));
        const weighed = on(own, evidence);
        return evidence <= 0
          ? weighed === undefined
          : weighed !== undefined && weighed.evidence >= evidence * ACCEPTED_FACTOR && weighed.evidence < evidence;
      }),
      { seed: 3 },
    );
  });

  it('is silent before a verdict was given and from its end on', () => {
    expect(on([verdict('benign', [NET])], 8, { at: SINCE - 1 })).toBeUndefined();
    expect(on([verdict('benign', [NET])], 8, { at: SINCE + 30 * DAY_MS - 1 })).toBeDefined();
    expect(on([verdict('benign', [NET])], 8, { at: SINCE + 30 * DAY_MS })).toBeUndefined();
  });

  it('goes by the newest word', () => {
    const early = SINCE;
    const late = SINCE + 1;
    expect(on([verdict('benign', [NET], early), verdict('malicious', [NET], late)], 4)?.evidence).toBeGreaterThan(4);
    expect(on([verdict('malicious', [NET], early), verdict('benign', [NET], late)], 4)?.evidence).toBeLessThan(4);
  });

  it('accepts a count up to a quarter more than was accepted', () => {
    const own = [verdict('benign', [{ f: 'B3_volume', l: '#sec', m: 40 }])];
    const secrets = (value: number, count = 'sec') =>
      on(own, 9, { feature: 'B3_volume', details: { measured: { count, value, expected: 3 } } });
    expect(secrets(50)).toBeDefined();
    expect(secrets(51)).toBeUndefined();
    expect(secrets(10, 'dst')).toBeUndefined();
  });

  it('accepts an hour and those beside it, around midnight too', () => {
    const own = [verdict('benign', [{ f: 'A3_time_of_week', l: '@weekday', m: 23 * 60 + 45 }])];
    const at = (observed: string) => on(own, 5, { feature: 'A3_time_of_week', observed: `${observed} local time` });
    expect(at('weekday 00:30')).toBeDefined();
    expect(at('weekday 01:00')).toBeUndefined();
    expect(at('weekend 23:45')).toBeUndefined();
  });

  it('accepts a journey both ways, and commands with no verb beyond those that were accepted', () => {
    const journey = (from: string, to: string) => ({
      journey: { from, to, leftAt: 0, elapsedMs: 1, leastKm: 1, uncertainKm: 1, sameToken: false },
    });
    const trip = [verdict('benign', [{ f: 'A4_travel', l: 'Berlin | Lagos' }])];
    expect(on(trip, 8, { feature: 'A4_travel', details: journey('Lagos', 'Berlin') })).toBeDefined();
    expect(on(trip, 8, { feature: 'A4_travel', details: journey('Lagos', 'Oslo') })).toBeUndefined();
    const typed = [verdict('benign', [{ f: 'B2_commands', l: 'verbs', v: ['dd', 'tar'] }])];
    const ran = (...verbs: string[]) =>
      on(typed, 8, {
        feature: 'B2_commands',
        details: { commands: { position: 9, leastP: 1, unusual: verbs.map((verb) => ({ verb, times: 1 })) } },
      });
    expect(ran('tar')).toBeDefined();
    expect(ran('tar', 'curl')).toBeUndefined();
  });

  it('raises only what attackers bring along', () => {
    expect(on([verdict('malicious', [NET])], 4)?.evidence).toBeCloseTo(4 + Math.log(0.8 + 0.2 * 50), 10);
    expect(
      on([verdict('malicious', [{ f: 'B1_resource', l: 'host db-1' }])], 4, { feature: 'B1_resource', observed: 'host db-1' }),
    ).toBeUndefined();
  });
});
