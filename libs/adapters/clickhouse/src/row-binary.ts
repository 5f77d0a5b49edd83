/*
 * ClickHouse's RowBinary format, for the tables that get rows for every event: as JSON, a row that holds JSON is escaped on one side and unescaped on the
 * other. The header names each column's type, and the server refuses rows whose types are not the table's.
 */

/** A column of ClickHouse type `type`, filled from `cell`. */
export interface BinaryColumn<T> {
  readonly name: string;
  readonly type: string;
  write(out: RowBinary, row: T): void;
}
/** A table as it is written in binary. */
export interface BinaryTableOf<T> {
  readonly name: string;
  readonly columns: readonly BinaryColumn<T>[];
}

/** How a value of one ClickHouse type is written. */
export interface BinaryType<V> {
  readonly type: string;
  readonly write: (out: RowBinary, value: V) => void;
}
/** Absent is the empty string; half a surrogate pair becomes U+FFFD. */
export const STRING: BinaryType<string | undefined> = {
  type: 'String',
  write: (out, value) => {
    out.text(value ?? '');
  },
};
/** As {@link STRING}, for columns of few values. */
export const WORD: BinaryType<string | undefined> = { ...STRING, type: 'LowCardinality(String)' };
export const FLOAT: BinaryType<number> = {
  type: 'Float64',
  write: (out, value) => {
    out.float64(value);
  },
};
export const UINT32: BinaryType<number> = {
  type: 'UInt32',
  write: (out, value) => {
    out.uint32(value);
  },
};
/** @param value whole, exact to 2^53 */
export const UINT64: BinaryType<number> = {
  type: 'UInt64',
  write: (out, value) => {
    out.int64(value);
  },
};
export const BOOL: BinaryType<boolean> = {
  type: 'Bool',
  write: (out, value) => {
    out.byte(value ? 1 : 0);
  },
};
/** Epoch ms. */
export const INSTANT: BinaryType<number> = {
  type: "DateTime64(3, 'UTC')",
  write: (out, value) => {
    out.int64(value);
  },
};

export const nullable = <V>({ type, write }: BinaryType<V>): BinaryType<V | undefined> => ({
  type: `Nullable(${type})`,
  write: (out, value) => {
    out.byte(value === undefined ? 1 : 0);
    if (value !== undefined) write(out, value);
  },
});
export const listOf = <V>({ type, write }: BinaryType<V>): BinaryType<readonly V[]> => ({
  type: `Array(${type})`,
  write: (out, values) => {
    out.length(values.length);
    for (const value of values) write(out, value);
  },
});

export const column = <T, V>(name: string, { type, write }: BinaryType<V>, cell: (row: T) => V): BinaryColumn<T> => ({
  name,
  type,
  write: (out, row) => {
    write(out, cell(row));
  },
});

/** @returns the pieces of one INSERT's body: header and rows */
export function encodeRows<T>({ columns }: BinaryTableOf<T>, rows: readonly T[]): readonly Buffer[] {
  const out = new RowBinary();
  out.length(columns.length);
  for (const { name } of columns) out.text(name);
  for (const { type } of columns) out.text(type);
  for (const row of rows) for (const one of columns) one.write(out, row);
  return out.pieces();
}

const PIECE_BYTES = 1 << 18;
/** No number takes more. */
const MOST_NUMBER_BYTES = 10;
/** Bytes that UTF-8 takes at most for one unit of UTF-16. */
const MOST_BYTES_PER_UNIT = 3;
/** Shorter ASCII is copied faster than a call into Node takes. */
const SHORT = 24;

class RowBinary {
  readonly #done: Buffer[] = [];
  #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #at = 0;

  pieces(): readonly Buffer[] {
    return [...this.#done, this.#piece.subarray(0, this.#at)];
  }
  byte(value: number): void {
    this.#reserve(1);
    this.#piece[this.#at++] = value;
  }
  uint32(value: number): void {
    this.#reserve(MOST_NUMBER_BYTES);
    this.#at = this.#piece.writeUInt32LE(value >>> 0, this.#at);
  }
  /** @param value whole, exact to 2^53 */
  int64(value: number): void {
    this.#reserve(MOST_NUMBER_BYTES);
    const high = Math.floor(value / 2 ** 32);
    this.#piece.writeUInt32LE(value - high * 2 ** 32, this.#at);
    this.#at = this.#piece.writeInt32LE(high, this.#at + 4);
  }
  float64(value: number): void {
    this.#reserve(MOST_NUMBER_BYTES);
    this.#at = this.#piece.writeDoubleLE(value, this.#at);
  }
  /** Seven bits a byte, lowest first. */
  length(value: number): void {
    this.#reserve(MOST_NUMBER_BYTES);
    this.#at = writeLength(this.#piece, this.#at, value);
  }
  text(value: string): void {
    this.#reserve(MOST_NUMBER_BYTES + value.length * MOST_BYTES_PER_UNIT);
    this.#at = (value.length < SHORT ? writeShort(this.#piece, this.#at, value) : undefined) ?? writeText(this.#piece, this.#at, value);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#piece.length) return;
    this.#done.push(this.#piece.subarray(0, this.#at));
    this.#piece = Buffer.allocUnsafe(Math.max(PIECE_BYTES, bytes));
    this.#at = 0;
  }
}
export type { RowBinary };

function writeLength(piece: Buffer, at: number, length: number): number {
  let rest = length;
  while (rest > 0x7f) {
    piece[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  piece[at++] = rest;
  return at;
}

/** @returns where it ends; undefined when it is not ASCII */
function writeShort(piece: Buffer, at: number, value: string): number | undefined {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) return undefined;
    piece[at + 1 + index] = code;
  }
  piece[at] = value.length;
  return at + 1 + value.length;
}

/** The length comes first and is known last: room is left for what it would be for ASCII, and the text moved when that was wrong. */
function writeText(piece: Buffer, at: number, value: string): number {
  const begin = at + bytesOfLength(value.length);
  const written = piece.write(value, begin);
  const needed = at + bytesOfLength(written);
  if (needed !== begin) piece.copyWithin(needed, begin, begin + written);
  writeLength(piece, at, written);
  return needed + written;
}

const bytesOfLength = (length: number): number =>
  length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : length < 1 << 21 ? 3 : length < 1 << 28 ? 4 : 5;
