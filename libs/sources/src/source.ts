import type { ParseResult, SourceId } from '@keyward/events';

/** What `keyward parse`, INGEST and the ingest endpoint need of a vendor's format. One folder and one line in `registry.ts`. */
export interface Source {
  readonly id: SourceId;
  /** As people write it: `Microsoft Entra ID`. Becomes OCSF `metadata.product`. */
  readonly product: { readonly vendor: string; readonly name: string };
  /**
   * Turns one text line that is not JSON (syslog with CEF, LEEF, XML, key-value) into a record for `parse`.
   * Absent when the source speaks JSON only. Never throws; undefined when the line is none of its forms.
   */
  readonly readLine?: (line: string) => unknown;
  /** The vendor records inside one JSON value: unwraps the vendor's own envelope (`{"records": [...]}`). A plain record is a list of itself. */
  unwrap(value: unknown): readonly unknown[];
  /**
   * One vendor record to one event, or why not. Pure and total: never throws, whatever the value; never inverts an outcome.
   * `ignored` only for records that say nothing about access.
   */
  parse(record: unknown): ParseResult;
}
