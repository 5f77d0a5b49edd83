import { z } from 'zod';
import { Endpoint } from '@keyward/events';
import { ActivityWindows, ActivityWindowsWire } from './activity-windows.js';
import { CommandState, CommandWire } from './commands/command-state.js';
import { COUNT_NAMES, fadeCounts, observeCount, type Count, type CountMoments, type Observed } from './counts.js';
import { bytesAtMost } from './json-size.js';
import { FeedbackState, withoutChanges } from './feedback/feedback-state.js';
import { AT, LevelTables } from './level-tables.js';
import { LEVELS, LEVEL_NAMES, type Level } from './levels.js';
import { HashList, NO_HASHES } from './hash-list.js';
import { hash32 } from './observation.js';
import type { IdentityProfile } from './profile.js';
import { isSameSpot, oneSpot, oneText, type Spot } from './shared-texts.js';
import { halfLivesBetween, weightOn } from './statistics/decay.js';
import { WeekWeights } from './week-weights.js';

export const PROFILE_VERSION = 1;
/** Weekday and weekend rings of quarter hours. */
export const TIME_BINS = 192;
const CONTEXTS = 4;
const CONTEXT_DAYS = 30;
const ALL_CONTEXT_DAYS = 2 ** CONTEXT_DAYS - 1;
/** Events come late by weeks, not by more than a year: then it was the earlier ones that were wrong. */
const WRONG_CLOCK_DAYS = 400;
/** What is so much older than the newest lesson weighs less than a quarter and is left out. */
const TOO_LATE_DAYS = 60;

const NetworkKind = Endpoint.shape.networkKind.unwrap();
export type NetworkKind = z.infer<typeof NetworkKind>;

/** A network the identity was last seen at: what travel is measured from. */
export interface NetworkContext {
  readonly net: string;
  at: number;
  /** Shared with others; replaced when the network has moved. */
  spot: Spot;
  dev: string | undefined;
  session: string | undefined;
  kind: NetworkKind | undefined;
  /** Bit k set: seen, with an act that taught, k days before `day`. */
  days: number;
  day: number;
  /** That its texts take as JSON, or more. */
  bytes: number;
}

/** What an event says of the network that it came from. */
interface Visit extends Spot {
  readonly net: string;
  readonly at: number;
  readonly dev: string | undefined;
  readonly session: string | undefined;
  readonly kind: NetworkKind | undefined;
}

/** What one event teaches; kept as it is while the event is on hold. */
export interface Lesson {
  readonly at: number;
  readonly values: Readonly<Partial<Record<Level, string>>>;
  /** Bin of the time of week; absent when the hour is not the actor's choice. */
  readonly bin?: number | undefined;
  /** Counts and measures of this one event. */
  readonly counts?: Observed | undefined;
  /** Short name of the privilege it used. */
  readonly privilege?: string | undefined;
}

/** Days on which a privilege was used: the first, the last, and how many. */
export interface PrivilegeUse {
  /** Its hash. */
  readonly privilege: string;
  readonly first: number;
  readonly last: number;
  readonly days: number;
}
/** Privileges of one identity whose last use is remembered; the one unused for longest falls out. */
const MAX_PRIVILEGES = 24;

/** Of nearly everybody who has used none. */
const NO_PRIVILEGES: readonly PrivilegeUse[] = [];

const Weight = z.number().int().nonnegative();
const Wire = z.object({
  v: z.literal(PROFILE_VERSION),
  b: z.number().int(),
  l: z.number().int(),
  n: Weight,
  a: Weight,
  f: Weight,
  t: z.record(z.string(), z.tuple([Weight, z.record(z.string(), Weight)])),
  w: z.array(z.number().int()),
  d: z.tuple([z.number().int(), z.array(z.string())]).optional(),
  m: CommandWire.optional(),
  c: z.array(
    z.object({
      n: z.string(),
      t: z.number(),
      y: z.number().optional(),
      x: z.number().optional(),
      r: z.number().optional(),
      p: z.string().optional(),
      d: z.string().optional(),
      s: z.string().optional(),
      q: NetworkKind.optional(),
      m: z.number().int(),
      k: z.number().int(),
    }),
  ),
  h: z.array(
    z.object({
      t: z.number(),
      b: z.number().int().optional(),
      v: z.record(z.string(), z.string()),
      k: z.partialRecord(z.enum(COUNT_NAMES), z.number().int()).optional(),
      p: z.string().optional(),
    }),
  ),
  k: z.partialRecord(z.enum(COUNT_NAMES), z.tuple([Weight, Weight, Weight])).optional(),
  x: ActivityWindowsWire.optional(),
  u: z.record(z.string(), z.tuple([z.number().int(), z.number().int(), Weight])).optional(),
  g: FeedbackState.optional(),
});

/**
 * The learned state of one identity. Counters are integers in decay units relative to `base` (a day), so its JSON is exact:
 * a decoded profile scores as the one that was encoded.
 */
export class IdentityState implements IdentityProfile {
  readonly v = PROFILE_VERSION;
  /** Day the counters refer to; meaningless before the first lesson. */
  base = 0;
  /** Last day with a lesson; -1 before the first. */
  last = -1;
  /** Weight of all lessons, of days with one, and of first uses of a resource. */
  lessons = 0;
  activeDays = 0;
  firstUses = 0;
  readonly tables: LevelTables;
  readonly week = new WeekWeights();
  contexts: NetworkContext[] = [];
  held: readonly Lesson[] = [];
  /** Of those who typed in privileged sessions; ages by itself. */
  commands: CommandState | undefined;
  /** Hashes of the resources used on `todayDay`: a resource counts once a day, or a script of a thousand calls would swamp a month of habits. */
  todayDay = -1;
  today = NO_HASHES;
  counts: CountMoments = {};
  windows = new ActivityWindows();
  privileges = NO_PRIVILEGES;
  /** Of this object, never stored: how often something came in that takes room. */
  #insertions = 0;
  /** What people said of its alerts; undefined for nearly everybody. */
  feedback: FeedbackState | undefined;

  constructor(tables = new LevelTables()) {
    this.tables = tables;
  }

  /** True when all that was learned is too old to be trusted, or comes from a clock that was years ahead. */
  isStale(day: number, resetAfterDays: number): boolean {
    return this.last >= 0 && (day - this.last >= resetAfterDays || this.last - day >= WRONG_CLOCK_DAYS);
  }

  forget(): void {
    this.tables.clear();
    this.week.clear();
    this.lessons = this.activeDays = this.firstUses = 0;
    this.last = this.todayDay = -1;
    this.today = NO_HASHES;
    this.contexts.length = 0;
    this.held = [];
    this.counts = {};
    this.windows = new ActivityWindows();
    this.privileges = NO_PRIVILEGES;
    this.feedback = withoutChanges(this.feedback);
  }

  learn(lesson: Lesson, day: number): void {
    if (this.last - day > TOO_LATE_DAYS) return;
    this.#rebase(day);
    const weight = weightOn(day, this.base);
    this.lessons += weight;
    if (day > this.last) {
      this.activeDays += weight;
      this.last = day;
    }
    for (let at = 0; at < LEVEL_NAMES.length; at += 1) {
      const value = lesson.values[LEVEL_NAMES[at] ?? 'net'];
      if (value === undefined || (at === AT.res && !this.#firstToday(value, day))) continue;
      if (at === AT.res && this.tables.get(at, value) === 0) this.firstUses += weight;
      this.tables.add(at, value, weight);
    }
    if (lesson.bin !== undefined) this.week.add(lesson.bin, weight);
    if (lesson.counts)
      for (const count of COUNT_NAMES) {
        const value = lesson.counts[count];
        if (value !== undefined) observeCount(this.counts, count, value, weight);
      }
    if (lesson.privilege !== undefined) this.#use(lesson.privilege, day);
  }

  /** A number that is another one after something has come in that takes room. */
  insertions(): number {
    return this.#insertions + this.tables.insertions + this.week.insertions + this.windows.insertions + (this.commands?.insertions ?? 0);
  }
  /** Puts a lesson on hold; of more than `capacity` the oldest is never learned. */
  hold(lesson: Lesson, capacity: number): void {
    this.held = [...this.held, lesson].slice(-capacity);
    this.#insertions += 1;
  }
  /** @returns about how many bytes its JSON has, without feedback; rather more than less */
  roughBytes(): number {
    let bytes =
      160 + this.tables.roughBytes() + 10 * this.week.size + 11 * this.today.size + 9 * this.windows.targets + 29 * this.privileges.length;
    for (const name of COUNT_NAMES) if (this.counts[name]) bytes += 36;
    for (let at = 0; at < this.contexts.length; at += 1) bytes += 110 + (this.contexts[at]?.bytes ?? 0);
    for (const lesson of this.held) bytes += lessonBytes(lesson);
    return bytes + (this.commands?.roughBytes() ?? 0);
  }
  /** @returns false when there is none */
  forgetOldestPrivilege(): boolean {
    let oldest: PrivilegeUse | undefined;
    for (const use of this.privileges)
      if (!oldest || use.last < oldest.last || (use.last === oldest.last && use.privilege < oldest.privilege)) oldest = use;
    this.privileges = this.privileges.filter((use) => use !== oldest);
    return oldest !== undefined;
  }

  /** Learns the total of a window that is over. Before the first lesson there is no base to weigh it by, and nothing to add to. */
  learnCount(count: Count, value: number, day: number): void {
    if (this.last >= 0 && this.last - day <= TOO_LATE_DAYS) observeCount(this.counts, count, value, weightOn(day, this.base));
  }

  /** A few at most: a list of them takes half of what a table takes. @param privilege its hash */
  useOf(privilege: string): PrivilegeUse | undefined {
    return this.privileges.find((use) => use.privilege === privilege);
  }
  #use(privilege: string, day: number): void {
    const known = this.useOf(privilege);
    if (known) {
      const again = { ...known, last: day, days: known.days + 1 };
      if (day > known.last) this.privileges = this.privileges.map((use) => (use === known ? again : use));
      return;
    }
    if (this.privileges.length >= MAX_PRIVILEGES) this.forgetOldestPrivilege();
    this.privileges = this.privileges.concat({ privilege, first: day, last: day, days: 1 });
    this.#insertions += 1;
  }

  /** @param trusted whether the act taught; only then does its day count as one on which the network was really used */
  visit(visit: Visit, day: number, trusted: boolean): void {
    let { contexts } = this;
    let at = 0;
    while (at < contexts.length && contexts[at]?.net !== visit.net) at += 1;
    const known = contexts[at];
    if (known && known.at > visit.at) return; // a late record is history, not where the identity is
    const { net, place, dev, session, kind } = visit;
    const spot = known && isSameSpot(known.spot, visit) ? known.spot : oneSpot(visit);
    if (known?.dev !== dev || known?.spot.place !== place || known?.session?.length !== session?.length) this.#insertions += 1;
    const isAsBefore = known?.spot.place === place && known?.dev === dev && known?.session === session;
    const bytes = known && isAsBefore ? known.bytes : textBytes(net, place, dev, session);
    // Nearly always a network that is known: changed in place, no new object with every act.
    const newest = known ?? { net, at: visit.at, spot, dev, session, kind, days: 0, day: day - CONTEXT_DAYS, bytes };
    const elapsed = day - newest.day;
    const before = elapsed < CONTEXT_DAYS ? (newest.days << elapsed) & ALL_CONTEXT_DAYS : 0;
    newest.at = visit.at;
    newest.spot = spot;
    newest.dev = dev;
    newest.session = session;
    newest.kind = kind;
    newest.days = trusted ? before | 1 : before;
    newest.day = day;
    newest.bytes = bytes;
    // The newest first; the one that was not visited for longest falls out.
    if (!known && contexts.length < CONTEXTS) this.contexts = contexts = contexts.concat(newest);
    for (let to = Math.min(at, contexts.length - 1); to > 0; to -= 1) contexts[to] = contexts[to - 1] ?? newest;
    contexts[0] = newest;
  }

  #firstToday(value: string, day: number): boolean {
    if (day < this.todayDay) return this.tables.get(AT.res, value) === 0; // late: that day's list is gone
    if (day > this.todayDay) {
      this.today = NO_HASHES;
      this.todayDay = day;
    }
    const hash = hash32(value);
    if (this.today.has(hash)) return false;
    if (this.today.size < LEVELS.res.cap) {
      this.today = this.today.with(hash);
      this.#insertions += 1;
    }
    return true;
  }

  #rebase(day: number): void {
    if (this.last < 0) {
      this.base = day;
      return;
    }
    const halvings = halfLivesBetween(this.base, day);
    if (halvings === 0) return;
    this.base += halvings * 30;
    const divisor = 2 ** halvings;
    this.tables.halve(halvings);
    this.week.halve(halvings);
    this.lessons = Math.floor(this.lessons / divisor);
    this.activeDays = Math.floor(this.activeDays / divisor);
    this.firstUses = Math.floor(this.firstUses / divisor);
    this.counts = fadeCounts(this.counts, 1 / divisor);
  }

  /** Short keys: this is stored once for each identity and checkpoint. */
  toJSON(): z.infer<typeof Wire> {
    return {
      v: PROFILE_VERSION,
      b: this.base,
      l: this.last,
      n: this.lessons,
      a: this.activeDays,
      f: this.firstUses,
      t: this.tables.toJSON(),
      w: this.week.entries().flat(),
      ...(this.commands && { m: this.commands.toJSON() }),
      ...(this.today.size > 0 ? { d: [this.todayDay, this.today.list()] as [number, string[]] } : {}),
      c: this.contexts.map((c) => ({
        n: c.net,
        t: c.at,
        y: c.spot.lat,
        x: c.spot.lon,
        r: c.spot.radiusKm,
        p: c.spot.place,
        d: c.dev,
        s: c.session,
        q: c.kind,
        m: c.days,
        k: c.day,
      })),
      h: this.held.map((lesson) => ({ t: lesson.at, b: lesson.bin, v: lesson.values, k: lesson.counts, p: lesson.privilege })),
      k: Object.fromEntries(
        COUNT_NAMES.flatMap((name) => {
          const moments = this.counts[name];
          return moments ? [[name, [moments.weight, moments.sum, moments.squares]]] : [];
        }),
      ),
      x: this.windows.toJSON(),
      ...(this.privileges.length > 0 && {
        u: Object.fromEntries(
          this.privileges.map((use): [string, [number, number, number]] => [use.privilege, [use.first, use.last, use.days]]),
        ),
      }),
      ...(this.feedback && { g: [...this.feedback] }),
    };
  }

  /** @throws ZodError or SyntaxError when the text is no profile of this version */
  static decode(text: string): IdentityState {
    const wire = Wire.parse(JSON.parse(text));
    const state = new IdentityState(LevelTables.from(wire.t));
    state.base = wire.b;
    state.last = wire.l;
    state.lessons = wire.n;
    state.activeDays = wire.a;
    state.firstUses = wire.f;
    for (let index = 0; index + 1 < wire.w.length; index += 2) state.week.add(wire.w[index] ?? 0, wire.w[index + 1] ?? 0);
    if (wire.m) state.commands = CommandState.fromWire(wire.m);
    state.todayDay = wire.d?.[0] ?? -1;
    state.today = HashList.of(wire.d?.[1] ?? []);
    state.contexts = wire.c.map((c) => ({
      net: oneText(c.n),
      at: c.t,
      spot: oneSpot({ lat: c.y, lon: c.x, radiusKm: c.r, place: c.p }),
      dev: c.d === undefined ? undefined : oneText(c.d),
      session: c.s,
      kind: c.q,
      days: c.m,
      day: c.k,
      bytes: textBytes(c.n, c.p, c.d, c.s),
    }));
    state.held = wire.h.map((lesson) => ({ at: lesson.t, bin: lesson.b, values: lesson.v, counts: lesson.k, privilege: lesson.p }));
    for (const name of COUNT_NAMES) {
      const moments = wire.k?.[name];
      if (moments) state.counts[name] = { weight: moments[0], sum: moments[1], squares: moments[2] };
    }
    if (wire.x) state.windows = ActivityWindows.from(wire.x);
    if (wire.u) state.privileges = Object.entries(wire.u).map(([privilege, [first, last, days]]) => ({ privilege, first, last, days }));
    state.feedback = wire.g;
    return state;
  }
}

/** Of its JSON, or more; a lesson waits for days, and is asked for with every new session. */
function lessonBytes(lesson: Lesson): number {
  let bytes = LESSON_BYTES.get(lesson);
  if (bytes === undefined) {
    bytes = 90;
    for (const value of Object.values(lesson.values)) bytes += bytesAtMost(value) + 7;
    LESSON_BYTES.set(lesson, bytes);
  }
  return bytes;
}
const LESSON_BYTES = new WeakMap<Lesson, number>();

const textBytes = (net: string, place = '', dev = '', session = ''): number =>
  bytesAtMost(net) + bytesAtMost(place) + bytesAtMost(dev) + bytesAtMost(session);
