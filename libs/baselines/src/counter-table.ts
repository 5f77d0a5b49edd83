/**
 * Weights of the values of one level, in decay units, at most `cap` of them. The total also holds what fell out.
 * Eviction is by weight, then by name: the same content evicts the same value on every machine.
 */
export class CounterTable {
  readonly cap: number;
  readonly #weights: Map<string, number>;
  #total: number;

  constructor(cap: number, total = 0, entries: Iterable<readonly [string, number]> = []) {
    this.cap = cap;
    this.#total = total;
    this.#weights = new Map(entries);
  }
  get total(): number {
    return this.#total;
  }
  get size(): number {
    return this.#weights.size;
  }
  get(value: string): number {
    return this.#weights.get(value) ?? 0;
  }
  entries(): ReadonlyMap<string, number> {
    return this.#weights;
  }
  add(value: string, weight: number): void {
    this.#total += weight;
    const known = this.#weights.get(value);
    if (known === undefined && this.#weights.size >= this.cap) this.#evict();
    this.#weights.set(value, (known ?? 0) + weight);
  }
  /** Takes at most `weight` of a value back. @returns how much of it was there */
  remove(value: string, weight: number): number {
    const known = this.#weights.get(value) ?? 0;
    const taken = Math.min(known, weight);
    if (taken === 0) return 0;
    if (taken === known) this.#weights.delete(value);
    else this.#weights.set(value, known - taken);
    this.#total -= taken;
    return taken;
  }
  /** Divides all by 2^halvings; what is less than one unit is forgotten. */
  halve(halvings: number): void {
    const divisor = 2 ** halvings;
    this.#total = Math.floor(this.#total / divisor);
    for (const [value, weight] of this.#weights) {
      const rest = Math.floor(weight / divisor);
      if (rest > 0) this.#weights.set(value, rest);
      else this.#weights.delete(value);
    }
  }
  /** The `count` heaviest values, heaviest first; ties by name. */
  top(count: number): readonly Weighed[] {
    const best: Weighed[] = [];
    this.#weights.forEach((weight, value) => {
      let place = best.length;
      while (place > 0 && isHeavier(value, weight, best[place - 1])) place -= 1;
      if (place >= count) return;
      if (best.length < count) best.push({ value, weight });
      for (let at = best.length - 1; at > place; at -= 1) best[at] = best[at - 1] ?? { value, weight };
      best[place] = { value, weight };
    });
    return best;
  }
  #evict(): void {
    let least: Weighed | undefined;
    for (const [value, weight] of this.#weights) if (!least || !isHeavier(value, weight, least)) least = { value, weight };
    if (least) this.#weights.delete(least.value);
  }
}

export interface Weighed {
  readonly value: string;
  readonly weight: number;
}

const isHeavier = (value: string, weight: number, than: Weighed | undefined): boolean =>
  than === undefined || weight > than.weight || (weight === than.weight && value < than.value);
