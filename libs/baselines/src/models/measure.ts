import type { Term } from '../assessment.js';
import type { Count } from '../counts.js';
import type { Level } from '../levels.js';
import { UNIT } from '../statistics/decay.js';
import { predictiveVariance, shrink } from '../statistics/moments.js';
import { negativeBinomialTail } from '../statistics/tails.js';
import type { Scene } from './model.js';
import { peerShare } from './shared-values.js';

/** Evidence of a tail is no greater: p = 1e-26. */
const MOST_NATS = 60;

/** What is expected of a count of this identity: its own observations, then the peers', then the population's. */
export interface UsualCount {
  readonly mean: number;
  /** Of the next observation. */
  readonly variance: number;
  /** Decayed number of the identity's own observations. */
  readonly history: number;
  readonly confidence: number;
}

export function usualCount({ state, scale, chain, params }: Scene, count: Count): UsualCount {
  const own = state.counts[count];
  const history = (own?.weight ?? 0) * scale;
  const expected = shrink(own, scale, chain.expected[count], params.personShrinkage);
  return {
    mean: expected.mean,
    variance: predictiveVariance(expected, history + params.personShrinkage),
    history,
    confidence: history / (history + params.personShrinkage),
  };
}

/** Numbers of observations that a count is compared with: of the person, the most specific peers, all. */
export function observations({ state, scale, chain }: Scene, count: Count): Term['counts'] {
  const own = state.counts[count]?.weight ?? 0;
  return {
    person: own === 0 ? 0 : Math.max(0.1, tenth(own * scale)),
    peers: chain.counts.length > 1 ? tenth((chain.counts.at(-1)?.counts[count]?.weight ?? 0) / UNIT) : 0,
    all: tenth((chain.counts[0]?.counts[count]?.weight ?? 0) / UNIT),
  };
}

/** `up to 9`: a usual observation is no greater than one standard deviation above the mean; with the share that is. */
export function usualRange({ mean, variance }: UsualCount): Term['usual'] {
  const spread = Math.max(variance - mean, (mean * mean) / 16);
  const most = Math.floor(mean + Math.sqrt(mean + spread));
  const above = negativeBinomialTail(most + 1, (mean * mean) / spread, mean / spread);
  return [{ value: `up to ${most}`, share: Math.round((1 - above) * 1e4) / 1e4 }];
}

/** @param p in [0, 1] @returns -ln p, in [0, 60] nats */
export const tailNats = (p: number): number => (p >= 1 ? 0 : Math.min(MOST_NATS, -Math.log(Math.max(p, Number.MIN_VALUE))));
/** Of several looks at one act the most surprising counts, less what looking so often costs (Bonferroni). */
export const strongest = (nats: number, looks: number): number => Math.max(0, nats - Math.log(looks));

/**
 * Likelihood ratio of somebody who takes any known value alike, or a new one, against the group (and the person, where `own` is given):
 * `-ln K - ln p(v)`, with `p_pop = (c + t / K) / (N + t)` and the narrower groups and the person by Dirichlet shrinkage. K is the number of values known, and one.
 *
 * @param chain groups, widest first @param own weight in events of the value and of all values
 */
export function uniformRatio(
  { counts }: Scene['chain'],
  level: Level,
  value: string,
  params: Scene['params'],
  own?: { readonly seen: number; readonly total: number },
): number {
  const all = counts[0]?.levels[level];
  const values = (all?.values.size ?? 0) + 1;
  const t = params.populationShrinkage;
  let share = ((all?.values.get(value) ?? 0) / UNIT + t / values) / ((all?.total ?? 0) / UNIT + t);
  for (let depth = 1; depth < counts.length; depth += 1) {
    const table = counts[depth]?.levels[level];
    if (table) share = peerShare(table.values.get(value) ?? 0, table.total, share, params);
  }
  if (own) share = (own.seen + params.personShrinkage * share) / (own.total + params.personShrinkage);
  return -Math.log(values * share);
}

export const tenth = (count: number): number => Math.round(count * 10) / 10;
/** `6`, `0.2`: as a person would say a mean. */
export const rounded = (value: number): string => (value >= 10 ? String(Math.round(value)) : String(tenth(value)));
export const timesOf = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
