import { parseInstant } from '../instant.js';
import { flag, isObject, text, type JsonObject } from '../json.js';

/**
 * A BeyondInsight record with its keys in lower case and without spaces, whatever form it came in: `EventName`, `Event Name`, `eventname` and
 * `BeyondTrustBeyondInsightEventName` are one field. What stands under `nvps` (the event's own values) wins over the frame around it.
 *
 * @see BeyondTrust docs, "Event Forwarder message fields"
 */
export type Fields = Readonly<Record<string, string>>;

const PREFIX = /^beyondtrustbeyondinsight/;
/** Products write a few hundred names; a sender who invents some must not grow this for ever. */
const NAMES = new Map<string, string>();
const MAX_NAMES = 2_000;

function fieldName(key: string): string {
  const known = NAMES.get(key);
  if (known !== undefined) return known;
  const name = key.toLowerCase().replace(/[\s_]/g, '').replace(PREFIX, '');
  if (NAMES.size < MAX_NAMES) NAMES.set(key, name);
  return name;
}

const MAX_DEPTH = 3;

/** @param value JSON of the event forwarder, CEF or LEEF keys, `Key: Value` pairs, or a row of the REST API */
export function fieldsOf(value: JsonObject): Fields {
  const known = READ.get(value);
  if (known) return known;
  const fields: Record<string, string> = {};
  // Inner objects last, so that they win.
  const inner: JsonObject[] = [];
  for (const key in value) {
    const member = value[key];
    if (isObject(member)) inner.push(member);
    else put(fields, key, member);
  }
  for (const members of inner) putAll(fields, members, 1);
  READ.set(value, fields);
  return fields;
}

/** What a record is and what it says are asked one after the other. */
const READ = new WeakMap<JsonObject, Fields>();

function putAll(fields: Record<string, string>, members: JsonObject, depth: number): void {
  for (const key in members) {
    const member = members[key];
    if (!isObject(member)) put(fields, key, member);
    else if (depth < MAX_DEPTH) putAll(fields, member, depth + 1);
  }
}

function put(fields: Record<string, string>, key: string, member: unknown): void {
  const found = typeof member === 'boolean' ? String(member) : text(member);
  if (found !== undefined) fields[fieldName(key)] = found;
}

/** @returns the first of the fields that is there */
export function pick(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = fields[name];
    if (found !== undefined) return found;
  }
  return undefined;
}

const US_TIME = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d))?(?:\.(\d{1,7}))?(?: ?([AP])M)?(?: (?:UTC|GMT))?$/i;
const TWELVE_HOURS = /^(.{6,40}?) ?([AP])M$/i;

/** `6/24/2025 5:07:09 AM` and all that `parseInstant` reads, also with `AM` or `PM` behind; BeyondInsight's clock is UTC. */
export function insightInstant(value: string | undefined): number | undefined {
  if (value === undefined || value.length > 60) return undefined;
  const us = US_TIME.exec(value);
  if (us) {
    const [, month = '', day = '', year = '', hour = '', minute = '', second = '00', fraction, half] = us;
    const two = (digits: string | number): string => String(digits).padStart(2, '0');
    const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
    return parseInstant(
      `${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}Z`,
    );
  }
  const half = TWELVE_HOURS.exec(value);
  const written = parseInstant(half?.[1] ?? value);
  if (written === undefined || half === null) return written;
  const hour = new Date(written).getUTCHours();
  return written + ((hour % 12) + (half[2]?.toUpperCase() === 'P' ? 12 : 0) - hour) * 3_600_000;
}

const FAILED_WORDS =
  /\bfail|\brejected\b|\bblocked\b|\bdenied\b|\bunauthori[sz]ed\b|\binvalid\b|\berror\b|\bmismatch|\bcancelled\b.*\bchange/i;

const SAYS_SO = [
  'category',
  'cat',
  'btcategory',
  'section',
  'systemname',
  'filetype',
  'eventname',
  'eventdesc',
  'eventmessage',
  'operation',
  'actiontype',
];

/**
 * Whether the act failed. `failed` and `result` decide; without them the words of category, name and description do. Severity does not: the
 * manual says that 0 is a failure, and the product writes 0 for what succeeded.
 */
export function hasFailed(fields: Fields): boolean {
  const said = flag(fields['failed']);
  const result = fields['result']?.toLowerCase();
  if (said === true || result === 'f' || result === 'c' || result === 'failed' || result === 'failure') return true;
  const outcome = fields['outcome'];
  if (outcome !== undefined && FAILED_WORDS.test(outcome)) return true;
  if (said === false || result === 's') return false;
  return SAYS_SO.some((name) => FAILED_WORDS.test(fields[name] ?? ''));
}
