import type { Link as ContractLink, SourceDetail } from '@keyward/contract';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette, useZone } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { sourceBars } from '../../charts/source-bars.js';
import { formatCount } from '../../format/number.js';
import { formatInstant, MINUTE_MS } from '../../format/time.js';
import { words } from '../../format/words.js';
import { ChartTable, type ChartRow } from '../../parts/ChartTable.js';
import { targetOf } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { describeSource } from './source-words.js';
import { SourceLegend } from './SourceLegend.js';

type Bucket = SourceDetail['health']['buckets'][number];

/** What came over time, beside what is usual at that time of the week. */
export function RecordsOverTime({ detail, hours }: { readonly detail: SourceDetail; readonly hours: number }) {
  const { health, bucketMinutes } = detail;
  const palette = usePalette();
  const [zone] = useZone();
  const navigate = useNavigate();
  const bucketMs = bucketMinutes * MINUTE_MS;
  const option = useMemo(
    () =>
      sourceBars(
        health.buckets.map(({ from, ...bucket }) => ({ at: Date.parse(from), ...bucket })),
        bucketMs,
        zone,
        palette,
      ),
    [health.buckets, bucketMs, zone, palette],
  );
  const isUsualKnown = health.buckets.some(({ usual }) => usual !== null);
  const rows = health.buckets.flatMap((bucket) =>
    rowOf(bucket, eventsOf(health.link, bucket, bucketMs), formatInstant(Date.parse(bucket.from), zone)),
  );
  return (
    <Panel title="Records over time" note={describeSource(health)} side={<SourceLegend withUsual={isUsualKnown} />}>
      <ChartTable
        caption="Records over time"
        columns={['From', 'Kept', 'Ignored', 'Rejected', 'Usual']}
        rows={rows}
        note="By arrival. Intervals without records, in which none were usual, are left out."
      >
        <EChart
          option={option}
          height={220}
          pickColumn
          label={`Records of ${words(health.source)} over the last ${String(hours)} hours: ${describeSource(health)}`}
          onPick={({ dataIndex }) => {
            const bucket = health.buckets[dataIndex];
            if (bucket) void navigate(targetOf(eventsOf(health.link, bucket, bucketMs)));
          }}
        />
      </ChartTable>
    </Panel>
  );
}

/** Events are found by when they happened: that of most is the interval in which they arrived. */
function eventsOf(link: ContractLink, bucket: Bucket, bucketMs: number): ContractLink {
  const to = new Date(Date.parse(bucket.from) + bucketMs).toISOString();
  return { to: link.to, query: { ...link.query, from: bucket.from, to } };
}
function rowOf(bucket: Bucket, link: ContractLink, from: string): readonly ChartRow[] {
  if (bucket.kept + bucket.ignored + bucket.rejected + (bucket.usual ?? 0) === 0) return [];
  return [
    {
      key: bucket.from,
      cells: [
        from,
        { count: bucket.kept, rows: link, label: `events from ${from}` },
        formatCount(bucket.ignored),
        formatCount(bucket.rejected),
        bucket.usual === null ? '–' : formatCount(bucket.usual),
      ],
    },
  ];
}
