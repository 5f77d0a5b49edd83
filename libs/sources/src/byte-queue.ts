/** Bytes that were read and not yet used. Appending and dropping cost a copy of each byte on average, whatever the sizes of the chunks. */
export class ByteQueue {
  #bytes = Buffer.alloc(65_536);
  #start = 0;
  #end = 0;

  /** What is in the queue; valid until the next `append`. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Buffer): void {
    const length = this.length;
    if (this.#end + chunk.length > this.#bytes.length) {
      const grown = (length + chunk.length) * 2 > this.#bytes.length ? Buffer.allocUnsafe((length + chunk.length) * 2) : this.#bytes;
      this.#bytes.copy(grown, 0, this.#start, this.#end);
      this.#bytes = grown;
      this.#start = 0;
      this.#end = length;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** @param count first bytes that are no longer needed */
  drop(count: number): void {
    this.#start += count;
  }
}
