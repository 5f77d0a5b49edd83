/** The zone in which instants are shown; everything the API says is epoch milliseconds UTC. */
export type Zone = 'utc' | 'local';

const pad = (value: number): string => String(value).padStart(2, '0');

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}
function parts(at: number, zone: Zone): Parts {
  const date = new Date(at);
  return zone === 'utc'
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth() + 1,
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
      };
}

/** `2026-01-05 14:02:11 UTC`; `–` for no instant. */
export function formatInstant(at: number | undefined, zone: Zone): string {
  if (at === undefined || !Number.isFinite(at)) return '–';
  const p = parts(at, zone);
  return `${p.year}-${pad(p.month)}-${pad(p.day)} ${pad(p.hour)}:${pad(p.minute)}:${pad(p.second)}${zone === 'utc' ? ' UTC' : ''}`;
}

/** `01-05 14:02`, for dense tables; the full instant stands in the title. @param now with it, an instant of another year says which */
export function formatMinute(at: number, zone: Zone, now = at): string {
  const p = parts(at, zone);
  const year = p.year === parts(now, zone).year ? '' : `${p.year}-`;
  return `${year}${pad(p.month)}-${pad(p.day)} ${pad(p.hour)}:${pad(p.minute)}`;
}
export function formatDay(at: number, zone: Zone): string {
  const p = parts(at, zone);
  return `${p.year}-${pad(p.month)}-${pad(p.day)}`;
}
/** A bucket's label on an axis: the day for day-long buckets, else day and hour. */
export function formatBucket(at: number, bucketMs: number, zone: Zone): string {
  const p = parts(at, zone);
  if (bucketMs >= DAY_MS) return `${pad(p.month)}-${pad(p.day)}`;
  return `${pad(p.month)}-${pad(p.day)} ${pad(p.hour)}:${pad(p.minute)}`;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The two largest units: `2 d 3 h`, `14 min`, `8 s`. @param ms not negative; a negative one counts as zero */
export function formatDuration(ms: number): string {
  const left = Math.max(0, ms);
  if (left >= DAY_MS) return two(left, DAY_MS, 'd', HOUR_MS, 'h');
  if (left >= HOUR_MS) return two(left, HOUR_MS, 'h', MINUTE_MS, 'min');
  if (left >= MINUTE_MS) return two(left, MINUTE_MS, 'min', 1000, 's');
  return `${Math.floor(left / 1000)} s`;
}
function two(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / big);
  const rest = Math.floor((ms % big) / small);
  return rest === 0 || whole >= 10 ? `${whole} ${bigName}` : `${whole} ${bigName} ${rest} ${smallName}`;
}

/** `3 min ago`, `in 2 h`, `just now`. */
export function formatRelative(at: number, now: number): string {
  const away = at - now;
  if (Math.abs(away) < 5_000) return 'just now';
  const largest = coarse(Math.abs(away));
  return away < 0 ? `${largest} ago` : `in ${largest}`;
}
function coarse(ms: number): string {
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)} d`;
  if (ms >= HOUR_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  if (ms >= MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  return `${Math.floor(ms / 1000)} s`;
}

/** A countdown that ticks: `1:04:09`, or `04:09` within the hour. */
export function formatCountdown(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  if (h >= 48) return formatDuration(ms);
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${pad(m)}:${pad(s)}`;
}

/** An instant as a `datetime-local` field has it: `2026-01-05T14:02`, with seconds when there are any; '' for none or nonsense. @param at ISO 8601 */
export function formatField(at: string | undefined, zone: Zone): string {
  const ms = at === undefined ? NaN : Date.parse(at);
  if (Number.isNaN(ms)) return '';
  const p = parts(ms, zone);
  return `${String(p.year).padStart(4, '0')}-${pad(p.month)}-${pad(p.day)}T${pad(p.hour)}:${pad(p.minute)}${p.second === 0 ? '' : `:${pad(p.second)}`}`;
}
/** @returns epoch ms; undefined for a field that is empty or not complete */
export function parseField(text: string, zone: Zone): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return undefined;
  const ms = Date.parse(zone === 'utc' ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms;
}
