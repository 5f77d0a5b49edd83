import { DAY_MS, ignored, rejected, type ParseResult } from '@keyward/events';
import { isObject } from './json.js';
import { RecordSplitter, type Slice } from './record-splitter.js';
import { carriedRecord, listIn } from './shipped.js';
import type { Source } from './source.js';
import { undotted } from './spelling.js';

/** 1 MiB: Kafka's own default limit of a message, and a hundred times the largest record that any of the vendors documents. */
export const DEFAULT_MAX_RECORD_BYTES = 1_048_576;
const SCALAR = /^(?:null|true|false|-?\d[\d.eE+-]{0,30}|"[^"\\]{0,200}")$/;
/** No system that is read here existed before; clocks that were never set say 1970 or 1980. */
const EARLIEST = Date.UTC(2000, 0, 1);

export interface ParseLimits {
  /** Largest record, bytes. A payload may hold many records and be larger. Default 1 MiB. */
  readonly maxBytes?: number;
  /** Epoch ms when the payload was received: bounds plausible times (at most 24 h ahead) and gives RFC 3164 times their year. */
  readonly now?: number;
}

/**
 * One Kafka value or HTTP body to results, in the order of its records: a JSON value, the vendor's envelope, a JSON array, NDJSON or syslog
 * lines, also mixed. Total: a record that can't be read is `rejected` and the next one is processed; a bug in a parser becomes `parser_bug`.
 * An empty payload has no records and gives one rejection, so that nothing vanishes.
 */
export function parsePayload(source: Source, payload: Buffer, limits: ParseLimits = {}): readonly ParseResult[] {
  const maxBytes = limits.maxBytes ?? DEFAULT_MAX_RECORD_BYTES;
  if (payload.length <= maxBytes) {
    const whole = wholeObject(payload);
    if (whole !== undefined) return parseValue(source, whole, limits);
    const line = wholeLine(payload);
    if (line !== undefined) return parseSlice(source, { kind: 'text', line: 1, text: line }, limits);
  }
  const splitter = splitterFor(source, maxBytes);
  const results: ParseResult[] = [];
  for (const slice of splitter.push(payload)) results.push(...parseSlice(source, slice, limits));
  for (const slice of splitter.end()) results.push(...parseSlice(source, slice, limits));
  return results.length > 0 ? results : [rejected('not_json', 'empty payload')];
}

/** Splits files and streams of this source's records; `parseSlice` reads what it gives. */
export const splitterFor = (source: Source, maxBytes: number = DEFAULT_MAX_RECORD_BYTES): RecordSplitter =>
  new RecordSplitter({ maxBytes, envelopeKeys: source.envelopeKeys, endOfRecord: source.endOfRecord, continuation: source.continuation });

/** Nearly every Kafka value is one JSON object in valid UTF-8: read it without looking for records first. */
function wholeObject(payload: Buffer): unknown {
  if (payload[0] !== 0x7b) return undefined;
  const text = payload.toString('utf8');
  // U+FFFD stands for bytes that are not UTF-8, or for itself: the splitter finds out which.
  if (text.includes('\ufffd')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The other usual Kafka value: one log line. */
function wholeLine(payload: Buffer): string | undefined {
  const first = payload[0];
  if (first !== 0x3c && (first === undefined || first < 0x41)) return undefined;
  const lineFeed = payload.indexOf(0x0a);
  if (first === 0x5b || first === 0x7b || first === 0xef || (lineFeed >= 0 && lineFeed < payload.length - 1)) return undefined;
  const text = payload.toString('utf8').trim();
  return text.includes('\ufffd') ? undefined : text;
}

/**
 * One item of `RecordSplitter` to results: one for a plain record, several for an envelope, never none.
 *
 * @param slice what the splitter gave
 */
export function parseSlice(source: Source, slice: Slice, limits: ParseLimits = {}): readonly ParseResult[] {
  if (slice.kind === 'broken') return [rejected(slice.code, `line ${slice.line}: ${slice.message}`)];
  const first = slice.text.charCodeAt(0);
  if (first === 0x7b || first === 0x5b) {
    try {
      return parseValue(source, JSON.parse(slice.text), limits);
    } catch {
      // `[` may also begin a log line; what no reader knows is broken JSON.
    }
  }
  const record = readLine(source, slice.text, limits) ?? jsonBehind(slice.text);
  if (record !== undefined) return parseValue(source, record, limits);
  if (SCALAR.test(slice.text)) return [rejected('not_an_object', `line ${slice.line}: a record is a JSON object`)];
  if (source.readLine === undefined || first === 0x7b || first === 0x5b)
    return [rejected('not_json', `line ${slice.line}: not valid JSON`)];
  return [rejected('unknown_shape', `line ${slice.line}: none of the forms of ${source.id}`)];
}

function readLine(source: Source, line: string, limits: ParseLimits): unknown {
  try {
    return source.readLine?.(line, limits.now);
  } catch {
    return undefined;
  }
}

/** JSON behind a syslog header, a tag or a label that the source reads no lines with; or JSON that was written as JSON text once more. */
function jsonBehind(line: string): unknown {
  const from = line.startsWith('"{') ? 0 : line.indexOf('{');
  if (from < 0 || (from === 0 && line.startsWith('{'))) return undefined;
  try {
    const value: unknown = JSON.parse(line.slice(from));
    const inner: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return isObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}

/** One JSON value (a record, the vendor's envelope, or a list of either) to results. Never none: an empty envelope is `ignored`. */
export function parseValue(source: Source, value: unknown, limits: ParseLimits = {}): readonly ParseResult[] {
  let records: readonly unknown[];
  try {
    records = Array.isArray(value) ? value.flatMap((one: unknown) => source.unwrap(one)) : source.unwrap(value);
  } catch (error) {
    return [bug(source, error)];
  }
  return records.length === 0 ? [ignored('empty_envelope')] : records.flatMap((record) => parseOne(source, record, limits));
}

/** An envelope in an envelope: `{"Records": [{"body": "{...}"}]}`. */
const MAX_ENVELOPES = 4;

/** One record, or the records of an envelope that is none of the vendor's. */
function parseOne(source: Source, record: unknown, limits: ParseLimits, depth: number = MAX_ENVELOPES): readonly ParseResult[] {
  const result = parseRecord(source, record, limits);
  const list = depth > 0 && isForeign(result) && isObject(record) ? listIn(record) : undefined;
  const found = list?.flatMap((one) => inList(source, one, limits, depth - 1)) ?? [];
  return found.some((one) => one.kind !== 'rejected') ? found : [result];
}

/** Loki lists pairs of time and line, others records or their text. */
function inList(source: Source, value: unknown, limits: ParseLimits, depth: number): readonly ParseResult[] {
  const one: unknown = Array.isArray(value) && value.length === 2 && typeof value[1] === 'string' ? value[1] : value;
  if (typeof one !== 'string') return parseOne(source, one, limits, depth);
  return parseSlice(source, { kind: 'text', line: 1, text: one.trim() }, limits);
}

const isForeign = (result: ParseResult): boolean =>
  result.kind === 'rejected' && (result.code === 'unknown_shape' || result.code === 'schema_mismatch');

/** One vendor record to its result, under the guards that hold for every source: it is an object, a bug is no crash, its time is plausible. */
export function parseRecord(source: Source, written: unknown, limits: ParseLimits = {}): ParseResult {
  if (!isObject(written)) return rejected('not_an_object', 'a record is a JSON object');
  try {
    const record = undotted(written);
    const own = source.parse(record, limits.now);
    const result = (isForeign(own) ? carriedRecord(source, record, limits.now) : undefined) ?? own;
    return result.kind === 'kept' ? (implausibleTime(result.event.time, limits.now) ?? result) : result;
  } catch (error) {
    return bug(source, error);
  }
}

function implausibleTime(time: number, now: number | undefined): ParseResult | undefined {
  if (!Number.isFinite(time)) return rejected('bad_time', 'time is no instant');
  if (time < EARLIEST) return rejected('time_implausible', 'time is before 2000-01-01');
  if (now !== undefined && time > now + DAY_MS)
    return rejected('time_implausible', 'time is more than 24 hours after the record was received');
  return undefined;
}

/** Only the class of the error: its message may quote the record. */
const bug = (source: Source, error: unknown): ParseResult =>
  rejected('parser_bug', `${source.id}: ${error instanceof Error ? error.name : typeof error}`);
