import type { AlertSummary } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { alertPages } from '../../api/queries.js';
import type { Search } from '../../filters/search.js';

interface Loaded {
  readonly alerts: readonly AlertSummary[];
  /** When they were loaded, epoch ms; 0 before. */
  readonly at: number;
}
interface Held {
  /** The loaded ones in the order they were loaded, each as it stands now. */
  readonly alerts: readonly AlertSummary[];
  /** Those that a new load would bring to the first page. */
  readonly fresh: number;
}

/**
 * Keeps the queue still while alerts come in: the stream makes only this quiet copy of the first page stale, not the list that somebody works through.
 * @param query the filters that the list was loaded with
 */
export function useHeldAlerts(loaded: Loaded, query: Search): Held {
  const copy = useQuery({
    queryKey: ['alerts', 'incoming', query],
    queryFn: ({ signal }) => alertPages(query, signal),
    // The list has just asked the same: the copy is only fetched when the stream says that something came in.
    enabled: loaded.at > 0,
    initialData: { items: [], nextCursor: null },
    initialDataUpdatedAt: 0,
    staleTime: Infinity,
    refetchOnMount: false,
    refetchOnWindowFocus: false,
  });
  if (copy.dataUpdatedAt <= loaded.at) return { alerts: loaded.alerts, fresh: 0 };
  const now = new Map(copy.data.items.map((alert) => [alert.uid, alert]));
  const known = new Set(loaded.alerts.map((alert) => alert.uid));
  return {
    alerts: loaded.alerts.map((alert) => now.get(alert.uid) ?? alert),
    fresh: copy.data.items.filter((alert) => !known.has(alert.uid)).length,
  };
}
