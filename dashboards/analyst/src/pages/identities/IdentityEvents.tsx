import { useInfiniteQuery } from '@tanstack/react-query';
import { eventPages, listQuery } from '../../api/queries.js';
import { EventTimeline } from '../../parts/EventTimeline.js';
import { RowsLink } from '../../parts/links.js';
import { More } from '../../parts/More.js';
import { Panel } from '../../parts/Panel.js';
import { ErrorState, Loading } from '../../parts/states.js';

export function IdentityEvents({ id }: { readonly id: string }) {
  const list = useInfiniteQuery(listQuery('events', eventPages, { identity: id, limit: '30' }));
  const events = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel
      title="Events"
      note="newest first"
      side={<RowsLink link={{ to: 'events', query: { identity: id } }}>Filter them</RowsLink>}
      flush
    >
      {list.isError && events.length === 0 ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <div style={{ padding: '0 14px' }}>
          <Loading rows={6} />
        </div>
      ) : (
        <>
          <EventTimeline events={events} />
          {events.length > 0 && (
            <More
              shown={events.length}
              total={list.data?.pages[0]?.total}
              noun="events"
              more={list.hasNextPage}
              loading={list.isFetchingNextPage}
              onMore={() => void list.fetchNextPage()}
            />
          )}
        </>
      )}
    </Panel>
  );
}
