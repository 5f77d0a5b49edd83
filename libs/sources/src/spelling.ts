import { isObject, object, type JsonObject } from './json.js';

/** Deepest record of the vendors has 7 levels. */
const MAX_DEPTH = 10;

/** A path; no annotation as OData has them, `@odata.type`. */
const PATH = /^[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,9}$/;

/**
 * Flattening joins the names of members with dots: `actor.alternateId`, `target.0.id`.
 *
 * @returns the record with its objects and lists again; the record itself when no name has a dot
 */
export function undotted(record: JsonObject): JsonObject {
  let isFlat = false;
  for (const key in record) if (key.includes('.') && PATH.test(key)) isFlat = true;
  if (!isFlat) return record;
  const tree: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const names = PATH.test(key) ? key.split('.', MAX_DEPTH) : [key];
    const last = names.pop() ?? key;
    let within: Record<string, unknown> | undefined = tree;
    for (const name of names) within = within && memberOf(within, name);
    if (within && last !== '__proto__' && !Object.hasOwn(within, last)) within[last] = record[key];
  }
  return object(relisted(tree));
}

/** The object under that name, made when there is none; undefined where something else stands. */
function memberOf(within: Record<string, unknown>, name: string): Record<string, unknown> | undefined {
  if (name === '__proto__') return undefined;
  if (!Object.hasOwn(within, name)) within[name] = {};
  const member = within[name];
  return isRecord(member) ? member : undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => isObject(value);

/** Members named 0, 1, 2 were a list. */
function relisted(value: unknown): unknown {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => [key, relisted(member)]);
  return entries.length > 0 && entries.every(([key], index) => key === String(index))
    ? entries.map(([, member]) => member)
    : Object.fromEntries(entries);
}

const plain = (key: string): string => key.toLowerCase().replaceAll('_', '');

/**
 * Data lakes keep a record's members in lower case (Hive, Athena, Glue: `eventtype`), mappers in snake case (`event_type`).
 *
 * @param names the members as the vendor writes them, those in small letters alone left out
 * @returns a reader of such records: the same record with the vendor's names, or undefined when none of its members is spelt otherwise
 */
export function spellingOf(names: readonly string[]): (record: JsonObject) => JsonObject | undefined {
  const vendors = new Map(names.map((name) => [plain(name), name]));
  const respelt = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return depth > MAX_DEPTH ? value : value.map((one: unknown) => respelt(one, depth + 1));
    return isObject(value) ? (membersOf(value, depth) ?? value) : value;
  };
  const membersOf = (record: JsonObject, depth: number): JsonObject | undefined => {
    if (depth > MAX_DEPTH) return undefined;
    const members: Record<string, unknown> = {};
    let changed = false;
    for (const key of Object.keys(record)) {
      const name = vendors.get(plain(key)) ?? key;
      const value = respelt(record[key], depth + 1);
      const isFree = name === key || !Object.hasOwn(record, name);
      if (isFree && name !== '__proto__') members[name] = value;
      changed ||= (isFree && name !== key) || value !== record[key];
    }
    return changed ? members : undefined;
  };
  return (record) => membersOf(record, 0);
}
