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

const organisation = organisationOf(people(10));
const NOON = START + 12 * HOUR_MS;
const MINUTE_MS = 60_000;
const find = (assessment: Assessment, feature: string): Term | undefined => assessment.terms.find((term) => term.feature === feature);
const said = (term: Term | undefined): string => (term ? sentenceOf(term) : '');

const wrongPassword: EventMore = { outcome: 'failure', auth: { method: 'password', interactive: true, failure: 'bad_password' } };
const checkOut = (account: string): EventMore => ({
  class: 'entity_management',
  activity: 'read',
  auth: undefined,
  credential: { act: 'checked_out', account },
});
const right = (change: 'granted' | 'activated', entitlement: string, more: EventMore = {}, hours = 4, time = NOON): EventMore => ({
  class: 'user_access',
  activity: 'assign_privileges',
  auth: undefined,
  privilege: { change, entitlement, jit: true, startsAt: time, endsAt: time + hours * HOUR_MS },
  ...more,
});
const to = (identity: string): EventMore => ({ target: { system: 'entra', name: `${identity}@example.com`, identity } });

/** A line in which p-1 did the same on each of so many days, without a snapshot: the priors speak. */
function after(days: number, make: (time: number) => EventMore): { line: Line; next: number } {
  const line = newLine(organisation);
  for (let day = 0; day < days; day += 1) step(line, aSignIn('p-1', NOON + day * DAY_MS, make(NOON + day * DAY_MS)));
  return { line, next: NOON + days * DAY_MS };
}

describe('A6 failures before a success', () => {
  const failures = (line: Line, next: number, count: number, more: EventMore = { device: { id: 'another' } }): Term | undefined => {
    for (let index = 0; index < count; index += 1) step(line, aSignIn('p-1', next + index * MINUTE_MS, wrongPassword));
    return find(step(line, aSignIn('p-1', next + HOUR_MS, more)), 'A6_failures');
  };
  it('finds a dozen failures alarming, one typing error not', () => {
    const [dozen, one] = [12, 1].map((count) => {
      const { line, next } = after(20, () => ({}));
      return failures(line, next, count);
    });
    expect(one?.evidence ?? NaN).toBeLessThan(4.5);
    expect(dozen?.evidence ?? NaN).toBeGreaterThan(5);
    expect(said(dozen)).toMatch(/^Signed in after 12 failed attempts; 0\.\d are usual before a sign-in \(\d+ known of this identity\)\./);
  });
  it('is less alarmed at few failures, and at the own device: a password was forgotten', () => {
    const own = after(20, () => ({}));
    const term = failures(own.line, own.next, 6, {});
    expect(term?.factors).toContainEqual({ name: 'few in absolute numbers', factor: 0.45 });
    expect(term?.factors).toContainEqual({ name: 'on a device this identity uses', factor: 0.3 });
  });
  it('forgives whoever always mistypes, in time', () => {
    const clumsy = newLine(organisation);
    for (let day = 0; day < 30; day += 1) {
      for (let index = 0; index < 3; index += 1) step(clumsy, aSignIn('p-1', NOON + day * DAY_MS + index, wrongPassword));
      step(clumsy, aSignIn('p-1', NOON + day * DAY_MS + MINUTE_MS));
    }
    const steady = after(30, () => ({}));
    expect(failures(clumsy, NOON + 30 * DAY_MS, 4)?.evidence ?? NaN).toBeLessThan(
      (failures(steady.line, steady.next, 4)?.evidence ?? NaN) / 2,
    );
  });
  it('counts from the last success, forgets failures after a day, and ignores refusals that are no guess', () => {
    const { line, next } = after(5, () => ({}));
    expect(failures(line, next, 3)?.details?.measured?.value).toBe(3);
    expect(find(step(line, aSignIn('p-1', next + 2 * HOUR_MS)), 'A6_failures')?.evidence).toBe(0);
    step(line, aSignIn('p-1', next + 3 * HOUR_MS, wrongPassword));
    expect(find(step(line, aSignIn('p-1', next + 3 * HOUR_MS + 2 * DAY_MS)), 'A6_failures')?.evidence).toBe(0);
    step(line, aSignIn('p-1', next + 3 * DAY_MS, { ...wrongPassword, auth: { method: 'password', failure: 'policy' } }));
    expect(find(step(line, aSignIn('p-1', next + 3 * DAY_MS + 1)), 'A6_failures')?.evidence).toBe(0);
  });
  it('keeps the count through storage', () => {
    const { line, next } = after(5, () => ({}));
    for (let index = 0; index < 4; index += 1) step(line, aSignIn('p-1', next + index, wrongPassword));
    const text = line.model.encodeProfile(line.profiles.get('p-1') ?? line.model.emptyProfile());
    line.profiles.set('p-1', line.model.decodeProfile(text));
    expect(line.model.encodeProfile(line.profiles.get('p-1') ?? line.model.emptyProfile())).toBe(text);
    expect(find(step(line, aSignIn('p-1', next + HOUR_MS)), 'A6_failures')?.details?.measured?.value).toBe(4);
  });
});

describe('B3 volumes', () => {
  it('finds a burst alarming, and the more so the larger it is', () => {
    const { line, next } = after(20, () => ({}));
    const evidence = Array.from(
      { length: 120 },
      (_, index) => find(step(line, aSignIn('p-1', next + index * 1_000)), 'B3_volume')?.evidence ?? NaN,
    );
    expect(evidence[4]).toBe(0);
    expect(evidence[119] ?? NaN).toBeGreaterThan(6);
    for (let index = 1; index < 120; index += 1) expect(evidence[index] ?? NaN).toBeGreaterThanOrEqual(evidence[index - 1] ?? NaN);
    expect(said(find(step(line, aSignIn('p-1', next + 130_000)), 'B3_volume'))).toMatch(
      /^Did 121 acts within an hour; about [\d.]+ are usual/,
    );
  });
  it('has no opinion in the very first hour, and is used to a machine that does three hundred an hour', () => {
    const services = organisationOf(people(10), { 'p-1': { kind: 'service' } });
    const line = newLine(services);
    const day = Array.from({ length: 24 * 300 }, (_, index) => step(line, aSignIn('p-1', START + index * 12_000)));
    expect(day[299]?.notEvaluated).toContainEqual({ feature: 'B3_volume', why: 'nothing is known of volumes yet' });
    expect(day.slice(300).filter(({ p }) => p < 2e-4)).toEqual([]);
    expect(find(step(line, aSignIn('p-1', START + DAY_MS)), 'B3_volume')?.evidence).toBe(0);
  });
  it('tells passwords that are taken out one after the other, and is not alarmed by the sign-in that follows', () => {
    const { line, next } = after(20, () => checkOut('root@db-1'));
    let term: Term | undefined;
    for (let index = 0; index < 25; index += 1)
      term = find(step(line, aSignIn('p-1', next + index * HOUR_MS * 0.4, checkOut(`root@db-${index}`))), 'B3_volume');
    expect(term?.evidence ?? NaN).toBeGreaterThan(5);
    expect(said(term)).toMatch(/^(Took \d+ passwords or secrets out in a day|Reached for \d+ different targets in a day); about/);
    expect(find(step(line, aSignIn('p-1', next + 11 * HOUR_MS + MINUTE_MS)), 'B3_volume')?.evidence).toBe(0);
  });
  it('comes to terms with whoever does ten times more from one day on, but not at once', () => {
    const line = newLine(organisation);
    const day = (from: number, perHour: number): (number | undefined)[] =>
      Array.from({ length: 8 * perHour }, (_, index) =>
        find(step(line, aSignIn('p-1', from + Math.floor(index / perHour) * HOUR_MS + (index % perHour) * 1_000)), 'B3_volume'),
      ).map((term) => term?.evidence);
    for (let index = 0; index < 10; index += 1) day(NOON + index * DAY_MS, 6);
    const first = day(NOON + 10 * DAY_MS, 60).at(-1) ?? NaN;
    for (let index = 11; index < 20; index += 1) day(NOON + index * DAY_MS, 60);
    expect(first).toBeGreaterThan(4);
    expect(day(NOON + 20 * DAY_MS, 60).at(-1) ?? NaN).toBeLessThan(2);
  });
  it('does not look at background refreshes of a person, nor at a record from before the newest hour', () => {
    const { line, next } = after(3, () => ({}));
    const refresh = step(line, aSignIn('p-1', next, { auth: { method: 'token', interactive: false } }));
    expect(refresh.notEvaluated.map(({ feature }) => feature)).toContain('B3_volume');
    expect(find(step(line, aSignIn('p-1', next - 2 * DAY_MS)), 'B3_volume')).toBeUndefined();
  });
});

describe('B4 privilege rarely used', () => {
  it('finds a privilege that slept for six weeks more surprising than one used each day; a first use is not its business', () => {
    const { line, next } = after(20, () => checkOut('root@db-1'));
    expect(find(step(line, aSignIn('p-1', next, checkOut('root@db-9'))), 'B4_rare_privilege')).toBeUndefined();
    const daily = find(step(line, aSignIn('p-1', next, checkOut('root@db-1'))), 'B4_rare_privilege');
    for (let day = 1; day < 45; day += 1) step(line, aSignIn('p-1', next + day * DAY_MS, checkOut('root@db-2')));
    const slept = find(step(line, aSignIn('p-1', next + 45 * DAY_MS, checkOut('root@db-1'))), 'B4_rare_privilege');
    expect(daily?.evidence ?? NaN).toBeLessThan(1.5);
    expect(slept?.evidence ?? NaN).toBeGreaterThan(5);
    expect(said(slept)).toMatch(
      /^Used credential root@db-1, last used 45 days before; about [\d.]+ days between uses are usual \(used on 21 days\)\.$/,
    );
  });
  it('expects long gaps of a privilege that always had them', () => {
    const line = newLine(organisation);
    for (let week = 0; week < 8; week += 1) step(line, aSignIn('p-1', NOON + week * 14 * DAY_MS, checkOut('root@db-1')));
    expect(
      find(step(line, aSignIn('p-1', NOON + 8 * 14 * DAY_MS, checkOut('root@db-1'))), 'B4_rare_privilege')?.evidence ?? NaN,
    ).toBeLessThan(2);
  });
});

/** Twelve days on which p-0 gives his own and other teams what they usually get. Teams are `id mod 5`. */
function history(): Line {
  const line = newLine(organisation);
  const days = Array.from({ length: 12 }, (_, day) =>
    Array.from({ length: 8 }, (_, index) =>
      aSignIn('p-0', NOON + day * DAY_MS + index * MINUTE_MS, right('granted', `entra:role:Team ${(index + 1) % 5}`, to(`p-${index + 1}`))),
    ),
  );
  replay(line, days.flat());
  return line;
}

describe("C1 right outside the peers'", () => {
  const next = NOON + 12 * DAY_MS;
  it("finds another team's right, and one nobody has, more surprising than the peers'", () => {
    const evidence = (entitlement: string, giver = 'p-0'): number =>
      find(step(history(), aSignIn(giver, next, right('granted', entitlement, to('p-6')))), 'C1_entitlement')?.evidence ?? NaN;
    const own = evidence('entra:role:Team 1');
    expect(own).toBeLessThan(0.5);
    expect(evidence('entra:role:Team 3')).toBeGreaterThan(own + 0.8);
    expect(evidence('entra:role:Global Administrator')).toBeGreaterThan(own + 2);
  });
  it('says who gave what to whom, and what the peers were given', () => {
    const line = history();
    const term = find(step(line, aSignIn('p-3', next, right('granted', 'entra:role:Global Administrator', to('p-6')))), 'C1_entitlement');
    expect(said(term)).toBe(
      'Gave entra:role:Global Administrator for a time for p-6; none of the peers was given it lately; usual: entra:role:Team 1 for a time 100 %.',
    );
    const none = step(line, aSignIn('p-3', next));
    expect(find(none, 'C1_entitlement')).toBeUndefined();
    expect(none.notEvaluated.map(({ feature }) => feature)).not.toContain('C1_entitlement');
  });
  it('is less surprised where the records say that the receiver may', () => {
    const eligible = organisationOf(people(10), { 'p-6': { eligibleRoles: ['Global Administrator'] } });
    const line = { ...history(), organisation: eligible };
    const term = find(step(line, aSignIn('p-6', next, right('activated', 'entra:role:Global Administrator'))), 'C1_entitlement');
    expect(term?.factors).toEqual([{ name: 'eligible for it by the records of the organisation', factor: 0.3 }]);
  });
});

describe('C1 right for good', () => {
  const next = NOON + 12 * DAY_MS;
  const standing = (entitlement: string, more: EventMore = {}): EventMore => ({
    class: 'user_access',
    activity: 'assign_privileges',
    auth: undefined,
    privilege: { change: 'granted', entitlement, jit: false },
    ...more,
  });
  const termOf = (entitlement: string, giver = 'p-0', receiver = 'p-6'): Term | undefined =>
    find(step(history(), aSignIn(giver, next, standing(entitlement, to(receiver)))), 'C1_entitlement');
  it('is another one than the same right for a time', () => {
    expect(termOf('entra:role:Team 1')?.evidence).toBeGreaterThan(1);
  });
  it('is more surprising where it is a right over everything', () => {
    const [plain = NaN, powerful = NaN] = ['aws:policy:ReadQueues', 'aws:policy:AdministratorAccess'].map(
      (right) => termOf(right)?.evidence,
    );
    expect(powerful - plain).toBeCloseTo(Math.log(8), 5);
  });
  it('counts double where somebody gives it to himself', () => {
    expect(termOf('aws:policy:ReadQueues', 'p-6', 'p-6')?.factors).toContainEqual({ name: 'given to itself', factor: 2 });
  });
});

describe('C1 activation outside the records', () => {
  const records = organisationOf(
    people(10),
    Object.fromEntries(people(10).map(({ id }) => [id, { eligibleRoles: ['entra:role:Reader'] }])),
  );
  const next = NOON + 12 * DAY_MS;
  /** Everybody activates what the records list, every day. */
  const used = (organisation = records): Line => {
    const line = newLine(organisation);
    const days = Array.from({ length: 12 }, (_, day) =>
      people(10).map(({ id }, index) => aSignIn(id, NOON + day * DAY_MS + index * MINUTE_MS, right('activated', 'entra:role:Reader'))),
    );
    replay(line, days.flat());
    return line;
  };
  const termOf = (line: Line, role: string): Term | undefined =>
    find(step(line, aSignIn('p-1', next, right('activated', role))), 'C1_eligibility');
  it('is surprising where all other activations are listed, and says so', () => {
    const term = termOf(used(), 'entra:role:Security Administrator');
    expect(term?.evidence).toBeGreaterThan(3.5);
    expect(said(term)).toMatch(
      /^Activated entra:role:Security Administrator, for which the records do not list this identity as eligible; 0\.\d+ % of activations are like that/,
    );
  });
  it('says nothing against a listed right, by its name or its whole id', () => {
    expect(termOf(used(), 'entra:role:reader')?.evidence).toBe(0);
  });
  it('says nothing where the records list no right of the system', () => {
    expect(termOf(used(organisationOf(people(10))), 'entra:role:Security Administrator')).toBeUndefined();
    expect(termOf(used(), 'cyberark:account:root@db-1')).toBeUndefined();
  });
  it('says little where the records are often wrong', () => {
    const line = newLine(records);
    const days = Array.from({ length: 12 }, (_, day) =>
      people(10).map(({ id }, index) =>
        aSignIn(id, NOON + day * DAY_MS + index * MINUTE_MS, right('activated', `entra:role:Role ${index}`)),
      ),
    );
    replay(line, days.flat());
    expect(termOf(line, 'entra:role:Security Administrator')?.evidence).toBeLessThan(0.5);
  });
});

describe('C2 time-bound rights', () => {
  const activation = (time: number, hours: number, approver?: string): EventMore => ({
    ...right('activated', 'entra:role:Reader', {}, hours, time),
    privilege: {
      change: 'activated',
      entitlement: 'entra:role:Reader',
      jit: true,
      startsAt: time,
      endsAt: time + hours * HOUR_MS,
      ...(approver && { approver }),
    },
  });
  it('finds a week unusual for somebody who takes two hours, and shorter than usual never', () => {
    const { line, next } = after(20, (time) => activation(time, 2));
    const week = find(step(line, aSignIn('p-1', next, activation(next, 168))), 'C2_jit');
    expect(week?.evidence ?? NaN).toBeGreaterThan(4);
    expect(said(week)).toMatch(/^Took a right for 7 days; about 2\.1 hours are usual \(\d+ known of this identity\)\.$/);
    expect(find(step(line, aSignIn('p-1', next, activation(next, 0.5))), 'C2_jit')?.evidence).toBe(0);
  });
  it('finds a new approver more surprising than the usual one', () => {
    const { line, next } = after(20, (time) => activation(time, 2, 'Boss@example.com'));
    const usual = find(step(line, aSignIn('p-1', next, activation(next, 2, 'boss@example.com'))), 'C2_jit');
    const pal = find(step(line, aSignIn('p-1', next, activation(next, 2, 'pal@example.com'))), 'C2_jit');
    expect(usual?.evidence).toBe(0);
    expect(pal?.evidence ?? NaN).toBeGreaterThan(0);
    expect(said(pal)).toContain('A right was approved by pal@example.com, never seen for this identity in');
  });
});
