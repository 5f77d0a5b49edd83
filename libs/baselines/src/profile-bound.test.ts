import type { AccessEvent } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSignIn, DAY_MS, HOUR_MS, newLine, organisationOf, people, START, step, type EventMore } from '../test/history.js';
import { aCommand } from '../test/typists.js';
import { bytesAtMost, utf8Bytes } from './json-size.js';
import { MOST_PROFILE_BYTES } from './profile-bound.js';

const organisation = organisationOf(people(3));
/** Long, short, and what JSON writes with six bytes. */
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 120 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }),
  fc.nat(10_000).map((number) => `${'long '.repeat(30)}${number}`),
);
const more: fc.Arbitrary<EventMore> = fc.record(
  {
    src: fc.record({
      ip: fc.nat(0xffffff).map((number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`),
      asn: fc.nat(1e9),
      geo: fc.record({
        lat: fc.double({ min: -90, max: 90, noNaN: true }),
        lon: fc.double({ min: -180, max: 180, noNaN: true }),
        city: text,
        country: text,
      }),
    }),
    device: fc.record({ id: text, browser: text, os: text, type: text }),
    auth: fc.record({ method: text, mfa: fc.boolean(), application: text }),
    session: fc.record({ uid: text }),
    resource: fc.record({ kind: fc.constantFrom('host' as const, 'secret' as const), name: text }),
    credential: fc.record({ account: text, act: fc.constant('checked_out' as const) }),
    privilege: fc.record({ change: fc.constant('activated' as const), entitlement: text, jit: fc.constant(true), approver: text }),
  },
  { requiredKeys: [] },
);
const act = fc.oneof(
  { weight: 3, arbitrary: fc.record({ more, hours: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ command: text, session: fc.nat(12), hours: fc.constant(0) }) },
);

describe('size of a profile', () => {
  it('stays within its bound whatever comes, and what is forgotten does not depend on when it was stored', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 30, maxLength: 60 }), (acts) => {
        const straight = newLine(organisation);
        const stored = newLine(organisation);
        let time = START;
        acts.forEach((one, index) => {
          time += one.hours * HOUR_MS + 1_000;
          const event: AccessEvent =
            'more' in one ? aSignIn('p-1', time, one.more) : aCommand('p-1', time, `s-${one.session}`, one.command);
          step(straight, event);
          step(stored, event);
          const size = utf8Bytes(straight.model.encodeProfile(straight.profiles.get('p-1') ?? straight.model.emptyProfile()));
          expect(size).toBeLessThanOrEqual(MOST_PROFILE_BYTES);
          const profile = stored.profiles.get('p-1');
          if (profile && index % 7 === 0) stored.profiles.set('p-1', stored.model.decodeProfile(stored.model.encodeProfile(profile)));
        });
        const [one, other] = [straight, stored].map(({ model, profiles }) =>
          model.encodeProfile(profiles.get('p-1') ?? model.emptyProfile()),
        );
        expect(one).toBe(other);
      }),
      { seed: 4, numRuns: 8 },
    );
  });
  it('keeps what is seen most: a month of habits survives a day of a thousand new things', () => {
    const line = newLine(organisation);
    for (let day = 0; day < 30; day += 1) step(line, aSignIn('p-1', START + day * DAY_MS + 9 * HOUR_MS));
    const resource = (index: number): EventMore => ({ resource: { kind: 'host', name: `${'a long name '.repeat(5)}${index}` } });
    for (let index = 0; index < 1_000; index += 1) step(line, aSignIn('p-1', START + 31 * DAY_MS + index * 10_000, resource(index)));
    const usual = step(line, aSignIn('p-1', START + 32 * DAY_MS + 9 * HOUR_MS));
    expect(usual.terms.find(({ feature }) => feature === 'A2_device')?.counts.person).toBeGreaterThan(10);
  });
  it('is never estimated below what JSON takes', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(bytesAtMost(any)).toBeGreaterThanOrEqual(utf8Bytes(JSON.stringify(any)));
      }),
      { seed: 5 },
    );
  });
});
