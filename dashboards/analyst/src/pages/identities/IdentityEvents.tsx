import { useInfiniteQuery } from '@tanstack/react-query';
import { eventPages, listQuery } from '../../api/queries.js';
import { EventTimeline } from '../../parts/EventTimeline.js';
import { RowsLink } from '../../parts/links.js';
import { PagedRows, itemsOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';

export function IdentityEvents({ id }: { readonly id: string }) {
  const list = useInfiniteQuery(listQuery('events', eventPages, { identity: id, limit: '30' }));
  return (
    <Panel
      title="Events"
      note="newest first"
      side={<RowsLink link={{ to: 'events', query: { identity: id } }}>Filter them</RowsLink>}
      flush
    >
      <PagedRows list={list} items={itemsOf(list)} noun="events" empty={<EventTimeline events={[]} />}>
        {(events) => <EventTimeline events={events} />}
      </PagedRows>
    </Panel>
  );
}
