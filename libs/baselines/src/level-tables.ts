import { bytesAtMost } from './json-size.js';
import { LEVELS, LEVEL_NAMES, type Level } from './levels.js';

/** Place of each level in LEVEL_NAMES: how a table is named where names would cost more than what is looked up. */
export const AT: Readonly<Record<Level, number>> = {
  net: 0,
  asn: 1,
  cty: 2,
  dev: 3,
  brw: 4,
  os: 5,
  typ: 6,
  mth: 7,
  mfa: 8,
  app: 9,
  res: 10,
  gra: 11,
  par: 12,
  ent: 13,
};
const COUNT = LEVEL_NAMES.length;
/** Digits of a weight (4,000 acts of today), colon and comma. */
const BYTES_OF_WEIGHT = 8;
/** Its name, its total, brackets. */
const BYTES_OF_LEVEL = 19;
/** More than all levels together may hold: a position fits below it. */
const END = 1_024;
const CAPS = LEVEL_NAMES.map((level) => LEVELS[level].cap);

export interface Weighed {
  readonly value: string;
  readonly weight: number;
}
type StoredTable = readonly [total: number, values: Readonly<Record<string, number>>];

/**
 * Weights of the values of all levels of one identity, in decay units; of each level at most its cap. A level's total also holds what fell out.
 * Heaviest first, ties by name, whatever the order in which they came: the same content lists, evicts and is written the same on every machine.
 *
 * One list for all levels, of exact length: a table each would take more memory for being a table than for what is in it. A few dozen values, of which the
 * first ones are asked for nearly always, are found sooner in a list than in a hash table.
 */
export class LevelTables {
  #names: string[] = [];
  #weights: number[] = [];
  /** Of each level its total and where its values end, as one number: `total x 1024 + end`. */
  readonly #levels: number[] = new Array<number>(COUNT).fill(0);
  #insertions = 0;
  /** Of all names as JSON, or more. */
  #nameBytes = 0;

  /** Values that were new so far: more of them than before means that it has grown. */
  get insertions(): number {
    return this.#insertions;
  }
  /** @returns about how many bytes its JSON has, rather more than less */
  roughBytes(): number {
    let bytes = 0;
    for (let at = 0; at < COUNT; at += 1) if (this.total(at) > 0) bytes += BYTES_OF_LEVEL;
    return bytes + this.#nameBytes + this.#names.length * BYTES_OF_WEIGHT;
  }
  /** @param at of the level, as in all that follows */
  total(at: number): number {
    return Math.floor((this.#levels[at] ?? 0) / END);
  }
  size(at: number): number {
    return this.#end(at) - this.#start(at);
  }
  get(at: number, value: string): number {
    const found = this.#find(at, value);
    return found < 0 ? 0 : (this.#weights[found] ?? 0);
  }
  /** The three heaviest values with their shares of all, heaviest first; none without any weight. */
  usual(at: number): { value: string; share: number }[] {
    const from = this.#start(at);
    const known = this.total(at) > 0 ? Math.min(3, this.#end(at) - from) : 0;
    // Of exact length, for nearly every term: a list that grows keeps room for sixteen more.
    if (known <= 0) return [];
    if (known === 1) return [this.#shareOf(at, from)];
    if (known === 2) return [this.#shareOf(at, from), this.#shareOf(at, from + 1)];
    return [this.#shareOf(at, from), this.#shareOf(at, from + 1), this.#shareOf(at, from + 2)];
  }
  #shareOf(at: number, index: number): { value: string; share: number } {
    const share = Math.min(1, Math.round(((this.#weights[index] ?? 0) / this.total(at)) * 1e4) / 1e4);
    return { value: this.#names[index] ?? '', share };
  }
  /** The `count` heaviest values, heaviest first. */
  top(at: number, count: number): Weighed[] {
    const best: Weighed[] = [];
    const from = this.#start(at);
    const to = Math.min(from + count, this.#end(at));
    for (let index = from; index < to; index += 1) best.push({ value: this.#names[index] ?? '', weight: this.#weights[index] ?? 0 });
    return best;
  }
  /** All of one level, heaviest first. */
  entries(at: number): Weighed[] {
    return this.top(at, Infinity);
  }

  /** @param weight > 0 */
  add(at: number, value: string, weight: number): void {
    this.#levels[at] = (this.#levels[at] ?? 0) + weight * END;
    const found = this.#find(at, value);
    if (found >= 0) {
      this.#rise(at, found, (this.#weights[found] ?? 0) + weight);
      return;
    }
    this.#insertions += 1;
    this.#nameBytes += bytesAtMost(value);
    if (this.size(at) >= (CAPS[at] ?? 0)) this.#drop(at, this.#end(at) - 1);
    const end = this.#end(at);
    // Of exact length, which a list that is spread into another is not.
    this.#names = this.#names.toSpliced(end, 0, value);
    this.#weights = this.#weights.toSpliced(end, 0, weight);
    this.#shift(at, 1);
    this.#rise(at, end, weight);
  }
  /** Takes at most `weight` of a value back. @returns how much of it was there */
  remove(at: number, value: string, weight: number): number {
    const found = this.#find(at, value);
    const taken = Math.min(found < 0 ? 0 : (this.#weights[found] ?? 0), weight);
    if (taken === 0) return 0;
    this.#levels[at] = (this.#levels[at] ?? 0) - taken * END;
    const rest = this.entries(at).map((entry) => (entry.value === value ? { value, weight: entry.weight - taken } : entry));
    this.#replace(
      at,
      rest.filter((entry) => entry.weight > 0),
    );
    return taken;
  }
  /**
   * Forgets the value that weighs least, ties by level, then name. Its weight stays in the total.
   * @param least values that a level must have @returns false when no level has so many
   */
  forgetLightest(least: number): boolean {
    let lightest = -1;
    let level = -1;
    for (let at = 0; at < COUNT; at += 1) {
      const last = this.#end(at) - 1;
      if (this.size(at) < least || (lightest >= 0 && (this.#weights[last] ?? 0) >= (this.#weights[lightest] ?? 0))) continue;
      lightest = last;
      level = at;
    }
    if (level < 0) return false;
    this.#drop(level, lightest);
    return true;
  }
  /** Divides all by 2^halvings; what is less than one unit is forgotten. */
  halve(halvings: number): void {
    const divisor = 2 ** halvings;
    for (let at = 0; at < COUNT; at += 1) {
      this.#levels[at] = Math.floor(this.total(at) / divisor) * END + this.#end(at);
      const halved = this.entries(at).map(({ value, weight }) => ({ value, weight: Math.floor(weight / divisor) }));
      this.#replace(
        at,
        halved.filter(({ weight }) => weight > 0),
      );
    }
  }
  clear(): void {
    this.#names = [];
    this.#weights = [];
    this.#nameBytes = 0;
    this.#levels.fill(0);
  }

  /** By the name of the level; levels without any weight are missing. */
  toJSON(): Record<string, [number, Record<string, number>]> {
    const stored: Record<string, [number, Record<string, number>]> = {};
    LEVEL_NAMES.forEach((level, at) => {
      if (this.total(at) > 0)
        stored[level] = [this.total(at), Object.fromEntries(this.entries(at).map(({ value, weight }) => [value, weight]))];
    });
    return stored;
  }
  static from(stored: Readonly<Record<string, StoredTable>>): LevelTables {
    const tables = new LevelTables();
    LEVEL_NAMES.forEach((level, at) => {
      const [total, values] = stored[level] ?? [0, {}];
      for (const value of Object.keys(values)) {
        tables.#names.push(value);
        tables.#weights.push(values[value] ?? 0);
      }
      tables.#levels[at] = total * END + tables.#names.length;
    });
    tables.#names = [...tables.#names];
    tables.#weights = [...tables.#weights];
    tables.#nameBytes = nameBytes(tables.#names);
    for (let at = 0; at < COUNT; at += 1) if (!tables.#isInOrder(at)) tables.#replace(at, tables.entries(at));
    return tables;
  }

  #end(at: number): number {
    const level = this.#levels[at] ?? 0;
    return level - Math.floor(level / END) * END; // a remainder of doubles takes ten times as long
  }
  #start(at: number): number {
    return at === 0 ? 0 : this.#end(at - 1);
  }
  #find(at: number, value: string): number {
    const names = this.#names;
    const end = this.#end(at);
    for (let index = this.#start(at); index < end; index += 1) if (names[index] === value) return index;
    return -1;
  }
  /** Moves what weighs more now to where it belongs. */
  #rise(at: number, from: number, weight: number): void {
    const names = this.#names;
    const weights = this.#weights;
    const start = this.#start(at);
    const value = names[from] ?? '';
    let to = from;
    for (; to > start && isHeavier(value, weight, names[to - 1] ?? '', weights[to - 1] ?? 0); to -= 1) {
      names[to] = names[to - 1] ?? '';
      weights[to] = weights[to - 1] ?? 0;
    }
    names[to] = value;
    weights[to] = weight;
  }
  #drop(at: number, index: number): void {
    this.#nameBytes -= bytesAtMost(this.#names[index] ?? '');
    this.#names = this.#names.toSpliced(index, 1);
    this.#weights = this.#weights.toSpliced(index, 1);
    this.#shift(at, -1);
  }
  /** The level and those behind it end so much later. */
  #shift(at: number, by: number): void {
    for (let level = at; level < COUNT; level += 1) this.#levels[level] = (this.#levels[level] ?? 0) + by;
  }
  #isInOrder(at: number): boolean {
    const end = this.#end(at);
    for (let index = this.#start(at) + 1; index < end; index += 1)
      if (isHeavier(this.#names[index] ?? '', this.#weights[index] ?? 0, this.#names[index - 1] ?? '', this.#weights[index - 1] ?? 0))
        return false;
    return true;
  }
  /** What all of the level is from now on, in any order. */
  #replace(at: number, entries: Weighed[]): void {
    const sorted = entries.sort((a, b) => (isHeavier(a.value, a.weight, b.value, b.weight) ? -1 : 1));
    const start = this.#start(at);
    const size = this.size(at);
    this.#names = this.#names.toSpliced(start, size, ...sorted.map(({ value }) => value));
    this.#weights = this.#weights.toSpliced(start, size, ...sorted.map(({ weight }) => weight));
    this.#shift(at, sorted.length - size);
    this.#nameBytes = nameBytes(this.#names);
  }
}

const nameBytes = (names: readonly string[]): number => names.reduce((bytes, name) => bytes + bytesAtMost(name), 0);

const isHeavier = (value: string, weight: number, otherValue: string, otherWeight: number): boolean =>
  weight > otherWeight || (weight === otherWeight && value < otherValue);
