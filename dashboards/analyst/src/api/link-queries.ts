import type { AccountLinkView } from '@keyward/contract';
import { queryOptions } from '@tanstack/react-query';
import { call } from './client.js';
import type { PageFetcher } from './queries.js';

export const linkSummaryQuery = queryOptions({
  queryKey: ['links', 'summary'],
  queryFn: ({ signal }) => call('links.summary', { signal }),
});
export const unresolvedAccountsQuery = queryOptions({
  queryKey: ['links', 'unresolved'],
  queryFn: ({ signal }) => call('links.unresolved', { signal }),
  staleTime: 60_000,
});
export const accountLinkPages: PageFetcher<AccountLinkView> = (query, signal) => call('links.list', { query, signal });
