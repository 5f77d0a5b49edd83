import { DAY_MS, HOUR_MS } from '../format/time.js';

/** Filters as the URL has them: text only, under the API's own parameter names, so that a link of the API is a link of the dashboard. */
export type Search = Readonly<Record<string, string>>;
/** The same as the router hands it over: a link may leave a key out by setting it to undefined. */
export type RouterSearch = Readonly<Record<string, string | undefined>>;

/** What each list takes from the query string. Everything else is dropped: a link from elsewhere cannot add parameters. */
export const FILTERS = {
  alerts: ['status', 'severity', 'detection', 'identity', 'source', 'from', 'to', 'minScore', 'text', 'sort', 'window'],
  events: [
    'identity',
    'actor',
    'account',
    'alert',
    'source',
    'class',
    'activity',
    'outcome',
    'from',
    'to',
    'ip',
    'network',
    'country',
    'city',
    'resource',
    'application',
    'device',
    'weekday',
    'hour',
    'timezone',
    'minScore',
    'text',
    'sort',
    'window',
  ],
  identities: ['text', 'kind', 'privileged', 'minRisk', 'maxRisk', 'sort'],
  grants: ['tab', 'state', 'identity', 'system', 'jit', 'text', 'alert', 'grant', 'from', 'to', 'open'],
  effects: ['state', 'identity', 'alert', 'grant', 'from', 'to'],
  overview: ['hours'],
  identity: ['days'],
  sources: ['hours'],
  verdicts: ['state', 'identity', 'alert'],
  backtests: ['base'],
  login: ['next'],
  settings: ['tab', 'rule'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type FilterName = keyof typeof FILTERS;

/** Reads a query string: every value stays text, `12` is not a number and `true` not a truth value. */
export function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}
/** @returns `?a=b`, or '' when nothing is set; keys in the order given, empty values left out */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search).flatMap(([key, value]) =>
    typeof value === 'string' && value !== '' ? [[key, value]] : typeof value === 'number' ? [[key, String(value)]] : [],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}
/** `event` is known on every page: it opens the drawer with that event. */
export function pickSearch(search: Readonly<Record<string, unknown>>, keys: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const key of [...keys, 'event']) {
    const value = search[key];
    if (typeof value === 'string' && value !== '') picked[key] = value;
  }
  return picked;
}

/** Sets, or with '' removes, some filters. */
export function withFilters(search: RouterSearch, change: Search): Record<string, string> {
  const merged = Object.entries({ ...search, ...change });
  return Object.fromEntries(merged.flatMap(([key, value]) => (value === undefined || value === '' ? [] : [[key, value]])));
}
/** `new,in_progress` to a list; nothing to none. */
export const listValue = (value: string | undefined): readonly string[] => (value ?? '').split(',').filter((part) => part !== '');
export function toggleInList(value: string | undefined, item: string): string {
  const list = listValue(value);
  return (list.includes(item) ? list.filter((one) => one !== item) : [...list, item]).join(',');
}

export const WINDOWS: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '1h': { label: 'Last hour', ms: HOUR_MS },
  '24h': { label: 'Last 24 hours', ms: DAY_MS },
  '7d': { label: 'Last 7 days', ms: 7 * DAY_MS },
  '30d': { label: 'Last 30 days', ms: 30 * DAY_MS },
  '90d': { label: 'Last 90 days', ms: 90 * DAY_MS },
};

/** What the API is asked: `window` becomes `from`, rounded down to the minute so that the same question is cached; page state is left out. */
export function apiQuery(search: Search, now: number): Record<string, string> {
  const { window: name, event: _event, tab: _tab, open: _open, ...query } = search;
  const window = name === undefined ? undefined : WINDOWS[name];
  if (!window || query['from'] !== undefined) return query;
  const minute = 60_000;
  return { ...query, from: new Date(Math.floor((now - window.ms) / minute) * minute).toISOString() };
}

/** Filters in force, without sorting and page state. */
export function activeFilters(search: Search): readonly (readonly [string, string])[] {
  return Object.entries(search).filter(([key]) => !['sort', 'tab', 'event', 'open'].includes(key));
}
