import type { IdentityDetail } from '@keyward/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { grantPages, identityQuery, listQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { WindowTabs } from '../../filters/WindowTabs.js';
import { formatScore } from '../../format/number.js';
import { words } from '../../format/words.js';
import { IdentityTags } from '../../parts/IdentityTags.js';
import { CountLink, IdentityLink, RowsLink } from '../../parts/links.js';
import { bandOf, SeverityMark, Tag } from '../../parts/marks.js';
import { PagedRows, itemsOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { RiskContributions } from '../../parts/RiskContributions.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { GrantList } from '../grants/GrantList.js';
import { IdentityEvents } from './IdentityEvents.js';
import { Peers } from './Peers.js';
import { RhythmPanel } from './RhythmPanel.js';
import { RiskPanel } from './RiskPanel.js';
import { UsagePanel } from './UsagePanel.js';

const WINDOWS = [
  { value: '7', label: '7 d' },
  { value: '30', label: '30 d' },
  { value: '90', label: '90 d' },
];

export function IdentityPage() {
  const { id } = useParams({ from: '/frame/identities/$id' });
  const query = useQuery(identityQuery(id));
  return (
    <Async query={query} rows={12} height={22}>
      {(detail) => <Detail key={id} detail={detail} />}
    </Async>
  );
}

function Detail({ detail }: { readonly detail: IdentityDetail }) {
  const { card } = detail;
  const [search, change] = useFilters('identity');
  const days = Number(search['days'] ?? '30');
  return (
    <div className="kw-stack">
      <HeaderCard detail={detail} />
      <div className="kw-row">
        <WindowTabs name="days" choices={WINDOWS} chosen={days} onChange={change} />
      </div>
      <div className="kw-grid">
        <RiskPanel id={card.id} days={days} />
        <Panel title="Risk is made of" span={4} note="decays by itself">
          <RiskContributions contributions={detail.contributions} />
        </Panel>
        <RhythmPanel id={card.id} />
        <OpenGrants id={card.id} />
        <UsagePanel id={card.id} days={days} kind="network" title="Networks" />
        <UsagePanel id={card.id} days={days} kind="device" title="Devices" />
        <UsagePanel id={card.id} days={days} kind="resource" title="Resources" />
        <UsagePanel id={card.id} days={days} kind="application" title="Applications" />
        <Peers id={card.id} />
        <IdentityEvents id={card.id} />
      </div>
    </div>
  );
}

function HeaderCard({ detail }: { readonly detail: IdentityDetail }) {
  const { card } = detail;
  const band = bandOf(card.risk);
  const facts: readonly (readonly [string, string | null])[] = [
    ['Mail', card.email],
    ['Department', card.department],
    ['Team', card.team],
    ['Home', [card.home?.city, card.home?.country].filter((part) => part !== null && part !== undefined).join(', ')],
    ['Time zone', card.timezone],
    ['Peers', detail.peerGroups[0] ?? null],
    ['Eligible for', detail.eligibleRoles.join(', ')],
    ['Groups', detail.groups.join(', ')],
    ['Started', detail.startsAt],
    ['Ends', detail.endsAt],
  ];
  return (
    <section className="kw-panel" aria-label="Who">
      <div className="kw-panel-body kw-stack" style={{ paddingTop: 14 }}>
        <div className="kw-headline">
          <div style={{ flex: '1 1 320px', minWidth: 0 }}>
            <h1>{card.displayName}</h1>
            <div className="kw-row" style={{ marginTop: 4 }}>
              <span className="kw-muted">{card.title ?? words(card.kind)}</span>
              <IdentityTags identity={card} />
              {card.status === 'active' && <Tag tone="positive">active</Tag>}
            </div>
          </div>
          <div className="kw-row" style={{ gap: 24 }}>
            <div>
              <div className="kw-tile-label">Risk now</div>
              <div className="kw-row" style={{ gap: 8 }}>
                <span className="kw-tile-value">{formatScore(card.risk)}</span>
                {card.risk >= 25 && <SeverityMark severity={band} />}
              </div>
            </div>
            <div>
              <div className="kw-tile-label">Open alerts</div>
              <div className="kw-tile-value">
                <CountLink
                  count={card.openAlerts}
                  link={{ to: 'alerts', query: { identity: card.id, status: 'new,in_progress' } }}
                  label="open alerts"
                />
              </div>
            </div>
            <div>
              <div className="kw-tile-label">Active grants</div>
              <div className="kw-tile-value">
                <CountLink count={card.activeGrants} link={{ to: 'grants', query: { identity: card.id } }} label="active grants" />
              </div>
            </div>
          </div>
        </div>
        <div className="kw-grid">
          <dl className="kw-kv" data-span={6}>
            {facts.map(([label, value]) =>
              value === null || value === '' ? null : (
                <div key={label} style={{ display: 'contents' }}>
                  <dt>{label}</dt>
                  <dd>{value}</dd>
                </div>
              ),
            )}
            {card.manager !== null && (
              <>
                <dt>Manager</dt>
                <dd>
                  <IdentityLink identity={card.manager} />
                </dd>
              </>
            )}
            {card.owner !== null && (
              <>
                <dt>Owner</dt>
                <dd>
                  <IdentityLink identity={card.owner} />
                </dd>
              </>
            )}
          </dl>
          <div data-span={6} className="kw-stack" style={{ gap: 6 }}>
            <h2 style={{ fontSize: 13 }}>Accounts</h2>
            {detail.accounts.length === 0 && <span className="kw-muted">No account has been seen</span>}
            <ul className="kw-stack" style={{ gap: 3 }}>
              {detail.accounts.map((account) => (
                <li key={`${account.system}/${account.name}`} className="kw-row">
                  <Tag>{words(account.system)}</Tag>
                  <span className="kw-wrap">{account.name}</span>
                  <span className="kw-push kw-small">
                    <CountLink count={account.events} link={account.link} label={`events of ${account.name}`} />{' '}
                    <span className="kw-muted">
                      events, <TimeText at={account.lastSeen} age />
                    </span>
                  </span>
                </li>
              ))}
            </ul>
            {detail.tickets.length > 0 && (
              <>
                <h2 style={{ fontSize: 13, marginTop: 6 }}>Open tickets</h2>
                <ul>
                  {detail.tickets.map((ticket) => (
                    <li key={ticket.id} className="kw-wrap">
                      <Tag>{ticket.kind}</Tag> {ticket.id} {ticket.summary}
                    </li>
                  ))}
                </ul>
              </>
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

function OpenGrants({ id }: { readonly id: string }) {
  const list = useInfiniteQuery(listQuery('grants', grantPages, { identity: id, state: 'active,approved,eligible' }));
  return (
    <Panel
      title="Open grants"
      span={5}
      side={<RowsLink link={{ to: 'grants', query: { identity: id, tab: 'history' } }}>All</RowsLink>}
      flush
    >
      <PagedRows
        list={list}
        items={itemsOf(list)}
        noun="grants"
        empty={<EmptyState title="No open grant">Nothing to take back at the moment.</EmptyState>}
      >
        {(grants) => <GrantList grants={grants} />}
      </PagedRows>
    </Panel>
  );
}
