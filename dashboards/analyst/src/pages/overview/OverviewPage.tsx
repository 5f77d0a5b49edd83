import type { Overview } from '@keyward/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { WindowTabs } from '../../filters/WindowTabs.js';
import { formatCount, formatScore, formatShort, plural } from '../../format/number.js';
import { targetOf } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState, ErrorState, Loading } from '../../parts/states.js';
import { Link } from '@tanstack/react-router';
import { AlertsOverTime } from './AlertsOverTime.js';
import { LoginRhythm } from './LoginRhythm.js';
import { PulsePanel } from './PulsePanel.js';
import { RiskBands } from './RiskBands.js';
import { TopIdentities } from './TopIdentities.js';
import { WorldPanel } from './WorldPanel.js';

const WINDOWS = [
  { value: '24', label: '24 h' },
  { value: '168', label: '7 d' },
  { value: '720', label: '30 d' },
];

export function OverviewPage() {
  const [search, change] = useFilters('overview');
  const hours = Number(search['hours'] ?? '168');
  const query = useQuery({ ...overviewQuery(Number.isInteger(hours) && hours > 0 ? hours : 168), placeholderData: keepPreviousData });
  return (
    <div className="kw-stack">
      <div className="kw-row">
        <h1 className="kw-hidden">Overview</h1>
        <span className="kw-muted">What the keys were used for, and by whom</span>
        <WindowTabs name="hours" choices={WINDOWS} chosen={hours} onChange={change} />
      </div>
      {query.data ? (
        <Board overview={query.data} />
      ) : query.isError ? (
        <Panel title="Overview">
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        </Panel>
      ) : (
        <Waiting />
      )}
    </div>
  );
}

const Waiting = () => (
  <div className="kw-grid">
    {([8, 4, 6, 6] as const).map((span, i) => (
      <div key={i} data-span={span} className="kw-panel">
        <div className="kw-panel-body">
          <Loading rows={8} />
        </div>
      </div>
    ))}
  </div>
);

function Board({ overview }: { readonly overview: Overview }) {
  const { risk } = overview;
  const bare = risk.events.count === 0 && overview.pulse.sources.length === 0;
  return (
    <>
      <div className="kw-tiles">
        <Tile
          label="Highest risk now"
          value={formatScore(risk.highest)}
          note={overview.topIdentities[0]?.displayName ?? 'nobody yet'}
          link={{ to: 'identities', query: { sort: 'risk' } }}
        />
        <Tile label="Open alerts" value={formatCount(risk.openAlerts.count)} note={openNote(overview)} link={risk.openAlerts.link} />
        <Tile label="New in the window" value={formatCount(risk.newAlerts.count)} note="alerts raised" link={risk.newAlerts.link} />
        <Tile label="Events" value={formatShort(risk.events.count)} note="read and scored" link={risk.events.link} />
        <Tile
          label="Active grants"
          value={formatCount(risk.activeGrants.count)}
          note={plural(risk.awaitingApproval.count, 'decision') + ' waiting'}
          link={risk.activeGrants.link}
        />
        <Tile label="Revoked" value={formatCount(risk.revoked.count)} note="verified in the window" link={risk.revoked.link} />
      </div>
      {bare ? (
        <Panel title="No records yet">
          <EmptyState title="Keyward has not read any record">
            Send vendor records to Kafka topic <code className="kw-mono">access.raw.&lt;source&gt;</code> or to{' '}
            <code className="kw-mono">POST /v1/ingest/&lt;source&gt;</code>. The first scores appear within seconds; how each source does
            stands under <Link to="/sources">Sources</Link>.
          </EmptyState>
        </Panel>
      ) : (
        <div className="kw-grid">
          <AlertsOverTime overview={overview} />
          <RiskBands risk={risk} />
          <TopIdentities identities={overview.topIdentities} />
          <LoginRhythm logins={overview.logins} />
          <WorldPanel places={overview.map} />
          <PulsePanel initial={overview.pulse} />
        </div>
      )}
    </>
  );
}

function openNote({ risk }: Overview): string {
  const worst = [...risk.openBySeverity].filter(({ count, severity }) => count > 0 && (severity === 'critical' || severity === 'high'));
  return worst.length === 0 ? 'none high or critical' : worst.map(({ count, severity }) => `${formatCount(count)} ${severity}`).join(', ');
}

function Tile({
  label,
  value,
  note,
  link,
}: {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  readonly link: Parameters<typeof targetOf>[0];
}) {
  return (
    <Link {...targetOf(link)} className="kw-tile">
      <span className="kw-tile-label">{label}</span>
      <span className="kw-tile-value">{value}</span>
      <span className="kw-tile-note kw-clip">{note}</span>
    </Link>
  );
}
