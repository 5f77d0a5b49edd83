import { textOf } from '../text-of.js';

/** One syslog message as it came, and whether it was longer than allowed. */
export interface Frame {
  readonly text: string;
  readonly isCut: boolean;
}

/**
 * How messages stand in a stream (RFC 6587). `octet`: each behind its length. `line`: each ends with a line feed, or a NUL. `auto`: each as it begins:
 * a number, a blank and `<` is a length.
 */
export type Framing = 'auto' | 'octet' | 'line';

const LINE_FEED = 0x0a;
const NUL = 0x00;
const SPACE = 0x20;
const LESS_THAN = 0x3c;
/** `99999999 <`: more than anybody's limit. */
const COUNT_DIGITS = 8;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NOTHING: Buffer = Buffer.alloc(0);

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/**
 * Cuts the stream of one connection into messages. Total: any bytes become messages, none is lost but what is beyond `maxBytes` of one message
 * (RFC 5424, 6.1: what is too long is cut off). Looks at each byte once; holds at most `maxBytes`.
 */
export class SyslogFramer {
  readonly #framing: Framing;
  readonly #maxBytes: number;
  /** Bytes that may be the beginning of a length. */
  #head: Buffer = NOTHING;
  /** Of the message that has begun. */
  #parts: Buffer[] = [];
  #held = 0;
  #state: 'start' | 'line' | 'counted' = 'start';
  /** Bytes of the counted message still to come. */
  #remaining = 0;

  constructor(framing: Framing, maxBytes: number) {
    this.#framing = framing;
    this.#maxBytes = maxBytes;
  }

  /** @returns the messages that are complete now */
  push(chunk: Buffer): readonly Frame[] {
    const bytes = this.#head.length > 0 ? Buffer.concat([this.#head, chunk]) : chunk;
    this.#head = NOTHING;
    const frames: Frame[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'start') {
        const begun = this.#start(bytes, at);
        if (begun === undefined) {
          this.#head = Buffer.from(bytes.subarray(at));
          break;
        }
        at = begun;
      } else at = this.#state === 'line' ? this.#line(bytes, at, frames) : this.#counted(bytes, at, frames);
    }
    return frames;
  }

  /** @returns the message that the end of the connection ends */
  end(): readonly Frame[] {
    const frames: Frame[] = [];
    if (this.#head.length > 0) this.#keep(this.#head);
    this.#head = NOTHING;
    this.#finish(frames);
    return frames;
  }

  /** @returns where the message begins; undefined when more bytes must tell what it is */
  #start(bytes: Buffer, from: number): number | undefined {
    let at = from;
    while (at < bytes.length && (bytes[at] ?? 0) <= SPACE) at += 1;
    if (at >= bytes.length) return at;
    if (bytes[at] === BOM[0]) {
      if (bytes.length - at < BOM.length) return undefined;
      if (bytes.subarray(at, at + BOM.length).equals(BOM)) return at + BOM.length;
    }
    if (this.#framing !== 'line' && isDigit(bytes[at]) && bytes[at] !== 0x30) {
      let end = at;
      while (end < bytes.length && end - at < COUNT_DIGITS && isDigit(bytes[end])) end += 1;
      if (end + 1 >= bytes.length && end - at < COUNT_DIGITS) return undefined;
      if (bytes[end] === SPACE && (this.#framing === 'octet' || bytes[end + 1] === LESS_THAN)) {
        this.#remaining = Number(bytes.toString('latin1', at, end));
        this.#state = 'counted';
        return end + 1;
      }
    }
    this.#state = 'line';
    return at;
  }

  #line(bytes: Buffer, at: number, frames: Frame[]): number {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const nul = bytes.subarray(at, end).indexOf(NUL);
    const stop = nul < 0 ? end : at + nul;
    this.#keep(bytes.subarray(at, stop));
    if (stop >= bytes.length) return stop;
    this.#finish(frames);
    return stop + 1;
  }

  #counted(bytes: Buffer, at: number, frames: Frame[]): number {
    const end = Math.min(bytes.length, at + this.#remaining);
    this.#keep(bytes.subarray(at, end));
    this.#remaining -= end - at;
    if (this.#remaining === 0) this.#finish(frames);
    return end;
  }

  /** Copies, since the chunk is the socket's; what is too much is only counted. */
  #keep(bytes: Buffer): void {
    const room = this.#maxBytes - this.#held;
    if (room > 0 && bytes.length > 0) this.#parts.push(Buffer.from(bytes.subarray(0, room)));
    this.#held += bytes.length;
  }

  #finish(frames: Frame[]): void {
    const isCut = this.#held > this.#maxBytes;
    const text = textOf(Buffer.concat(this.#parts), isCut);
    if (text !== '') frames.push({ text, isCut });
    this.#parts = [];
    this.#held = 0;
    this.#state = 'start';
  }
}
