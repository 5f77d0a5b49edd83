import type { BacktestResult } from '@keyward/contract';
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePalette } from '../../app/preferences.js';
import { beforeAfterTimeline } from '../../charts/before-after.js';
import { EChart } from '../../charts/EChart.js';
import { plural } from '../../format/number.js';
import { ChartTable } from '../../parts/ChartTable.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { SidesLegend } from './SidesLegend.js';

/** More bars than this are too thin to tell apart on a phone. */
const MAX_DAYS_SHOWN = 35;

/** Alerts a day or week, as it is and as it would be; those on behaviour beside their budget. */
export function VolumePanel({ result }: { readonly result: BacktestResult }) {
  const palette = usePalette();
  const [by, setBy] = useState<'days' | 'weeks'>(result.days.length > MAX_DAYS_SHOWN ? 'weeks' : 'days');
  const [what, setWhat] = useState<'all' | 'behaviour'>('all');
  const items = useMemo(
    () =>
      result[by].map((volume) => ({
        label: volume.day.slice(5),
        ...(what === 'all'
          ? { before: volume.current, after: volume.changed }
          : {
              ...{ before: volume.currentOnBehaviour, after: volume.changedOnBehaviour },
              ...{ beforeTarget: volume.currentBudget, afterTarget: volume.changedBudget },
            }),
      })),
    [result, by, what],
  );
  const option = useMemo(() => beforeAfterTimeline(items, palette), [items, palette]);
  const total = result.current.alerts + result.changed.alerts;
  const unit = by === 'days' ? 'day' : 'week';
  return (
    <Panel
      title={`Alerts by ${unit}`}
      span={8}
      note="by the UTC day on which they began"
      side={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Which alerts"
            data={[
              { value: 'all', label: 'All' },
              { value: 'behaviour', label: 'On behaviour' },
            ]}
            value={what}
            onChange={(value) => {
              setWhat(value === 'behaviour' ? 'behaviour' : 'all');
            }}
          />
          <SegmentedControl
            size="xs"
            aria-label="By day or week"
            data={[
              { value: 'days', label: 'Days' },
              { value: 'weeks', label: 'Weeks' },
            ]}
            value={by}
            onChange={(value) => {
              setBy(value === 'weeks' ? 'weeks' : 'days');
            }}
          />
        </>
      }
    >
      {total === 0 ? (
        <EmptyState title="No alert on either side">No alert began in these days, as it is or as it would be.</EmptyState>
      ) : (
        <>
          <SidesLegend dashed={what === 'behaviour' ? 'the budget' : undefined} />
          <ChartTable
            caption={`Alerts by ${unit}, before and after`}
            columns={what === 'all' ? ['From', 'As it is', 'As it would be'] : ['From', 'As it is', 'Budget', 'As it would be', 'Budget']}
            rows={result[by].map((volume) => ({
              key: volume.day,
              cells:
                what === 'all'
                  ? [volume.day, String(volume.current), String(volume.changed)]
                  : [
                      volume.day,
                      String(volume.currentOnBehaviour),
                      volume.currentBudget.toFixed(1),
                      String(volume.changedOnBehaviour),
                      volume.changedBudget.toFixed(1),
                    ],
            }))}
          >
            <EChart
              option={option}
              height={230}
              label={`Alerts by ${unit}: ${plural(result.current.alerts, 'alert')} as it is, ${plural(result.changed.alerts, 'alert')} as it would be`}
            />
          </ChartTable>
        </>
      )}
    </Panel>
  );
}
