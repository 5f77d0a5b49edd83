import type { BacktestDetail } from '@keyward/contract';
import { IconArrowLeft } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { call } from '../../api/client.js';
import { backtestQuery } from '../../api/queries.js';
import { Failure } from '../../parts/Failure.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { lastDay } from './BacktestList.js';
import { isUnderWay } from './change-words.js';
import { ChangeLines, ProgressOf, StateTag } from './marks.js';
import { ResultBoard } from './ResultBoard.js';

/** One backtest: how far it is, and what came of it. */
export function BacktestPage() {
  const { id } = useParams({ from: '/frame/backtests/$id' });
  const query = useQuery(backtestQuery(id));
  return (
    <div className="kw-stack">
      <Link to="/backtests" search={{}} className="kw-row kw-small">
        <IconArrowLeft size={14} aria-hidden /> Backtests
      </Link>
      <Async query={query} rows={8} height={22}>
        {(backtest) => (
          <>
            <Head backtest={backtest} />
            <Outcome backtest={backtest} />
          </>
        )}
      </Async>
    </div>
  );
}

function Head({ backtest }: { readonly backtest: BacktestDetail }) {
  const client = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => call('backtests.cancel', { params: { id: backtest.id } }),
    onSettled: () => client.invalidateQueries({ queryKey: ['backtests'] }),
  });
  const isRunning = isUnderWay(backtest.state);
  return (
    <>
      <header className="kw-headline">
        <div style={{ minWidth: 0, flex: '1 1 420px' }}>
          <h1>What if</h1>
          <div style={{ marginTop: 4 }}>
            <ChangeLines change={backtest.change} />
          </div>
          <div className="kw-row kw-muted" style={{ marginTop: 6 }}>
            <StateTag state={backtest.state} />
            <span className="kw-num">
              {backtest.from.slice(0, 10)} to {lastDay(backtest.to)}
            </span>
            <span>
              asked by {backtest.author}, <TimeText at={backtest.createdAt} />
            </span>
          </div>
        </div>
        <div className="kw-row">
          {isRunning && (
            <RoleButton
              needs="analyst"
              size="xs"
              variant="default"
              loading={cancel.isPending}
              onClick={() => {
                cancel.mutate();
              }}
            >
              Cancel
            </RoleButton>
          )}
          {!isRunning && (
            <Link to="/backtests" search={{ base: backtest.id }} className="kw-link-button">
              Try it another way
            </Link>
          )}
        </div>
      </header>
      {cancel.isError && <Failure error={cancel.error} />}
    </>
  );
}

function Outcome({ backtest }: { readonly backtest: BacktestDetail }) {
  if (isUnderWay(backtest.state))
    return (
      <Panel title="Progress">
        <ProgressOf backtest={backtest} />
        <p className="kw-muted kw-small" style={{ marginTop: 8 }}>
          It goes on when you leave this page.
        </p>
      </Panel>
    );
  if (backtest.result) return <ResultBoard result={backtest.result} />;
  if (backtest.state === 'cancelled')
    return (
      <Panel title="Result">
        <EmptyState title="It was cancelled">There is no result. “Try it another way” begins with the same change.</EmptyState>
      </Panel>
    );
  return (
    <Panel title="Result">
      <div className="kw-banner" data-tone="danger" role="alert">
        <span>
          <strong>It did not come to an end.</strong> {backtest.error ?? 'Nothing is known of why.'}
        </span>
      </div>
    </Panel>
  );
}
