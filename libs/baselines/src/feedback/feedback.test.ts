import { dayOf, type AccessEvent } from '@keyward/events';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
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
  START,
  step,
  type Line,
} from '../../test/history.js';
import {
  aboutOf,
  exampleOf,
  isAlarming,
  LATE_VERDICT_DAYS,
  marksOfVerdict,
  MAX_EXAMPLES,
  previewUnder,
  saysTheSame,
  sentenceOf,
  strangest,
  VerdictEntry,
  type Assessment,
  type Snapshot,
  type Verdict,
} from '../index.js';

const FIRST = dayOf(START);
const LAST = FIRST + 35;
const MONDAY = LAST * DAY_MS;
const HOTEL = { ip: '192.0.2.9', asn: 64_999, asOrg: 'Example Hotel', geo: LAGOS } as const;
const TABLET = { id: 'tablet-9', browser: 'Firefox 100', os: 'Linux', type: 'tablet' };
const ABROAD = { src: HOTEL, device: TABLET };
const ELSEWHERE = {
  src: { ip: '203.0.113.250', asn: 64_777, geo: { country: 'BR' } },
  auth: { method: 'totp', mfa: true, interactive: true, application: 'App 1' },
};
const persons = people(30);
const organisation = organisationOf(persons);

let trained: Line;
const encode = (line: Line, identity: string): string => {
  const profile = line.profiles.get(identity);
  return profile ? line.model.encodeProfile(profile) : '';
};
const copy = (): Line => ({
  ...trained,
  profiles: new Map([...trained.profiles].map(([id, profile]) => [id, trained.model.decodeProfile(trained.model.encodeProfile(profile))])),
});

beforeAll(() => {
  trained = newLine(organisation);
  replay(trained, ordinaryHistory(persons, FIRST, 35));
});

let serial = 0;
function entryOf(kind: Verdict['kind'], seen: readonly [AccessEvent, Assessment][], more: Partial<Verdict> = {}): VerdictEntry {
  const identity = seen[0]?.[0].actor?.identity ?? '';
  const at = Math.max(...seen.map(([{ time }]) => time)) + HOUR_MS;
  serial += 1;
  const verdict = {
    uid: `v-${serial}`,
    kind,
    scope: 'identity' as const,
    at,
    expiresAt: at + 90 * DAY_MS,
    author: 'a.berg',
    reason: 'a conference',
  };
  return VerdictEntry.parse({
    ledger: 'identity',
    key: identity,
    part: 'verdict',
    identity,
    verdict: { ...verdict, ...more },
    examples: strangest(seen.map(([event, assessment]) => exampleOf(event, assessment))),
  });
}
const undoOf = (entry: VerdictEntry, at: number): VerdictEntry => ({
  ...entry,
  verdict: { ...entry.verdict, uid: `undo-${entry.verdict.uid}`, undoes: entry.verdict.uid, at },
});

function see(line: Line, who: string, at: number, more: Parameters<typeof aSignIn>[2] = ABROAD): [AccessEvent, Assessment] {
  const event = aSignIn(who, at, more);
  return [event, step(line, event)];
}
function heed(line: Line, entry: VerdictEntry): void {
  const profile = line.profiles.get(entry.identity);
  if (profile) line.model.heed(profile, entry, organisation);
}
/** The snapshot of the next day, with verdicts and without events. */
function nextDay(line: Line, day: number, verdicts: readonly VerdictEntry[], seen: readonly [AccessEvent, Assessment][] = []): Snapshot {
  const builder = line.model.snapshotBuilder(line.snapshot, organisation);
  for (const [event, assessment] of seen) builder.add(event.actor?.identity ?? '', event, assessment);
  for (const verdict of verdicts) builder.addVerdict(verdict);
  return builder.build(day);
}
const evidence = ({ terms }: Assessment, feature: string): number => terms.find((term) => term.feature === feature)?.evidence ?? 0;
const factorsOf = ({ terms }: Assessment): string[] => terms.flatMap(({ factors }) => factors.map(({ name }) => name));

describe('a benign verdict', () => {
  it('makes the same act of the same person alarm no more, and says who accepted it until when', () => {
    const line = copy();
    const first = see(line, 'p-3', MONDAY + 9 * HOUR_MS);
    expect(isAlarming(first[1], line.snapshot)).toBe(true);
    heed(line, entryOf('benign', [first]));
    const [, again] = see(line, 'p-3', MONDAY + DAY_MS + 9 * HOUR_MS);
    expect(isAlarming(again, line.snapshot)).toBe(false);
    expect(again.score).toBeLessThan(first[1].score - 20);
  });

  it('says nothing of other people: the same act of a colleague alarms as before', () => {
    const line = copy();
    const before = see(copy(), 'p-8', MONDAY + 10 * HOUR_MS)[1];
    heed(line, entryOf('benign', [see(line, 'p-3', MONDAY + 9 * HOUR_MS)]));
    const [, colleague] = see(line, 'p-8', MONDAY + 10 * HOUR_MS);
    expect(colleague.score).toBe(before.score);
    expect(isAlarming(colleague, line.snapshot)).toBe(true);
  });

  it('ends in event time: after it the same act is strange again', () => {
    const at = MONDAY + 10 * HOUR_MS;
    const line = copy();
    const first = see(line, 'p-3', MONDAY + 9 * HOUR_MS);
    heed(line, entryOf('benign', [first], { expiresAt: at + 7 * DAY_MS }));
    const [, after] = see(line, 'p-3', at + 7 * DAY_MS);
    const untouched = copy();
    see(untouched, 'p-3', MONDAY + 9 * HOUR_MS);
    const [, without] = see(untouched, 'p-3', at + 7 * DAY_MS);
    expect(after.score).toBe(without.score);
    expect(encode(line, 'p-3')).toBe(encode(untouched, 'p-3'));
  });

  it('damps nothing that it is not about', () => {
    const line = copy();
    heed(line, entryOf('benign', [see(line, 'p-3', MONDAY + 9 * HOUR_MS)]));
    const elsewhere = { src: { ip: '203.0.113.200', asn: 64_777, asOrg: 'Other', geo: { ...LAGOS, country: 'BR', lat: -23, lon: -46 } } };
    const [, other] = see(line, 'p-3', MONDAY + 3 * DAY_MS, elsewhere);
    expect(factorsOf(other).filter((name) => name.startsWith('accepted'))).toEqual([]);
    expect(evidence(other, 'A1_network')).toBeGreaterThan(3);
  });

  it('keeps the profile small, however many there are', () => {
    const line = copy();
    for (let round = 0; round < 30; round += 1)
      heed(line, entryOf('benign', [see(line, 'p-3', MONDAY + round * HOUR_MS, { src: { ...HOTEL, ip: `203.0.${round}.9` } })]));
    const text = encode(line, 'p-3');
    expect(text.length).toBeLessThan(16_000);
    expect(line.model.encodeProfile(line.model.decodeProfile(text))).toBe(text);
  });

  it('counts once, however often it comes', () => {
    const line = copy();
    const entry = entryOf('benign', [see(line, 'p-3', MONDAY + 9 * HOUR_MS)]);
    heed(line, entry);
    const once = encode(line, 'p-3');
    heed(line, entry);
    expect(encode(line, 'p-3')).toBe(once);
  });

  it('scores the same after the profile was stored and loaded', () => {
    const line = copy();
    heed(line, entryOf('benign', [see(line, 'p-3', MONDAY + 9 * HOUR_MS)]));
    const profile = line.profiles.get('p-3') ?? line.model.emptyProfile();
    const loaded = line.model.decodeProfile(line.model.encodeProfile(profile));
    const event = aSignIn('p-3', MONDAY + 30 * HOUR_MS, ABROAD);
    const input = { event, identity: 'p-3', snapshot: line.snapshot, organisation };
    expect(line.model.assess({ ...input, profile: loaded })).toStrictEqual(line.model.assess({ ...input, profile }));
  });
});

describe('taking a verdict back', () => {
  it('leaves the profile as if it had never been given, whatever the verdict was about', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('benign' as const, 'malicious' as const),
        fc.integer({ min: 0, max: 29 }),
        fc.array(fc.integer({ min: 0, max: 47 }), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        (kind, person, hours, abroad) => {
          const line = copy();
          const who = `p-${person}`;
          const seen = hours.toSorted((a, b) => a - b).map((hour) => see(line, who, MONDAY + hour * HOUR_MS, abroad ? ABROAD : {}));
          const before = encode(line, who);
          const entry = entryOf(kind, seen);
          heed(line, entry);
          heed(line, undoOf(entry, entry.verdict.at + HOUR_MS));
          const after = line.profiles.get(who);
          // The networks travel is measured from are the one thing that an undone malicious verdict does not bring back.
          const plain = (text: string): unknown => ({ ...(JSON.parse(text) as object), c: [], t: sorted(text), d: [] });
          expect(plain(after ? line.model.encodeProfile(after) : '')).toEqual(plain(before));
        },
      ),
      { numRuns: 60, seed: 5 },
    );
  });

  it('of somebody unknown changes nothing', () => {
    const line = copy();
    const before = encode(line, 'p-3');
    heed(line, undoOf(entryOf('benign', [see(copy(), 'p-3', MONDAY)]), MONDAY + HOUR_MS));
    expect(encode(line, 'p-3')).toBe(before);
  });
});

/** Tables without the order in which values were added; a value that had fallen out stays out. */
const sorted = (text: string): unknown =>
  Object.fromEntries(
    Object.entries((JSON.parse(text) as { t: Record<string, [number, Record<string, number>]> }).t).map(([level, [, values]]) => [
      level,
      Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]),
  );

describe('a malicious verdict', () => {
  it('disputes what is on hold: it is never learned', () => {
    const line = copy();
    const doubtful = { src: { ...HOTEL, asn: 64_496, asOrg: 'Example Telecom', geo: { ...LAGOS, country: 'DE', lat: 52.5, lon: 13.4 } } };
    const seen = see(line, 'p-3', MONDAY + 9 * HOUR_MS, doubtful);
    const held = { ...seen[1], p: 0.005 };
    const net = '192.0.2.0/24';
    // The same event, held for its p: once disputed, once not.
    const outcomes = [true, false].map((isDisputed) => {
      const one = copy();
      const own = one.profiles.get('p-3') ?? one.model.emptyProfile();
      one.model.advance({ event: seen[0], identity: 'p-3', profile: own, snapshot: one.snapshot, organisation }, held);
      if (isDisputed) heed(one, entryOf('malicious', [[seen[0], held]]));
      for (let day = 1; day < 6; day += 1) step(one, aSignIn('p-3', MONDAY + day * DAY_MS + 9 * HOUR_MS));
      return encode(one, 'p-3').includes(`"${net}":`);
    });
    expect(outcomes).toEqual([false, true]);
  });

  it('takes out what was learned already', () => {
    const line = copy();
    const before = encode(line, 'p-3');
    const [event, assessment] = see(copy(), 'p-3', MONDAY + 9 * HOUR_MS, {});
    const profile = line.profiles.get('p-3') ?? line.model.emptyProfile();
    const usual = { ...assessment, p: 0.5 };
    line.model.advance({ event, identity: 'p-3', profile, snapshot: line.snapshot, organisation }, usual);
    expect(sorted(encode(line, 'p-3'))).not.toEqual(sorted(before));
    heed(line, entryOf('malicious', [[event, usual]]));
    expect(sorted(encode(line, 'p-3'))).toEqual(sorted(before));
  });

  it('raises the next act with its network at once for the identity, and from the next day for everybody, by no more than the cap', () => {
    const line = copy();
    const seen = see(line, 'p-3', MONDAY + 9 * HOUR_MS);
    const entry = entryOf('malicious', [seen]);
    const plain = see(copy(), 'p-8', MONDAY + DAY_MS + 9 * HOUR_MS)[1];
    heed(line, entry);
    const own = see(line, 'p-3', MONDAY + 12 * HOUR_MS)[1];
    expect(factorsOf(own).some((name) => name.includes('confirmed attack'))).toBe(true);
    line.snapshot = nextDay(line, LAST + 1, [entry]);
    const other = see(line, 'p-8', MONDAY + DAY_MS + 9 * HOUR_MS)[1];
    const raised = evidence(other, 'A1_network') - evidence(plain, 'A1_network');
    expect(raised).toBeGreaterThan(1.5);
    expect(raised).toBeLessThan(Math.log(0.8 + 0.2 * 200) + 0.5);
    expect(other.terms.map(sentenceOf).join(' ')).toContain('192.0.2.0/24 was seen in a confirmed attack');
  });

  it('does not call the network of the victim an attacker s', () => {
    const line = copy();
    const entry = entryOf('malicious', [
      see(line, 'p-3', MONDAY + 9 * HOUR_MS, { resource: { kind: 'host', name: 'vault-1', host: 'vault-1' } }),
    ]);
    line.snapshot = nextDay(line, LAST + 1, [entry]);
    const [, other] = see(line, 'p-8', MONDAY + DAY_MS + 9 * HOUR_MS, {});
    expect(factorsOf(other).filter((name) => name.includes('confirmed'))).toEqual([]);
  });

  it('takes its events out of baselines and calibration at the next snapshot, and an undo puts them back', () => {
    const line = copy();
    const seen = [9, 10, 11].map((hour) => see(line, 'p-3', MONDAY + hour * HOUR_MS, {}));
    const strange = see(line, 'p-3', MONDAY + 12 * HOUR_MS);
    const entry = entryOf('malicious', [strange]);
    const none = nextDay(line, LAST + 1, [], seen);
    const removed = nextDay(line, LAST + 1, [entry], [...seen, strange]);
    const { feedback, ...rest } = JSON.parse(line.model.encodeSnapshot(removed)) as Record<string, unknown>;
    const expected = JSON.parse(line.model.encodeSnapshot(none)) as Record<string, unknown>;
    expect(feedback).toBeDefined();
    expect(rest['networks']).toEqual(expected['networks']);
    expect(histogramsOf(rest, LAST, ['A1_network', 'A2_device', 'S|'])).toEqual(
      histogramsOf(expected, LAST, ['A1_network', 'A2_device', 'S|']),
    );
    const undone = nextDay({ ...line, snapshot: removed }, LAST + 2, [undoOf(entry, MONDAY + DAY_MS + HOUR_MS)]);
    const kept = nextDay({ ...line, snapshot: nextDay(line, LAST + 1, [], [...seen, strange]) }, LAST + 2, []);
    const back = JSON.parse(line.model.encodeSnapshot(undone)) as Record<string, unknown>;
    expect(back['days']).toEqual((JSON.parse(line.model.encodeSnapshot(kept)) as Record<string, unknown>)['days']);
  });
});

describe('what a snapshot makes of verdicts', () => {
  const members = persons.map(({ id }) => id).filter((_, index) => index % 5 === 3);

  it('raises the group when three of its members had the same thing accepted, and not with two', () => {
    const line = copy();
    const entries = members.slice(0, 3).map((who, index) => entryOf('benign', [see(line, who, MONDAY + (9 + index) * HOUR_MS)]));
    const fourth = members[3] ?? '';
    const scoreWith = (count: number): number => {
      const one = { ...copy(), snapshot: nextDay(line, LAST + 1, entries.slice(0, count)) };
      return evidence(see(one, fourth, MONDAY + DAY_MS + 10 * HOUR_MS)[1], 'A1_network');
    };
    expect(scoreWith(2)).toBeCloseTo(scoreWith(0), 5);
    expect(scoreWith(3)).toBeLessThan(scoreWith(2) - 2);
  });

  it('damps for the closest group, and nobody else, what was accepted for all of it', () => {
    const line = copy();
    const entry = entryOf('benign', [see(line, members[0] ?? '', MONDAY + 9 * HOUR_MS)], { scope: 'peers' });
    line.snapshot = nextDay(line, LAST + 1, [entry]);
    const peer = see(line, members[1] ?? '', MONDAY + DAY_MS + 10 * HOUR_MS)[1];
    const stranger = see(line, 'p-4', MONDAY + DAY_MS + 10 * HOUR_MS)[1];
    expect(factorsOf(peer)).toContainEqual(expect.stringMatching(/^accepted for .*team-3.* by a\.berg on 2026-02-09, until 2026-05-10$/));
    expect(factorsOf(stranger).filter((name) => name.startsWith('accepted'))).toEqual([]);
  });

  it('is the same in any order, and counts one that comes again, or two days late, once', () => {
    const line = copy();
    const entries = members
      .slice(0, 4)
      .map((who, index) => entryOf(index === 0 ? 'malicious' : 'benign', [see(line, who, MONDAY + (9 + index) * HOUR_MS)]));
    const forward = nextDay(line, LAST + 1, entries);
    const backward = nextDay(line, LAST + 1, [...entries.toReversed(), ...entries]);
    expect(backward.id).toBe(forward.id);
    const later = (verdicts: readonly VerdictEntry[]): string =>
      nextDay({ ...line, snapshot: forward }, LAST + 1 + LATE_VERDICT_DAYS, verdicts).id;
    expect(later(entries)).toBe(later([]));
    // Also after days of silence, when a store reads from where the snapshot before ends.
    const muchLater = (verdicts: readonly VerdictEntry[]): string => nextDay({ ...line, snapshot: forward }, LAST + 12, verdicts).id;
    expect(muchLater(entries)).toBe(muchLater([]));
  });

  it('is what it was before, byte for byte, where nobody has said anything', () => {
    const plain = nextDay(trained, LAST + 1, []);
    expect(trained.model.encodeSnapshot(plain)).not.toContain('feedback');
  });

  it('comes back from its text with the same id', () => {
    const line = copy();
    const snapshot = nextDay(line, LAST + 1, [entryOf('malicious', [see(line, 'p-3', MONDAY + 9 * HOUR_MS)])]);
    expect(line.model.decodeSnapshot(line.model.encodeSnapshot(snapshot)).id).toBe(snapshot.id);
  });
});

describe('a preview', () => {
  it('lowers what a benign verdict is about, raises it for a malicious one, and leaves other events alone', () => {
    const line = copy();
    const seen = see(line, 'p-3', MONDAY + 9 * HOUR_MS);
    const [usual, assessment] = see(line, 'p-8', MONDAY + 15 * HOUR_MS, ELSEWHERE);
    for (const kind of ['benign', 'malicious'] as const) {
      const { verdict, examples } = entryOf(kind, [seen]);
      const marks = marksOfVerdict(examples);
      const preview = previewUnder(verdict, marks, seen[0], seen[1], line.snapshot);
      expect(preview.terms).toContain('A1_network');
      if (kind === 'benign') {
        expect(preview.score).toBeLessThan(preview.scoreNow - 20);
        expect(preview.alarms).toBe(false);
      } else expect(preview.score).toBeGreaterThanOrEqual(preview.scoreNow);
      const other = previewUnder(verdict, marks, usual, assessment, line.snapshot);
      expect(other.terms).toEqual([]);
      expect(other.score).toBe(other.scoreNow);
    }
  });

  it('says what a verdict would be about in sentences, and whether two would be about the same', () => {
    const line = copy();
    const [first, second] = [see(line, 'p-3', MONDAY + 9 * HOUR_MS), see(line, 'p-8', MONDAY + 10 * HOUR_MS)];
    expect(aboutOf(...first).join(' ')).toContain('Signed in from AS64999 Example Hotel (NG)');
    expect(saysTheSame(entryOf('benign', [first]).examples, entryOf('benign', [second]).examples)).toBe(true);
    const elsewhere = see(line, 'p-9', MONDAY + 3 * HOUR_MS, ELSEWHERE);
    expect(saysTheSame(entryOf('benign', [first]).examples, entryOf('benign', [elsewhere]).examples)).toBe(false);
  });
});

describe('examples of a verdict', () => {
  it('are the strangest events, and no more than fit', () => {
    const line = copy();
    const all = Array.from({ length: 40 }, (_, index) => see(line, 'p-3', MONDAY + index * HOUR_MS, index % 2 === 0 ? ABROAD : {}));
    const kept = strangest(all.map(([event, assessment]) => exampleOf(event, assessment)));
    expect(kept).toHaveLength(MAX_EXAMPLES);
    expect(kept.every(({ p }, index) => index === 0 || p >= (kept[index - 1]?.p ?? 1))).toBe(true);
  });
});

function histogramsOf(snapshot: Record<string, unknown>, day: number, features: readonly string[]): unknown {
  const days = snapshot['days'] as Record<string, Record<string, number[]>>;
  return Object.entries(days[String(day)] ?? {}).filter(
    ([key, bins]) => bins.length > 0 && features.some((feature) => key.startsWith(feature)),
  );
}
