import { dayOf } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aSignIn, DAY_MS, HOUR_MS, newLine, ordinaryHistory, organisationOf, people, replay, START, step } from '../test/history.js';
import { alarmThreshold, Assessment, createBehaviourModel, type BehaviourModel } from './index.js';

const FIRST = dayOf(START);
const persons = people(12);
const organisation = organisationOf(persons);

describe('snapshot', () => {
  const events = ordinaryHistory(persons, FIRST, 3);
  const line = newLine(organisation);
  const day = events.map((event) => ({ event, assessment: step(line, event) }));

  it('is the same, id included, whatever the order of its events', () => {
    const build = (order: readonly number[]): string => {
      const builder = line.model.snapshotBuilder(line.model.emptySnapshot(), organisation);
      for (const index of order) {
        const item = day[index];
        if (item) builder.add(item.event.actor?.identity ?? '', item.event, item.assessment);
      }
      return line.model.encodeSnapshot(builder.build(FIRST + 3));
    };
    const straight = day.map((_, index) => index);
    const expected = build(straight);
    fc.assert(
      fc.property(fc.shuffledSubarray(straight, { minLength: straight.length }), (order) => build(order) === expected),
      { numRuns: 15, seed: 2 },
    );
  });

  it('survives encoding: same id, same scores', () => {
    const model = createBehaviourModel();
    const other = newLine(organisation, model);
    replay(other, events);
    const decoded = model.decodeSnapshot(model.encodeSnapshot(other.snapshot));
    expect(decoded.id).toBe(other.snapshot.id);
    expect(decoded.day).toBe(FIRST + 3);
    const event = aSignIn('p-1', START + 3 * DAY_MS + 9 * HOUR_MS, { resource: { kind: 'host', name: 'host-77' } });
    expect(step({ ...other, profiles: new Map(), snapshot: decoded }, event)).toStrictEqual(step({ ...other, profiles: new Map() }, event));
  });

  it('gives the same bits for three weeks when every snapshot and profile goes through its stored form', () => {
    const history = ordinaryHistory(persons, FIRST, 21, 5);
    const model = createBehaviourModel();
    const stored: BehaviourModel = {
      ...model,
      snapshotBuilder: (previous, who) => {
        const builder = model.snapshotBuilder(previous, who);
        return {
          add: (identity, event, assessment) => {
            // Assessments come back from the store as JSON, too.
            builder.add(identity, event, Assessment.parse(JSON.parse(JSON.stringify(assessment))));
          },
          addVerdict: (entry) => {
            builder.addVerdict(entry);
          },
          build: (day) => model.decodeSnapshot(model.encodeSnapshot(builder.build(day))),
        };
      },
    };
    const straight = replay(newLine(organisation, model), history);
    expect(replay(newLine(organisation, stored), history)).toStrictEqual(straight);
  });

  it('holds only days before its own', () => {
    const model = createBehaviourModel();
    const builder = model.snapshotBuilder(model.emptySnapshot(), organisation);
    for (const { event, assessment } of day) builder.add(event.actor?.identity ?? '', event, assessment);
    const all = builder.build(FIRST + 3);
    const early = builder.build(FIRST + 1);
    expect(early.id).not.toBe(all.id);
    const again = model.snapshotBuilder(model.emptySnapshot(), organisation);
    for (const { event, assessment } of day) if (dayOf(event.time) === FIRST) again.add(event.actor?.identity ?? '', event, assessment);
    expect(again.build(FIRST + 1).id).toBe(early.id);
  });

  it('stays bounded: values, networks and calibration days have a limit', () => {
    const model = createBehaviourModel({ valuesPerGroup: 50, egressNetworks: 50 });
    const builder = model.snapshotBuilder(model.emptySnapshot(), organisation);
    for (let index = 0; index < 2_000; index += 1) {
      const event = aSignIn(`p-${index % 12}`, START + index * 1_000, { src: { ip: `10.${index % 256}.${index % 199}.1`, asn: index } });
      const profile = model.emptyProfile();
      const input = { event, identity: `p-${index % 12}`, profile, snapshot: model.emptySnapshot(), organisation };
      builder.add(input.identity, event, model.assess(input));
    }
    expect(model.encodeSnapshot(builder.build(FIRST + 1)).length).toBeLessThan(60_000);
  });

  it('forgets calibration after 28 days', () => {
    const model = createBehaviourModel();
    const one = newLine(organisation, model);
    replay(
      one,
      events.filter(({ time }) => dayOf(time) === FIRST),
    );
    const later = model.snapshotBuilder(one.snapshot, organisation).build(FIRST + 29);
    expect(JSON.parse(model.encodeSnapshot(later))).toMatchObject({ days: {} });
  });
});

describe('alarm threshold', () => {
  it('is a fixed p while there is no history', () => {
    expect(alarmThreshold(createBehaviourModel().emptySnapshot())).toBe(2e-4);
  });

  it('is steered by the budget once there is, within its limits', () => {
    const many = people(60, 3);
    const line = newLine(organisationOf(many));
    replay(line, ordinaryHistory(many, FIRST, 30));
    const [strict, usual, loose] = [0.1, 5, 500].map((budget) => alarmThreshold(line.snapshot, budget));
    expect(strict).toBeLessThanOrEqual(usual ?? 0);
    expect(usual).toBeLessThanOrEqual(loose ?? 0);
    expect(loose).toBeLessThanOrEqual(1e-2);
    expect(loose).toBeGreaterThan(5e-3);
    expect(strict).toBeGreaterThanOrEqual(1e-7);
  });
});
