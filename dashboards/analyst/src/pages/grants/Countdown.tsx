import { useNow } from '../../app/preferences.js';
import { formatCountdown, formatInstant, HOUR_MS } from '../../format/time.js';

/** How long a grant still runs, by the second. */
export function Countdown({ endsAt }: { readonly endsAt: string | null }) {
  const now = useNow(1000);
  if (endsAt === null) return <span className="kw-warning kw-strong">no end</span>;
  const left = Date.parse(endsAt) - now;
  if (left <= 0) return <span className="kw-muted">over</span>;
  return (
    <span className={left < HOUR_MS / 4 ? 'kw-num kw-warning' : 'kw-num'} title={`Ends ${formatInstant(Date.parse(endsAt), 'utc')}`}>
      {formatCountdown(left)}
    </span>
  );
}
