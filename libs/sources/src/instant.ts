import { DAY_MS } from '@keyward/events';

const MONTHS: Readonly<Record<string, number>> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
};

const ISO = /^(\d{4})[-/](\d\d)[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?)?$/;
/** `Jan 18 11:07:53`, `Jan  8 2026 11:07:53.123`, `2026 Jan 8 11:07:53`: RFC 3164 and what vendors made of it. */
const BSD =
  /^(?:(\d{4}) )?([A-Za-z]{3})[a-z]* {1,2}(\d{1,2}),?(?: (\d{4}))?,? (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: (Z|UTC|GMT|[+-]\d\d:?\d\d))?$/;
/** `05.01.2026 10:00:00`: with dots the day is always first. */
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4}),?[ T](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/;
/** `Mon, 05 Jan 2026 09:00:00 GMT`, `05-Jan-2026 09:00:00`, `05/Jan/2026:09:00:00 +0000`: mail, HTTP and web servers. */
const NAMED_MONTH =
  /^(?:[A-Za-z]{3,9},? )?(\d{1,2})[ /-]([A-Za-z]{3})[a-z]*[ /-](\d{4})[ :](\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/;
/** `Mon Jan  5 09:00:00 2026`: C's `ctime`. */
const CTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d) (?:(Z|UTC|GMT) )?(\d{4})$/;
/** `1/15/2024, 10:11:12.123 AM`, as portals and Splunk's forwarder write: the month first, as the half of the day says. */
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?([AP])M$/i;
const MICROSOFT_JSON = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/;
const EPOCH = /^\d{9,19}(?:\.\d{1,9})?$/;

/**
 * An instant in any of the forms that vendors write. A time without a zone is UTC.
 *
 * Forms: ISO 8601 with 0 to 9 fractional digits (`T` or a space, `Z`, `+02:00`, `+0200`, none); epoch seconds (also fractional), milliseconds,
 * microseconds, nanoseconds, as number or text; `/Date(1700000000000)/`; `1/15/2024, 10:11:12 AM`; RFC 3164 `Jan 18 11:07:53` with or without year and fraction;
 * `18.01.2026 11:07:53`; `Sun, 18 Jan 2026 11:07:53 GMT` and its kin; `Sun Jan 18 11:07:53 2026`.
 *
 * @param reference epoch ms near which the record was received: gives the year to a time that has none, so that the result is the closest
 *   instant that is at most one day after it. Without it such a time is no instant.
 * @returns epoch ms, whole, or undefined
 */
export function parseInstant(value: unknown, reference?: number): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  const written = value.trim();
  const iso = ISO.exec(written);
  if (iso) return fromIso(iso);
  if (EPOCH.test(written)) return fromEpoch(Number(written));
  const microsoft = MICROSOFT_JSON.exec(written);
  if (microsoft) return valid(Number(microsoft[1]));
  const american = AMERICAN.exec(written);
  if (american) return fromAmerican(american);
  const bsd = BSD.exec(written);
  return bsd ? fromBsd(bsd, reference) : fromCalendar(written);
}

function fromCalendar(written: string): number | undefined {
  if (written.length > 60) return undefined;
  const [, dotDay, dotMonth, dotYear, ...dotTime] = DOTTED.exec(written) ?? [];
  if (dotYear !== undefined) return dayTime(Number(dotYear), Number(dotMonth) - 1, dotDay, dotTime);
  const [, day, month = '', year, ...time] = NAMED_MONTH.exec(written) ?? [];
  if (year !== undefined) return dayTime(Number(year), MONTHS[month.toLowerCase()], day, time);
  const [, cMonth = '', cDay, hour, minute, second, zone, cYear] = CTIME.exec(written) ?? [];
  return cYear === undefined
    ? undefined
    : dayTime(Number(cYear), MONTHS[cMonth.toLowerCase()], cDay, [hour, minute, second, undefined, zone]);
}

/** @param time hour, minute, second, fraction, zone */
function dayTime(
  year: number,
  month: number | undefined,
  day: string | undefined,
  [hour, minute, second = '0', fraction, zone]: readonly (string | undefined)[],
): number | undefined {
  return month === undefined
    ? undefined
    : instantOf(year, month, Number(day), Number(hour), Number(minute), Number(second), fraction, zone);
}

/** Seconds, milliseconds, microseconds or nanoseconds: told apart by magnitude, for instants between 1973 and 5138. */
function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  if (value < 1e11) return valid(Math.round(value * 1_000));
  if (value < 1e14) return valid(Math.trunc(value));
  if (value < 1e17) return valid(Math.trunc(value / 1e3));
  return valid(Math.trunc(value / 1e6));
}

const valid = (at: number): number | undefined => (Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? at : undefined);

function fromIso(match: RegExpExecArray): number | undefined {
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match;
  return instantOf(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), fraction, zone);
}

function fromAmerican(match: RegExpExecArray): number | undefined {
  const [, month, day, year, hour, minute, second = '0', fraction, half = ''] = match;
  if (Number(hour) < 1 || Number(hour) > 12) return undefined;
  const hours = (Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  return instantOf(Number(year), Number(month) - 1, Number(day), hours, Number(minute), Number(second), fraction, undefined);
}

function fromBsd(match: RegExpExecArray, reference: number | undefined): number | undefined {
  const [, yearBefore, monthName = '', day, yearAfter, hour, minute, second, fraction, zone] = match;
  const month = MONTHS[monthName.toLowerCase()];
  if (month === undefined) return undefined;
  const inYear = (year: number): number | undefined =>
    instantOf(year, month, Number(day), Number(hour), Number(minute), Number(second), fraction, zone);
  const written = yearBefore ?? yearAfter;
  if (written !== undefined) return inYear(Number(written));
  if (reference === undefined) return undefined;
  const referenceYear = new Date(reference).getUTCFullYear();
  for (const year of [referenceYear + 1, referenceYear, referenceYear - 1]) {
    const candidate = inYear(year);
    if (candidate !== undefined && candidate <= reference + DAY_MS) return candidate;
  }
  // 29 February in a year near the reference that has none: the last leap year is meant.
  for (let year = referenceYear - 2; year >= referenceYear - 8; year -= 1) {
    const candidate = inYear(year);
    if (candidate !== undefined) return candidate;
  }
  return undefined;
}

function instantOf(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  fraction: string | undefined,
  zone: string | undefined,
): number | undefined {
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const midnight = Date.UTC(year, month, day);
  const date = new Date(midnight);
  if (date.getUTCMonth() !== month || date.getUTCDate() !== day || date.getUTCFullYear() !== year) return undefined;
  const ms = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  return midnight + ((hour * 60 + minute) * 60 + second) * 1_000 + ms - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || !/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
