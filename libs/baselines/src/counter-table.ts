import { bytesAtMost } from './json-size.js';
import type { Weighed } from './level-tables.js';

/** Digits of a weight (4,000 acts of today), colon and comma. */
const BYTES_OF_WEIGHT = 8;

/**
 * Weights of the values of one level, in decay units, at most `cap` of them. The total also holds what fell out.
 * Heaviest first, ties by name, whatever the order in which they came: the same content lists, evicts and is written the same on every machine. A few dozen
 * values, of which the first ones are asked for nearly always: a list is shorter, and found faster, than a hash table.
 */
export class CounterTable {
  readonly cap: number;
  /** Of exact length: most tables never grow again. */
  #names: readonly string[];
  #weights: number[];
  #total: number;
  /** Of all names as JSON, or more. */
  #nameBytes = 0;

  constructor(cap: number, total = 0, entries: Iterable<readonly [string, number]> = []) {
    this.cap = cap;
    this.#total = total;
    this.#names = NO_NAMES;
    this.#weights = NO_WEIGHTS;
    this.#take([...entries].map(([value, weight]) => ({ value, weight })));
  }
  get total(): number {
    return this.#total;
  }
  get size(): number {
    return this.#names.length;
  }
  get(value: string): number {
    const at = this.#find(value);
    return at < 0 ? 0 : (this.#weights[at] ?? 0);
  }
  /** Heaviest first. */
  entries(): readonly (readonly [string, number])[] {
    return this.#names.map((value, at) => [value, this.#weights[at] ?? 0]);
  }
  /** @returns about how many bytes its JSON has, rather more than less */
  roughBytes(): number {
    return 2 + this.#nameBytes + this.#names.length * BYTES_OF_WEIGHT;
  }
  add(value: string, weight: number): void {
    this.#total += weight;
    const known = this.#find(value);
    if (known >= 0) {
      this.#place(value, (this.#weights[known] ?? 0) + weight, known);
      return;
    }
    if (this.#names.length >= this.cap) {
      this.#nameBytes -= bytesAtMost(this.#names.at(-1) ?? '');
      this.#names = this.#names.slice(0, -1);
      this.#weights.pop();
    }
    this.#nameBytes += bytesAtMost(value);
    this.#names = this.#names.concat(value);
    this.#weights = this.#weights.concat(weight);
    this.#place(value, weight, this.#names.length - 1);
  }
  /** Forgets the value that weighs least; its weight stays in the total. @returns false when there is none */
  forgetLightest(): boolean {
    if (this.#names.length === 0) return false;
    this.#nameBytes -= bytesAtMost(this.#names.at(-1) ?? '');
    this.#names = this.#names.slice(0, -1);
    this.#weights = this.#weights.slice(0, -1);
    return true;
  }
  /** Divides all by 2^halvings; what is less than one unit is forgotten. */
  halve(halvings: number): void {
    const divisor = 2 ** halvings;
    this.#total = Math.floor(this.#total / divisor);
    const halved = this.#list().map(({ value, weight }) => ({ value, weight: Math.floor(weight / divisor) }));
    this.#take(halved.filter(({ weight }) => weight > 0));
  }
  /** The `count` heaviest values, heaviest first; ties by name. */
  top(count: number): readonly Weighed[] {
    const best: Weighed[] = [];
    const names = this.#names;
    for (let at = 0; at < count && at < names.length; at += 1) best.push({ value: names[at] ?? '', weight: this.#weights[at] ?? 0 });
    return best;
  }

  #find(value: string): number {
    const names = this.#names;
    for (let at = 0; at < names.length; at += 1) if (names[at] === value) return at;
    return -1;
  }
  /** Moves what weighs more now to where it belongs. */
  #place(value: string, weight: number, from: number): void {
    const weights = this.#weights;
    if (from === 0 || !isHeavier(value, weight, this.#names[from - 1] ?? '', weights[from - 1] ?? 0)) {
      weights[from] = weight;
      return;
    }
    const names = [...this.#names];
    let to = from;
    for (; to > 0 && isHeavier(value, weight, names[to - 1] ?? '', weights[to - 1] ?? 0); to -= 1) {
      names[to] = names[to - 1] ?? '';
      weights[to] = weights[to - 1] ?? 0;
    }
    names[to] = value;
    weights[to] = weight;
    this.#names = names;
  }
  #list(): readonly Weighed[] {
    return this.top(this.#names.length);
  }
  #take(entries: readonly Weighed[]): void {
    const sorted = entries.toSorted((a, b) => (isHeavier(a.value, a.weight, b.value, b.weight) ? -1 : 1));
    this.#names = sorted.length === 0 ? NO_NAMES : sorted.map(({ value }) => value);
    this.#weights = sorted.length === 0 ? NO_WEIGHTS : sorted.map(({ weight }) => weight);
    this.#nameBytes = this.#names.reduce((bytes, name) => bytes + bytesAtMost(name), 0);
  }
}

const NO_NAMES: readonly string[] = [];
const NO_WEIGHTS: number[] = [];

const isHeavier = (value: string, weight: number, otherValue: string, otherWeight: number): boolean =>
  weight > otherWeight || (weight === otherWeight && value < otherValue);
