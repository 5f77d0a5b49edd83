import { DAY_MS, dayOf } from '@keyward/events';
import { z } from 'zod';
import { CounterTable } from '../counter-table.js';
import { bytesAtMost } from '../json-size.js';
import type { Weighed } from '../level-tables.js';
import { HALF_LIFE_DAYS, halfLivesBetween, readScale, weightOn } from '../statistics/decay.js';
import { temperedNats } from './block-evidence.js';
import { COMMANDS } from './command-parameters.js';

const Count = z.number().int().nonnegative();
const BlockWire = z.object({
  k: z.string(),
  a: z.number(),
  z: z.number(),
  n: Count,
  e: z.number(),
  p: z.number(),
  v: z.record(z.string(), z.tuple([Count, z.number()])),
});
export const CommandWire = z.object({
  b: z.number().int(),
  l: z.number().int(),
  t: Count,
  v: z.record(z.string(), Count),
  c: z.tuple([z.number(), z.number()]),
  o: z.array(BlockWire),
  h: z.array(z.tuple([z.number(), z.record(z.string(), Count)])),
});
type CommandWire = z.infer<typeof CommandWire>;

/** With so few verbs known, even the newest block is ended before one of them is forgotten. */
const FEW_VERBS = 16;
/** Whoever was so far ahead had a wrong clock. */
const WRONG_CLOCK_DAYS = 400;

/** How often a verb stands in a block, and the nats that it added. */
interface InBlock {
  readonly times: number;
  readonly nats: number;
}

/** Commands of one session that are judged together. */
export interface OpenBlock {
  readonly verbs: ReadonlyMap<string, InBlock>;
  /** Verbs in it, n. */
  readonly size: number;
  /** Of all its verbs, without what was carried over, in nats. */
  readonly nats: number;
  /** What the block began with, in nats. */
  readonly carried: number;
  /** Least p that one of its commands was given. */
  readonly leastP: number;
}
interface MutableBlock extends OpenBlock {
  readonly verbs: Map<string, InBlock>;
  size: number;
  nats: number;
  carried: number;
  leastP: number;
  /** Epoch ms of its newest command. */
  end: number;
}

/** When a block that is over may be learned from. */
export type Lesson = 'now' | 'later' | 'never';
/** @param nats tempered evidence of the whole block */
export type Gate = (nats: number) => Lesson;

/**
 * What was learned of one identity's commands: decayed counts of its verbs, the blocks in hand, the evidence of the last one, blocks on hold.
 * Bounded: 256 verbs, 8 open blocks, 4 on hold. Weights are integers in decay units relative to `base`, so its JSON is exact.
 */
export class CommandState {
  #base = 0;
  #last = -1;
  #table = new CounterTable(COMMANDS.verbsKept);
  #evidence = { nats: 0, at: 0 };
  /** Insertion order is order of use. */
  readonly #blocks = new Map<string, MutableBlock>();
  #held: { readonly at: number; readonly verbs: ReadonlyMap<string, number> }[] = [];
  #usual: readonly Weighed[] | undefined;
  #insertions = 0;

  /** Verbs that were new to a block so far, and blocks that were learned. */
  get insertions(): number {
    return this.#insertions;
  }

  /** Decayed number of commands as of the day. */
  total(day: number): number {
    return this.#table.total * readScale(day, this.#base);
  }
  /** Decayed number of times the verb was used. */
  count(verb: string, day: number): number {
    return this.#table.get(verb) * readScale(day, this.#base);
  }
  /** The three most frequent verbs with their shares. */
  usual(): { value: string; share: number }[] {
    this.#usual ??= this.#table.top(3);
    return this.#usual.map(({ value, weight }) => ({ value, share: Math.round((weight / this.#table.total) * 1_000) / 1_000 }));
  }

  /** @param session of the command @returns the block that it would join; undefined when it begins a session */
  openBlock(session: string, at: number): OpenBlock | undefined {
    const block = this.#blocks.get(session);
    return block && at - block.end <= COMMANDS.idleMs ? block : undefined;
  }
  /** What a block that begins at the instant begins with, in nats. */
  carriedAt(at: number): number {
    const isOld = at - this.#evidence.at > COMMANDS.carriedDays * DAY_MS;
    return isOld ? 0 : COMMANDS.carried * Math.max(0, this.#evidence.nats);
  }

  /** Ends what is over at the instant, and learns what nobody disputed in time. Call before a command is added. */
  settle(at: number, holdMs: number, resetAfterDays: number, gate: Gate): void {
    const silentDays = dayOf(at) - this.#last;
    if (this.#last >= 0 && (silentDays >= resetAfterDays || silentDays <= -WRONG_CLOCK_DAYS)) this.#forget();
    for (const [session, block] of this.#blocks) if (at - block.end > COMMANDS.idleMs) this.#close(session, block, gate);
    while (this.#held.length > 0 && (this.#held[0]?.at ?? at) <= at - holdMs) {
      const due = this.#held.shift();
      if (due) this.#learn(due.verbs, dayOf(due.at));
    }
  }

  /** @param nats of each verb, as judged before @param p of the command, with all of its block before it */
  add(session: string, at: number, verbs: readonly string[], nats: readonly number[], p: number, gate: Gate): void {
    const block = this.#blockFor(session, at, gate);
    verbs.forEach((verb, index) => {
      const known = block.verbs.get(verb);
      if (!known) this.#insertions += 1;
      const added = nats[index] ?? 0;
      block.verbs.set(verb, { times: (known?.times ?? 0) + 1, nats: (known?.nats ?? 0) + added });
      block.nats += added;
    });
    block.size += verbs.length;
    block.end = Math.max(block.end, at);
    block.leastP = Math.min(block.leastP, p);
    if (block.size < COMMANDS.blockVerbs) return;
    this.#finish(block, gate);
    block.verbs.clear();
    block.size = block.nats = 0;
    block.leastP = 1;
    block.carried = this.carriedAt(at);
  }

  #blockFor(session: string, at: number, gate: Gate): MutableBlock {
    let block = this.#blocks.get(session);
    if (block) this.#blocks.delete(session);
    else {
      for (const [oldest, open] of this.#blocks) if (this.#blocks.size >= COMMANDS.openBlocks) this.#close(oldest, open, gate);
      block = { verbs: new Map(), size: 0, nats: 0, carried: this.carriedAt(at), leastP: 1, end: at };
    }
    this.#blocks.set(session, block);
    return block;
  }
  #close(session: string, block: MutableBlock, gate: Gate): void {
    this.#blocks.delete(session);
    this.#finish(block, gate);
  }
  #finish({ size, nats, carried, end, verbs }: MutableBlock, gate: Gate): void {
    if (size === 0) return;
    const sum = nats + carried;
    this.#evidence = { nats: sum, at: end };
    const lesson = gate(temperedNats(sum, size));
    if (lesson === 'never') return;
    const counts = new Map([...verbs].map(([verb, { times }]) => [verb, times]));
    if (lesson === 'now') this.#learn(counts, dayOf(end));
    else this.#held = [...this.#held, { at: end, verbs: counts }].slice(-COMMANDS.heldBlocks);
  }
  /** Blocks on hold that ended within these instants are never learned. */
  dispute(since: number, until: number): void {
    this.#held = this.#held.filter(({ at }) => at < since || at > until);
  }

  /**
   * Forgets what says least: a block on hold, else the block that was not used for longest (it is over, and may teach, as if its session had ended), else the
   * verb that weighs least.
   * @returns false when there is nothing left
   */
  forgetLeast(gate: Gate): boolean {
    if (this.#held.length > 0) {
      this.#held = this.#held.slice(1);
      return true;
    }
    const oldest = this.#blocks.size > 1 || this.#table.size < FEW_VERBS ? this.#blocks.entries().next().value : undefined;
    if (oldest) {
      this.#close(...oldest, gate);
      return true;
    }
    this.#usual = undefined;
    return this.#table.forgetLightest();
  }

  /** @returns about how many bytes its JSON has, rather more than less */
  roughBytes(): number {
    let bytes = 110 + this.#table.roughBytes();
    for (const [session, { verbs }] of this.#blocks) {
      bytes += bytesAtMost(session) + 120;
      for (const verb of verbs.keys()) bytes += bytesAtMost(verb) + 30;
    }
    for (const { verbs } of this.#held) {
      bytes += 40;
      for (const verb of verbs.keys()) bytes += bytesAtMost(verb) + 12;
    }
    return bytes;
  }

  #learn(verbs: ReadonlyMap<string, number>, day: number): void {
    this.#rebase(day);
    const weight = weightOn(day, this.#base);
    this.#insertions += 1;
    // By name: what comes back from JSON stands in another order, and at the cap the order decides what falls out.
    for (const [verb, times] of [...verbs].sort(([a], [b]) => (a < b ? -1 : 1))) this.#table.add(verb, weight * times);
    this.#last = Math.max(this.#last, day);
    this.#usual = undefined;
  }
  #rebase(day: number): void {
    if (this.#last < 0) {
      this.#base = day;
      return;
    }
    const halvings = halfLivesBetween(this.#base, day);
    if (halvings === 0) return;
    this.#base += halvings * HALF_LIFE_DAYS;
    this.#table.halve(halvings);
  }
  #forget(): void {
    this.#table = new CounterTable(COMMANDS.verbsKept);
    this.#last = -1;
    this.#evidence = { nats: 0, at: 0 };
    this.#blocks.clear();
    this.#held = [];
    this.#usual = undefined;
  }

  toJSON(): CommandWire {
    return {
      b: this.#base,
      l: this.#last,
      t: this.#table.total,
      v: Object.fromEntries(this.#table.entries()),
      c: [this.#evidence.nats, this.#evidence.at],
      o: [...this.#blocks].map(([k, { end, carried, size, nats, leastP, verbs }]) => ({
        k,
        a: carried,
        z: end,
        n: size,
        e: nats,
        p: leastP,
        v: Object.fromEntries([...verbs].map(([verb, { times, nats: added }]): [string, [number, number]] => [verb, [times, added]])),
      })),
      h: this.#held.map(({ at, verbs }) => [at, Object.fromEntries(verbs)]),
    };
  }
  static fromWire(wire: CommandWire): CommandState {
    const state = new CommandState();
    state.#base = wire.b;
    state.#last = wire.l;
    state.#table = new CounterTable(COMMANDS.verbsKept, wire.t, Object.entries(wire.v));
    state.#evidence = { nats: wire.c[0], at: wire.c[1] };
    for (const { k, a, z: end, n, e, p, v } of wire.o) {
      const verbs = new Map(Object.entries(v).map(([verb, [times, nats]]) => [verb, { times, nats }]));
      state.#blocks.set(k, { verbs, size: n, nats: e, carried: a, leastP: p, end });
    }
    state.#held = wire.h.map(([at, verbs]) => ({ at, verbs: new Map(Object.entries(verbs)) }));
    return state;
  }
}
