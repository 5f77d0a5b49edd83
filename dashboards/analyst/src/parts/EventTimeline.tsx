import type { EventSummary } from '@keyward/contract';
import { formatScore } from '../format/number.js';
import { words } from '../format/words.js';
import { EventLink } from './links.js';
import { Tag } from './marks.js';
import { EmptyState } from './states.js';
import { TimeText } from './TimeText.js';

const ALARMING = 50;
/** What the dot says: an unusual event, a failure, a privileged act, or nothing special. */
export function toneOf(event: Pick<EventSummary, 'score' | 'outcome' | 'class'>): 'alarm' | 'failure' | 'act' | 'plain' {
  if (event.score >= ALARMING) return 'alarm';
  if (event.outcome === 'failure') return 'failure';
  return event.class === 'authentication' ? 'plain' : 'act';
}
export function whereFrom(event: EventSummary): string {
  return [event.ip, event.city === null ? event.country : `${event.city}${event.country === null ? '' : `, ${event.country}`}`, event.asOrg]
    .filter((part) => part !== null && part !== '')
    .join(' · ');
}
/** `logon to Payroll`, `assign privileges: Global Administrator`. */
export function whatHappened(event: EventSummary): string {
  const object = event.resource ?? event.application ?? event.target;
  // What OCSF has no word for, the vendor has.
  const act = event.activity === 'other' && event.code !== '' ? event.code : words(event.activity);
  return object === null ? act : `${act}: ${object}`;
}

export function EventTimeline({ events }: { readonly events: readonly EventSummary[] }) {
  if (events.length === 0) return <EmptyState title="No events to show" />;
  return (
    <ol className="kw-timeline">
      {events.map((event) => (
        <li key={event.uid} data-tone={toneOf(event)}>
          <span className="kw-muted kw-small">
            <TimeText at={event.time} />
          </span>
          <div style={{ minWidth: 0 }}>
            <EventLink uid={event.uid} className="kw-cell-title">
              {whatHappened(event)}
            </EventLink>
            {event.outcome === 'failure' && (
              <span className="kw-danger kw-small"> failed{event.detail === null ? '' : `: ${event.detail}`}</span>
            )}
            <div className="kw-cell-sub">
              {[event.account, whereFrom(event), event.device].filter((part) => part !== null && part !== '').join(' · ')}
            </div>
            {event.score >= ALARMING && event.reason !== null && <div className="kw-small kw-wrap">{event.reason}</div>}
          </div>
          <span className="kw-row kw-small" style={{ alignItems: 'flex-start' }}>
            <Tag>{words(event.source)}</Tag>
            <span className="kw-num kw-strong" title="Score" style={{ width: 26, textAlign: 'right' }}>
              {formatScore(event.score)}
            </span>
          </span>
        </li>
      ))}
    </ol>
  );
}
