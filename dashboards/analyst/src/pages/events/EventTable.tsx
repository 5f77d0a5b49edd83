import type { EventSummary } from '@keyward/contract';
import { words } from '../../format/words.js';
import { whatHappened, whereFrom } from '../../parts/EventTimeline.js';
import { EventLink, IdentityLink } from '../../parts/links.js';
import { Meter } from '../../parts/marks.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

export function EventTable({ events }: { readonly events: readonly EventSummary[] }) {
  return (
    <Table columns={['Time', 'Source', 'What', 'Identity', 'From', 'Device', 'Score']} cards>
      {events.map((event) => (
        <tr key={event.uid}>
          <td data-label="Time">
            <TimeText at={event.time} />
          </td>
          <td data-label="Source" style={{ whiteSpace: 'nowrap' }}>
            {words(event.source)}
          </td>
          <td data-main style={{ minWidth: 200 }}>
            <EventLink uid={event.uid} className="kw-cell-title">
              {whatHappened(event)}
            </EventLink>
            <div className="kw-cell-sub">
              {event.code}
              {event.outcome === 'failure' && <span className="kw-danger"> failed{event.detail === null ? '' : `: ${event.detail}`}</span>}
            </div>
          </td>
          <td data-label="Identity">
            <IdentityLink identity={event.identity} />
            {event.account !== null && <div className="kw-cell-sub">{event.account}</div>}
          </td>
          <td data-label="From" className="kw-wrap">
            {whereFrom(event)}
          </td>
          <td data-label="Device" className="kw-wrap">
            {event.device}
          </td>
          <td data-label="Score">
            <Meter score={event.score} label="Score" />
          </td>
        </tr>
      ))}
    </Table>
  );
}
