import type { BacktestResult } from '@keyward/contract';
import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { formatScore } from '../../format/number.js';
import { words } from '../../format/words.js';
import { IdentityLink, RowsLink } from '../../parts/links.js';
import { Meter, SeverityMark, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { Sentence } from '../../parts/Sentence.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

type Side = 'appeared' | 'disappeared' | 'altered';
type Difference = BacktestResult['appeared'][number];

const NAMES: Readonly<Record<Side, string>> = { appeared: 'Appear', disappeared: 'Disappear', altered: 'Differ' };
const NOTHING: Readonly<Record<Side, string>> = {
  appeared: 'No alert appears',
  disappeared: 'No alert disappears',
  altered: 'No alert has another severity, score or detection',
};
const SHOWN = 20;

/** The alerts themselves, worst first. */
export function DifferencePanel({ result }: { readonly result: BacktestResult }) {
  const first: Side = result.counts.appeared > 0 || result.counts.disappeared === 0 ? 'appeared' : 'disappeared';
  const [side, setSide] = useState<Side>(first);
  const items: readonly Difference[] = result[side];
  const count = result.counts[side];
  return (
    <Panel
      title="Alerts that differ"
      note={count > items.length ? `the worst ${items.length} of ${count}` : undefined}
      side={
        <SegmentedControl
          size="xs"
          aria-label="Which alerts that differ"
          data={(['appeared', 'disappeared', 'altered'] as const).map((value) => ({
            value,
            label: `${NAMES[value]} (${result.counts[value]})`,
          }))}
          value={side}
          onChange={(value) => {
            setSide(value === 'altered' ? 'altered' : value === 'disappeared' ? 'disappeared' : 'appeared');
          }}
        />
      }
      flush
    >
      {items.length === 0 ? (
        <EmptyState title={NOTHING[side]} />
      ) : (
        <ShowAll key={side} items={items} first={SHOWN} noun="alerts" padded>
          {(shown) => <DifferenceTable alerts={shown} side={side} altered={result.altered} />}
        </ShowAll>
      )}
    </Panel>
  );
}

interface TableProps {
  readonly alerts: readonly Difference[];
  readonly side: Side;
  readonly altered: BacktestResult['altered'];
}
function DifferenceTable({ alerts, side, altered }: TableProps) {
  const before = new Map(side === 'altered' ? altered.map((alert) => [alert.uid, alert.before]) : []);
  return (
    <Table columns={['Severity', 'Alert', 'Identity', 'Score', 'Judged', { title: 'Began', right: true }]} cards>
      {alerts.map((alert) => {
        const earlier = before.get(alert.uid);
        return (
          <tr key={alert.uid}>
            <td data-mark>
              <SeverityMark severity={alert.severity} />
              {earlier && earlier.severity !== alert.severity && <div className="kw-cell-sub">was {earlier.severity}</div>}
            </td>
            <td data-main style={{ minWidth: 260 }}>
              <AlertTitle alert={alert} side={side} storedAs={earlier?.uid ?? alert.uid} />
              <div className="kw-cell-sub">
                <Sentence text={alert.sentence} />
              </div>
              {alert.reasons.map((reason) => (
                <div key={reason} className="kw-small kw-wrap">
                  {reason}
                </div>
              ))}
              <div className="kw-cell-sub">{detectionsOf(alert.detections, earlier?.detections)}</div>
            </td>
            <td data-label="Identity" style={{ minWidth: 110 }}>
              <IdentityLink identity={{ id: alert.identity, displayName: alert.displayName }} />
            </td>
            <td data-label="Score">
              <Meter score={alert.score} label="Score" />
              {earlier && <div className="kw-cell-sub">was {formatScore(earlier.score)}</div>}
            </td>
            <td data-label="Judged">
              <LabelTag label={alert.label} />
            </td>
            <td data-label="Began" data-right>
              <TimeText at={alert.firstTime} />
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

/** An alert that would appear is stored nowhere: its events are. */
function AlertTitle({ alert, side, storedAs }: { readonly alert: Difference; readonly side: Side; readonly storedAs: string }) {
  if (side !== 'appeared')
    return (
      <Link to="/alerts/$uid" params={{ uid: storedAs }} search={{}} className="kw-cell-title">
        {alert.title}
      </Link>
    );
  const to = new Date(Date.parse(alert.lastTime) + 1).toISOString();
  return (
    <RowsLink
      link={{ to: 'events', query: { identity: alert.identity, from: alert.firstTime, to, sort: 'oldest' } }}
      className="kw-cell-title"
    >
      {alert.title}
    </RowsLink>
  );
}

function LabelTag({ label }: { readonly label: Difference['label'] }) {
  if (label === null) return <span className="kw-muted kw-num">not judged</span>;
  return <Tag tone={label === 'genuine' ? 'danger' : undefined}>{label === 'genuine' ? 'worth it' : 'not worth it'}</Tag>;
}

function detectionsOf(now: readonly string[], before: readonly string[] | undefined): string {
  const names = now.map(words).join(' · ');
  return before === undefined || before.join() === now.join() ? names : `${names} (was ${before.map(words).join(' · ')})`;
}
