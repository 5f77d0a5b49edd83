import type { SourceHealth } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { usePalette } from '../../app/preferences.js';
import { EChart } from '../../charts/EChart.js';
import { sourceSpark } from '../../charts/source-bars.js';
import { formatCount } from '../../format/number.js';
import { words } from '../../format/words.js';
import { CountLink } from '../../parts/links.js';
import { Tag } from '../../parts/marks.js';
import { TimeText } from '../../parts/TimeText.js';
import { describeSource, formatHourly, formatLag, stateWords } from './source-words.js';

interface Props {
  readonly sources: readonly SourceHealth[];
  readonly hours: number;
  readonly bucketMinutes: number;
}
/** One line a source: how it stands, its records over the window, and what becomes of them. */
export function SourceTable({ sources, hours, bucketMinutes }: Props) {
  return (
    <div className="kw-table-box">
      <table className="kw-table" data-cards>
        <thead>
          <tr>
            <th>Source</th>
            <th>Records, {bucketMinutes < 60 ? `${String(bucketMinutes)} min` : `${String(bucketMinutes / 60)} h`} a bar</th>
            <th data-right>Rate</th>
            <th data-right>Last record</th>
            <th data-right>Lag, half / 95%</th>
            <th data-right>Kept</th>
            <th data-right>Ignored</th>
            <th data-right>Rejected</th>
            <th data-right>No place</th>
            <th data-right>Unresolved</th>
          </tr>
        </thead>
        <tbody>
          {sources.map((source) => (
            <SourceRow key={source.source} source={source} hours={hours} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SourceRow({ source, hours }: { readonly source: SourceHealth; readonly hours: number }) {
  const name = words(source.source);
  const { label, tone } = stateWords(source.state);
  return (
    <tr>
      <td data-main>
        <div className="kw-row" style={{ gap: 8 }}>
          <Link to="/sources/$source" params={{ source: source.source }} search={{ hours: String(hours) }} className="kw-cell-title">
            {name}
          </Link>
          <Tag tone={tone}>{label}</Tag>
        </div>
        {source.alarms.map((alarm) => (
          <div key={alarm.uid} className="kw-cell-sub">
            {alarm.sentence}
          </div>
        ))}
      </td>
      <td data-mark>
        <Spark source={source} name={name} />
      </td>
      <td data-right data-label="Rate" className="kw-num">
        {formatHourly(source.perHour)}
      </td>
      <td data-right data-label="Last record">
        <TimeText at={source.lastArrival} age />
      </td>
      <td data-right data-label="Lag, half / 95%" className="kw-num">
        {source.lag === null ? (
          <span className="kw-muted">–</span>
        ) : (
          <span>
            {formatLag(source.lag.p50Seconds)} <span className="kw-muted">/ {formatLag(source.lag.p95Seconds)}</span>
          </span>
        )}
      </td>
      <td data-right data-label="Kept">
        <CountLink count={source.kept} link={source.link} label={`events of ${name}`} />
      </td>
      <td data-right data-label="Ignored" className="kw-num kw-muted">
        {formatCount(source.ignored)}
      </td>
      <td data-right data-label="Rejected" className={source.rejected > 0 ? 'kw-num kw-danger kw-strong' : 'kw-num kw-muted'}>
        {formatCount(source.rejected)}
      </td>
      <td data-right data-label="No place" className="kw-num kw-muted">
        {formatCount(source.unplaced)}
      </td>
      <td data-right data-label="Unresolved" className="kw-num kw-muted">
        {formatCount(source.unresolved)}
      </td>
    </tr>
  );
}

function Spark({ source, name }: { readonly source: SourceHealth; readonly name: string }) {
  const palette = usePalette();
  const option = useMemo(
    () =>
      sourceSpark(
        source.buckets.map(({ from, ...bucket }) => ({ at: Date.parse(from), ...bucket })),
        palette,
      ),
    [source.buckets, palette],
  );
  return (
    <div className="kw-spark">
      <EChart option={option} height={34} label={`Records of ${name} over time: ${describeSource(source)}`} />
    </div>
  );
}
