import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { RiskHistory } from '@keyward/contract';
import { identityRiskQuery } from '../../api/queries.js';
import { usePalette, useZone } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { riskTimeline } from '../../charts/risk-timeline.js';
import { formatScore, plural } from '../../format/number.js';
import { formatInstant } from '../../format/time.js';
import { ChartTable } from '../../parts/ChartTable.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';

export function RiskPanel({ id, days }: { readonly id: string; readonly days: number }) {
  const query = useQuery(identityRiskQuery(id, days));
  return (
    <Panel title="Risk over time" span={8} note={`last ${plural(days, 'day')}`}>
      <Async query={query} rows={6}>
        {(history) => (history.points.length === 0 ? <EmptyState title="No risk was ever found" /> : <Chart history={history} />)}
      </Async>
    </Panel>
  );
}
function Chart({ history }: { readonly history: RiskHistory }) {
  const palette = usePalette();
  const [zone] = useZone();
  const option = useMemo(
    () =>
      riskTimeline(
        history.points.map((point) => ({
          at: Date.parse(point.at),
          risk: point.risk,
          ...(point.title === null ? {} : { title: point.title }),
        })),
        zone,
        palette,
      ),
    [history, zone, palette],
  );
  const top = Math.max(0, ...history.points.map((point) => point.risk));
  return (
    <ChartTable
      caption="Risk over time"
      columns={['Time', 'Risk', 'What happened']}
      rows={history.points.map((point, i) => ({
        key: `${point.at}/${String(i)}`,
        cells: [formatInstant(Date.parse(point.at), zone), formatScore(point.risk), point.title ?? ''],
      }))}
    >
      <EChart
        option={option}
        height={210}
        label={`Risk over time, ${plural(history.points.length, 'point')}, highest ${formatScore(top)}`}
      />
    </ChartTable>
  );
}
