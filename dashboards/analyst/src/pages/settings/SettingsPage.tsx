import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { organisationQuery, pulseQuery } from '../../api/queries.js';
import { useMay } from '../../app/session.js';
import { useFilters } from '../../filters/use-filters.js';
import { formatCount } from '../../format/number.js';
import { words } from '../../format/words.js';
import { Panel } from '../../parts/Panel.js';
import { PulseTable } from '../../parts/PulseTable.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { AuditPanel } from './AuditPanel.js';
import { TabRow } from '../../parts/TabRow.js';
import { PolicyPanel } from './PolicyPanel.js';
import { SodPanel } from './SodPanel.js';
import { TokensPanel } from './TokensPanel.js';
import { UsersPanel } from './UsersPanel.js';

const TABS = [
  ['sources', 'Sources', false],
  ['policy', 'Response policy', false],
  ['sod', 'Segregation of duties', false],
  ['users', 'Users', true],
  ['tokens', 'API tokens', true],
  ['audit', 'Audit log', true],
] as const;

export function SettingsPage() {
  const [search] = useFilters('settings');
  const admin = useMay('admin');
  const tabs = TABS.filter(([, , adminOnly]) => admin || !adminOnly);
  const tab = tabs.find(([value]) => value === search['tab'])?.[0] ?? 'sources';
  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Settings</h1>
      <TabRow label="Settings" current={tab}>
        {tabs.map(([value, label]) => (
          <Link key={value} to="/settings" search={{ tab: value }} aria-current={tab === value ? 'page' : undefined}>
            {label}
          </Link>
        ))}
      </TabRow>
      <Shown tab={tab} />
    </div>
  );
}

function Shown({ tab }: { readonly tab: (typeof TABS)[number][0] }) {
  switch (tab) {
    case 'sources':
      return <Sources />;
    case 'policy':
      return <PolicyPanel />;
    case 'sod':
      return <SodPanel />;
    case 'users':
      return <UsersPanel />;
    case 'tokens':
      return <TokensPanel />;
    case 'audit':
      return <AuditPanel />;
  }
}

function Sources() {
  const pulse = useQuery(pulseQuery);
  const organisation = useQuery(organisationQuery);
  return (
    <>
      <Panel title="Sources" note="last 24 hours" flush>
        <Async query={pulse} rows={4}>
          {(data) =>
            data.sources.length === 0 ? (
              <EmptyState title="No source has sent a record yet">
                Send records to Kafka topic access.raw.&lt;source&gt; or to POST /v1/ingest/&lt;source&gt; with an API token.
              </EmptyState>
            ) : (
              <PulseTable pulse={data} />
            )
          }
        </Async>
      </Panel>
      <Panel title="Work waiting" note="records not yet worked through, by consumer group" flush>
        <div style={{ padding: '0 14px 8px' }}>
          <Async query={pulse} rows={3}>
            {(data) =>
              data.lag === null ? (
                <p className="kw-muted">The bus does not say how far its readers are.</p>
              ) : (
                <dl className="kw-kv">
                  {data.lag.map((lag) => (
                    <div key={`${lag.group}/${lag.topic}`} style={{ display: 'contents' }}>
                      <dt>
                        {lag.group}, {lag.topic}
                      </dt>
                      <dd className="kw-num">{formatCount(lag.records)}</dd>
                    </div>
                  ))}
                </dl>
              )
            }
          </Async>
        </div>
      </Panel>
      <Panel title="Organisation" note="who is who: what the context files hold">
        <Async query={organisation} rows={4}>
          {(data) => (
            <dl className="kw-kv">
              {data.files.map((file) => (
                <div key={file.file} style={{ display: 'contents' }}>
                  <dt>{file.file === 'sod' ? 'SoD rules' : words(file.file)}</dt>
                  <dd>
                    <span className="kw-num">{formatCount(file.records)}</span>{' '}
                    <span className="kw-muted">
                      records, imported <TimeText at={file.importedAt} age />
                    </span>
                  </dd>
                </div>
              ))}
              <dt>Version</dt>
              <dd className="kw-mono">{data.version}</dd>
            </dl>
          )}
        </Async>
      </Panel>
    </>
  );
}
