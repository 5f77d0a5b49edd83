import { useNow, useZone } from '../app/preferences.js';
import { formatInstant, formatMinute, formatRelative, MINUTE_MS } from '../format/time.js';

/** An instant: short in the text, in full with its age on hover and for screen readers. `age` shows how long ago instead. */
export function TimeText({
  at,
  age = false,
  full = false,
}: {
  readonly at: string | null | undefined;
  readonly age?: boolean;
  readonly full?: boolean;
}) {
  const [zone] = useZone();
  const now = useNow(MINUTE_MS / 2);
  if (at === null || at === undefined) return <span className="kw-muted">–</span>;
  const ms = Date.parse(at);
  const absolute = formatInstant(ms, zone);
  const relative = formatRelative(ms, now);
  return (
    <time dateTime={at} title={`${absolute}, ${relative}`} className="kw-num">
      {age ? relative : full ? absolute : formatMinute(ms, zone, now)}
    </time>
  );
}
