import { parseInstant } from '../instant.js';
import { firstText } from '../json.js';

/** `8/22/2022 6:07:16 PM`, `8/22/2022, 6:07:16.123 PM`, also with an offset: what some diagnostic categories, PIM details and exports write. Without a zone UTC. */
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?: ([AP])M)?(?: ?(Z|UTC|[+-]\d\d:\d\d))?$/i;

/** @returns epoch ms of any form Entra writes, or undefined */
export function instantOf(value: unknown): number | undefined {
  const known = parseInstant(value);
  if (known !== undefined || typeof value !== 'string') return known;
  // `2022-09-09T9:59:27.958Z`: the hour without its zero, as risky users have it.
  const padded = /^(\d{4}-\d\d-\d\d)T(\d:.*)$/.exec(value);
  if (padded) return parseInstant(`${padded[1] ?? ''}T0${padded[2] ?? ''}`);
  const american = AMERICAN.exec(value.trim());
  if (!american) return undefined;
  const [, month = '', day = '', year = '', hour = '', minute = '', second = '', fraction = '0', half, zone = 'Z'] = american;
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  const two = (part: string | number): string => String(part).padStart(2, '0');
  return parseInstant(`${year}-${two(month)}-${two(day)}T${two(hours)}:${minute}:${second}.${fraction}${zone.toUpperCase()}`);
}

/**
 * When it happened: the record's own field, to the millisecond. The envelope's time is the same act, often written more precisely; when it is more
 * than a second away it is the time of delivery, and the record's own field is right.
 */
export function happenedAt(own: unknown, envelope: unknown): number | undefined {
  const at = instantOf(own);
  const sent = instantOf(envelope);
  if (at === undefined) return sent;
  return sent !== undefined && Math.abs(sent - at) < 1_000 ? sent : at;
}

/** @returns the first of several values that is an instant */
export function firstInstant(...values: readonly unknown[]): number | undefined {
  for (const value of values) {
    const at = firstText(value) === undefined ? undefined : instantOf(value);
    if (at !== undefined) return at;
  }
  return undefined;
}
