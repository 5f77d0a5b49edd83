import type { LoginRhythm as Rhythm } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { weekHeatmap, WEEKDAYS } from '../../charts/week-heatmap.js';
import { formatCount, formatScore, formatShort, plural } from '../../format/number.js';
import { ChartTable, type ChartRow } from '../../parts/ChartTable.js';
import { RowsLink, targetOf } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';

export function LoginRhythm({ logins }: { readonly logins: Rhythm }) {
  const palette = usePalette();
  const navigate = useNavigate();
  const option = useMemo(
    () =>
      weekHeatmap(
        logins.cells.map((cell) => ({
          weekday: cell.weekday,
          hour: cell.hour,
          count: cell.events,
          note: `${plural(cell.failures, 'failure')}, highest score ${formatScore(cell.maxScore)}`,
        })),
        { count: 'sign-ins' },
        palette,
      ),
    [logins, palette],
  );
  const total = logins.cells.reduce((sum, cell) => sum + cell.events, 0);
  const odd = [...logins.cells]
    .filter((cell) => cell.maxScore >= 50)
    .sort((a, b) => b.maxScore - a.maxScore)
    .slice(0, 4);
  return (
    <Panel title="Sign-ins by hour and weekday" span={6} note={`UTC, ${formatShort(total)} in the window`}>
      {total === 0 ? (
        <EmptyState title="No sign-ins in this window" />
      ) : (
        <>
          <ChartTable
            caption="Sign-ins by hour and weekday"
            columns={['Hour (UTC)', 'Sign-ins', 'Failed', 'Top score']}
            rows={logins.cells.filter((cell) => cell.events > 0).map(rowOf)}
            note="Hours without sign-ins are left out."
          >
            <EChart
              option={option}
              height={330}
              label={`Sign-ins by hour and weekday, ${formatCount(total)} in all`}
              onPick={({ dataIndex }) => {
                const cell = logins.cells[dataIndex];
                if (cell) void navigate(targetOf(cell.link));
              }}
            />
          </ChartTable>
          {odd.length > 0 && (
            <p className="kw-small kw-muted kw-row" style={{ marginTop: 6 }}>
              Most unusual:
              {odd.map((cell) => (
                <RowsLink key={`${cell.weekday}-${cell.hour}`} link={cell.link}>
                  {WEEKDAYS[cell.weekday - 1]} {String(cell.hour).padStart(2, '0')}:00 (score {formatScore(cell.maxScore)})
                </RowsLink>
              ))}
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function rowOf(cell: Rhythm['cells'][number]): ChartRow {
  const hour = String(cell.hour).padStart(2, '0');
  const name = `${WEEKDAYS[cell.weekday - 1] ?? ''} ${hour}:00–${hour}:59`;
  return {
    key: name,
    cells: [
      name,
      { count: cell.events, rows: cell.link, label: `sign-ins, ${name}` },
      {
        count: cell.failures,
        rows: { ...cell.link, query: { ...cell.link.query, outcome: 'failure' } },
        label: `failed sign-ins, ${name}`,
      },
      formatScore(cell.maxScore),
    ],
  };
}
