import type { AccessEvent } from '@keyward/events';
import { buildOrganisation, IdentityRecord, TicketRecord } from '@keyward/identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aSignIn,
  DAY_MS,
  HOUR_MS,
  newLine,
  organisationOf,
  people,
  replay,
  START,
  step,
  type EventMore,
  type Line,
} from '../../test/history.js';
import type { Assessment, Term } from '../assessment.js';
import { sentenceOf } from '../sentence.js';
import { markovP } from './model.js';
import { MODELS } from './registry.js';

const persons = people(10);
const organisation = organisationOf(persons);
const NOON = START + 12 * HOUR_MS;
const find = (assessment: Assessment, feature: string): Term | undefined => assessment.terms.find((term) => term.feature === feature);

/** A line in which p-1 did the same thing on each of so many days; no snapshot, so the priors speak. */
function after(days: number, make: (time: number, day: number) => AccessEvent): { line: Line; next: number } {
  const line = newLine(organisation);
  for (let day = 0; day < days; day += 1) step(line, make(NOON + day * DAY_MS, day));
  return { line, next: NOON + days * DAY_MS };
}

describe('every model', () => {
  it('has its own id and a prior p that is 1 without evidence, never rises, and is never 0', () => {
    expect(new Set(MODELS.map(({ id }) => id)).size).toBe(MODELS.length);
    for (const model of MODELS) {
      const priorP = (evidence: number): number => model.priorP(evidence);
      expect(priorP(0)).toBe(1);
      fc.assert(
        fc.property(fc.double({ min: -10, max: 60, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (evidence, more) => {
          const here = priorP(evidence);
          return here <= 1 && priorP(evidence + more) <= here + 1e-15 && priorP(evidence + more) > 0;
        }),
        { seed: 21 },
      );
    }
    expect(markovP(Math.log(100))).toBeCloseTo(0.01, 12);
  });
});

describe('A1 network', () => {
  const from = (ip: string, asn: number, country: string): EventMore => ({ src: { ip, asn, geo: { country } } });
  it('is graded: new network of the known provider < new provider of the known country < new country', () => {
    const { line, next } = after(20, (time) => aSignIn('p-1', time, from('198.51.100.7', 64_496, 'DE')));
    const evidence = (more: EventMore): number => {
      const profile = line.model.decodeProfile(line.model.encodeProfile(line.profiles.get('p-1') ?? line.model.emptyProfile()));
      return find(step({ ...line, profiles: new Map([['p-1', profile]]) }, aSignIn('p-1', next, more)), 'A1_network')?.evidence ?? NaN;
    };
    const usual = evidence(from('198.51.100.9', 64_496, 'DE'));
    const network = evidence(from('198.51.7.9', 64_496, 'DE'));
    const provider = evidence(from('203.0.113.9', 64_500, 'DE'));
    const country = evidence(from('203.0.113.9', 64_500, 'NG'));
    expect(usual).toBeLessThan(network);
    expect(network).toBeLessThan(provider);
    expect(provider).toBeLessThan(country);
    const hosting = { src: { ip: '203.0.113.9', asn: 64_500, geo: { country: 'NG' }, networkKind: 'tor' } } as const;
    expect(evidence(hosting) - country).toBeGreaterThan(Math.log(0.8 + 0.2 * 50) - 1e-4);
  });
  it('speaks louder the longer the identity was faithful', () => {
    const of = (days: number): number => {
      const { line, next } = after(days, (time) => aSignIn('p-1', time));
      return find(step(line, aSignIn('p-1', next, from('203.0.113.9', 64_500, 'NG'))), 'A1_network')?.evidence ?? NaN;
    };
    expect(of(2)).toBeLessThan(of(10));
    expect(of(10)).toBeLessThan(of(40));
  });
  it('is explained by the device that travels along, less by a mere user agent, and not at all in a data centre', () => {
    const laptop = { device: { id: 'laptop-1', browser: 'Chrome 126', os: 'Windows 11' } };
    const agent = { device: { userAgent: 'Mozilla Chrome 126', browser: 'Chrome 126', os: 'Windows 11' } };
    const factors = (device: EventMore, src: AccessEvent['src']): readonly { name: string; factor: number }[] => {
      const { line, next } = after(20, (time) => aSignIn('p-1', time, { ...from('198.51.100.7', 64_496, 'DE'), ...device }));
      return find(step(line, aSignIn('p-1', next, { src, ...device })), 'A1_network')?.factors ?? [];
    };
    const abroad = from('203.0.113.9', 64_500, 'NG').src;
    const name = 'on a device this identity uses';
    expect(factors(laptop, abroad)).toEqual([{ name, factor: 0.25 }]);
    expect(factors(agent, abroad)).toEqual([{ name, factor: 0.5 }]);
    expect(factors(laptop, { ...abroad, networkKind: 'hosting' })).toEqual([]);
  });
  it('is not alarmed by one long day: thirty acts of a day are no thirty proofs', () => {
    const line = newLine(organisation);
    for (let index = 0; index < 30; index += 1) step(line, aSignIn('p-1', NOON + index * 60_000));
    const home = find(step(line, aSignIn('p-1', NOON + DAY_MS, from('203.0.113.9', 64_500, 'DE'))), 'A1_network');
    expect(home?.p).toBeGreaterThan(0.1);
  });
});

describe('A2 device', () => {
  const DESK = { name: 'from a network this identity uses', factor: 0.5 };
  const device = (browser: string) => ({ device: { userAgent: `Mozilla ${browser}`, browser, os: 'Windows 11', type: 'desktop' } });
  it('speaks twice as loud on an unknown device that shows the token of a session begun on another', () => {
    const { line, next } = after(20, (time) => aSignIn('p-1', time, { ...device('Chrome 126'), session: { uid: `s-${time}` } }));
    step(line, aSignIn('p-1', next, { ...device('Chrome 126'), session: { uid: 's-1' } }));
    const stolen = find(step(line, aSignIn('p-1', next + 60_000, { ...device('Firefox 127'), session: { uid: 's-1' } })), 'A2_device');
    expect(stolen?.factors).toEqual([{ name: 'same session token on another device', factor: 2 }]);
  });
  it('takes the next version of a usual browser for an update, an older one not', () => {
    const { line, next } = after(20, (time) => aSignIn('p-1', time, device('Chrome 126')));
    const update = find(step(line, aSignIn('p-1', next, device('Chrome 127'))), 'A2_device');
    expect(update?.factors).toContainEqual({ name: 'newer version of a browser this identity uses', factor: 0.3 });
    expect(find(step(line, aSignIn('p-1', next, device('Chrome 90'))), 'A2_device')?.factors).toEqual([DESK]);
    expect(find(step(line, aSignIn('p-1', next, device('Firefox 127'))), 'A2_device')?.factors).toEqual([DESK]);
  });
});

describe('A3 time of week', () => {
  it('finds 3 am unlikely for somebody who works at noon, in local time', () => {
    const line = newLine(organisationOf(persons, { 'p-1': { timezone: 'Asia/Tokyo' } }));
    for (let day = 0; day < 20; day += 1) step(line, aSignIn('p-1', NOON - 9 * HOUR_MS + day * DAY_MS));
    const noon = find(step(line, aSignIn('p-1', NOON - 9 * HOUR_MS + 21 * DAY_MS)), 'A3_time_of_week');
    const night = find(step(line, aSignIn('p-1', START + 18 * HOUR_MS + 21 * DAY_MS)), 'A3_time_of_week');
    expect(noon?.observed).toBe('weekday 12:00 local time');
    expect(night?.observed).toBe('weekday 03:00 local time');
    expect(night?.evidence ?? 0).toBeGreaterThan((noon?.evidence ?? 0) + 0.8);
    expect(noon?.usual[0]?.value).toBe('weekday 12h');
  });
  it('does not judge a weekend from weekdays alone, nor from one other weekend', () => {
    const line = newLine(organisation);
    replay(
      line,
      Array.from({ length: 5 }, (_, day) => aSignIn('p-1', NOON + day * DAY_MS)),
    );
    const why = { feature: 'A3_time_of_week', why: 'the history holds too few weekends yet' };
    for (const day of [5, 6, 12]) {
      expect(step(line, aSignIn('p-1', NOON + day * DAY_MS)).notEvaluated).toContainEqual(why);
      replay(line, [aSignIn('p-2', NOON + day * DAY_MS)]);
    }
    expect(find(step(line, aSignIn('p-1', NOON + 13 * DAY_MS)), 'A3_time_of_week')).toBeDefined();
  });
  it('does not judge a background refresh of a person, but does judge a service', () => {
    const mixed = organisationOf(persons, { 'p-2': { kind: 'service' } });
    const refresh = { auth: { method: 'token', interactive: false } };
    const person = step(newLine(mixed), aSignIn('p-1', NOON, refresh));
    expect(person.notEvaluated.map(({ feature }) => feature)).toContain('A3_time_of_week');
    const service = step(newLine(mixed), aSignIn('p-2', NOON, refresh));
    expect(find(service, 'A3_time_of_week')).toBeDefined();
    expect(service.stratum).toBe('service/medium');
    expect(service.notEvaluated).toContainEqual({ feature: 'A4_travel', why: 'a service account does not travel' });
  });
});

describe('A5 method and application', () => {
  it('tells a missing second factor as a downgrade where one is usual, and lifts it', () => {
    const { line, next } = after(20, (time) => aSignIn('p-1', time));
    const downgrade = find(step(line, aSignIn('p-1', next, { auth: { method: 'password', mfa: false } })), 'A5_method');
    expect(downgrade && sentenceOf(downgrade)).toContain(
      'password, without second factor (MFA downgrade), never seen for this identity in',
    );
    const other = find(step(line, aSignIn('p-1', next, { auth: { method: 'fido2', mfa: true } })), 'A5_method');
    expect(downgrade?.evidence ?? 0).toBeGreaterThan((other?.evidence ?? 0) + 1);
    expect(other && sentenceOf(other)).not.toContain('downgrade');
  });
  it('finds a new application more surprising than a usual one', () => {
    const { line, next } = after(20, (time) => aSignIn('p-1', time));
    const usual = find(step(line, aSignIn('p-1', next)), 'A5_application');
    const fresh = find(step(line, aSignIn('p-1', next, { auth: { application: 'Payroll' } })), 'A5_application');
    expect(fresh?.evidence ?? 0).toBeGreaterThan((usual?.evidence ?? 0) + 2);
  });
});

describe('B1 first use of a resource', () => {
  const host = (name: string) => ({ resource: { kind: 'host', name, host: name } as const });
  it("prices an explorer's next new host low and a clerk's first one high", () => {
    const explorer = after(20, (time, day) => aSignIn('p-1', time, host(`host-${day}`)));
    const clerk = after(20, (time) => aSignIn('p-1', time, host('host-1')));
    const next = host('host-new');
    const cheap = find(step(explorer.line, aSignIn('p-1', explorer.next, next)), 'B1_resource');
    const dear = find(step(clerk.line, aSignIn('p-1', clerk.next, next)), 'B1_resource');
    expect(cheap?.evidence ?? 0).toBeLessThan((dear?.evidence ?? 0) - 1);
    expect(dear?.counts.person).toBe(0);
  });
  it('counts a resource once a day, so a script does not drown a month of habits', () => {
    const once = after(20, (time) => aSignIn('p-1', time, host('host-1')));
    const often = newLine(organisation);
    for (let day = 0; day < 20; day += 1)
      for (let index = 0; index < 50; index += 1) step(often, aSignIn('p-1', NOON + day * DAY_MS + index, host('host-1')));
    const [a, b] = [once.line, often].map((line) => find(step(line, aSignIn('p-1', NOON + 20 * DAY_MS, host('host-2'))), 'B1_resource'));
    expect(a?.evidence).toBe(b?.evidence);
  });
  it('is explained by colleagues who use it, and by an open ticket', () => {
    const team = persons.filter((_, index) => index % 5 === 1).map(({ id }) => id);
    const [me = '', colleague = ''] = team;
    const history = (withColleague: boolean): AccessEvent[] =>
      Array.from({ length: 12 }, (_, day) => [
        aSignIn(me, NOON + day * DAY_MS, host('host-1')),
        aSignIn(colleague, NOON + day * DAY_MS, host(withColleague ? 'host-2' : 'host-1')),
        ...persons.slice(2, 5).map(({ id }) => aSignIn(id, NOON + day * DAY_MS, host('host-1'))),
      ]).flat();
    const evidence = (withColleague: boolean): number => {
      const line = newLine(organisation);
      replay(line, history(withColleague));
      return find(step(line, aSignIn(me, NOON + 12 * DAY_MS, host('host-2'))), 'B1_resource')?.evidence ?? NaN;
    };
    expect(evidence(true)).toBeLessThan(evidence(false) - 0.5);

    const ticketed = buildOrganisation({
      identities: persons.map(({ id }) => IdentityRecord.parse({ id, team: 'team' })),
      assets: [],
      groups: [],
      roles: [],
      tickets: [
        TicketRecord.parse({ id: 'CHG-1', kind: 'change', owner: 'p-1', start: '2026-01-01T00:00:00Z', end: '2026-03-01T00:00:00Z' }),
      ],
    });
    const term = find(
      step(
        { ...after(5, (time) => aSignIn('p-1', time, host('host-1'))).line, organisation: ticketed },
        aSignIn('p-1', NOON + 5 * DAY_MS, host('host-9')),
      ),
      'B1_resource',
    );
    expect(term?.factors).toContainEqual({ name: 'has an open ticket of its own', factor: 0.3 });
  });
});

it('time moves on: a habit of thirty days ago speaks with half its weight', () => {
  const { line } = after(20, (time) => aSignIn('p-1', time));
  const weigh = (at: number): number =>
    find(
      line.model.assess({
        event: aSignIn('p-1', at),
        identity: 'p-1',
        profile: line.profiles.get('p-1') ?? line.model.emptyProfile(),
        snapshot: line.snapshot,
        organisation,
      }),
      'A1_network',
    )?.counts.person ?? NaN;
  const soon = weigh(NOON + 19 * DAY_MS);
  expect(weigh(NOON + 49 * DAY_MS)).toBeCloseTo(soon / 2, 0);
});
