import type { JsonObject } from './json.js';

/** `actor_alternateId_s`: a path into the vendor's record, and the type of the column: string, double, boolean, guid, time. */
const COLUMN = /^([A-Za-z$][\w$]{0,120})_([sdbgt])$/;
const MIN_COLUMNS = 3;
/** Deepest path of the vendors is 5; each further name doubles the ways to read it. */
const MAX_NAMES = 6;

/**
 * A row of a custom table of Log Analytics (`Okta_CL`, `CiscoDuo_CL`, `Auth0AM_CL`) as the record that it was made of. An underscore parts two
 * names or belongs to one (`access_device_ip_s` is `access_device.ip`), and nothing tells which: the value stands at each place that it may mean.
 *
 * @returns undefined when the record has no such columns
 */
export function fromCustomLog(row: JsonObject): JsonObject | undefined {
  const columns: (readonly [readonly string[], unknown])[] = [];
  for (const key in row) {
    const [, path, type] = COLUMN.exec(key) ?? [];
    if (path === undefined || type === undefined) continue;
    const value = valueOf(row[key], type);
    if (value !== undefined) columns.push([path.split('_'), value]);
  }
  if (columns.length < MIN_COLUMNS) return undefined;
  const record: Record<string, unknown> = {};
  for (const [names, value] of columns) put(record, names, value);
  return record;
}

/**
 * Members whose names were joined to a path, `details_request_method` or `actor.id`, as the object that they were made of; see `fromCustomLog`.
 *
 * @param joined the members, without what stood before the path
 */
export function unfolded(joined: readonly (readonly [string, unknown])[]): JsonObject {
  const record: Record<string, unknown> = {};
  for (const [path, value] of joined) put(record, path.split(/[_.]/), value);
  return record;
}

/** Empty columns are those of other rows. Lists and objects are JSON in text. */
function valueOf(value: unknown, type: string): unknown {
  if (typeof value !== 'string') return value ?? undefined;
  const written = value.trim();
  if (written === '' || written === 'null') return undefined;
  if (type === 'd' && /^-?\d{1,18}(?:\.\d{1,18})?$/.test(written)) return Number(written);
  if (type === 'b') return /^true$/i.test(written);
  if (!/^[[{]/.test(written)) return written;
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

/** What stands somewhere first stays: a text is no object that other columns add to. */
function put(into: Record<string, unknown>, names: readonly string[], value: unknown): void {
  const whole = names.join('_');
  if (whole !== '__proto__' && !Object.hasOwn(into, whole)) into[whole] = value;
  if (names.length > MAX_NAMES) return;
  for (let taken = 1; taken < names.length; taken += 1) {
    const key = names.slice(0, taken).join('_');
    if (key === '' || key === '__proto__') continue;
    if (!Object.hasOwn(into, key)) into[key] = {};
    const inside = into[key];
    if (isRecord(inside)) put(inside, names.slice(taken), value);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
