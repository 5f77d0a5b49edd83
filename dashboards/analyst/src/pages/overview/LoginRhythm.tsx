import type { LoginRhythm as Rhythm } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { weekHeatmap, WEEKDAYS } from '../../charts/week-heatmap.js';
import { formatCount, formatScore, formatShort, plural } from '../../format/number.js';
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
          <EChart
            option={option}
            height={330}
            label={`Sign-ins by hour and weekday, ${formatCount(total)} in all`}
            onPick={({ dataIndex }) => {
              const cell = logins.cells[dataIndex];
              if (cell) void navigate(targetOf(cell.link));
            }}
          />
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
