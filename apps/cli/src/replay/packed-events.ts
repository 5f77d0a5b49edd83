import { LEDGER_KINDS, ledgerId, type AccessEvent, type LedgerEntry } from '@keyward/events';

/**
 * An event on its way from the thread that read it to those that score it: what must be known to order and to route it, and the event itself as
 * JSON text, which nobody but its scorers looks into.
 */
export interface PackedEvent {
  readonly time: number;
  readonly source: string;
  readonly uid: string;
  /** `<source>:<session uid>` */
  readonly session: string | undefined;
  /** The ledgers that it concerns; see `packEntry`. */
  readonly entries: readonly string[];
  /** Where its JSON (UTF-8) stands: `[from, to)`. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/** Events of one batch as they cross threads: one piece of memory, which is handed over and not copied. */
export interface PackedBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly heads: readonly PackedHead[];
}
export interface PackedHead extends Omit<PackedEvent, 'bytes' | 'from' | 'to'> {
  /** Of the JSON, bytes. The events stand one behind the other. */
  readonly length: number;
}

const PARTS = { a: 'actor', t: 'target', n: 'network', c: 'credential' } as const;
const CODES = { actor: 'a', target: 't', network: 'n', credential: 'c' } as const;

/** An entry without its event, in one text: `a+identity:p-anna`; `+` says primary. */
export const packEntry = (entry: LedgerEntry): string => `${CODES[entry.part]}${entry.primary ? '+' : '-'}${ledgerId(entry)}`;

/** As Kafka's key: `identity:p-anna`. */
export const ledgerOf = (entry: string): string => entry.slice(2);
export const isPrimary = (entry: string): boolean => entry.charCodeAt(1) === 0x2b;

/** @throws Error for a text that `packEntry` did not make: a bug */
export function unpackEntry(entry: string, event: AccessEvent): LedgerEntry {
  const code = entry.charAt(0);
  const colon = entry.indexOf(':');
  const ledger = LEDGER_KINDS.find((kind) => entry.startsWith(kind, 2) && colon === 2 + kind.length);
  if (!isPartCode(code) || ledger === undefined) throw new Error('this is no packed entry');
  return { ledger, key: entry.slice(colon + 1), part: PARTS[code], primary: isPrimary(entry), event };
}
const isPartCode = (code: string): code is keyof typeof PARTS => code in PARTS;

export function* unpack({ bytes, heads }: PackedBatch): Generator<PackedEvent> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let from = 0;
  for (const { time, source, uid, session, entries, length } of heads) {
    yield { time, source, uid, session, entries, bytes: buffer, from, to: from + length };
    from += length;
  }
}

/** Text written piece by piece into memory that grows, so that no string of all of it is ever made. */
export class TextBuffer {
  #bytes = Buffer.allocUnsafeSlow(1 << 16);
  #end = 0;

  /** @returns bytes written */
  write(text: string): number {
    // A UTF-16 unit becomes at most three bytes.
    if (this.#bytes.length - this.#end < text.length * 3) this.#grow(text.length * 3);
    const written = this.#bytes.write(text, this.#end);
    this.#end += written;
    return written;
  }
  copy(bytes: Buffer, from: number, to: number): void {
    if (this.#bytes.length - this.#end < to - from) this.#grow(to - from);
    this.#end += bytes.copy(this.#bytes, this.#end, from, to);
  }
  /** What was written, in memory of its own that may be handed to another thread; begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = Buffer.allocUnsafeSlow(this.#end);
    this.#bytes.copy(taken, 0, 0, this.#end);
    this.#end = 0;
    return taken;
  }
  #grow(by: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + by));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
