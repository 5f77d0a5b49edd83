import { HOUR_MS } from '@keyward/events';
import type { Span } from './history.js';

/** Events sorted by the store at a time: some 100 MB of its memory. */
const SLICE_EVENTS = 40_000;

/**
 * Cuts a history into spans that the store can sort in memory: whole hours, as many as make {@link SLICE_EVENTS} events, and at least one.
 *
 * @param hours hours with events, in order
 * @returns spans in order; between them nothing happened
 */
export function slicesOf(
  hours: readonly { readonly at: number; readonly events: number }[],
  { from, to }: Span,
): (Span & { readonly events: number })[] {
  const slices: { from: number; to: number; events: number }[] = [];
  for (const { at, events } of hours) {
    const [start, end] = [Math.max(from, at), Math.min(to, at + HOUR_MS)];
    if (start >= end) continue;
    const last = slices.at(-1);
    if (last && last.events + events <= SLICE_EVENTS) {
      last.to = end;
      last.events += events;
    } else slices.push({ from: start, to: end, events });
  }
  return slices;
}
