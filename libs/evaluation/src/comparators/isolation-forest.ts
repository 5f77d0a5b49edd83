import { seededRandom } from '../random.js';
import type { Comparator } from './comparator.js';
import { DayFeatureTally, type DayFeatures } from './day-features.js';

const TREES = 100;
const SAMPLE = 256;
/** Identity-days that the forest is grown from: the last four weeks of a thousand people. */
const RESERVOIR = 28_000;

type Node = { readonly size: number } | { readonly feature: number; readonly split: number; readonly below: Node; readonly above: Node };

const EULER = 0.577_215_664_9;
/** Average path length of an unsuccessful search in a binary search tree of n: `c(n) = 2 H(n - 1) - 2 (n - 1) / n`. */
export function averagePathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

/**
 * Isolation forest: a hundred trees of 256 rows each, split at random; score `2^(-E(h) / c(256))`, near 1 for what is isolated early.
 *
 * @see Liu, Ting & Zhou, "Isolation Forest", ICDM 2008
 */
export class IsolationForest {
  readonly #trees: readonly Node[];
  readonly #normal: number;

  /** @param rows vectors of one length, at least one */
  constructor(rows: readonly (readonly number[])[], seed: string) {
    const random = seededRandom(seed);
    const sample = Math.min(SAMPLE, rows.length);
    const depth = Math.ceil(Math.log2(Math.max(2, sample)));
    this.#normal = Math.max(averagePathLength(sample), 1e-9);
    this.#trees = Array.from({ length: TREES }, () => {
      const picked = Array.from({ length: sample }, () => rows[Math.floor(random() * rows.length)] ?? []);
      return grow(picked, depth, random);
    });
  }

  /** @returns in (0, 1) */
  score(row: readonly number[]): number {
    let sum = 0;
    for (const tree of this.#trees) sum += pathLength(tree, row);
    return 2 ** (-sum / this.#trees.length / this.#normal);
  }
}

function grow(rows: readonly (readonly number[])[], depth: number, random: () => number): Node {
  if (depth === 0 || rows.length <= 1) return { size: rows.length };
  const width = rows[0]?.length ?? 0;
  const spans = Array.from({ length: width }, (_, feature) => spanOf(rows, feature)).filter(({ from, to }) => to > from);
  const span = spans[Math.floor(random() * spans.length)];
  // All rows are the same: nothing can tell them apart.
  if (!span) return { size: rows.length };
  const { feature, from, to } = span;
  const split = from + random() * (to - from);
  const isBelow = (row: readonly number[]): boolean => (row[feature] ?? 0) < split;
  return {
    feature,
    split,
    below: grow(rows.filter(isBelow), depth - 1, random),
    above: grow(
      rows.filter((row) => !isBelow(row)),
      depth - 1,
      random,
    ),
  };
}

function spanOf(
  rows: readonly (readonly number[])[],
  feature: number,
): { readonly feature: number; readonly from: number; readonly to: number } {
  let from = Infinity;
  let to = -Infinity;
  for (const row of rows) {
    const value = row[feature] ?? 0;
    if (value < from) from = value;
    if (value > to) to = value;
  }
  return { feature, from, to };
}

function pathLength(tree: Node, row: readonly number[]): number {
  let node = tree;
  let length = 0;
  while ('split' in node) {
    node = (row[node.feature] ?? 0) < node.split ? node.below : node.above;
    length += 1;
  }
  return length + averagePathLength(node.size);
}

/** Grown each day from the identity-days of the last weeks; looks at the day's counts and at how much of it was new to the identity. */
export function isolationForest(): Comparator {
  const tally = new DayFeatureTally();
  const known = new Map<string, Set<string>>();
  let past: (readonly number[])[] = [];
  return {
    id: 'isolation-forest',
    title: 'Isolation forest of daily counts',
    observe: (event, identity) => {
      tally.add(event, identity);
    },
    closeDay(day) {
      const rows = [...tally.take()].map(([identity, features]) => {
        let values = known.get(identity);
        if (!values) known.set(identity, (values = new Set()));
        return [identity, vectorOf(features, values)] as const;
      });
      const forest = past.length < SAMPLE ? undefined : new IsolationForest(past, `forest ${day}`);
      past = [...past, ...rows.map(([, row]) => row)].slice(-RESERVOIR);
      return new Map(forest ? rows.map(([identity, row]) => [identity, forest.score(row)] as const) : []);
    },
  };
}

/** Counts as logarithms, and new values. Learns them. */
function vectorOf(day: DayFeatures, known: Set<string>): readonly number[] {
  const isFirst = known.size === 0;
  const fresh = (name: string, values: ReadonlySet<string>): number => {
    let count = 0;
    for (const value of values) {
      const key = `${name} ${value}`;
      if (known.has(key)) continue;
      known.add(key);
      count += 1;
    }
    return isFirst ? 0 : count;
  };
  return [
    ...[day.events, day.failures, day.changesOfRights, day.commands].map(Math.log1p),
    day.atNight / day.events,
    ...[day.networks, day.devices, day.applications, day.resources].map(({ size }) => Math.log1p(size)),
    fresh('network', day.networks),
    fresh('device', day.devices),
    fresh('application', day.applications),
    fresh('resource', day.resources),
  ];
}
