import { dayOf } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aSignIn,
  DAY_MS,
  HOUR_MS,
  LAGOS,
  newLine,
  ordinaryHistory,
  organisationOf,
  people,
  replay,
  seeded,
  START,
  step,
} from '../test/history.js';
import { Assessment, createBehaviourModel, isAlarming, sentenceOf } from './index.js';

const FIRST = dayOf(START);
const NEXT_MONDAY = (weeks: number): number => START + weeks * 7 * DAY_MS;
const HOSTING = { ip: '192.0.2.9', asn: 64_999, asOrg: 'Example Hosting', networkKind: 'hosting', geo: LAGOS } as const;
const UNKNOWN_DEVICE = { id: 'x', browser: 'Firefox 100', os: 'Linux', type: 'desktop' };
const term = (assessment: Assessment, feature: string) => assessment.terms.find((candidate) => candidate.feature === feature);

const persons = people(30);
const organisation = organisationOf(persons);
const history = ordinaryHistory(persons, FIRST, 35);

/** Five ordinary weeks, once for all tests that only read. */
const trained = newLine(organisation);
const assessments = replay(trained, history);
const copyOf = (line: typeof trained) => ({
  ...line,
  profiles: new Map([...line.profiles].map(([id, profile]) => [id, line.model.decodeProfile(line.model.encodeProfile(profile))])),
});

describe('behaviour model', () => {
  it('gives what its schema promises', () => {
    for (const assessment of assessments.slice(0, 200)) expect(Assessment.safeParse(assessment).success).toBe(true);
    const shares = assessments
      .filter(({ terms }) => terms.some(({ share }) => share > 0))
      .map(({ terms }) => terms.reduce((sum, { share }) => sum + share, 0));
    for (const sum of shares) expect(sum).toBeCloseTo(1, 4);
  });

  it('is calibrated: p <= 0.01 has at most 3.5 % of ordinary events, p <= 0.1 at most 15 %', () => {
    const settled = assessments.filter(({ time }) => dayOf(time) - FIRST >= 14);
    const share = (p: number): number => settled.filter((assessment) => assessment.p <= p).length / settled.length;
    expect(share(0.01)).toBeLessThan(0.035);
    expect(share(0.1)).toBeGreaterThan(0.04);
    expect(share(0.1)).toBeLessThan(0.15);
    expect(share(0.5)).toBeLessThan(0.6);
  });

  it('is not alarmed by a cold start: in the first week at most one ordinary identity-day in a hundred', () => {
    const first = assessments.filter(({ time }) => dayOf(time) - FIRST < 7);
    const alarming = new Set(first.filter(({ p }) => p <= 1e-3).map(({ identity, time }) => `${identity} ${dayOf(time)}`));
    expect(alarming.size).toBeLessThanOrEqual(2);
    expect(first.filter(({ time }) => dayOf(time) === FIRST).every(({ p }) => p > 0.01)).toBe(true);
  });

  it('scores a new country, provider and device at 3 am above everything ordinary, and says why', () => {
    const line = copyOf(trained);
    const stolen = step(line, aSignIn('p-3', NEXT_MONDAY(5) + 3 * HOUR_MS, { src: HOSTING, device: UNKNOWN_DEVICE }));
    const ordinary = assessments.filter(({ time }) => dayOf(time) - FIRST >= 14).map(({ score }) => score);
    expect(stolen.score).toBeGreaterThan(Math.max(...ordinary) + 5);
    expect(isAlarming(stolen, line.snapshot)).toBe(true);
    expect(stolen.terms.slice(0, 2).map(sentenceOf)).toContainEqual(
      expect.stringMatching(
        /^Signed in from AS64999 Example Hosting \(NG\), never seen for this identity in \d+ acts; usual: AS\d+ \(DE\) \d+ %/,
      ),
    );
    expect(term(stolen, 'A1_network')?.counts.person).toBe(0);
    expect(stolen.terms[0]?.scoreWithout).toBeLessThan(stolen.score);
  });

  it('reads a provider new to the person as less surprising when colleagues use it', () => {
    const line = copyOf(trained);
    const at = NEXT_MONDAY(5) + 9 * HOUR_MS;
    const foreign = step(copyOf(line), aSignIn('p-3', at, { src: HOSTING }));
    const colleague = persons.find(({ id, home }) => id !== 'p-3' && home % 4 !== (persons[3]?.home ?? 0) % 4);
    const home = {
      ip: `100.80.${colleague?.home ?? 0}.9`,
      asn: 64_500 + ((colleague?.home ?? 0) % 4),
      geo: { lat: 52.52, lon: 13.4, country: 'DE' },
    };
    const shared = step(copyOf(line), aSignIn('p-3', at, { src: home }));
    expect(term(shared, 'A1_network')?.evidence).toBeLessThan((term(foreign, 'A1_network')?.evidence ?? 0) / 2);
  });

  it('evaluates before it advances: the first sight of a value is a first sight', () => {
    const line = newLine(organisation);
    const first = step(line, aSignIn('p-0', START + 9 * HOUR_MS));
    expect(term(first, 'A1_network')?.counts.person).toBe(0);
    const second = step(line, aSignIn('p-0', START + 10 * HOUR_MS));
    expect(term(second, 'A1_network')?.counts.person).toBe(1);
  });

  it('is pure: assessing twice gives the same bits and leaves the profile as it was', () => {
    const profile = trained.profiles.get('p-1') ?? trained.model.emptyProfile();
    const before = trained.model.encodeProfile(profile);
    const event = aSignIn('p-1', NEXT_MONDAY(5) + 11 * HOUR_MS, { src: HOSTING });
    const input = { event, identity: 'p-1', profile, snapshot: trained.snapshot, organisation };
    expect(trained.model.assess(input)).toStrictEqual(trained.model.assess(input));
    expect(trained.model.encodeProfile(profile)).toBe(before);
  });

  it('scores the same after a profile was stored and loaded at any point', () => {
    const events = history.filter(({ actor }) => actor?.identity === 'p-2').sort((a, b) => a.time - b.time);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: events.length - 1 }), (cut) => {
        const straight = newLine(organisation);
        const stored = newLine(organisation);
        events.forEach((event, index) => {
          const expected = step(straight, event);
          if (index === cut) {
            const profile = stored.profiles.get('p-2') ?? stored.model.emptyProfile();
            stored.profiles.set('p-2', stored.model.decodeProfile(stored.model.encodeProfile(profile)));
          }
          if (index >= cut) expect(step(stored, event)).toStrictEqual(expected);
          else step(stored, event);
        });
      }),
      { numRuns: 10, seed: 5 },
    );
  });

  it('keeps a typical profile within 4 KB and a wild one bounded', () => {
    for (const profile of trained.profiles.values()) expect(trained.model.encodeProfile(profile).length).toBeLessThan(4_096);
    const random = seeded(3);
    const line = newLine(organisation);
    for (let index = 0; index < 3_000; index += 1) {
      const n = Math.floor(random() * 1e6);
      step(
        line,
        aSignIn('p-9', START + index * 600_000, {
          src: { ip: `10.${n % 250}.${index % 250}.1`, asn: n, geo: { country: `C${n % 90}` } },
          device: { id: `d${n}`, browser: `B ${n % 300}`, os: `O ${n % 50}` },
          resource: { kind: 'secret', name: `${'very/long/path/'.repeat(20)}${n}` },
        }),
      );
    }
    expect(line.model.encodeProfile(line.profiles.get('p-9') ?? line.model.emptyProfile()).length).toBeLessThan(16_384);
  });

  it('does not let failed sign-ins teach, and scores those that failed at the second factor only', () => {
    const line = copyOf(trained);
    const habits = (): unknown => {
      const profile = JSON.parse(line.model.encodeProfile(line.profiles.get('p-5') ?? line.model.emptyProfile())) as Record<
        string,
        unknown
      >;
      // k, x: what A6 and B3 count of closed and open windows
      return { ...profile, k: undefined, x: undefined };
    };
    const before = habits();
    const at = NEXT_MONDAY(5) + 3 * HOUR_MS;
    const wrong = step(
      line,
      aSignIn('p-5', at, { outcome: 'failure', auth: { method: 'password', failure: 'bad_password' }, src: HOSTING }),
    );
    expect(wrong).toMatchObject({ score: 0, p: 1, terms: [] });
    expect(wrong.notEvaluated.map(({ feature }) => feature)).toContain('A1_network');
    const denied = step(
      line,
      aSignIn('p-5', at, { outcome: 'failure', auth: { method: 'push', mfa: true, factorResult: 'denied' }, src: HOSTING }),
    );
    expect(denied.score).toBeGreaterThan(30);
    expect(habits()).toEqual(before);
  });

  it('says of each feature that could not be judged why not', () => {
    const bare = step(copyOf(trained), { ...aSignIn('p-1', NEXT_MONDAY(5)), src: { ip: '198.51.100.7' }, device: {}, auth: {} });
    expect(bare.notEvaluated).toContainEqual({ feature: 'A4_travel', why: 'the place of the source address is not known' });
    expect(bare.notEvaluated.map(({ feature }) => feature)).toEqual(
      expect.arrayContaining(['A2_device', 'A5_method', 'A5_application', 'B1_resource']),
    );
  });

  it('starts over after 60 days of silence: old habits prove nothing', () => {
    const line = copyOf(trained);
    const later = START + (35 + 70) * DAY_MS + 10 * HOUR_MS;
    const back = step(line, aSignIn('p-4', later));
    expect(term(back, 'A1_network')).toMatchObject({ confidence: 0, counts: { person: 0 } });
  });

  it('recovers from a clock that was years ahead, and ignores what comes months late', () => {
    const line = copyOf(trained);
    step(line, aSignIn('p-4', Date.UTC(2099, 0, 1)));
    for (let day = 0; day < 5; day += 1) step(line, aSignIn('p-4', NEXT_MONDAY(5) + day * DAY_MS + 9 * HOUR_MS));
    const after = term(step(line, aSignIn('p-4', NEXT_MONDAY(5) + 5 * DAY_MS)), 'A1_network');
    // The application is new to everybody: the last two of the five are still on hold.
    expect(after?.counts.person).toBeGreaterThan(2);
    expect(after?.counts.person).toBeLessThan(4);
    const before = line.model.encodeProfile(line.profiles.get('p-4') ?? line.model.emptyProfile());
    step(line, aSignIn('p-4', START - 100 * DAY_MS, { src: { ip: '198.51.100.7' } }));
    expect(JSON.parse(line.model.encodeProfile(line.profiles.get('p-4') ?? line.model.emptyProfile()))).toMatchObject({
      n: (JSON.parse(before) as { n: number }).n,
    });
  });

  it('refuses a parameter out of its range', () => {
    expect(() => createBehaviourModel({ intelligenceShare: 0.5 })).toThrow();
  });
});

describe('gated learning', () => {
  const intruder = (line: typeof trained, days: number, perDay: number): number[] => {
    const ps: number[] = [];
    for (let day = 0; day < days; day += 1)
      for (let index = 0; index < perDay; index += 1)
        ps.push(
          step(line, aSignIn('p-6', NEXT_MONDAY(5) + day * DAY_MS + (3 + index / 10) * HOUR_MS, { src: HOSTING, device: UNKNOWN_DEVICE }))
            .p,
        );
    return ps;
  };

  it('never learns what is very unlikely: an intruder who comes every night for two weeks is as unlikely on the last one', () => {
    const ps = intruder(copyOf(trained), 14, 3);
    expect(ps[0]).toBeLessThan(1e-4);
    expect(Math.max(...ps)).toBeLessThan(1e-4);
  });

  it('holds what is doubtful for 72 hours, then learns it', () => {
    const line = copyOf(trained);
    const profile = line.profiles.get('p-7') ?? line.model.emptyProfile();
    const at = NEXT_MONDAY(5) + 10 * HOUR_MS;
    const input = (event: ReturnType<typeof aSignIn>) => ({ event, identity: 'p-7', profile, snapshot: line.snapshot, organisation });
    const event = aSignIn('p-7', at, { src: HOSTING });
    const assessment = { ...line.model.assess(input(event)), p: 5e-3 };
    line.model.advance(input(event), assessment);
    const seenAfter = (hours: number): number => {
      step(line, aSignIn('p-7', at + hours * HOUR_MS));
      return term(line.model.assess(input(aSignIn('p-7', at + hours * HOUR_MS, { src: HOSTING }))), 'A1_network')?.counts.person ?? -1;
    };
    expect(seenAfter(1)).toBe(0);
    expect(seenAfter(71)).toBe(0);
    expect(seenAfter(73)).toBeGreaterThan(0);
  });
});

describe('what explains an event', () => {
  it('being on call scales a strange hour, with its name, and keeps the evidence', () => {
    const onCall = organisationOf(persons, { 'p-8': { onCall: [{ from: '2026-02-09', to: '2026-02-10' }] } });
    const at = NEXT_MONDAY(5) + 3 * HOUR_MS;
    const plain = term(step(copyOf(trained), aSignIn('p-8', at)), 'A3_time_of_week');
    const excused = term(step({ ...copyOf(trained), organisation: onCall }, aSignIn('p-8', at)), 'A3_time_of_week');
    expect(excused?.factors).toContainEqual({ name: 'on call at this time', factor: 0.3 });
    expect(excused?.evidence).toBeCloseTo((plain?.evidence ?? 0) * 0.3, 4);
    expect(excused && sentenceOf(excused)).toContain('on call at this time (x 0.3)');
  });

  it('a VPN that rolls out through a group is damped from the next day on', () => {
    const vpn = { ip: '203.0.113.200', asn: 64_700, asOrg: 'Example VPN', geo: LAGOS };
    const rollout = NEXT_MONDAY(5);
    const team = persons.filter((_, index) => index % 5 === 0);
    const late = team[5]?.id ?? '';
    const withRollout = copyOf(trained);
    replay(
      withRollout,
      team.slice(0, 4).map(({ id }, index) => aSignIn(id, rollout + (9 + index) * HOUR_MS, { src: vpn })),
    );
    const without = copyOf(trained);
    const event = aSignIn(late, rollout + DAY_MS + 10 * HOUR_MS, { src: vpn });
    const alone = term(step(without, event), 'A1_network');
    const along = term(step(withRollout, event), 'A1_network');
    expect(along?.factors.map(({ name }) => name).join()).toMatch(/new for 4 of 4 in team:team-0 on one day/);
    expect(along?.evidence).toBeLessThan((alone?.evidence ?? 0) * 0.15);
  });

  it('a network that five others use is told as shared egress', () => {
    const line = copyOf(trained);
    const event = aSignIn('newcomer', NEXT_MONDAY(5) + 9 * HOUR_MS);
    expect(term(step(line, event), 'A1_network')?.factors).toContainEqual({
      name: expect.stringMatching(/^shared egress: \d+/) as string,
      factor: 0.3,
    });
  });
});
