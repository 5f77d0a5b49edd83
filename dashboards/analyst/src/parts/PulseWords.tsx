import type { Pulse } from '@keyward/contract';
import { useNow } from '../app/preferences.js';
import { formatRate } from '../format/number.js';
import { formatRelative } from '../format/time.js';

/** How much comes in, and when the last record did: a slow source has a pulse too. */
export function PulseWords({ pulse }: { readonly pulse: Pulse }) {
  const now = useNow(5_000);
  const last = Math.max(...pulse.sources.map(({ lastArrival }) => (lastArrival === null ? -Infinity : Date.parse(lastArrival))));
  return (
    <>
      {formatRate(pulse.eventsPerSecond)} events/s
      {Number.isFinite(last) && `, last record ${formatRelative(Math.min(last, now), now)}`}
    </>
  );
}
