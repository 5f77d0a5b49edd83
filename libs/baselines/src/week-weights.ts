/** Bins of a week: its number fits into a byte. */
const BYTE = 256;

/**
 * Weights of the bins of one identity's week, in decay units. Most people are never seen in most of the 192 quarter hours of a weekday and a weekend day: only those
 * with a weight are kept, each as one number, `weight x 256 + bin`, in order of bins.
 */
export class WeekWeights {
  #packed: number[] = [];
  #total = 0;
  #insertions = 0;

  /** Bins that were new so far. */
  get insertions(): number {
    return this.#insertions;
  }
  get total(): number {
    return this.#total;
  }
  get(bin: number): number {
    const at = this.#find(bin);
    return binOf(this.#packed[at]) === bin ? weightOf(this.#packed[at]) : 0;
  }
  /** @param weight to be added; less than 0 takes away, down to 0 */
  add(bin: number, weight: number): void {
    const at = this.#find(bin);
    const isKnown = binOf(this.#packed[at]) === bin;
    const before = isKnown ? weightOf(this.#packed[at]) : 0;
    const after = Math.max(0, before + weight);
    this.#total += after - before;
    const packed = after * BYTE + bin;
    if (isKnown && after > 0) this.#packed[at] = packed;
    else if (isKnown) this.#packed = this.#packed.toSpliced(at, 1);
    // Of exact length: after a few weeks hardly anything is new.
    else if (after > 0) {
      this.#packed = this.#packed.toSpliced(at, 0, packed);
      this.#insertions += 1;
    }
  }
  /** Divides all by 2^halvings; what is less than one unit is forgotten. */
  halve(halvings: number): void {
    const divisor = 2 ** halvings;
    const halved = this.entries().map(([bin, weight]): readonly [number, number] => [bin, Math.floor(weight / divisor)]);
    this.clear();
    for (const [bin, weight] of halved) this.add(bin, weight);
  }
  /** @returns bins with a weight */
  get size(): number {
    return this.#packed.length;
  }
  /** Forgets the bin that weighs least, the earliest of equal ones, and its weight. @returns false when there is none */
  forgetLightest(): boolean {
    const [first, ...others] = this.entries();
    if (!first) return false;
    const [bin, weight] = others.reduce((least, one) => (one[1] < least[1] ? one : least), first);
    this.add(bin, -weight);
    return true;
  }
  clear(): void {
    this.#packed = [];
    this.#total = 0;
  }
  /** Calls for each bin with a weight, in order of bins. */
  spread(each: (bin: number, weight: number) => void): void {
    const packed = this.#packed;
    for (let at = 0; at < packed.length; at += 1) each(binOf(packed[at]), weightOf(packed[at]));
  }
  /** In order of bins. */
  entries(): (readonly [bin: number, weight: number])[] {
    return this.#packed.map((one) => [binOf(one), weightOf(one)]);
  }

  /** Index of the bin, or of the first one behind where it would be. */
  #find(bin: number): number {
    const packed = this.#packed;
    let at = 0;
    while (at < packed.length && binOf(packed[at]) < bin) at += 1;
    return at;
  }
}

/** @returns -1 for none */
const binOf = (packed: number | undefined): number => (packed === undefined ? -1 : packed - Math.floor(packed / BYTE) * BYTE);
const weightOf = (packed: number | undefined): number => (packed === undefined ? 0 : Math.floor(packed / BYTE));
