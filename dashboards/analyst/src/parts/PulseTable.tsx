import type { Pulse } from '@keyward/contract';
import { formatCount, formatRate } from '../format/number.js';
import { words } from '../format/words.js';
import { RowsLink } from './links.js';
import { TimeText } from './TimeText.js';

/** How each source does: what was kept, ignored and rejected in the last 24 hours. */
export function PulseTable({ pulse, compact = false }: { readonly pulse: Pulse; readonly compact?: boolean }) {
  return (
    <div className="kw-table-box">
      <table className="kw-table" data-cards={!compact || undefined}>
        <thead>
          <tr>
            <th>Source</th>
            <th data-right>Kept</th>
            <th data-right>Ignored</th>
            <th data-right>Rejected</th>
            {!compact && <th data-right>Per second</th>}
            <th data-right>Last record</th>
            {!compact && <th data-right>Newest event</th>}
            {!compact && <th>Why ignored or rejected</th>}
          </tr>
        </thead>
        <tbody>
          {pulse.sources.map((source) => (
            <tr key={source.source}>
              <td data-main className="kw-strong">
                <span className="kw-row" data-nowrap style={{ gap: 7 }}>
                  <span
                    className="kw-dot"
                    data-state={source.rejected > 0 ? 'warn' : source.lastArrival === null ? 'none' : 'good'}
                    aria-hidden
                  />
                  <RowsLink link={source.link} label={`Events of ${words(source.source)}`}>
                    {words(source.source)}
                  </RowsLink>
                </span>
              </td>
              <td data-label="Kept" data-right className="kw-num">
                {formatCount(source.kept)}
              </td>
              <td data-label="Ignored" data-right className="kw-num kw-muted" title={reasons(source.ignoredReasons)}>
                {formatCount(source.ignored)}
              </td>
              <td
                data-label="Rejected"
                data-right
                className={source.rejected > 0 ? 'kw-num kw-warning kw-strong' : 'kw-num kw-muted'}
                title={reasons(source.rejectedCodes)}
              >
                {formatCount(source.rejected)}
              </td>
              {!compact && (
                <td data-label="Per second" data-right className="kw-num">
                  {formatRate(source.perSecond)}
                </td>
              )}
              <td data-label="Last record" data-right className="kw-muted">
                <TimeText at={source.lastArrival} age />
              </td>
              {!compact && (
                <td data-label="Newest event" data-right className="kw-muted">
                  <TimeText at={source.lastEventTime} />
                </td>
              )}
              {!compact && (
                <td data-label="Why" className="kw-small kw-muted kw-wrap">
                  {[reasons(source.rejectedCodes), reasons(source.ignoredReasons)].filter((text) => text !== '').join('; ')}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
const reasons = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([name, count]) => `${name} ${formatCount(count)}`)
    .join(', ');
