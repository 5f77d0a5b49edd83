import type { AccessEvent } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assessment } from './assessment.js';
import { createBehaviourModel } from './behaviour-model.js';
import { countsOf, mergeCounts } from './snapshot-builder.js';

const DAY = 20_000;
const model = createBehaviourModel();
const aBuilder = () => model.snapshotBuilder(model.emptySnapshot(), EMPTY_ORGANISATION);

/** What a builder looks at, of one of few identities, networks and strengths: so that some of all are met again. */
const row = fc.record({
  identity: fc.nat(3),
  network: fc.nat(4),
  p: fc.constantFrom(1, 0.3, 1e-7),
  kind: fc.constantFrom('human', 'admin'),
});
type Row = typeof row extends fc.Arbitrary<infer R> ? R : never;

function add(builder: ReturnType<typeof aBuilder>, { identity, network, p, kind }: Row): void {
  const key = `p-${identity}`;
  const event: AccessEvent = {
    ...{ uid: 'e-1', nativeId: 'n-1', source: 'okta', time: DAY * 86_400_000, class: 'authentication', activity: 'logon' },
    ...{
      code: 'user.session.start',
      outcome: 'success',
      actor: { system: 'okta', name: key, identity: key },
      src: { ip: `198.51.${network}.7` },
    },
  } as const;
  const term = {
    feature: 'A1_network',
    observed: `198.51.${network}.0/24`,
    evidence: -Math.log(p),
    p,
    counts: { person: 0 },
    confidence: 1,
  };
  builder.add(key, event, { p, terms: [term], stratum: `${kind}/medium` } as unknown as Assessment);
}

describe('builders that share out the events', () => {
  it('build, merged, the snapshot of one that had them all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(row, fc.nat(2)), { maxLength: 40 }), (rows) => {
        const whole = aBuilder();
        const parts = [aBuilder(), aBuilder(), aBuilder()];
        for (const [one, part] of rows) {
          add(whole, one);
          add(parts[part]!, one);
        }
        const [merged, ...others] = parts;
        // As between threads: maps and numbers, no classes.
        for (const other of others) mergeCounts(merged!, structuredClone(countsOf(other)));
        expect(merged!.build(DAY + 1).id).toBe(whole.build(DAY + 1).id);
      }),
      { seed: 19, numRuns: 60 },
    );
  });
  it('must be of this library', () => {
    const other = { add: () => undefined, addVerdict: () => undefined, build: () => ({ id: 'x', day: 0 }) };
    expect(() => countsOf(other)).toThrow('snapshotBuilder()');
  });
});
