import type {
  AlertSummary,
  AuditEntry,
  BacktestSummary,
  EffectView,
  EventSummary,
  GrantView,
  IdentitySummary,
  UsageKind,
  VerdictView,
  VerdictWish,
} from '@keyward/contract';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { Search } from '../filters/search.js';
import { call } from './client.js';

/** Query keys begin with what the live stream invalidates: `alerts`, `grants`, `overview` ... */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => call('session.show', { signal }),
  staleTime: 60_000,
  retry: false,
});
export const overviewQuery = (hours: number) =>
  queryOptions({ queryKey: ['overview', hours], queryFn: ({ signal }) => call('overview.show', { query: { hours }, signal }) });
export const pulseQuery = queryOptions({
  queryKey: ['pulse'],
  queryFn: ({ signal }) => call('pulse.show', { signal }),
  refetchInterval: 15_000,
});
export const sourcesQuery = (hours: number) =>
  queryOptions({
    queryKey: ['sources', 'list', hours],
    queryFn: ({ signal }) => call('sources.list', { query: { hours }, signal }),
    refetchInterval: 30_000,
  });
export const sourceQuery = (source: string, hours: number) =>
  queryOptions({
    queryKey: ['sources', 'detail', source, hours],
    queryFn: ({ signal }) => call('sources.show', { params: { source }, query: { hours }, signal }),
    refetchInterval: 30_000,
  });
export const facetsQuery = queryOptions({ queryKey: ['alerts', 'facets'], queryFn: ({ signal }) => call('alerts.facets', { signal }) });
export const alertQuery = (uid: string) =>
  queryOptions({ queryKey: ['alerts', 'detail', uid], queryFn: ({ signal }) => call('alerts.show', { params: { uid }, signal }) });
/** Asked again for as long as scoring has not taken one in. */
export const alertVerdictsQuery = (uid: string) =>
  queryOptions({
    queryKey: ['alerts', 'verdicts', uid],
    queryFn: ({ signal }) => call('verdicts.list', { query: { alert: uid }, signal }),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.state === 'in_force' && !one.isApplied) ? 3_000 : false),
  });
export const verdictPreviewQuery = (uid: string, wish: VerdictWish) =>
  queryOptions({
    queryKey: ['alerts', 'verdict-preview', uid, wish],
    queryFn: ({ signal }) => call('verdicts.preview', { params: { uid }, body: wish, signal }),
    placeholderData: (before) => before,
  });
export const eventQuery = (uid: string) =>
  queryOptions({
    queryKey: ['events', 'detail', uid],
    queryFn: ({ signal }) => call('events.show', { params: { uid }, signal }),
    staleTime: 300_000,
  });
export const identityQuery = (id: string) =>
  queryOptions({ queryKey: ['identities', 'detail', id], queryFn: ({ signal }) => call('identities.show', { params: { id }, signal }) });
export const identityRiskQuery = (id: string, days: number) =>
  queryOptions({
    queryKey: ['identities', 'risk', id, days],
    queryFn: ({ signal }) => call('identities.risk', { params: { id }, query: { days }, signal }),
  });
export const identityRhythmQuery = (id: string) =>
  queryOptions({ queryKey: ['identities', 'rhythm', id], queryFn: ({ signal }) => call('identities.rhythm', { params: { id }, signal }) });
export const identityUsageQuery = (id: string, kind: UsageKind, days: number) =>
  queryOptions({
    queryKey: ['identities', 'usage', id, kind, days],
    queryFn: ({ signal }) => call('identities.usage', { params: { id }, query: { kind, days }, signal }),
  });
export const identityPeersQuery = (id: string) =>
  queryOptions({ queryKey: ['identities', 'peers', id], queryFn: ({ signal }) => call('identities.peers', { params: { id }, signal }) });
export const grantQuery = (uid: string) =>
  queryOptions({ queryKey: ['grants', 'detail', uid], queryFn: ({ signal }) => call('grants.show', { params: { uid }, signal }) });
export const effectQuery = (uid: string) =>
  queryOptions({ queryKey: ['effects', 'detail', uid], queryFn: ({ signal }) => call('effects.show', { params: { uid }, signal }) });
export const usersQuery = queryOptions({ queryKey: ['users'], queryFn: ({ signal }) => call('users.list', { signal }) });
export const tokensQuery = queryOptions({ queryKey: ['tokens'], queryFn: ({ signal }) => call('tokens.list', { signal }) });
export const policyQuery = queryOptions({ queryKey: ['policy'], queryFn: ({ signal }) => call('policy.show', { signal }) });
export const sodQuery = queryOptions({ queryKey: ['sod'], queryFn: ({ signal }) => call('sod.show', { signal }) });
export const organisationQuery = queryOptions({
  queryKey: ['organisation'],
  queryFn: ({ signal }) => call('organisation.show', { signal }),
});

const RUNNING_MS = 1_500;
const isUnderWay = ({ state }: BacktestSummary): boolean => state === 'waiting' || state === 'running';
export const backtestSettingsQuery = queryOptions({
  queryKey: ['backtests', 'settings'],
  queryFn: ({ signal }) => call('backtests.settings', { signal }),
});
/** Asked again for as long as one is under way. */
export const backtestsQuery = queryOptions({
  queryKey: ['backtests', 'list'],
  queryFn: ({ signal }) => call('backtests.list', { signal }),
  refetchInterval: ({ state }) => (state.data?.items.some(isUnderWay) ? RUNNING_MS : false),
});
export const backtestQuery = (id: string) =>
  queryOptions({
    queryKey: ['backtests', 'detail', id],
    queryFn: ({ signal }) => call('backtests.show', { params: { id }, signal }),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? RUNNING_MS : false),
  });

/** As `pageOf` of the contract parses it. */
export interface ListPage<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
  readonly total?: number | undefined;
}
/** One page of a list, by the filters of the URL. */
export type PageFetcher<Item> = (query: Search, signal: AbortSignal) => Promise<ListPage<Item>>;
export const alertPages: PageFetcher<AlertSummary> = (query, signal) => call('alerts.list', { query, signal });
export const eventPages: PageFetcher<EventSummary> = (query, signal) => call('events.list', { query, signal });
export const identityPages: PageFetcher<IdentitySummary> = (query, signal) => call('identities.list', { query, signal });
export const grantPages: PageFetcher<GrantView> = (query, signal) => call('grants.list', { query, signal });
export const effectPages: PageFetcher<EffectView> = (query, signal) => call('effects.list', { query, signal });
export const verdictPages: PageFetcher<VerdictView> = (query, signal) => call('verdicts.list', { query, signal });
export const auditPages: PageFetcher<AuditEntry> = (query, signal) => call('audit.list', { query, signal });

/** A list, page by page. @param topic what the live stream invalidates it by */
export const listQuery = <Item>(topic: string, fetchPage: PageFetcher<Item>, query: Search) =>
  infiniteQueryOptions({
    queryKey: [topic, 'list', query],
    queryFn: ({ pageParam, signal }) => fetchPage(pageParam === '' ? query : { ...query, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last: ListPage<Item>) => last.nextCursor,
  });
