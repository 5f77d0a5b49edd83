import type { Pulse } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { pulseQuery } from '../../api/queries.js';
import { PulseTable } from '../../parts/PulseTable.js';
import { formatCount, plural } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { Link } from '@tanstack/react-router';
import { words } from '../../format/words.js';
import { PulseWords } from '../../parts/PulseWords.js';

/** The pipeline now. It comes with the overview and is kept fresh by the stream. */
export function PulsePanel({ initial }: { readonly initial: Pulse }) {
  const { data = initial } = useQuery(pulseQuery);
  return (
    <Panel title="Pipeline" span={5} note={<PulseWords pulse={data} />} side={<Link to="/sources">Sources</Link>} flush>
      {data.sources.length === 0 ? <EmptyState title="No source has sent a record yet" /> : <PulseTable pulse={data} compact />}
      <dl className="kw-kv kw-small" style={{ padding: '10px 14px', borderTop: '1px solid var(--kw-border)' }}>
        {data.lag === null && (
          <>
            <dt>Records waiting</dt>
            <dd>the bus does not say</dd>
          </>
        )}
        {byGroup(data.lag ?? []).map(({ group, topics, records }) => (
          <div key={group} style={{ display: 'contents' }}>
            <dt title={topics.join(', ')}>{words(group.replace(/^keyward-/, ''))} has still to read</dt>
            <dd className="kw-num">{plural(records, 'record')}</dd>
          </div>
        ))}
        {data.unreadable.map(({ stage, records }) => (
          <div key={stage} style={{ display: 'contents' }}>
            <dt title="In the last 24 hours, in a topic between the stages: somebody else writes there, or another version. See the dead letters.">
              {words(stage)} could not read
            </dt>
            <dd className="kw-num kw-danger kw-strong">{plural(records, 'record')}</dd>
          </div>
        ))}
        <dt>Webhooks</dt>
        <dd className="kw-num">
          {formatCount(data.deliveries.pending)} pending,{' '}
          <span className={data.deliveries.failed > 0 ? 'kw-danger kw-strong' : ''}>{formatCount(data.deliveries.failed)} failed</span>
        </dd>
      </dl>
    </Panel>
  );
}

/** One line a consumer group: that INGEST reads a topic for each source is a detail of the settings page. */
function byGroup(
  lag: NonNullable<Pulse['lag']>,
): readonly { readonly group: string; readonly topics: readonly string[]; readonly records: number }[] {
  return [...new Set(lag.map(({ group }) => group))].map((group) => {
    const own = lag.filter((row) => row.group === group);
    return { group, topics: own.map(({ topic }) => topic), records: own.reduce((sum, { records }) => sum + records, 0) };
  });
}
