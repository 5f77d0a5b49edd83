import { AT } from '../level-tables.js';
import { binOfAct } from '../bin-of-act.js';
import { TIME_BINS } from '../identity-state.js';
import { weekBin, weekBinLabel } from '../statistics/week.js';
import { WeekDensity } from '../statistics/week-density.js';
import { confidenceOf } from './backoff.js';
import { ticketFactor } from './excuses.js';
import { NO_FACTORS, draftTerm, markovP, withFactor, type DraftTerm, type Factor, type Model, type Scene } from './model.js';
import { usualText } from './wording.js';

// Scratch: evaluate() is synchronous.
const own = new WeekDensity();
const HOURS = 48;
const BIN_NAMES = Array.from({ length: TIME_BINS }, (_, bin) => `${weekBinLabel(bin)} local time`);
const HOUR_NAMES = Array.from({ length: HOURS }, (_, hour) => `${weekBinLabel(hour * 4).slice(0, 10)}h`);
/** A share below it is told with one digit, whatever its size. */
const RARE = 0.01;
/** Above this share there is nothing to excuse, and tickets need not be looked up. */
const LIKELY = 0.3;
/** What an active day is worth in the identity's own week: its acts come together, and are no choices of their own. */
const ACTS_A_DAY = 2;
/** The sun's hours: zones of the law differ from them by one or two. */
const DEGREES_AN_HOUR = 15;
const LEAST_SHIFT_MINUTES = 120;
const LEAST_ABROAD_FACTOR = 0.1;

/**
 * A3: time of week in the identity's local time; 192 bins (weekday or weekend x quarter hour), a narrow and a wide kernel at read,
 * shrunk to the peers' week with k1 pseudo-events, an active day weighing two acts at most. Evidence -ln p in nats, p the mass of all bins no denser than this one
 * (highest-density region: Hyndman, "Computing and Graphing Highest Density Regions", The American Statistician 50(2), 1996).
 */
export const timeOfWeek: Model = {
  id: 'A3_time_of_week',
  comparable: true,
  priorP: markovP,
  evaluate(scene): DraftTerm | string {
    const { event, organisation, identity, state, scale, chain } = scene;
    if (!scene.observation.deliberate && !scene.automated) return "a background act: its hour is not a person's choice";
    const bin = binOfAct(event, identity, organisation);
    const kind = bin < TIME_BINS / 2 ? 'weekday' : 'weekend';
    if (!scene.snapshot.knows(kind)) return `the history holds too few ${kind}s yet`;
    const history = Math.round(state.week.total * scale);
    own.read(state.week);
    const p = massNoDenser(scene, bin);
    const usual = usualHours(own.hours, state.week.total);
    const hour = hourOf(bin);
    const person = roundTenth((own.hours[hour] ?? 0) * scale);
    const peers = chain.counts.length > 1 ? chain.counts.at(-1) : undefined;
    return draftTerm({
      observed: BIN_NAMES[bin] ?? '',
      evidence: p >= 1 ? 0 : -Math.log(p),
      factors: p < LIKELY ? factorsOf(scene, p) : NO_FACTORS,
      usual,
      counts: {
        person,
        peers: peers ? roundTenth(hourWeight(peers.time, hour) / 256) : 0,
        all: roundTenth(hourWeight(chain.counts[0]?.time ?? [], hour) / 256),
      },
      confidence: confidenceOf(scene, state.week.total),
      history,
      details: history === 0 ? undefined : { expectedShare: asShown(p) },
    });
  },
  sentence({ observed, history, details, usual }) {
    const when = observed.replace(' ', ' at ');
    return history === 0
      ? `Was active on a ${when}; this identity's hours are not known yet.`
      : `Was active on a ${when}; of this identity's ${history} acts, ${percent(details?.expectedShare ?? 1)} are expected at times as rare as this; usual: ${usualText(usual)}.`;
  },
};

/** @returns expected share of the identity's acts in bins that are at most as dense as this one; in (0, 1] */
function massNoDenser({ state, say: each, chain, params }: Scene, bin: number): number {
  const k1 = params.personShrinkage;
  const acts = state.week.total * each;
  const days = state.activeDays * each;
  const say = acts > 0 && days > 0 ? each * Math.min(1, (ACTS_A_DAY * days) / acts) : each;
  return Math.min(1, own.massNoDenser(bin, say, k1, chain.week) / (state.week.total * say + k1));
}

function factorsOf(scene: Scene, p: number): Factor[] {
  const { organisation, identity, event } = scene;
  let factors = withFactor(NO_FACTORS, hourAbroad(scene, p));
  if (organisation.isOnCall(identity, event.time)) factors = withFactor(factors, { name: 'on call at this time', factor: 0.3 });
  return withFactor(factors, ticketFactor(scene, identity));
}

/** Whoever works by day in Tokyo works by night at home. Believed of a known device alone: an attacker is abroad as well. */
function hourAbroad(scene: Scene, p: number): Factor | undefined {
  const { event, organisation, identity, state, observation } = scene;
  const lon = event.src?.geo?.lon;
  const { dev } = observation.values;
  if (lon === undefined || dev === undefined || state.tables.get(AT.dev, dev) === 0) return undefined;
  const home = organisation.utcOffsetMinutes(identity, event.time);
  const there = Math.round(lon / DEGREES_AN_HOUR) * 60;
  if (Math.abs(there - home) < LEAST_SHIFT_MINUTES) return undefined;
  const pThere = massNoDenser(scene, weekBin(event.time, there));
  if (pThere <= p) return undefined;
  const factor = Math.max(LEAST_ABROAD_FACTOR, Math.log(pThere) / Math.log(p));
  return { name: `usual hour where it came from (about UTC${there < 0 ? '' : '+'}${there / 60})`, factor: Math.round(factor * 100) / 100 };
}

/** Hour of the bin within the two rings: 0 to 23 weekday, 24 to 47 weekend. */
const hourOf = (bin: number): number => Math.floor(bin / 4);
function hourWeight(weights: ArrayLike<number>, hour: number): number {
  const from = hour * 4;
  return (weights[from] ?? 0) + (weights[from + 1] ?? 0) + (weights[from + 2] ?? 0) + (weights[from + 3] ?? 0);
}

/** The three hours with most weight, the earlier of two equal ones first. */
function usualHours(hours: Float64Array, total: number): { value: string; share: number }[] {
  if (total === 0) return [];
  best.fill(-1);
  most.fill(0);
  for (let hour = 0; hour < HOURS; hour += 1) {
    const weight = hours[hour] ?? 0;
    if (weight <= (most[2] ?? 0)) continue;
    let place = 2;
    for (; place > 0 && weight > (most[place - 1] ?? 0); place -= 1) {
      best[place] = best[place - 1] ?? -1;
      most[place] = most[place - 1] ?? 0;
    }
    best[place] = hour;
    most[place] = weight;
  }
  if ((best[2] ?? -1) >= 0) return [usualHour(0, total), usualHour(1, total), usualHour(2, total)];
  return (best[1] ?? -1) >= 0 ? [usualHour(0, total), usualHour(1, total)] : (best[0] ?? -1) >= 0 ? [usualHour(0, total)] : [];
}
const usualHour = (place: number, total: number): { value: string; share: number } => ({
  value: HOUR_NAMES[best[place] ?? 0] ?? '',
  share: Math.round(((most[place] ?? 0) / total) * 1e4) / 1e4,
});
const best = [-1, -1, -1];
const most = new Float64Array(3);
const roundTenth = (count: number): number => Math.round(count * 10) / 10;
/** No finer than it is told: its digits are stored with every event. */
const asShown = (share: number): number => (share < RARE ? share : Math.round(share * 1000) / 1000);
const percent = (share: number): string => `${share < RARE ? (share * 100).toPrecision(1) : String(Math.round(share * 1000) / 10)} %`;
