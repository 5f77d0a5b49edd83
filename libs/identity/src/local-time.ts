import { DAY_MS, MINUTE_MS } from '@keyward/events';

/** Offsets change on the half hour at the finest (Lord Howe Island), so one answer serves a slot of this length. */
const SLOT_MS = 30 * MINUTE_MS;
/** 20,000 half-hour slots are 416 days: more than a replay usually spans; the memo is emptied beyond it. */
const MAX_SLOTS = 20_000;

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly bySlot: Map<number, number>;
}
const zones = new Map<string, Zone | undefined>();

function zoneOf(name: string): Zone | undefined {
  const known = zones.get(name);
  if (known || zones.has(name)) return known;
  let zone: Zone | undefined;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
    zone = { format, bySlot: new Map() };
  } catch {
    zone = undefined; // not a zone this runtime knows
  }
  zones.set(name, zone);
  return zone;
}

export const isTimeZone = (name: string): boolean => zoneOf(name) !== undefined;

/** JavaScript dates end here; beyond it no calendar answers. */
const MAX_INSTANT_MS = 8.64e15 - DAY_MS;

/**
 * Local offset from UTC, in minutes, east positive.
 *
 * @param zoneName IANA name; an unknown or absent one counts as UTC
 * @param at epoch ms
 */
export function offsetMinutes(zoneName: string | undefined, at: number): number {
  const zone = zoneName === undefined ? undefined : zoneOf(zoneName);
  if (!zone || !(Math.abs(at) < MAX_INSTANT_MS)) return 0;
  const slot = Math.floor(at / SLOT_MS);
  const known = zone.bySlot.get(slot);
  if (known !== undefined) return known;
  const offset = readOffset(zone.format, slot * SLOT_MS);
  if (zone.bySlot.size >= MAX_SLOTS) zone.bySlot.clear();
  zone.bySlot.set(slot, offset);
  return offset;
}

function readOffset(format: Intl.DateTimeFormat, at: number): number {
  const field: Record<string, number> = {};
  for (const part of format.formatToParts(at)) field[part.type] = Number(part.value);
  const local = Date.UTC(field['year'] ?? 0, (field['month'] ?? 1) - 1, field['day'] ?? 1, field['hour'] ?? 0, field['minute'] ?? 0);
  return Math.round((local - at) / MINUTE_MS);
}

/** A stretch of time, epoch ms: `from` is in it, `until` is the first instant after it. */
export interface Span {
  readonly from: number;
  readonly until: number;
}
export const contains = (span: Span, at: number): boolean => at >= span.from && at < span.until;

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const LOCAL_INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/;

/**
 * Reads a date or an instant of the context folder.
 *
 * @param text `2026-01-05` (a whole local day), `2026-01-05T09:00:00` (local) or an instant with `Z` or an offset
 * @returns the day, or the one millisecond of the instant; undefined when it is neither
 */
export function parseDateOrInstant(text: string, zoneName: string | undefined): Span | undefined {
  const trimmed = text.trim();
  if (DATE.test(trimmed)) {
    const midnight = Date.parse(`${trimmed}T00:00:00Z`);
    if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== trimmed) return undefined;
    return { from: localToUtc(midnight, zoneName), until: localToUtc(midnight + DAY_MS, zoneName) };
  }
  const local = LOCAL_INSTANT.exec(trimmed);
  if (local) {
    const at = Date.parse(`${local[1] ?? ''}T${local[2] ?? ''}Z`);
    if (Number.isNaN(at)) return undefined;
    const from = localToUtc(at, zoneName);
    return { from, until: from + 1 };
  }
  if (!/^\d{4}-\d{2}-\d{2}[T ]/.test(trimmed)) return undefined;
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? undefined : { from: at, until: at + 1 };
}

/** Two steps: the offset that holds at the guess may differ from the one that holds at the answer. */
function localToUtc(localMs: number, zoneName: string | undefined): number {
  const guess = localMs - offsetMinutes(zoneName, localMs) * MINUTE_MS;
  return localMs - offsetMinutes(zoneName, guess) * MINUTE_MS;
}

/** From the start of `from` to the end of `to`; an open end is for ever. Undefined when what is given can't be read. */
export function parsePeriod(from: string | undefined, to: string | undefined, zoneName: string | undefined): Span | undefined {
  const start = from === undefined ? { from: -Infinity, until: 0 } : parseDateOrInstant(from, zoneName);
  const end = to === undefined ? { from: 0, until: Infinity } : parseDateOrInstant(to, zoneName);
  return start && end ? { from: start.from, until: end.until } : undefined;
}
