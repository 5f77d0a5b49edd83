import type { Pulse } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { pulseQuery } from '../../api/queries.js';
import { PulseTable } from '../../parts/PulseTable.js';
import { formatCount, formatRate } from '../../format/number.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { Link } from '@tanstack/react-router';

/** The pipeline now. It comes with the overview and is kept fresh by the stream. */
export function PulsePanel({ initial }: { readonly initial: Pulse }) {
  const { data = initial } = useQuery(pulseQuery);
  const lag = data.lag?.reduce((sum, { records }) => sum + records, 0);
  return (
    <Panel title="Pipeline" span={5} note={`${formatRate(data.eventsPerSecond)} events/s`} side={<Link to="/settings" search={{ tab: 'sources' }}>Sources</Link>} flush>
      {data.sources.length === 0 ? <EmptyState title="No source has sent a record yet" /> : <PulseTable pulse={data} compact />}
      <div className="kw-row kw-small" style={{ padding: '8px 14px 10px', gap: '4px 16px' }}>
        <span>
          <span className="kw-muted">Waiting in Kafka</span> <strong className="kw-num">{lag === undefined ? 'not known' : formatCount(lag)}</strong>
        </span>
        <span>
          <span className="kw-muted">Webhooks pending</span> <strong className="kw-num">{formatCount(data.deliveries.pending)}</strong>
        </span>
        <span className={data.deliveries.failed > 0 ? 'kw-danger' : ''}>
          <span className="kw-muted">failed</span> <strong className="kw-num">{formatCount(data.deliveries.failed)}</strong>
        </span>
      </div>
    </Panel>
  );
}
