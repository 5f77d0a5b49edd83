import SCIMMY from 'scimmy';
import { isJson } from './scim-dialect.js';

/** Attributes whose case matters (RFC 7643 section 3.1); all others of users and groups compare without it. */
const EXACT: ReadonlySet<string> = new Set(['id', 'externalid', '$ref']);
const COMPARATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'pr', 'np']);

/**
 * Resources that a filter finds. The library compares exactly and lets half a filter pass; the standard compares most text without case.
 *
 * @throws SCIMMY.Types.Error 400 `invalidFilter`
 */
export function matching<R extends object>(filter: SCIMMY.Types.Filter, resources: readonly R[]): R[] {
  const expressions: unknown[] = [...filter];
  if (!expressions.every(isWhole))
    throw new SCIMMY.Types.Error(400, 'invalidFilter', 'The filter is incomplete, or has an operator that does not exist.');
  const lowered = new SCIMMY.Types.Filter(expressions.map((expression) => inLowerCase(expression)));
  return resources.filter((resource) => {
    try {
      return lowered.match([inLowerCase(resource)]).length > 0;
    } catch (error) {
      // The library looks into attributes that are not there.
      if (error instanceof TypeError) return false;
      throw error;
    }
  });
}

/** The one value that an attribute must have for the filter to be true, as text; undefined when it is not that simple. */
export function equalTo(filter: SCIMMY.Types.Filter | undefined, attribute: string): string | undefined {
  const all: readonly unknown[] = [...(filter ?? [])];
  const [only, ...others] = all;
  if (!isJson(only) || others.length > 0) return undefined;
  const condition = Object.entries(only).find(([name]) => name.toLowerCase() === attribute.toLowerCase())?.[1];
  if (!Array.isArray(condition) || condition.length !== 2) return undefined;
  const parts: readonly unknown[] = condition;
  const [comparator, value] = parts;
  return typeof comparator === 'string' && comparator.toLowerCase() === 'eq' && typeof value === 'string' ? value : undefined;
}

function isWhole(expression: unknown): boolean {
  if (isJson(expression)) return Object.values(expression).every(isWhole);
  if (!Array.isArray(expression)) return false;
  const parts: unknown[] = expression;
  if (parts.length === 0 || parts.every((part) => Array.isArray(part) || isJson(part))) return parts.length > 0 && parts.every(isWhole);
  const [comparator, ...values] = typeof parts[0] === 'string' && parts[0].toLowerCase() === 'not' ? parts.slice(1) : parts;
  if (typeof comparator !== 'string' || !COMPARATORS.has(comparator.toLowerCase())) return false;
  return ['pr', 'np'].includes(comparator.toLowerCase()) ? values.length === 0 : values.length === 1;
}

function inLowerCase(value: unknown, attribute = ''): unknown {
  if (typeof value === 'string') return EXACT.has(attribute) ? value : value.toLowerCase();
  if (Array.isArray(value)) return value.map((item: unknown) => inLowerCase(item, attribute));
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inLowerCase(inner, key.toLowerCase())]));
}
