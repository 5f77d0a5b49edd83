import type { BacktestSummary } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { isUnderWay } from './change-words.js';
import { ChangeLines, ProgressOf, StateTag } from './marks.js';

const DAY_LENGTH = 10;

/** Past and running ones, newest first. */
export function BacktestList({ items }: { readonly items: readonly BacktestSummary[] }) {
  return (
    <Table columns={['Changes', 'Over', 'State', 'Asked by', { title: 'Asked', right: true }]} cards>
      {items.map((backtest) => (
        <tr key={backtest.id}>
          <td data-main>
            <Link to="/backtests/$id" params={{ id: backtest.id }} search={{}} className="kw-cell-title">
              <ChangeLines change={backtest.change} />
            </Link>
          </td>
          <td data-label="Over" className="kw-num">
            {backtest.from.slice(0, DAY_LENGTH)} to {lastDay(backtest.to)}
          </td>
          <td data-label="State" style={{ minWidth: 170 }}>
            <StateTag state={backtest.state} />
            {isUnderWay(backtest.state) && (
              <div style={{ marginTop: 4 }}>
                <ProgressOf backtest={backtest} />
              </div>
            )}
            {backtest.error !== null && <div className="kw-cell-sub">{backtest.error}</div>}
          </td>
          <td data-label="Asked by" className="kw-wrap">
            {backtest.author}
          </td>
          <td data-label="Asked" data-right>
            <TimeText at={backtest.createdAt} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The last day of a span whose end is exclusive: `2026-01-31` for one that ends at midnight after it. */
export const lastDay = (to: string): string => new Date(Date.parse(to) - 1).toISOString().slice(0, DAY_LENGTH);
