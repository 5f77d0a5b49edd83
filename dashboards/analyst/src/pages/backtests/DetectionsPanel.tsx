import { SEVERITIES, type BacktestResult } from '@keyward/contract';
import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { usePalette } from '../../app/preferences.js';
import { beforeAfterBars } from '../../charts/before-after.js';
import { EChart } from '../../charts/EChart.js';
import { plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { ChartTable } from '../../parts/ChartTable.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { SidesLegend } from './SidesLegend.js';

/** Which detections, or how severe. */
export function DetectionsPanel({ result: { detections, current, changed } }: { readonly result: BacktestResult }) {
  const palette = usePalette();
  const [by, setBy] = useState<'detection' | 'severity'>('detection');
  const items = useMemo(
    () =>
      by === 'detection'
        ? detections.map(({ id, current: before, changed: after }) => ({ label: words(id), before, after }))
        : [...SEVERITIES]
            .reverse()
            .map((severity) => ({ label: words(severity), before: current.bySeverity[severity], after: changed.bySeverity[severity] }))
            .filter(({ before, after }) => before + after > 0),
    [by, detections, current, changed],
  );
  const option = useMemo(() => beforeAfterBars(items, palette), [items, palette]);
  return (
    <Panel
      title={by === 'detection' ? 'By detection' : 'By severity'}
      span={6}
      note={by === 'detection' ? 'an alert of two detections counts for both' : undefined}
      side={
        <SegmentedControl
          size="xs"
          aria-label="Group by"
          data={[
            { value: 'detection', label: 'Detection' },
            { value: 'severity', label: 'Severity' },
          ]}
          value={by}
          onChange={(value) => {
            setBy(value === 'severity' ? 'severity' : 'detection');
          }}
        />
      }
    >
      {items.length === 0 ? (
        <EmptyState title="No alert on either side" />
      ) : (
        <>
          <SidesLegend />
          <ChartTable
            caption={`Alerts by ${by}, before and after`}
            columns={[words(by), 'As it is', 'As it would be']}
            rows={items.map(({ label, before, after }) => ({ key: label, cells: [label, String(before), String(after)] }))}
          >
            <EChart
              option={option}
              height={20 + 34 * items.length}
              label={`Alerts by ${by}, ${plural(items.length, 'group')}: ${items.map(({ label, before, after }) => `${label} ${before} to ${after}`).join(', ')}`}
            />
          </ChartTable>
        </>
      )}
    </Panel>
  );
}
