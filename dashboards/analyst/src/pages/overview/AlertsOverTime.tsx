import type { Overview } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette, useZone } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { SEVERITY_NAMES } from '../../charts/palette.js';
import { severityTimeline } from '../../charts/severity-timeline.js';
import { plural } from '../../format/number.js';
import { formatInstant, MINUTE_MS, type Zone } from '../../format/time.js';
import { words } from '../../format/words.js';
import { ChartTable, type ChartRow } from '../../parts/ChartTable.js';
import { CountLink, targetOf } from '../../parts/links.js';
import { SeverityMark } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';

const SEVERITY_COLUMNS = [...SEVERITY_NAMES].reverse().map(words);

/** An interval in numbers; none for an empty one. */
function rowOf(bucket: Overview['alerts']['buckets'][number], zone: Zone): readonly ChartRow[] {
  const all = Object.values(bucket.counts).reduce((sum, count) => sum + count, 0);
  if (all === 0) return [];
  const from = formatInstant(Date.parse(bucket.from), zone);
  const bySeverity = [...SEVERITY_NAMES].reverse().map((severity) => ({
    count: bucket.counts[severity],
    rows: { ...bucket.link, query: { ...bucket.link.query, severity } },
    label: `${severity} alerts from ${from}`,
  }));
  return [{ key: bucket.from, cells: [from, { count: all, rows: bucket.link, label: `alerts from ${from}` }, ...bySeverity] }];
}

export function AlertsOverTime({ overview }: { readonly overview: Overview }) {
  const palette = usePalette();
  const [zone] = useZone();
  const navigate = useNavigate();
  const { buckets, bucketMinutes } = overview.alerts;
  const option = useMemo(
    () =>
      severityTimeline(
        buckets.map((bucket) => ({ at: Date.parse(bucket.from), counts: bucket.counts })),
        bucketMinutes * MINUTE_MS,
        zone,
        palette,
      ),
    [buckets, bucketMinutes, zone, palette],
  );
  const total = overview.risk.newAlerts.count;
  return (
    <Panel
      title="Alerts by severity"
      span={8}
      note={`${plural(total, 'alert')} in the window`}
      side={[...overview.risk.openBySeverity]
        .filter(({ count }) => count > 0)
        .map(({ severity, count, link }) => (
          <span key={severity} className="kw-row" style={{ gap: 5 }}>
            <SeverityMark severity={severity} />
            <CountLink count={count} link={link} label={`open ${severity} alerts`} />
          </span>
        ))}
    >
      {total === 0 ? (
        <EmptyState title="No alerts in this window">
          Scores stayed usual and no detection fired. Choose a longer window to look further back.
        </EmptyState>
      ) : (
        <ChartTable
          caption="Alerts by severity over time"
          columns={['From', 'All', ...SEVERITY_COLUMNS]}
          rows={buckets.flatMap((bucket) => rowOf(bucket, zone))}
          note="Intervals without alerts are left out."
        >
          <EChart
            option={option}
            height={218}
            pickColumn
            label={`Alerts by severity over time: ${plural(total, 'alert')} in ${plural(buckets.length, 'interval')}`}
            onPick={({ dataIndex }) => {
              const bucket = buckets[dataIndex];
              if (bucket) void navigate(targetOf(bucket.link));
            }}
          />
        </ChartTable>
      )}
    </Panel>
  );
}
