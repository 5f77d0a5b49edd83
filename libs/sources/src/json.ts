/** Reading values whose shape nobody guarantees: each reader gives the value when it is of that kind, and undefined otherwise. None throws. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @returns the object, or an empty one, so that members of what is missing read as undefined */
export const object = (value: unknown): JsonObject => (isObject(value) ? value : NOTHING);
const NOTHING: JsonObject = Object.freeze({});

/** @returns the list, or an empty one */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : EMPTY);
const EMPTY: readonly unknown[] = Object.freeze([]);

/** @returns the objects of a list, or none */
export const objects = (value: unknown): readonly JsonObject[] => list(value).filter(isObject);

/** @returns text without surrounding space; a finite number as text; undefined when empty. Vendors write absent values as `""`. */
export function text(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const trimmed = value.trim();
    return trimmed === '' ? undefined : trimmed;
  }
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** @returns a finite number, also one written as text (`"5"`, `" -1.5 "`) */
export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^\s*-?\d+(?:\.\d+)?\s*$/.test(value)) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** @returns a truth value, also one written as text: true/false, yes/no, 1/0 in any case */
export function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value === 1 ? true : value === 0 ? false : undefined;
  if (typeof value !== 'string') return undefined;
  const word = value.trim().toLowerCase();
  if (word === 'true' || word === 'yes' || word === '1') return true;
  return word === 'false' || word === 'no' || word === '0' ? false : undefined;
}

/** @returns the value at a path of object members, `at(record, 'client', 'ipAddress')` */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (!isObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
}

/** The first of several that is there: vendors rename fields between versions. */
export function firstText(...values: readonly unknown[]): string | undefined {
  for (const value of values) {
    const found = text(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @returns the same members without those that are undefined, or undefined when none is left: an empty `src` or `device` says nothing */
export function defined<T extends object>(members: T): T | undefined;
export function defined(members: object): object | undefined {
  if (!isObject(members)) return undefined;
  let some: Record<string, unknown> | undefined;
  for (const key in members) {
    const value = members[key];
    // Copied, not deleted: an object that lost members is slow to read for ever after.
    if (value !== undefined) (some ??= {})[key] = value;
  }
  return some;
}
