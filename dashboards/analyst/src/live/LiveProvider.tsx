import type { StreamEvent } from '@keyward/contract';
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { LiveContext, type Live } from './live-context.js';
import { LiveStream, type LiveState } from './live-stream.js';

/** What a kind of event makes stale: the first words of query keys. */
const STALE: Readonly<Record<StreamEvent['kind'], readonly string[]>> = {
  alert: ['alerts', 'overview', 'identities', 'sources'],
  alert_status: ['alerts', 'overview'],
  grant: ['grants', 'identities'],
  effect: ['effects', 'grants', 'alerts'],
  pulse: [],
};
/** A burst of events asks for a list once. */
const SETTLE_MS = 1_500;

/** Keeps what is on the page fresh while the stream is open. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  const [newest, setNewest] = useState<Live['newest']>(undefined);
  const stream = useRef<LiveStream>(undefined);

  useEffect(() => {
    const stale = new Set<string>();
    let timer: number | undefined;
    /** New alerts alone do not reorder a queue that somebody works through: its page says that they are there. */
    let held = true;
    const settle = (): void => {
      timer = undefined;
      for (const topic of stale)
        void client.invalidateQueries({
          queryKey: [topic],
          predicate: ({ queryKey }) => !(held && queryKey[0] === 'alerts' && queryKey[1] === 'list'),
        });
      held = true;
      stale.clear();
    };
    const live = new LiveStream(
      {
        open: () => new EventSource('/v1/stream'),
        later: (work, ms) => {
          const id = window.setTimeout(work, ms);
          return () => {
            window.clearTimeout(id);
          };
        },
      },
      {
        state: setState,
        event: (event) => {
          if (event.kind === 'pulse') client.setQueryData(['pulse'], event.pulse);
          if (event.kind === 'alert') setNewest(event);
          else if (event.kind === 'alert_status') held = false;
          for (const topic of STALE[event.kind]) stale.add(topic);
          if (stale.size > 0) timer ??= window.setTimeout(settle, SETTLE_MS);
        },
        gap: () => {
          refetchAll(client);
        },
      },
    );
    stream.current = live;
    live.start();
    return () => {
      live.stop();
      window.clearTimeout(timer);
    };
  }, [client]);

  const value = useMemo<Live>(
    () => ({
      state,
      newest,
      toggle: () => {
        if (state === 'paused') {
          stream.current?.start();
          refetchAll(client);
        } else stream.current?.pause();
      },
    }),
    [state, newest, client],
  );
  return <LiveContext value={value}>{children}</LiveContext>;
}
function refetchAll(client: QueryClient): void {
  void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
}
