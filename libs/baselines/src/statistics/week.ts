import { MINUTE_MS } from '@keyward/events';

/** Quarter hours of a day. */
export const RING = 96;
const MINUTES_A_DAY = 1_440;
/** Weights of the neighbours and the bin itself. */
export const KERNEL = [0.2, 0.6, 0.2] as const;

/**
 * Bin of the time of week: 96 quarter hours of a weekday (0 to 95), 96 of a weekend day (96 to 191).
 *
 * @param at epoch ms @param offsetMinutes local time minus UTC
 */
export function weekBin(at: number, offsetMinutes: number): number {
  const minutes = Math.floor(at / MINUTE_MS) + offsetMinutes;
  const day = Math.floor(minutes / MINUTES_A_DAY);
  const quarter = Math.floor((minutes - day * MINUTES_A_DAY) / 15);
  return (isWeekend(day) ? RING : 0) + quarter;
}

/** @param day whole days since 1970-01-01, a Thursday */
export function isWeekend(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7; // 0 is Sunday
  return weekday === 0 || weekday === 6;
}

/** @returns `weekday 03:15` */
export function weekBinLabel(bin: number): string {
  const minutes = (bin % RING) * 15;
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${bin < RING ? 'weekday' : 'weekend'} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/**
 * Circular kernel [.2 .6 .2] within each of the two rings; keeps the sum.
 * @param weights 192 values @param out where to write, another array; returned
 */
export function smoothWeek(weights: ArrayLike<number>, out: Float64Array): Float64Array {
  for (let first = 0; first < 2 * RING; first += RING) {
    const last = first + RING - 1;
    let before = weights[last] ?? 0;
    let here = weights[first] ?? 0;
    for (let bin = first; bin <= last; bin += 1) {
      const after = weights[bin === last ? first : bin + 1] ?? 0;
      out[bin] = KERNEL[0] * before + KERNEL[1] * here + KERNEL[2] * after;
      before = here;
      here = after;
    }
  }
  return out;
}

/** Half width of the wide window, in quarter hours: two hours either way. */
export const WIDE = 8;
/** Share of the wide window: habits have edges, but nobody's edge is a quarter of an hour sharp. */
export const WIDE_SHARE = 0.3;

/**
 * {@link smoothWeek}, blended with a window of two hours either way: how dense a time is can't be told from one quarter hour of a hundred acts.
 * @param weights 192 values @param out where to write; returned
 */
export function smoothWeekWide(weights: ArrayLike<number>, out: Float64Array): Float64Array {
  smoothWeek(weights, out);
  for (let ring = 0; ring < 2 * RING; ring += RING) {
    let window = 0;
    for (let quarter = -WIDE; quarter <= WIDE; quarter += 1) window += weights[ring + ((quarter + RING) % RING)] ?? 0;
    for (let quarter = 0; quarter < RING; quarter += 1) {
      out[ring + quarter] = (1 - WIDE_SHARE) * (out[ring + quarter] ?? 0) + (WIDE_SHARE * window) / (2 * WIDE + 1);
      window += (weights[ring + ((quarter + WIDE + 1) % RING)] ?? 0) - (weights[ring + ((quarter - WIDE + RING) % RING)] ?? 0);
    }
  }
  return out;
}
