import { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { ApiError } from '../api/client.js';
import { sessionQuery } from '../api/queries.js';
import { FILTERS, parseSearch, pickSearch, stringifySearch, type FilterName } from '../filters/search.js';
import { ErrorState, Loading } from '../parts/states.js';
import { NotFoundPage } from '../pages/NotFoundPage.js';

const worthAnotherTry = (error: Error): boolean => !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => failures < 1 && worthAnotherTry(error),
      retryDelay: 800,
    },
  },
});
// A session that ended anywhere on the page ends everywhere: back to the login, and from there back here.
queryClient.getQueryCache().subscribe((event) => {
  if (event.type !== 'updated' || event.action.type !== 'error') return;
  const error: unknown = event.action.error;
  if (error instanceof ApiError && error.status === 401 && !location.pathname.startsWith('/login')) {
    queryClient.removeQueries({ queryKey: ['session'] });
    void router.navigate({ to: '/login', search: { next: location.pathname + location.search } });
  }
});

const searchOf =
  (name: FilterName) =>
  (search: Record<string, unknown>): Record<string, string> =>
    pickSearch(search, FILTERS[name]);

interface Context {
  readonly client: QueryClient;
}
const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFoundPage });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: searchOf('login'),
  component: lazyRouteComponent(() => import('../pages/login/LoginPage.js'), 'LoginPage'),
});
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: lazyRouteComponent(() => import('./Frame.js'), 'Frame'),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.query({ ...sessionQuery, staleTime: 'static' });
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- how the router is told to go elsewhere
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: '/login', search: { next: location.href } });
      throw error;
    }
  },
});
const overview = createRoute({
  getParentRoute: () => frame,
  path: '/',
  validateSearch: searchOf('overview'),
  component: lazyRouteComponent(() => import('../pages/overview/OverviewPage.js'), 'OverviewPage'),
});
const alerts = createRoute({
  getParentRoute: () => frame,
  path: '/alerts',
  validateSearch: searchOf('alerts'),
  component: lazyRouteComponent(() => import('../pages/alerts/AlertsPage.js'), 'AlertsPage'),
});
const alert = createRoute({
  getParentRoute: () => frame,
  path: '/alerts/$uid',
  validateSearch: searchOf('settings'),
  component: lazyRouteComponent(() => import('../pages/alerts/AlertPage.js'), 'AlertPage'),
});
const identities = createRoute({
  getParentRoute: () => frame,
  path: '/identities',
  validateSearch: searchOf('identities'),
  component: lazyRouteComponent(() => import('../pages/identities/IdentitiesPage.js'), 'IdentitiesPage'),
});
const identity = createRoute({
  getParentRoute: () => frame,
  path: '/identities/$id',
  validateSearch: searchOf('identity'),
  component: lazyRouteComponent(() => import('../pages/identities/IdentityPage.js'), 'IdentityPage'),
});
const grants = createRoute({
  getParentRoute: () => frame,
  path: '/grants',
  validateSearch: searchOf('grants'),
  component: lazyRouteComponent(() => import('../pages/grants/GrantsPage.js'), 'GrantsPage'),
});
const events = createRoute({
  getParentRoute: () => frame,
  path: '/events',
  validateSearch: searchOf('events'),
  component: lazyRouteComponent(() => import('../pages/events/EventsPage.js'), 'EventsPage'),
});
const verdicts = createRoute({
  getParentRoute: () => frame,
  path: '/verdicts',
  validateSearch: searchOf('verdicts'),
  component: lazyRouteComponent(() => import('../pages/verdicts/VerdictsPage.js'), 'VerdictsPage'),
});
const backtests = createRoute({
  getParentRoute: () => frame,
  path: '/backtests',
  validateSearch: searchOf('backtests'),
  component: lazyRouteComponent(() => import('../pages/backtests/BacktestsPage.js'), 'BacktestsPage'),
});
const backtest = createRoute({
  getParentRoute: () => frame,
  path: '/backtests/$id',
  validateSearch: searchOf('settings'),
  component: lazyRouteComponent(() => import('../pages/backtests/BacktestPage.js'), 'BacktestPage'),
});
const sources = createRoute({
  getParentRoute: () => frame,
  path: '/sources',
  validateSearch: searchOf('sources'),
  component: lazyRouteComponent(() => import('../pages/sources/SourcesPage.js'), 'SourcesPage'),
});
const source = createRoute({
  getParentRoute: () => frame,
  path: '/sources/$source',
  validateSearch: searchOf('sources'),
  component: lazyRouteComponent(() => import('../pages/sources/SourcePage.js'), 'SourcePage'),
});
const settings = createRoute({
  getParentRoute: () => frame,
  path: '/settings',
  validateSearch: searchOf('settings'),
  component: lazyRouteComponent(() => import('../pages/settings/SettingsPage.js'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    frame.addChildren([
      overview,
      alerts,
      alert,
      identities,
      identity,
      grants,
      events,
      verdicts,
      backtests,
      backtest,
      sources,
      source,
      settings,
    ]),
  ]),
  context: { client: queryClient },
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading rows={6} height={22} />,
  defaultErrorComponent: ({ error }) => (
    <ErrorState
      error={error}
      onRetry={() => {
        location.reload();
      }}
    />
  ),
  scrollRestoration: true,
});

// Once the first page is drawn, the others are fetched too: when the service is away, each then says so itself, where a page that can't be fetched would
// leave nothing but the browser's own error.
const unsubscribe = router.subscribe('onResolved', () => {
  unsubscribe();
  for (const route of Object.values(router.routesById)) void Promise.resolve(router.loadRouteChunk(route)).catch(() => undefined);
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
