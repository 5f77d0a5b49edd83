import { DAY_MS } from '@keyward/events';
import { z } from 'zod';
import { addMoments, observeCount, type CountMoments } from '../counts.js';
import type { Level } from '../levels.js';
import { emptyLevels, type GroupCounts } from '../group-counts.js';
import { UNIT } from '../statistics/decay.js';
import { covers, Mark, nameOf, type Likeness } from './mark.js';
import { VERDICT_KINDS } from './verdict.js';

/** The same verdict on so many peers raises the group (scoring.md section 5), and by so many acts for each. */
const PEERS_THAT_RAISE = 3;
const ACTS_OF_EACH = 5;
/** Verdicts that a snapshot keeps, newest first: bounds it. */
export const MAX_STANDING = 500;

/** A verdict in a snapshot: what all identities may know of it. */
export const StandingVerdict = z.object({
  u: z.string().describe('uid'),
  i: z.enum(VERDICT_KINDS),
  s: z.enum(['identity', 'peers']),
  a: z.number().int(),
  z: z.number().int(),
  n: z.string().describe('Author'),
  w: z.string().describe('Hash of the identity'),
  g: z.array(z.string()).describe('Peer groups of the identity, closest first'),
  m: z.array(Mark),
});
export type StandingVerdict = z.infer<typeof StandingVerdict>;

/** Of a snapshot: verdicts that stand, by time given and uid; and those of the last days that were counted, with their day, so that a late one is counted once. */
export const FeedbackContent = z.object({ standing: z.array(StandingVerdict), heard: z.array(z.tuple([z.string(), z.number().int()])) });
export type FeedbackContent = z.infer<typeof FeedbackContent>;

interface Said {
  readonly by: string;
  readonly since: number;
  readonly until: number;
}

/** What a snapshot's verdicts say, ready to be asked for each term. */
export class PopulationFeedback {
  readonly #accepted = new Map<string, { readonly said: Said; readonly mark: Mark }[]>();
  readonly #attacks = new Map<string, { readonly verdict: StandingVerdict; readonly mark: Mark }[]>();

  constructor({ standing }: FeedbackContent) {
    for (const verdict of standing)
      for (const mark of verdict.m) {
        if (verdict.i === 'malicious') push(this.#attacks, `${mark.f}|${mark.l}`, { verdict, mark });
        else if (verdict.s === 'peers' && verdict.g[0] !== undefined)
          push(this.#accepted, `${verdict.g[0]}|${mark.f}|${mark.l}`, {
            said: { by: verdict.n, since: verdict.a, until: verdict.z },
            mark,
          });
      }
  }

  /** The newest verdict for all of the group that speaks of the thing at the instant. */
  acceptedIn(group: string, feature: string, likeness: Likeness, at: number): Said | undefined {
    return this.#accepted
      .get(`${group}|${feature}|${likeness.like}`)
      ?.findLast(({ said, mark }) => said.since <= at && at < said.until && covers(mark, likeness))?.said;
  }

  /** @returns how many verdicts in force found it in an attack */
  attacksWith(feature: string, likeness: Likeness, at: number): number {
    const all = this.#attacks.get(`${feature}|${likeness.like}`) ?? [];
    return all.filter(({ verdict: { a: since, z: until }, mark }) => since <= at && at < until && covers(mark, likeness)).length;
  }
}

function push<T>(map: Map<string, T[]>, key: string, item: T): void {
  const known = map.get(key);
  if (known) known.push(item);
  else map.set(key, [item]);
}

/**
 * The groups as they speak while verdicts stand: where three or more members had the same thing accepted, it counts as five acts of each of them. What was
 * counted stays as it is, so an end or an undo leaves no trace.
 *
 * @param day of the snapshot
 */
export function raisedGroups(
  groups: ReadonlyMap<string, GroupCounts>,
  { standing }: FeedbackContent,
  day: number,
): ReadonlyMap<string, GroupCounts> {
  const said = new Map<string, { readonly mark: Mark; readonly who: Set<string> }>();
  for (const { i: kind, z: until, w: who, g, m: marks } of standing) {
    if (kind !== 'benign' || until <= day * DAY_MS) continue;
    for (const group of g)
      for (const mark of marks) {
        const key = `${group}\u001f${nameOf(mark)}`;
        const known = said.get(key);
        if (known) known.who.add(who);
        else said.set(key, { mark, who: new Set([who]) });
      }
  }
  const raised = new Map(groups);
  for (const [key, { mark, who }] of said) {
    const name = key.slice(0, key.indexOf('\u001f'));
    const group = raised.get(name);
    if (group && who.size >= PEERS_THAT_RAISE) raised.set(name, raise(group, mark, who.size * ACTS_OF_EACH));
  }
  return raised;
}

function raise({ levels, time, counts }: GroupCounts, { t: values = {}, b: bin, k: count }: Mark, acts: number): GroupCounts {
  const weight = acts * UNIT;
  const raisedLevels = emptyLevels<{ readonly total: number; readonly values: ReadonlyMap<string, number> }>((level: Level) => {
    const value = values[level];
    const { total, values: known } = levels[level];
    if (value === undefined) return levels[level];
    return { total: total + weight, values: new Map([...known, [value, (known.get(value) ?? 0) + weight]]) };
  });
  const raisedCounts: CountMoments = { ...counts };
  if (count) {
    const one: CountMoments = {};
    observeCount(one, count[0], count[1], UNIT);
    const more = one[count[0]];
    if (more) addMoments(raisedCounts, count[0], more, acts);
  }
  return {
    levels: raisedLevels,
    time: bin === undefined ? time : time.map((here, index) => (index === bin ? here + weight : here)),
    counts: raisedCounts,
  };
}
