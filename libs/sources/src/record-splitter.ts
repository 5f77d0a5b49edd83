import type { RejectCode } from '@keyward/events';
import { ByteQueue } from './byte-queue.js';
import { JsonScanner } from './json-scanner.js';

/** One item of the input, in input order: a record's text, or what can't be one. `line` counts from 1 and is where it begins. */
export type Slice =
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | { readonly kind: 'broken'; readonly line: number; readonly code: RejectCode; readonly message: string };

export interface SplitterOptions {
  /** Largest record, bytes. */
  readonly maxBytes: number;
  /** See `Source.envelopeKeys`. */
  readonly envelopeKeys?: readonly string[] | undefined;
  /** See `Source.endOfRecord`. */
  readonly endOfRecord?: ((firstLine: string) => string | undefined) | undefined;
  /** See `Source.continuation`. */
  readonly continuation?: ((firstLine: string) => ((nextLine: string) => boolean) | undefined) | undefined;
}

type State = 'start' | 'value' | 'after' | 'line' | 'multi_line' | 'following' | 'resync';

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const SYSLOG_HEADER = /^<\d{1,3}>/;
/** A list, not a log line that begins with a bracket. */
const LIST_START = /^\[\s*(?:$|[[{"\]]|(?:null|true|false|-?\d[\d.eE+-]*)\s*[,\]])/;
/** RFC 6587 octet counting: `123 <34>1 ...`. */
const OCTET_COUNT = /^([1-9]\d{0,7}) (?=<\d{1,3}>)/;
const LOOK_AHEAD = 64;
const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true });

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d;

function decode(bytes: Buffer, line: number): Slice {
  const text = bytes.toString('utf8');
  // U+FFFD is what bytes that are not UTF-8 become, unless it was written there itself.
  if (text.includes('\ufffd')) {
    try {
      STRICT_UTF8.decode(bytes);
    } catch {
      return { kind: 'broken', line, code: 'not_utf8', message: 'not valid UTF-8' };
    }
  }
  return { kind: 'text', line, text: text.trim() };
}

/**
 * Splits a stream of any length into vendor records: NDJSON, concatenated or indented JSON values, one JSON array, an envelope's list of records,
 * syslog lines, octet-counted syslog, and records over several lines where the source says so; also mixed. Push parser: memory holds one record
 * (at most `maxBytes`) and the last chunk. Each byte is looked at a bounded number of times, whatever the input.
 *
 * A broken record gives one `broken` slice; reading goes on at the next line, or the next element of the array.
 */
export class RecordSplitter {
  readonly #options: SplitterOptions;
  readonly #queue = new ByteQueue();
  readonly #outer: JsonScanner;
  readonly #inner = new JsonScanner();
  #out: Slice[] = [];
  #state: State = 'start';
  #final = false;
  /** Where the current record begins, and up to where it has been looked at; indexes in the queue's view. */
  #from = 0;
  #at = 0;
  /** Line number of the byte at `#counted`. */
  #line = 1;
  #counted = 0;
  #begun = false;
  /** Inside an array whose elements are the records; `#envelope` when an object is around that array. */
  #array = false;
  #envelope = false;
  /** The rest of the current record is not wanted: it is too large, or an envelope whose records were given already. */
  #discarding = false;
  /** The first value was whole on one line: from now on a line feed ends a record. */
  #oneLine = false;
  #terminator = '';
  #belongs: (nextLine: string) => boolean = () => false;
  /** While resynchronising: the last two bytes that are no space. */
  #last = 0;
  #lastButOne = 0;

  constructor(options: SplitterOptions) {
    this.#options = options;
    this.#outer = new JsonScanner(options.envelopeKeys);
  }

  /** @returns the records that are complete now */
  push(chunk: Buffer): readonly Slice[] {
    this.#queue.append(chunk);
    return this.#run();
  }

  /** @returns the last records: a line without line feed, or what was cut off */
  end(): readonly Slice[] {
    this.#final = true;
    return this.#run();
  }

  #run(): readonly Slice[] {
    this.#out = [];
    const bytes = this.#queue.view;
    while (this.#step(bytes));
    if (this.#final && (this.#array || this.#envelope))
      this.#breaks(bytes, bytes.length, 'not_json', 'the input ends inside a list of records');
    const used = this.#discarding ? this.#at : this.#from;
    this.#lineOf(bytes, used);
    this.#queue.drop(used);
    this.#at -= used;
    this.#from = 0;
    this.#counted = 0;
    return this.#out;
  }

  /** @returns false when more input is needed */
  #step(bytes: Buffer): boolean {
    switch (this.#state) {
      case 'start':
        return this.#array ? this.#startElement(bytes) : this.#start(bytes);
      case 'value':
        return this.#value(bytes);
      case 'after':
        return this.#after(bytes);
      case 'line':
        return this.#wholeLine(bytes);
      case 'multi_line':
        return this.#multiLine(bytes);
      case 'following':
        return this.#following(bytes);
      case 'resync':
        return this.#resync(bytes);
    }
  }

  #start(bytes: Buffer): boolean {
    if (!this.#begun) {
      if (bytes.length < BOM.length && !this.#final) return false;
      this.#begun = true;
      if (bytes.subarray(0, BOM.length).equals(BOM)) this.#at = BOM.length;
    }
    this.#skipSpace(bytes, false);
    if (this.#at >= bytes.length) return false;
    const first = bytes[this.#at];
    if (first === OPEN_BRACE) return this.#begin(this.#outer, 'value');
    if (first === OPEN_BRACKET || isDigit(first)) {
      if (bytes.length - this.#at < LOOK_AHEAD && !this.#final) return false;
      const ahead = bytes.toString('latin1', this.#at, this.#at + LOOK_AHEAD);
      if (first === OPEN_BRACKET && LIST_START.test(ahead)) {
        this.#array = true;
        this.#from = this.#at += 1;
        return true;
      }
      const counted = OCTET_COUNT.exec(ahead);
      if (counted) return this.#frame(bytes, this.#at + counted[0].length, Number(counted[1]));
    }
    return this.#begin(undefined, 'line');
  }

  #startElement(bytes: Buffer): boolean {
    this.#skipSpace(bytes, true);
    if (this.#at >= bytes.length) return false;
    if (bytes[this.#at] !== CLOSE_BRACKET) return this.#begin(this.#inner, 'value');
    this.#from = this.#at += 1;
    this.#array = false;
    if (!this.#envelope) return true;
    this.#envelope = false;
    this.#discarding = true;
    this.#outer.closeList();
    this.#state = 'value';
    return true;
  }

  #begin(scanner: JsonScanner | undefined, state: State): true {
    scanner?.reset();
    this.#from = this.#at;
    this.#state = state;
    return true;
  }

  /** An octet-counted frame, if what follows it can be a next one; else it is a line that begins with a number. */
  #frame(bytes: Buffer, from: number, length: number): boolean {
    const end = from + length;
    if (length > this.#options.maxBytes) return this.#begin(undefined, 'line');
    if (bytes.length <= end && !this.#final) return false;
    const next = bytes[end];
    if (bytes.length < end || (next !== undefined && next !== LINE_FEED && !isDigit(next))) return this.#begin(undefined, 'line');
    this.#emit(bytes, from, end);
    return true;
  }

  #value(bytes: Buffer): boolean {
    const scanner = this.#array ? this.#inner : this.#outer;
    const why = scanner.scan(bytes, this.#at, bytes.length, this.#oneLine && !this.#array);
    const position = scanner.position;
    this.#at = position;
    switch (why) {
      case 'more':
        if (!this.#final) return this.#wait(bytes);
        // The end of the input ends a bare number or word; anything else was cut off.
        if (this.#from < position) this.#emit(bytes, this.#from, position);
        return false;
      case 'end':
        if (!this.#array) this.#state = 'after';
        else this.#emit(bytes, this.#from, position);
        return true;
      case 'envelope':
        this.#array = this.#envelope = true;
        this.#from = position;
        this.#state = 'start';
        return true;
      case 'unexpected_open':
        this.#breaks(bytes, position, 'not_json', 'a record ends before it is complete');
        return true;
      case 'line_break':
      case 'mismatch':
        return this.#recover(bytes, position);
    }
  }

  /** Behind a top-level value: what follows on its line decides whether the value is a record or the line is no JSON. */
  #after(bytes: Buffer): boolean {
    let next = this.#at;
    while (next < bytes.length && isBlank(bytes[next])) next += 1;
    if (next >= bytes.length && !this.#final) return this.#wait(bytes);
    const byte = bytes[next];
    if (byte === undefined || byte === LINE_FEED || byte === COMMA || byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (byte === LINE_FEED && !this.#outer.spansLines) this.#oneLine = true;
      this.#emit(bytes, this.#from, this.#at);
      if (byte === COMMA) this.#from = this.#at = next + 1;
      return true;
    }
    this.#state = 'line';
    return true;
  }

  #wholeLine(bytes: Buffer): boolean {
    const lineFeed = bytes.indexOf(LINE_FEED, this.#at);
    this.#at = lineFeed < 0 ? bytes.length : lineFeed;
    if (lineFeed < 0 && !this.#final) return this.#wait(bytes);
    const { endOfRecord, continuation } = this.#options;
    const mayFollow = !this.#discarding && lineFeed >= 0 && (endOfRecord !== undefined || continuation !== undefined);
    const first = mayFollow ? bytes.toString('utf8', this.#from, this.#at) : '';
    const terminator = mayFollow ? endOfRecord?.(first) : undefined;
    const belongs = mayFollow && terminator === undefined ? continuation?.(first) : undefined;
    if (belongs) {
      this.#belongs = belongs;
      this.#state = 'following';
      return true;
    }
    if (terminator === undefined) {
      this.#emit(bytes, this.#from, this.#at);
      return lineFeed >= 0;
    }
    this.#terminator = terminator;
    this.#at += 1;
    this.#state = 'multi_line';
    return true;
  }

  /** Line by line up to the one that holds the terminator. A syslog header before that begins the next record. */
  #multiLine(bytes: Buffer): boolean {
    const lineFeed = bytes.indexOf(LINE_FEED, this.#at);
    if (lineFeed < 0 && !this.#final) {
      if (bytes.length - this.#from <= this.#options.maxBytes) return false;
      this.#at = bytes.length;
      return this.#wait(bytes);
    }
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    const line = bytes.toString('utf8', this.#at, end);
    const ended = line.includes(this.#terminator) && !SYSLOG_HEADER.test(line);
    if (ended) {
      this.#emit(bytes, this.#from, end);
      return true;
    }
    if (SYSLOG_HEADER.test(line) || lineFeed < 0) {
      this.#breaks(bytes, lineFeed < 0 ? end : this.#at, 'unknown_shape', `a record ends before its ${this.#terminator}`);
      return lineFeed >= 0;
    }
    this.#at = end + 1;
    this.#wait(bytes);
    return true;
  }

  /** `#at` stands at the line feed that ends what belongs to the record so far; the next line must be whole before it can be judged. */
  #following(bytes: Buffer): boolean {
    const from = this.#at + 1;
    const lineFeed = bytes.indexOf(LINE_FEED, from);
    if (lineFeed < 0 && !this.#final) {
      if (bytes.length - this.#from <= this.#options.maxBytes) return false;
      this.#emit(bytes, this.#from, this.#at);
      return true;
    }
    const end = lineFeed < 0 ? bytes.length : lineFeed;
    if ((lineFeed < 0 && end <= from) || end - this.#from > this.#options.maxBytes || !this.#belongs(bytes.toString('utf8', from, end))) {
      this.#emit(bytes, this.#from, this.#at);
      return true;
    }
    this.#at = end;
    if (lineFeed < 0) this.#emit(bytes, this.#from, end);
    return lineFeed >= 0;
  }

  /** Behind a broken value: the next line at top level, the next element of an array. */
  #recover(bytes: Buffer, position: number): boolean {
    this.#breaks(bytes, position, 'not_json', 'not valid JSON');
    if (this.#array) {
      this.#state = 'resync';
      this.#last = LINE_FEED;
      this.#lastButOne = CLOSE_BRACE;
      return true;
    }
    const lineFeed = bytes.indexOf(LINE_FEED, position);
    if (lineFeed >= 0) {
      this.#from = this.#at = lineFeed;
      return true;
    }
    this.#state = 'line';
    this.#discarding = true;
    return true;
  }

  /** In an array an element begins at a `{` that follows `},`, or stands first (also behind a comma) after the broken line. */
  #resync(bytes: Buffer): boolean {
    let last = this.#last;
    let lastButOne = this.#lastButOne;
    let index = this.#at;
    for (; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte <= 0x20) continue;
      if (byte === OPEN_BRACE && (last === LINE_FEED || (last === COMMA && lastButOne === CLOSE_BRACE))) {
        this.#state = 'start';
        break;
      }
      if (byte === COMMA && last === LINE_FEED) lastButOne = CLOSE_BRACE;
      else lastButOne = last;
      last = byte;
    }
    this.#last = last;
    this.#lastButOne = lastButOne;
    this.#from = this.#at = index;
    return index < bytes.length;
  }

  #skipSpace(bytes: Buffer, commasToo: boolean): void {
    let index = this.#at;
    while (index < bytes.length && ((bytes[index] ?? 0) <= 0x20 || (commasToo && bytes[index] === COMMA))) index += 1;
    this.#from = this.#at = index;
  }

  /** Before waiting for more input: what is too large already is given up, so that memory stays bounded. */
  #wait(bytes: Buffer): false {
    if (!this.#discarding && this.#at - this.#from > this.#options.maxBytes) {
      this.#out.push(this.#tooLarge(this.#lineOf(bytes, this.#from)));
      this.#discarding = true;
    }
    return false;
  }

  #tooLarge(line: number): Slice {
    return { kind: 'broken', line, code: 'too_large', message: `the record is larger than ${this.#options.maxBytes} bytes` };
  }

  /** Indexes must not decrease between calls: each byte is counted once. */
  #lineOf(bytes: Buffer, index: number): number {
    const between = bytes.subarray(this.#counted, index);
    for (let at = between.indexOf(LINE_FEED); at >= 0; at = between.indexOf(LINE_FEED, at + 1)) this.#line += 1;
    this.#counted = Math.max(this.#counted, index);
    return this.#line;
  }

  /** The bytes are one record. */
  #emit(bytes: Buffer, from: number, to: number): void {
    if (!this.#discarding) {
      const line = this.#lineOf(bytes, from);
      if (to - from > this.#options.maxBytes) this.#out.push(this.#tooLarge(line));
      else this.#out.push(decode(bytes.subarray(from, to), line));
    }
    this.#next(to);
  }

  /** What was looked at since `#from` is no record. */
  #breaks(bytes: Buffer, upTo: number, code: RejectCode, message: string): void {
    if (!this.#discarding) this.#out.push({ kind: 'broken', line: this.#lineOf(bytes, this.#from), code, message });
    this.#next(upTo);
  }

  #next(at: number): void {
    this.#from = this.#at = at;
    this.#discarding = false;
    this.#state = 'start';
  }
}
