import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

const FLUSH_BYTES = 1 << 18;

/** Writes one JSON value a line, in large pieces, and waits when the disk is slower than we are. */
export class NdjsonFile {
  readonly #stream: WriteStream;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  constructor(file: string) {
    this.#stream = createWriteStream(file);
  }
  add(value: unknown): void {
    this.addBytes(Buffer.from(`${JSON.stringify(value)}\n`));
  }
  /** @param line with its line feed; must not be changed afterwards */
  addBytes(line: Uint8Array): void {
    this.#parts.push(line);
    this.#bytes += line.length;
  }
  async flush(force = false): Promise<void> {
    if (this.#bytes === 0 || (this.#bytes < FLUSH_BYTES && !force)) return;
    const piece = Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    if (!this.#stream.write(piece)) await once(this.#stream, 'drain');
  }
  async close(): Promise<void> {
    await this.flush(true);
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}
