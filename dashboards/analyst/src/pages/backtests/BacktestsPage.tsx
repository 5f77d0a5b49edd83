import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { backtestQuery, backtestSettingsQuery, backtestsQuery } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { useFilters } from '../../filters/use-filters.js';
import { plural } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';
import { BacktestList } from './BacktestList.js';
import { NO_CHANGE, draftOf } from './change-draft.js';
import { ChangeForm } from './ChangeForm.js';

/** What would a change have done? Ask, and look at what was asked. */
export function BacktestsPage() {
  const list = useQuery(backtestsQuery);
  return (
    <div className="kw-stack">
      <div className="kw-row">
        <h1 className="kw-hidden">Backtests</h1>
        <span className="kw-muted">What another setting would have done with the stored history. Nothing is sent, revoked or set.</span>
      </div>
      <NewBacktestPanel />
      <Panel title="Backtests" note={list.data ? `${plural(list.data.items.length, 'backtest')}, kept for 90 days` : undefined} flush>
        <Async query={list} rows={4}>
          {({ items }) =>
            items.length === 0 ? (
              <EmptyState title="Nobody has tried a change yet">
                Change a value above: the history is worked through as if it had been set so, and the difference stands here.
              </EmptyState>
            ) : (
              <BacktestList items={items} />
            )
          }
        </Async>
      </Panel>
    </div>
  );
}

function NewBacktestPanel() {
  const [search] = useFilters('backtests');
  const settings = useQuery(backtestSettingsQuery);
  const base = search['base'];
  const earlier = useQuery({ ...backtestQuery(base ?? ''), enabled: base !== undefined });
  const navigate = useNavigate();
  const mayAsk = useMay('analyst');
  const isWaitingForBase = base !== undefined && earlier.isPending;
  return (
    <Panel title="Try a change" note={mayAsk ? 'one runs at a time, four can wait' : 'needs the role analyst'}>
      <Async query={settings} rows={6} height={22}>
        {(inForce) =>
          isWaitingForBase ? null : (
            <ChangeForm
              key={base ?? ''}
              settings={inForce}
              draft={earlier.data ? draftOf(earlier.data.change) : NO_CHANGE}
              {...(earlier.data ? { span: { from: earlier.data.from, to: earlier.data.to } } : {})}
              mayAsk={mayAsk}
              onAsked={({ id }) => void navigate({ to: '/backtests/$id', params: { id }, search: {} })}
            />
          )
        }
      </Async>
    </Panel>
  );
}
