import type { Organisation } from '@keyward/identity';
import { Calibrator, type Histogram } from './calibration.js';
import type { VerbCounts, VerbPopulation } from './commands/verb-counts.js';
import { COUNTS, type Count } from './counts.js';
import { PopulationFeedback, raisedGroups, type FeedbackContent } from './feedback/population-feedback.js';
import type { GroupCounts } from './group-counts.js';
import { HashList } from './hash-list.js';
import { TIME_BINS } from './identity-state.js';
import { hash32 } from './observation.js';
import type { BehaviourParameters } from './parameters.js';
import { peerGroupsOf, type LearnedPeers } from './peers/learned-peers.js';
import type { Snapshot } from './profile.js';
import { UNIT } from './statistics/decay.js';
import { shrink, type Expected } from './statistics/moments.js';
import { isWeekend, smoothWeekWide } from './statistics/week.js';

/** Name under which the whole population stands beside the peer groups. */
export const EVERYBODY = '*';
export type ActivityTertile = 'low' | 'medium' | 'high';
export const STRATUM_KINDS = ['human', 'admin', 'service'] as const;
export type StratumKind = (typeof STRATUM_KINDS)[number];
/** Key of the histogram of each identity's most alarming p of a day; of a day in the first week, when nothing was usual yet. */
export const IDENTITY_DAYS = 'day';
export const COLD_IDENTITY_DAYS = 'cold';
/** Closed days before which a day is cold. */
export const COLD_DAYS = 7;

/** Identities (hashed) seen at a network or place, with the day they were last seen there. */
export type Visitors = ReadonlyMap<string, Seen>;
type Seen = readonly (readonly [string, number])[];

export interface PopulationContent {
  readonly day: number;
  readonly groups: ReadonlyMap<string, GroupCounts>;
  readonly networks: Visitors;
  readonly places: Visitors;
  /** group -> `feature|observed` -> identities, of how many active ones, day. */
  readonly news: ReadonlyMap<string, ReadonlyMap<string, { readonly identities: number; readonly of: number; readonly day: number }>>;
  /** day -> `feature|stratum` -> histogram of evidence. */
  readonly days: ReadonlyMap<number, ReadonlyMap<string, Histogram>>;
  /** kind -> histogram of 2 log2(events on an active day), weighted by decayed identity-days. */
  readonly activity: ReadonlyMap<string, Histogram>;
  /** What people type in privileged sessions. */
  readonly verbs: VerbPopulation;
  /** What people said of alerts; absent where nobody has. */
  readonly feedback?: FeedbackContent | undefined;
  /** Absent where everybody who acts has a declared group. */
  readonly peers?: LearnedPeers | undefined;
}

/** A group's chain from the population down to the most specific peers, with what is derived from it once. */
export interface PeerChain {
  /** Names, most specific first, without the population. */
  readonly names: readonly string[];
  /** Widest first: population, ..., most specific. */
  readonly counts: readonly GroupCounts[];
  /** Expected share of each of the 192 bins. */
  readonly week: Float64Array;
  /** Widest first; undefined for a group that typed nothing. */
  readonly verbs: readonly (VerbCounts | undefined)[];
  /** Expected of a member of whom nothing is known. */
  readonly expected: Readonly<Record<Count, Expected>>;
}

/** Chains by their names, one after the other: found without making a key. */
interface ChainNode {
  chain: PeerChain | undefined;
  readonly narrower: Map<string, ChainNode>;
}

/** Calibrators of one stratum, each made when it is first asked for. */
class StratumCalibrators {
  readonly #make: (key: string) => Calibrator;
  readonly #made = new Map<string, Calibrator>();
  readonly #placed: Calibrator[] = [];

  constructor(make: (key: string) => Calibrator) {
    this.#make = make;
  }

  /** @param place of the feature in a list that is the same for as long as the process runs: found without asking for its name */
  at(place: number, key: string): Calibrator {
    return (this.#placed[place] ??= this.of(key));
  }

  of(key: string): Calibrator {
    let calibrator = this.#made.get(key);
    if (!calibrator) this.#made.set(key, (calibrator = this.#make(key)));
    return calibrator;
  }
}

/** The shared part of the model, ready for use: content plus what is derived from it lazily (never visible from outside). */
export class PopulationSnapshot implements Snapshot {
  readonly id: string;
  readonly day: number;
  readonly closedDays: number;
  readonly content: PopulationContent;
  readonly feedback: PopulationFeedback | undefined;
  readonly #groups: ReadonlyMap<string, GroupCounts>;
  readonly #params: BehaviourParameters;
  readonly #calibrators = new Map<string, StratumCalibrators>();
  readonly #chains: ChainNode = { chain: undefined, narrower: new Map() };
  /** One event asks several times for the same identity. */
  #hashed = { of: '', hash: hash32('') };
  readonly #asked: { identity: string; organisation: Organisation | undefined; chain: PeerChain | undefined } = {
    identity: '',
    organisation: undefined,
    chain: undefined,
  };
  /** Hashes of the visitors of a place, by their list. */
  readonly #seen = new Map<Seen, HashList>();
  #kinds: Readonly<Record<'weekday' | 'weekend', boolean>> | undefined;
  readonly #cuts = new Map<string, readonly [number, number] | undefined>();

  constructor(id: string, content: PopulationContent, params: BehaviourParameters) {
    this.id = id;
    this.day = content.day;
    this.closedDays = content.days.size;
    this.content = content;
    this.feedback = content.feedback && new PopulationFeedback(content.feedback);
    this.#groups = content.feedback ? raisedGroups(content.groups, content.feedback, content.day) : content.groups;
    this.#params = params;
  }

  /** @param key feature id */
  calibrator(key: string, stratum: string): Calibrator {
    return this.calibratorsOf(stratum).of(key);
  }

  /** All of one stratum: an event asks for a dozen of them. */
  calibratorsOf(stratum: string): StratumCalibrators {
    let calibrators = this.#calibrators.get(stratum);
    if (!calibrators) {
      calibrators = new StratumCalibrators((key) => new Calibrator(this.#pooled(`${key}|${stratum}`), this.#params));
      this.#calibrators.set(stratum, calibrators);
    }
    return calibrators;
  }

  /** Of the identity's declared peers, else of those it was found to be like. */
  chainOf(identity: string, organisation: Organisation): PeerChain {
    const asked = this.#asked;
    if (asked.identity === identity && asked.organisation === organisation && asked.chain) return asked.chain;
    const chain = this.chain(peerGroupsOf(identity, organisation, this.content.peers));
    asked.identity = identity;
    asked.organisation = organisation;
    asked.chain = chain;
    return chain;
  }

  chain(names: readonly string[]): PeerChain {
    let node = this.#chains;
    for (const name of names) {
      let next = node.narrower.get(name);
      if (!next) {
        next = { chain: undefined, narrower: new Map() };
        node.narrower.set(name, next);
      }
      node = next;
    }
    if (!node.chain) {
      const wideFirst = [EVERYBODY, ...names.toReversed()];
      const counts = wideFirst.map((name) => this.#groups.get(name)).filter((group) => group !== undefined);
      const verbs = wideFirst.map((name) => this.content.verbs.get(name));
      node.chain = { names, counts, verbs, week: this.#week(counts), expected: this.#expected(counts) };
    }
    return node.chain;
  }

  /** @param eventsPerActiveDay of the identity, 0 when it has no history @returns its third among its kind; `medium` while nothing is known */
  tertile(kind: StratumKind, eventsPerActiveDay: number): ActivityTertile {
    let cuts = this.#cuts.get(kind);
    if (cuts === undefined && !this.#cuts.has(kind)) {
      cuts = tertileCuts(this.content.activity.get(kind));
      this.#cuts.set(kind, cuts);
    }
    if (!cuts || eventsPerActiveDay <= 0) return 'medium';
    const bin = activityBin(eventsPerActiveDay);
    return bin < cuts[0] ? 'low' : bin < cuts[1] ? 'medium' : 'high';
  }

  /**
   * Whether enough closed days of the kind (UTC) are in the histograms: of who works on weekends one Saturday says nothing yet, and nothing may be concluded
   * from weekdays. Without any closed day the uniform prior speaks for both.
   */
  knows(kind: 'weekday' | 'weekend'): boolean {
    if (this.content.days.size === 0) return true;
    if (!this.#kinds) {
      const weekends = [...this.content.days.keys()].filter(isWeekend).length;
      this.#kinds = { weekend: weekends >= LEAST_WEEKEND_DAYS, weekday: weekends < this.content.days.size };
    }
    return this.#kinds[kind];
  }

  /** @returns other identities seen at the network or place in the last 30 days, at most 15 or 16 */
  visitors(where: string, except: string, kind: 'networks' | 'places' = 'networks'): number {
    const seen = this.content[kind].get(where);
    if (!seen) return 0;
    if (this.#hashed.of !== except) this.#hashed = { of: except, hash: hash32(except) };
    return this.#isAmong(seen, this.#hashed.hash) ? seen.length - 1 : seen.length;
  }
  /** Each is in a list once. One text is read sooner than sixteen pairs, and the same places are asked for all day. */
  #isAmong(seen: Seen, hash: string): boolean {
    let hashes = this.#seen.get(seen);
    if (!hashes) this.#seen.set(seen, (hashes = HashList.of(seen.map(([who]) => who))));
    return hashes.has(hash);
  }

  /** The roll-out that explains a value new to somebody of these groups, if there is one. */
  newsFor(
    groups: readonly string[],
    key: string,
    today: number,
  ): { readonly group: string; readonly identities: number; readonly of: number } | undefined {
    for (const group of groups) {
      const item = this.content.news.get(group)?.get(key);
      if (item && today - item.day <= this.#params.newsDays) return { group, identities: item.identities, of: item.of };
    }
    return undefined;
  }

  #pooled(name: string): Histogram {
    const sum = new Map<number, number>();
    for (const histograms of this.content.days.values())
      // Without a pair for each bin: some hundred of them for each calibrator, each day anew.
      histograms.get(name)?.forEach((count, bin) => sum.set(bin, (sum.get(bin) ?? 0) + count));
    return sum;
  }

  #expected(groups: readonly GroupCounts[]): Record<Count, Expected> {
    const { populationShrinkage, peerShrinkage, peerEvents } = this.#params;
    const of = (count: Count): Expected =>
      groups.reduce<Expected>(
        (wider, { counts }, index) =>
          index === 0
            ? shrink(counts[count], 1 / UNIT, wider, populationShrinkage)
            : shrink(counts[count], 1 / UNIT, wider, peerShrinkage, peerEvents),
        COUNTS[count],
      );
    return {
      fail: of('fail'),
      hour: of('hour'),
      dst: of('dst'),
      sec: of('sec'),
      grt: of('grt'),
      new: of('new'),
      dur: of('dur'),
      gap: of('gap'),
      lat: of('lat'),
      qty: of('qty'),
      ine: of('ine'),
    };
  }

  #week(counts: readonly GroupCounts[]): Float64Array {
    let expected = new Float64Array(TIME_BINS).fill(1 / TIME_BINS);
    counts.forEach((group, index) => {
      const pseudo = index === 0 ? this.#params.populationShrinkage : this.#params.peerShrinkage;
      const smooth = smoothWeekWide(group.time, new Float64Array(TIME_BINS));
      let total = 0;
      for (const weight of group.time) total += weight;
      if (total === 0) return;
      const most = index === 0 ? this.content.days.size * this.#params.weekEventsPerDay : this.#params.peerEvents;
      const say = Math.min(total / UNIT, most);
      const wider = expected;
      expected = new Float64Array(TIME_BINS);
      for (let bin = 0; bin < TIME_BINS; bin += 1)
        expected[bin] = (((smooth[bin] ?? 0) / total) * say + pseudo * (wider[bin] ?? 0)) / (say + pseudo);
    });
    return expected;
  }
}

/** A weekend and the next one's Saturday. */
const LEAST_WEEKEND_DAYS = 3;

/** Half octaves: 1, 1.4, 2, 2.8 ... events a day. */
export const activityBin = (events: number): number => Math.floor(2 * Math.log2(events));

function tertileCuts(histogram: Histogram | undefined): readonly [number, number] | undefined {
  if (!histogram || histogram.size === 0) return undefined;
  const bins = [...histogram.entries()].sort(([a], [b]) => a - b);
  const total = bins.reduce((sum, [, count]) => sum + count, 0);
  const cutAt = (share: number): number => {
    let below = 0;
    for (const [bin, count] of bins) {
      below += count;
      if (below >= total * share) return bin + 1;
    }
    return (bins.at(-1)?.[0] ?? 0) + 1;
  };
  return [cutAt(1 / 3), cutAt(2 / 3)];
}

export const emptyContent = (): PopulationContent => ({
  day: 0,
  groups: new Map(),
  networks: new Map(),
  places: new Map(),
  news: new Map(),
  days: new Map(),
  activity: new Map(),
  verbs: new Map(),
});
