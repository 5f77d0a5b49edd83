import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

const FLUSH_CHARACTERS = 1 << 18;

/** Writes one JSON value a line, in large pieces, and waits when the disk is slower than we are. */
export class NdjsonFile {
  readonly #stream: WriteStream;
  #parts: string[] = [];
  #characters = 0;
  constructor(file: string) {
    this.#stream = createWriteStream(file);
  }
  add(value: unknown): void {
    const line = `${JSON.stringify(value)}\n`;
    this.#parts.push(line);
    this.#characters += line.length;
  }
  async flush(force = false): Promise<void> {
    if (this.#characters < FLUSH_CHARACTERS && !force) return;
    const text = this.#parts.join('');
    this.#parts = [];
    this.#characters = 0;
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain');
  }
  async close(): Promise<void> {
    await this.flush(true);
    this.#stream.end();
    await once(this.#stream, 'close');
  }
}
