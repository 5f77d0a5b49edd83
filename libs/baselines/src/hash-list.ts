/** Digits of a `hash32`. */
const LENGTH = 8;

/**
 * A few dozen `hash32` values in the order in which they came, each once; never changed. One text: a set takes a hundred bytes before anything is in it, and
 * forty for each value.
 */
export class HashList {
  readonly #text: string;

  /** @param text hashes one behind the other, each once */
  constructor(text = '') {
    this.#text = text;
  }
  get size(): number {
    return this.#text.length / LENGTH;
  }
  has(hash: string): boolean {
    let at = this.#text.indexOf(hash);
    while (at % LENGTH > 0) at = this.#text.indexOf(hash, at + 1);
    return at >= 0;
  }
  /** @param hash not in it yet @returns the list with it */
  with(hash: string): HashList {
    return new HashList(this.#text + hash);
  }
  /** One behind the other, as the constructor takes them. */
  toString(): string {
    return this.#text;
  }
  list(): string[] {
    return Array.from({ length: this.size }, (_, index) => this.#text.slice(index * LENGTH, (index + 1) * LENGTH));
  }
  static of(hashes: readonly string[]): HashList {
    return hashes.length === 0 ? NO_HASHES : new HashList(hashes.filter((hash) => hash.length === LENGTH).join(''));
  }
}
/** Of nearly everybody on most days: one list for all of them. */
export const NO_HASHES = new HashList();
