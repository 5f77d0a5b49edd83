import { queryOptions } from '@tanstack/react-query';
import { call } from '../../api/client.js';

/** Revocations that wait for somebody's yes: a count in the side bar, the queue on the grants page. */
export const queueQuery = queryOptions({
  queryKey: ['effects', 'queue'],
  queryFn: ({ signal }) => call('effects.list', { query: { state: 'awaiting_approval', limit: 100 }, signal }),
});
