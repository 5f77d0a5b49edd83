import { Drawer } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { eventQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { Async } from '../../parts/states.js';
import { EventDetails } from './EventDetails.js';

/** One event, over whatever page names it in `?event=`. */
export function EventDrawer() {
  const [search, change] = useFilters('events');
  const uid = search['event'];
  return (
    <Drawer
      opened={uid !== undefined}
      onClose={() => {
        change({ event: '' });
      }}
      size={620}
      title="Event"
      closeButtonProps={{ 'aria-label': 'Close the event' }}
    >
      {uid !== undefined && <Loaded uid={uid} />}
    </Drawer>
  );
}
function Loaded({ uid }: { readonly uid: string }) {
  const query = useQuery(eventQuery(uid));
  return (
    <Async query={query} rows={10}>
      {(detail) => <EventDetails detail={detail} />}
    </Async>
  );
}
