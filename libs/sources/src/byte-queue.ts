const NOTHING: Buffer = Buffer.alloc(0);

/**
 * Bytes that were read and not yet used. A chunk that meets an empty queue is used as it is, and only what is left of it after `drop` is copied,
 * so that the caller may use his buffer again; on average each byte is copied once, whatever the sizes of the chunks.
 */
export class ByteQueue {
  #bytes: Buffer = NOTHING;
  /** False while `#bytes` is the caller's chunk: nothing may be written into it. */
  #own = false;
  #start = 0;
  #end = 0;

  /** What is in the queue; valid until the next `append`. */
  get view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(chunk: Buffer): void {
    const length = this.#end - this.#start;
    if (length === 0) {
      this.#bytes = chunk;
      this.#own = false;
      this.#start = 0;
      this.#end = chunk.length;
      return;
    }
    if (!this.#own || this.#end + chunk.length > this.#bytes.length) {
      const isRoomy = this.#own && (length + chunk.length) * 2 <= this.#bytes.length;
      const next = isRoomy ? this.#bytes : Buffer.allocUnsafe((length + chunk.length) * 2);
      this.#bytes.copy(next, 0, this.#start, this.#end);
      this.#bytes = next;
      this.#own = true;
      this.#start = 0;
      this.#end = length;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }

  /** @param count first bytes that are no longer needed */
  drop(count: number): void {
    this.#start += count;
    if (this.#own || this.#start === this.#end) return;
    this.#bytes = Buffer.from(this.view);
    this.#own = true;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
