import type { Overview } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette, useZone } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { severityTimeline } from '../../charts/severity-timeline.js';
import { plural } from '../../format/number.js';
import { MINUTE_MS } from '../../format/time.js';
import { CountLink, targetOf } from '../../parts/links.js';
import { SeverityMark } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';

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
      )}
    </Panel>
  );
}
