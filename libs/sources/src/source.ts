import type { ParseResult, SourceId } from '@keyward/events';
import type { Push } from './push.js';

/** What `keyward parse`, INGEST and the ingest endpoint need of a vendor's format. One folder and one line in `registry.ts`. */
export interface Source {
  readonly id: SourceId;
  /** As people write it: `Microsoft Entra ID`. Becomes OCSF `metadata.product`. */
  readonly product: { readonly vendor: string; readonly name: string };
  /**
   * Turns one text line that is not JSON (syslog with CEF, LEEF, XML, key-value) into a record for `parse`.
   * Absent when the source speaks JSON only. Never throws; undefined when the line is none of its forms.
   *
   * @param receivedAt epoch ms near which the line was received: RFC 3164 times have no year. Without it such a time is not read.
   */
  readonly readLine?: (line: string, receivedAt?: number) => unknown;
  /**
   * For formats whose record spans lines (XML in syslog): the text with which the record ends that begins with this line, or undefined when
   * the line is whole. `(line) => (line.includes('<syslog>') && !line.includes('</syslog>') ? '</syslog>' : undefined)`.
   */
  readonly endOfRecord?: (firstLine: string) => string | undefined;
  /**
   * For records whose end no text tells: whether the next line belongs to the record that begins with this one. Undefined when the line is whole.
   * Asked once for each following line, in order; the first `false` ends the record.
   */
  readonly continuation?: (firstLine: string) => ((nextLine: string) => boolean) | undefined;
  /**
   * Member names under which the vendor's own envelope keeps its list of records: `['records', 'value']`. A reader of large files
   * streams that list; the other members of the envelope are not kept, so name only lists whose elements are whole records.
   */
  readonly envelopeKeys?: readonly string[];
  /** How the vendor itself delivers to `POST /v1/ingest/<source>`. Absent: it can't, or needs nothing but an API token. */
  readonly push?: Push;
  /** The vendor records inside one JSON value: unwraps the vendor's own envelope (`{"records": [...]}`). A plain record is a list of itself. */
  unwrap(value: unknown): readonly unknown[];
  /**
   * One vendor record to one event, or why not. Pure and total: never throws, whatever the value; never inverts an outcome.
   * `ignored` only for records that say nothing about access.
   *
   * @param receivedAt epoch ms, for formats whose times have no year; see `readLine`
   */
  parse(record: unknown, receivedAt?: number): ParseResult;
}
