const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const LINE_FEED = 0x0a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SPACE = 0x20;
/** Longest member name that can be an envelope's list. */
const MAX_KEY_BYTES = 32;

/**
 * Why a scan stopped, at `position`:
 * `more` input is needed; `end` just behind the value; `line_break` at a line feed inside a string, or inside a value of a file that has one value
 * a line; `unexpected_open` at a `{` or `[` where none can stand: probably the next record's first byte; `mismatch` at a wrong closing bracket;
 * `envelope` at the first element of a list that one of the envelope's names holds.
 */
export type ScanStop = 'more' | 'end' | 'line_break' | 'unexpected_open' | 'mismatch' | 'envelope';

/**
 * Finds where one JSON value ends, without parsing it: only strings, brackets and what may stand before an opening one. Resumable between chunks,
 * one look at each byte. What it lets pass and JSON forbids, `JSON.parse` finds later; what it stops at tells a broken record from the next.
 */
export class JsonScanner {
  /** Index in the buffer that was scanned last, where the scan stopped. */
  position = 0;
  /** True when the value reaches over more than one line. */
  spansLines = false;
  readonly #envelopeKeys: ReadonlySet<string>;
  /** Opening brackets that are not closed yet. */
  #open: number[] = [];
  #inString = false;
  #escaped = false;
  /** Last byte that is neither space nor inside a string. */
  #before = 0;
  #scalar = false;
  #lineStart = false;
  #key: number[] = [];
  #listExpected = false;

  constructor(envelopeKeys: readonly string[] = []) {
    this.#envelopeKeys = new Set(envelopeKeys);
  }

  reset(): void {
    this.#open = [];
    this.#inString = this.#escaped = this.#scalar = this.#lineStart = this.#listExpected = false;
    this.spansLines = false;
    this.#before = 0;
    this.#key = [];
  }

  /** After `envelope`: the list's elements were read by others up to its `]`; go on behind that. */
  closeList(): void {
    this.#open.pop();
    this.#before = CLOSE_BRACKET;
  }

  /** @param oneLine the file is known to have one value a line, so a line feed inside a value means that it is broken */
  scan(bytes: Uint8Array, from: number, to: number, oneLine: boolean): ScanStop {
    for (let index = from; index < to; index += 1) {
      const byte = bytes[index] ?? 0;
      if (this.#inString) {
        const closed = this.#insideString(bytes, index, to);
        if (closed >= to) return this.#stop('more', to);
        if (bytes[closed] === LINE_FEED) return this.#stop('line_break', closed);
        index = closed;
        continue;
      }
      if (byte <= SPACE) {
        if (byte !== LINE_FEED) {
          this.#lineStart = false;
          continue;
        }
        if (this.#scalar) return this.#stop('end', index);
        if (oneLine && this.#open.length > 0) return this.#stop('line_break', index);
        this.spansLines = this.#lineStart = true;
        continue;
      }
      const stop = this.#structural(byte);
      if (stop !== undefined) return this.#stop(stop, stop === 'end' && !this.#scalar ? index + 1 : index);
      this.#lineStart = false;
    }
    return this.#stop('more', to);
  }

  #stop(why: ScanStop, position: number): ScanStop {
    this.position = position;
    return why;
  }

  /** @returns index of the closing quote or of a line feed, or `to` */
  #insideString(bytes: Uint8Array, from: number, to: number): number {
    const isKey = this.#open.length === 1 && this.#envelopeKeys.size > 0 && this.#before !== COLON;
    let index = from;
    let escaped = this.#escaped;
    for (; index < to; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte === LINE_FEED) break;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        this.#before = QUOTE;
        break;
      }
      if (isKey && this.#key.length <= MAX_KEY_BYTES) this.#key.push(byte);
    }
    this.#escaped = escaped;
    return index;
  }

  #structural(byte: number): ScanStop | undefined {
    const open = this.#open;
    const before = this.#before;
    if (this.#listExpected) {
      this.#listExpected = false;
      if (byte === OPEN_BRACE) return 'envelope';
    }
    switch (byte) {
      case QUOTE:
        this.#inString = true;
        if (open.length === 0) this.#scalar = true;
        else if (open.length === 1 && before !== COLON) this.#key = [];
        return undefined;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (open.length > 0 && !this.#mayOpen(byte, before)) return 'unexpected_open';
        this.#listExpected = byte === OPEN_BRACKET && open.length === 1 && open[0] === OPEN_BRACE && this.#isEnvelopeKey();
        open.push(byte);
        this.#before = byte;
        return undefined;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        if (open.length === 0) return this.#scalar ? 'end' : 'mismatch';
        if (open.pop() !== (byte === CLOSE_BRACE ? OPEN_BRACE : OPEN_BRACKET)) return 'mismatch';
        this.#before = byte;
        return open.length === 0 ? 'end' : undefined;
      default:
        if (open.length === 0) {
          if (byte === COMMA) return 'end';
          this.#scalar = true;
        }
        this.#before = byte;
        return undefined;
    }
  }

  /** In an object only a colon comes before a value; and nobody breaks a line between the colon and a `{` that then stands in the first column. */
  #mayOpen(byte: number, before: number): boolean {
    if (this.#open.at(-1) === OPEN_BRACE) return before === COLON && !(this.#lineStart && byte === OPEN_BRACE);
    return before === COMMA || before === OPEN_BRACKET;
  }

  #isEnvelopeKey(): boolean {
    return this.#envelopeKeys.size > 0 && this.#before === COLON && this.#envelopeKeys.has(String.fromCharCode(...this.#key));
  }
}
