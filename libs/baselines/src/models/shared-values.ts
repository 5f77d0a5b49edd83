import { AT } from '../level-tables.js';
import { LEVELS, LEVEL_NAMES, type Level } from '../levels.js';
import type { BehaviourParameters } from '../parameters.js';
import type { PeerChain } from '../population.js';
import { UNIT } from '../statistics/decay.js';

/** What a chain of groups says of one value and its parents: the same for each of its members, all day. */
export class SharedValue {
  readonly level: Level;
  /** Place of the level in LEVEL_NAMES. */
  readonly at: number;
  readonly value: string;
  /** The next coarser one; undefined for the coarsest. */
  readonly parent: SharedValue | undefined;
  /** This one and its parents, coarsest first. */
  readonly line: readonly SharedValue[];
  /** Share in the population, and with the most specific group; in (0, 1). */
  readonly population: number;
  readonly group: number;
  /** Of its parent, with the most specific group; in (0, 1]. */
  readonly conditional: number;
  /** Decayed numbers of times it was seen, to a tenth. */
  readonly peers: number;
  readonly all: number;

  constructor({ counts }: PeerChain, level: Level, value: string, parent: SharedValue | undefined, params: BehaviourParameters) {
    const all = counts[0]?.levels[level];
    const weight = all?.values.get(value) ?? 0;
    const t = params.populationShrinkage;
    const share = t * (parent?.population ?? 1) * LEVELS[level].childShare;
    const population = (weight / UNIT + share) / ((all?.total ?? 0) / UNIT + t);
    let group = population;
    let closest = 0;
    for (let depth = 1; depth < counts.length; depth += 1) {
      const table = counts[depth]?.levels[level];
      closest = table?.values.get(value) ?? 0;
      if (table) group = peerShare(closest, table.total, group, params);
    }
    this.level = level;
    this.at = AT[level];
    this.value = value;
    this.parent = parent;
    this.line = parent ? [...parent.line, this] : [this];
    this.population = population;
    this.group = group;
    this.conditional = Math.min(1, group / (parent?.group ?? 1));
    this.peers = tenth(closest / UNIT);
    this.all = tenth(weight / UNIT);
  }
}

/** Values remembered, of all chains together: a hundred bytes each. */
const MOST_VALUES = 100_000;
/** Values remembered of everything that was asked for lately; when there are too many, all begin anew. */
let caches = new WeakMap<PeerChain, Map<string, SharedValue>[]>();
let remembered = 0;
/** An event asks for one chain and a few levels one after the other. */
let last: { readonly chain: PeerChain; readonly levels: Map<string, SharedValue>[] } | undefined;

/**
 * Computed once for each snapshot, chain and value.
 *
 * @param levels finest first @param values one of each level @param at index of the level that is asked for
 */
export function sharedValue(
  chain: PeerChain,
  levels: readonly Level[],
  values: readonly string[],
  params: BehaviourParameters,
  at = 0,
): SharedValue {
  const level = levels[at] ?? 'net';
  const value = values[at] ?? '';
  const cache = cacheOf(chain, level);
  const known = cache.get(value);
  if (known && hasParents(known, values, at)) return known;
  const parent = at + 1 < levels.length ? sharedValue(chain, levels, values, params, at + 1) : undefined;
  const computed = new SharedValue(chain, level, value, parent, params);
  if ((remembered += 1) > MOST_VALUES) forget();
  else cache.set(value, computed);
  return computed;
}

/** The same network can be told with another provider: then its parents are not those that are remembered. */
function hasParents(known: SharedValue, values: readonly string[], from: number): boolean {
  let parent = known.parent;
  for (let at = from + 1; at < values.length; at += 1) {
    if (!parent || parent.value !== values[at]) return false;
    parent = parent.parent;
  }
  return parent === undefined;
}

function cacheOf(chain: PeerChain, level: Level): Map<string, SharedValue> {
  if (last?.chain !== chain) {
    let levels = caches.get(chain);
    if (!levels) caches.set(chain, (levels = LEVEL_NAMES.map(() => new Map<string, SharedValue>())));
    last = { chain, levels };
  }
  const cache = last.levels[AT[level]];
  if (!cache) throw new RangeError(`no level ${level}`);
  return cache;
}

function forget(): void {
  caches = new WeakMap();
  last = undefined;
  remembered = 0;
}

/**
 * `p_g(v) = (c_g(v) + k2 p_wider(v)) / (n_g + k2)`, with at most `peerEvents` events' worth of say.
 * @param weight of the value, in decay units @param total of the group @param wider share in the next wider group
 */
export function peerShare(weight: number, total: number, wider: number, params: BehaviourParameters): number {
  const events = total / UNIT;
  if (events === 0) return wider;
  const say = Math.min(events, params.peerEvents);
  return ((weight / total) * say + params.peerShrinkage * wider) / (say + params.peerShrinkage);
}

const tenth = (count: number): number => Math.round(count * 10) / 10;
