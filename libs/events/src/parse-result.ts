import type { AccessEvent } from './access-event.js';

/** Stable codes of what can be wrong with a record. The dead letter and `keyward parse` show them. */
export type RejectCode =
  | 'not_json'
  | 'not_an_object'
  | 'not_utf8'
  | 'too_large'
  | 'unknown_shape'
  | 'schema_mismatch'
  | 'missing_id'
  | 'bad_time'
  | 'time_implausible'
  | 'parser_bug'
  | 'unknown_source';

export interface Kept {
  readonly kind: 'kept';
  readonly event: AccessEvent;
}
/** A record that is fine and says nothing about access. `reason` comes from a closed set per source: it is a metric label. */
export interface Ignored {
  readonly kind: 'ignored';
  readonly reason: string;
}
export interface Rejected {
  readonly kind: 'rejected';
  readonly code: RejectCode;
  /** What was wrong and where (`properties.createdDateTime: expected a date`), without the record's own text. */
  readonly message: string;
}

/** Each record ends as exactly one of these. */
export type ParseResult = Kept | Ignored | Rejected;

export const kept = (event: AccessEvent): Kept => ({ kind: 'kept', event });
export const ignored = (reason: string): Ignored => ({ kind: 'ignored', reason });
export const rejected = (code: RejectCode, message: string): Rejected => ({ kind: 'rejected', code, message });
