import { COUNT_NAMES, observeCount, type Count, type CountMoments } from '../counts.js';
import type { IdentityState, Lesson } from '../identity-state.js';
import { AT } from '../level-tables.js';
import { LEVEL_NAMES } from '../levels.js';
import { HALF_LIFE_DAYS, weightOn } from '../statistics/decay.js';
import type { Change } from './feedback-state.js';

/** A benign verdict counts as so many acts of the identity (scoring.md section 5). */
const ABSORBED_ACTS = 5;
/**
 * Acts of one day count together as a few, so five among thirty a day would say little: they are weighed as five that count alone. Never more than this many
 * times, or one verdict would outvote a month.
 */
const MOST_ACTS = 50;

export const noChange = (state: IdentityState): Change => ({ b: state.base, v: [], w: [], k: [], f: 0 });

/**
 * Adds what the lessons hold as {@link ABSORBED_ACTS} acts each. A profile without a history has nothing to weigh it by, and absorbs nothing.
 *
 * @param day of the verdict @param eventsPerDay most events a day of the identity speaks with @returns what was added
 */
export function absorb(state: IdentityState, lessons: readonly Lesson[], day: number, eventsPerDay: number): Change {
  const change = noChange(state);
  if (state.last < 0) return change;
  const together = state.activeDays === 0 ? 1 : Math.max(1, state.lessons / (eventsPerDay * state.activeDays));
  const weight = weightOn(day, state.base) * Math.round(Math.min(MOST_ACTS, ABSORBED_ACTS * together));
  for (const lesson of lessons) {
    for (const level of LEVEL_NAMES) {
      const value = lesson.values[level];
      if (value === undefined) continue;
      if (level === 'res' && state.tables.get(AT.res, value) === 0) change.f += weightOn(day, state.base);
      state.tables.add(AT[level], value, weight);
      change.v.push([level, value, weight]);
    }
    if (lesson.bin !== undefined) change.w.push([lesson.bin, weight]);
    const counts: CountMoments = {};
    for (const [name, value] of countsOf(lesson)) observeCount(counts, name, value, ABSORBED_ACTS * weightOn(day, state.base));
    for (const [name] of countsOf(lesson)) {
      const added = counts[name];
      if (added) change.k.push([name, added.weight, added.sum, added.squares]);
    }
  }
  addRest(state, change, 1);
  return change;
}

const countsOf = ({ counts = {} }: Lesson): [Count, number][] =>
  Object.entries(counts).flatMap(([name, value]): [Count, number][] => (isCount(name) ? [[name, value]] : []));
const isCount = (name: string): name is Count => COUNT_NAMES.some((count) => count === name);

/**
 * Takes acts out that were learned: one weight of their own day each, as far as it is still there.
 * @param lessons by the day on which they happened @returns what was taken
 */
export function takeOut(state: IdentityState, lessons: readonly (readonly [Lesson, number])[]): Change {
  const change = noChange(state);
  if (state.last < 0) return change;
  for (const [lesson, day] of lessons) {
    const weight = weightOn(day, state.base);
    for (const level of LEVEL_NAMES) {
      const value = lesson.values[level];
      const taken = value === undefined ? 0 : state.tables.remove(AT[level], value, weight);
      if (value !== undefined && taken > 0) change.v.push([level, value, taken]);
    }
    const here = lesson.bin === undefined ? 0 : Math.min(weight, state.week.get(lesson.bin));
    if (lesson.bin === undefined || here === 0) continue;
    change.w.push([lesson.bin, here]);
    state.week.add(lesson.bin, -here);
  }
  return change;
}

/** Takes back what {@link absorb} added, faded as everything else has. What has fallen out of a full table meanwhile is not there to be taken. */
export function withdraw(state: IdentityState, change: Change): void {
  const faded = fadedTo(change, state.base);
  for (const [level, value, weight] of faded.v) state.tables.remove(AT[level], value, weight);
  addRest(state, faded, -1);
}

/** Puts back what {@link takeOut} took. */
export function putBack(state: IdentityState, change: Change): void {
  const faded = fadedTo(change, state.base);
  for (const [level, value, weight] of faded.v) if (weight > 0) state.tables.add(AT[level], value, weight);
  addRest(state, faded, 1);
}

function addRest(state: IdentityState, { w, k, f }: Change, sign: 1 | -1): void {
  for (const [bin, weight] of w) state.week.add(bin, sign * weight);
  for (const [name, weight, sum, squares] of k) {
    const known = state.counts[name] ?? { weight: 0, sum: 0, squares: 0 };
    const left = {
      weight: Math.max(0, known.weight + sign * weight),
      sum: Math.max(0, known.sum + sign * sum),
      squares: Math.max(0, known.squares + sign * squares),
    };
    const others = Object.entries(state.counts).filter(([other]) => other !== name);
    state.counts = Object.fromEntries(left.weight === 0 ? others : [...others, [name, left]]);
  }
  state.firstUses = Math.max(0, state.firstUses + sign * f);
}

/** Counters are halved when their base moves on: what was added to them has been halved as often. */
function fadedTo(change: Change, base: number): Change {
  const divisor = 2 ** Math.max(0, Math.round((base - change.b) / HALF_LIFE_DAYS));
  if (divisor === 1) return change;
  const fade = (weight: number): number => Math.floor(weight / divisor);
  return {
    b: base,
    v: change.v.map(([level, value, weight]) => [level, value, fade(weight)]),
    w: change.w.map(([bin, weight]) => [bin, fade(weight)]),
    k: change.k.map(([name, weight, sum, squares]) => [name, fade(weight), fade(sum), fade(squares)]),
    f: fade(change.f),
  };
}
