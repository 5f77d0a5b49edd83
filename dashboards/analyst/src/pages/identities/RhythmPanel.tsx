import { useQuery } from '@tanstack/react-query';
import type { Link as ContractLink, Rhythm } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, useMemo } from 'react';
import { identityRhythmQuery } from '../../api/queries.js';
import { usePalette } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { isRare, weekHeatmap, WEEKDAYS, type WeekCell } from '../../charts/week-heatmap.js';
import { formatCount, plural } from '../../format/number.js';
import { ChartTable, type ChartRow } from '../../parts/ChartTable.js';
import { RowsLink, targetOf } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';

/** When this identity usually works, and when it did in the last seven days. */
export function RhythmPanel({ id }: { readonly id: string }) {
  const query = useQuery(identityRhythmQuery(id));
  return (
    <Panel
      title="Hours"
      span={7}
      note={query.data ? `usual against the last 7 days, ${query.data.timezone}` : 'usual against now'}
      side={
        <>
          <span className="kw-legend">
            <i style={{ background: 'var(--kw-sequence-3)' }} /> usual
          </span>
          <span className="kw-legend">
            <i data-round style={{ boxShadow: 'inset 0 0 0 1.5px var(--kw-now)' }} /> last 7 days
          </span>
          <span className="kw-legend">
            <i data-round style={{ background: 'var(--kw-now)' }} /> in a rare hour
          </span>
        </>
      }
    >
      <Async query={query} rows={8}>
        {(rhythm) =>
          rhythm.cells.every((cell) => cell.usual === 0 && cell.recent === 0) ? (
            <EmptyState title="Nothing is known yet" />
          ) : (
            <Chart id={id} rhythm={rhythm} />
          )
        }
      </Async>
    </Panel>
  );
}

const hourName = (cell: WeekCell): string => `${WEEKDAYS[cell.weekday - 1] ?? ''} ${String(cell.hour).padStart(2, '0')}:00`;

/** What the identity did in one hour of the week: in the weeks that `usual` is averaged over, or in the last seven days. */
function eventsIn(id: string, { timezone, usualFrom, recentFrom, to }: Rhythm, cell: WeekCell, when: 'usual' | 'recent'): ContractLink {
  const window = when === 'usual' ? { from: usualFrom, to: recentFrom } : { from: recentFrom, to };
  return { to: 'events', query: { actor: id, ...window, weekday: String(cell.weekday), hour: String(cell.hour), timezone } };
}

function rowOf(id: string, rhythm: Rhythm, cell: WeekCell): ChartRow {
  const name = `${hourName(cell)}–${String(cell.hour).padStart(2, '0')}:59`;
  const now = cell.now ?? 0;
  const rare = isRare(cell) && now > 0 ? ', rare' : '';
  return {
    key: name,
    cells: [
      name,
      {
        count: cell.count,
        text: cell.count.toFixed(1),
        rows: eventsIn(id, rhythm, cell, 'usual'),
        label: `events a week, usually, ${name}`,
      },
      {
        count: now,
        text: `${formatCount(now)}${rare}`,
        rows: eventsIn(id, rhythm, cell, 'recent'),
        label: `events in the last 7 days, ${name}`,
      },
    ],
  };
}

function Chart({ id, rhythm }: { readonly id: string; readonly rhythm: Rhythm }) {
  const palette = usePalette();
  const navigate = useNavigate();
  const cells = useMemo<readonly WeekCell[]>(
    () => rhythm.cells.map((cell) => ({ weekday: cell.weekday, hour: cell.hour, count: cell.usual, now: cell.recent })),
    [rhythm],
  );
  const option = useMemo(
    () => weekHeatmap(cells, { count: 'events a week, usually', now: 'in the last 7 days' }, palette),
    [cells, palette],
  );
  const rare = cells.filter((cell) => isRare(cell) && (cell.now ?? 0) > 0);
  return (
    <>
      <ChartTable
        caption="Events by hour and weekday"
        columns={[`Hour (${rhythm.timezone})`, 'Usual, a week', 'Last 7 days']}
        rows={cells.filter((cell) => cell.count > 0 || (cell.now ?? 0) > 0).map((cell) => rowOf(id, rhythm, cell))}
        note="Hours without events are left out."
      >
        <EChart
          option={option}
          height={236}
          label={`Events by hour and weekday: usual against the last seven days. ${plural(rare.length, 'rare hour')} with activity`}
          onPick={({ seriesIndex, dataIndex }) => {
            const cell = seriesIndex === 1 ? cells.filter(({ now = 0 }) => now > 0)[dataIndex] : cells[dataIndex];
            if (cell) void navigate(targetOf(eventsIn(id, rhythm, cell, (cell.now ?? 0) > 0 ? 'recent' : 'usual')));
          }}
        />
      </ChartTable>
      <p className="kw-small kw-muted" style={{ marginTop: 4 }}>
        {rhythm.usualWeeks === 0 ? 'No full week is known yet, so every hour counts as rare. ' : ''}
        {rare.length === 0 ? (
          'All activity of the last 7 days was in usual hours.'
        ) : (
          <>
            In rare hours:{' '}
            {rare.slice(0, 5).map((cell, i) => (
              <Fragment key={hourName(cell)}>
                {i > 0 && ', '}
                <RowsLink link={eventsIn(id, rhythm, cell, 'recent')} label={`${plural(cell.now ?? 0, 'event')}, ${hourName(cell)}`}>
                  {hourName(cell)} ({formatCount(cell.now ?? 0)})
                </RowsLink>
              </Fragment>
            ))}
            .{' '}
            <RowsLink link={{ to: 'events', query: { actor: id, from: rhythm.recentFrom, to: rhythm.to } }}>
              Events of the last 7 days
            </RowsLink>
          </>
        )}
      </p>
    </>
  );
}
