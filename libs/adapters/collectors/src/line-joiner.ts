import type { Source } from '@keyward/sources';

/** A new message, so the one before it has ended, whatever its first line promised. */
const SYSLOG_HEADER = /^<\d{1,3}>/;

/** What the source says of records that span lines. */
export type SpanningLines = Pick<Source, 'endOfRecord' | 'continuation'>;

interface Open {
  text: string;
  readonly belongs: (nextLine: string) => boolean;
  readonly terminator: string | undefined;
}

/**
 * Puts the lines of one sender together to records, where the source says that a record spans lines. Loses no line: a record that does not end as
 * it should is given as it is, for INGEST to say what is wrong with it.
 */
export class LineJoiner {
  readonly #source: SpanningLines;
  readonly #maxChars: number;
  #open: Open | undefined;

  /** @param maxChars a record that would become longer ends */
  constructor(source: SpanningLines, maxChars: number) {
    this.#source = source;
    this.#maxChars = maxChars;
  }

  /** Whether a record waits for more lines. */
  get isWaiting(): boolean {
    return this.#open !== undefined;
  }

  /** @returns the records that are complete now, in order */
  push(line: string): readonly string[] {
    const open = this.#open;
    if (!open) return this.#begin(line);
    const follows = open.text.length + line.length < this.#maxChars && open.belongs(line);
    if (!follows) return [...this.flush(), ...this.#begin(line)];
    open.text += `\n${line}`;
    return open.terminator !== undefined && line.includes(open.terminator) ? this.flush() : [];
  }

  /** @returns what waits, as it is: no more lines will come, or not in time */
  flush(): readonly string[] {
    const open = this.#open;
    this.#open = undefined;
    return open ? [open.text] : [];
  }

  #begin(line: string): readonly string[] {
    const terminator = this.#source.endOfRecord?.(line);
    const belongs = terminator === undefined ? this.#source.continuation?.(line) : (next: string): boolean => !SYSLOG_HEADER.test(next);
    if (!belongs) return [line];
    this.#open = { text: line, belongs, terminator };
    return [];
  }
}
