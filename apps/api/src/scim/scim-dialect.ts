import { ENTERPRISE_USER } from '@keyward/identity';

type Json = Readonly<Record<string, unknown>>;
export interface PatchOperation {
  readonly op: string;
  readonly path?: string;
  readonly value?: unknown;
}

const FLAGS: ReadonlySet<string> = new Set(['active', 'primary']);
const MANAGER = `${ENTERPRISE_USER}:manager`.toLowerCase();

/**
 * What clients write otherwise than the standard: Entra's `"active": "False"` and a manager that is a bare id, `null` for what has no value.
 *
 * @returns a user or group as RFC 7643 has it
 */
export function standardResource(body: Json): Json {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, standardValue(key, value)]),
  );
}

function standardValue(attribute: string, value: unknown): unknown {
  const name = attribute.toLowerCase();
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf(':')) + 1);
  if (FLAGS.has(last) && typeof value === 'string') return flagOf(value);
  if (last === 'manager' && typeof value === 'string') return { value };
  if (Array.isArray(value)) return value.map((item: unknown) => (isJson(item) ? standardResource(item) : item));
  return isJson(value) ? standardResource(value) : value;
}

/** `"False"` and `"True"` in any case; what is neither is for the schema to refuse. */
function flagOf(text: string): boolean | string {
  const lower = text.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : text;
}

/**
 * The operations of a PATCH as RFC 7644 section 3.5.2 has them. Beside what {@link standardResource} mends: operations with capitals, `replace` by
 * nothing, and `add` to an element of a list that is not there yet (`phoneNumbers[type eq "work"].value`), which Entra expects to be made.
 *
 * @param current the resource that is changed
 */
export function standardOperations(body: Json, current: Json): readonly PatchOperation[] | undefined {
  const given = Object.entries(body).find(([key]) => key.toLowerCase() === 'operations')?.[1];
  if (!Array.isArray(given)) return undefined;
  const made = new Set<string>();
  return given.flatMap((operation: unknown) => {
    if (!isJson(operation) || typeof operation['op'] !== 'string') return [{ op: String(isJson(operation) ? operation['op'] : operation) }];
    const op = operation['op'].toLowerCase();
    const { path, value } = operation;
    if (typeof path === 'string') return [standardOperation(op, path, value, current, made)];
    if (op === 'remove' || !isJson(value)) return [{ op, ...('value' in operation ? { value } : {}) }];
    // Each attribute for itself: its name may be a path with a filter.
    return Object.entries(value)
      .filter(([name]) => !['id', 'schemas', 'meta'].includes(name.toLowerCase()))
      .map(([name, inner]) => standardOperation(op, name, inner, current, made));
  });
}

function standardOperation(op: string, path: string, value: unknown, current: Json, made: Set<string>): PatchOperation {
  const isEmpty = value === null || (value === '' && path.toLowerCase() === MANAGER);
  if (op === 'replace' && isEmpty) return { op: 'remove', path };
  if (op === 'remove' && (value === undefined || value === null)) return { op, path };
  const standard = standardValue(path.endsWith(']') ? '' : path, value);
  return op === 'add' ? madeElement(path, standard, current, made) : { op, path, value: standard };
}

const ELEMENT = /^([a-z]+)\[\s*([a-z]+)\s+eq\s+("(?:[^"\\]|\\.)*"|true|false)\s*\](?:\.([a-z]+))?$/i;

function madeElement(path: string, value: unknown, current: Json, made: Set<string>): PatchOperation {
  const [, list, key, literal, leaf] = ELEMENT.exec(path) ?? [];
  if (list === undefined || key === undefined || literal === undefined) return { op: 'add', path, value };
  const wanted: unknown = JSON.parse(literal);
  const element = `${list}[${key}=${String(wanted)}]`.toLowerCase();
  const there = Object.entries(current).find(([name]) => name.toLowerCase() === list.toLowerCase())?.[1];
  const isThere = Array.isArray(there) && there.some((item: unknown) => isJson(item) && same(valueAt(item, key), wanted));
  if (isThere || made.has(element)) return { op: 'add', path, value };
  made.add(element);
  const fields = leaf === undefined ? (isJson(value) ? value : { value }) : { [leaf]: value };
  return { op: 'add', path: list, value: [{ [key]: wanted, ...fields }] };
}

const valueAt = (item: Json, key: string): unknown => Object.entries(item).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
const same = (a: unknown, b: unknown): boolean =>
  typeof a === 'string' && typeof b === 'string' ? a.toLowerCase() === b.toLowerCase() : a === b;
export const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
