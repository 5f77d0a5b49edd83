import { describe, expect, it } from 'vitest';
import { aSignIn, DAY_MS, HOUR_MS, newLine, organisationOf, people, replay, START, step, type Line } from '../../test/history.js';
import type { Assessment, Term } from '../assessment.js';
import { sentenceOf } from '../sentence.js';

const NOON = START + 12 * HOUR_MS;
const MINUTE_MS = 60_000;
const persons = people(10);
const to = (who: string, time: number, application: string) =>
  aSignIn(who, time, { auth: { method: 'push', mfa: true, interactive: true, application } });
const termOf = ({ terms }: Assessment): Term | undefined => terms.find(({ feature }) => feature === 'B5_first_uses');

/** Five teams of two, each with an application of its own; on `days` days in a row. */
function worked(days: number): Line {
  const line = newLine(organisationOf(persons));
  const history = Array.from({ length: days }, (_, day) => persons.map(({ id }, index) => to(id, NOON + day * DAY_MS, `App ${index % 5}`)));
  replay(line, history.flat());
  return line;
}

describe('B5 first uses', () => {
  it('say nothing of one, which has a name to speak for itself, and the more, the more there are on one day', () => {
    const line = worked(15);
    const at = NOON + 15 * DAY_MS;
    const terms = ['App 0', 'App 2', 'App 3'].map((application, index) =>
      termOf(step(line, to('p-1', at + index * MINUTE_MS, application))),
    );
    expect(terms.map((term) => term?.details?.measured?.value)).toEqual([1, 2, 3]);
    const [one, two = 0, three = 0] = terms.map((term) => term?.evidence);
    expect(one).toBe(0);
    expect(two).toBeGreaterThan(0.5);
    expect(three).toBeGreaterThan(two + 0.5);
    expect(terms[2] && sentenceOf(terms[2])).toMatch(
      /^Used 3 applications or resources of others for the first time in a day; about 0 are usual \(\d+ active days known of this identity\)/,
    );
  });
  it('count each once a day, and begin anew on the next', () => {
    const line = worked(15);
    const at = NOON + 15 * DAY_MS;
    step(line, to('p-1', at, 'App 0'));
    expect(termOf(step(line, to('p-1', at + MINUTE_MS, 'App 0')))).toBeUndefined();
    expect(termOf(step(line, to('p-1', at + DAY_MS, 'App 2')))?.details?.measured?.value).toBe(1);
  });
  it('say nothing of what a colleague of the team uses, of what nobody has used, and of somebody new', () => {
    const line = worked(15);
    step(line, to('p-6', NOON + 14 * DAY_MS + MINUTE_MS, 'Ledger'));
    const at = NOON + 15 * DAY_MS;
    expect(termOf(step(line, to('p-1', at, 'App 1')))).toBeUndefined();
    expect(termOf(step(line, to('p-1', at, 'Brand New')))).toBeUndefined();
    expect(termOf(step(worked(3), to('p-1', NOON + 3 * DAY_MS, 'App 0')))).toBeUndefined();
  });
  it('count the hosts that a machine reaches in the background, as network sign-ins do that go from host to host', () => {
    const line = worked(15);
    const network = (who: string, time: number, host: string) =>
      aSignIn(who, time, { auth: { method: 'token', interactive: false }, resource: { kind: 'host', name: host } });
    replay(
      line,
      ['db-1', 'db-2', 'db-3'].map((host, index) => network('p-4', NOON + 14 * DAY_MS + index * MINUTE_MS, host)),
    );
    const at = NOON + 15 * DAY_MS;
    const terms = ['db-1', 'db-2', 'db-3'].map((host, index) => termOf(step(line, network('p-1', at + index * MINUTE_MS, host))));
    expect(terms.map((term) => term?.details?.measured?.value)).toEqual([1, 2, 3]);
  });
  it('are in the stored profile as they are in memory', () => {
    const line = worked(15);
    const at = NOON + 15 * DAY_MS;
    step(line, to('p-1', at, 'App 0'));
    const profile = line.profiles.get('p-1') ?? line.model.emptyProfile();
    const stored = { ...line, profiles: new Map([['p-1', line.model.decodeProfile(line.model.encodeProfile(profile))]]) };
    const next = to('p-1', at + MINUTE_MS, 'App 2');
    expect(termOf(step(stored, next))).toStrictEqual(termOf(step(line, next)));
  });
});
