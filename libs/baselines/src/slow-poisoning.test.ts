import { dayOf, type AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { aSignIn, DAY_MS, HOUR_MS, LAGOS, newLine, ordinaryHistory, organisationOf, people, replay, START, step } from '../test/history.js';
import { isAlarming } from './index.js';

const persons = people(30);
const FIRST = dayOf(START);
const TRAINED_DAYS = 28;
const SLOW_DAYS = 21;
const VICTIM = 'p-5';

/** Somebody with the victim's password who takes three weeks: another network, another provider, another device, ever later, ever more hosts. */
function slowly(day: number): AccessEvent[] {
  const at = START + (TRAINED_DAYS + day) * DAY_MS + 14 * HOUR_MS + day * 0.5 * HOUR_MS;
  const src =
    day < 5
      ? { ip: '198.51.100.200', asn: 64_496, geo: { country: 'DE' } }
      : day < 10
        ? { ip: '203.0.113.77', asn: 64_700, geo: { country: 'DE' } }
        : { ip: '192.0.2.77', asn: 64_999, networkKind: 'hosting' as const, geo: { country: 'DE' } };
  const device =
    day < 8
      ? { id: `laptop-${VICTIM}`, browser: 'Chrome 126', os: 'Windows 11', type: 'desktop' }
      : { id: 'theirs', browser: 'Chrome 126', os: 'Windows 11', type: 'desktop' };
  return Array.from({ length: 1 + Math.floor(day / 7) }, (_, index) =>
    aSignIn(VICTIM, at + index * 60_000, {
      src,
      device,
      resource: { kind: 'host', name: `vault-${Math.floor(day / 3)}`, host: `vault-${Math.floor(day / 3)}` },
    }),
  );
}

describe('an attacker who moves slowly for three weeks', () => {
  const line = newLine(organisationOf(persons));
  replay(line, ordinaryHistory(persons, FIRST, TRAINED_DAYS));
  const slow = Array.from({ length: SLOW_DAYS }, (_, day) => slowly(day)).flat();
  const theirs = new Set(slow.map(({ uid }) => uid));
  const alarms = replay(line, [...ordinaryHistory(persons, FIRST + TRAINED_DAYS, SLOW_DAYS, 12), ...slow]).filter(
    (assessment) => theirs.has(assessment.eventUid) && isAlarming(assessment, line.snapshot),
  );

  it('is seen on the way', () => {
    expect(alarms.length).toBeGreaterThanOrEqual(2);
    expect(dayOf(alarms[0]?.time ?? 0) - FIRST - TRAINED_DAYS).toBeLessThanOrEqual(10);
  });
  it('has not made usual what he came for', () => {
    const goal = START + (TRAINED_DAYS + SLOW_DAYS) * DAY_MS + 2 * HOUR_MS;
    const last = Array.from({ length: 25 }, (_, index) =>
      step(
        line,
        aSignIn(VICTIM, goal + index * 60_000, {
          src: { ip: '100.99.7.9', asn: 65_010, networkKind: 'hosting', geo: LAGOS },
          device: { id: 'theirs', browser: 'Chrome 126', os: 'Windows 11', type: 'desktop' },
          resource: { kind: 'host', name: `target-${index}`, host: `target-${index}` },
        }),
      ),
    );
    const alarm = last.findIndex((assessment) => isAlarming(assessment, line.snapshot));
    expect(alarm).toBeGreaterThanOrEqual(0);
    expect(alarm).toBeLessThan(10);
    expect(last.at(-1)?.p ?? 1).toBeLessThan(1e-6);
  });
});
