import { sourceOfSubject, type AlertDetail } from '@keyward/contract';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { alertQuery } from '../../api/queries.js';
import { plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { EventTimeline } from '../../parts/EventTimeline.js';
import { AttackTags, IdentityLink, RowsLink } from '../../parts/links.js';
import { Meter, SeverityMark, StatusTag, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { EffectList } from '../grants/EffectList.js';
import { VerdictPanel } from '../verdicts/VerdictPanel.js';
import { GrantList } from '../grants/GrantList.js';
import { eventsOf } from './AlertTable.js';
import { FindingsPanel } from './FindingsPanel.js';
import { IdentityAside } from './IdentityAside.js';
import { StatusDialog } from './StatusDialog.js';
import { WhyPanel } from './WhyPanel.js';

export function AlertPage() {
  const { uid } = useParams({ from: '/frame/alerts/$uid' });
  const query = useQuery(alertQuery(uid));
  return (
    <div className="kw-stack">
      <Link to="/alerts" search={{ status: 'new,in_progress' }} className="kw-row kw-small">
        <IconArrowLeft size={14} aria-hidden /> Alerts
      </Link>
      <Async query={query} rows={10} height={22}>
        {(detail) => <Detail detail={detail} />}
      </Async>
    </div>
  );
}

function Detail({ detail }: { readonly detail: AlertDetail }) {
  const { alert } = detail;
  const [changing, setChanging] = useState<readonly string[]>([]);
  return (
    <>
      <header className="kw-headline">
        <div style={{ minWidth: 0, flex: '1 1 420px' }}>
          <h1>{alert.title}</h1>
          <div className="kw-row" style={{ marginTop: 6 }}>
            <SeverityMark severity={alert.severity} />
            <StatusTag status={alert.status} />
            <IdentityLink identity={alert.identity} />
            <span className="kw-muted">
              <TimeText at={alert.firstTime} full /> to <TimeText at={alert.lastTime} />
            </span>
          </div>
          <div className="kw-row" style={{ marginTop: 6 }}>
            {alert.detections.map((detection) => (
              <Tag key={detection}>{words(detection)}</Tag>
            ))}
            {alert.sources.map((source) => (
              <Tag key={source}>{words(source)}</Tag>
            ))}
            <AttackTags ids={alert.attack} />
          </div>
        </div>
        <div className="kw-row" style={{ gap: 18 }}>
          <span>
            <span className="kw-muted kw-small">Score </span>
            <Meter score={alert.score} label="Score" />
          </span>
          {sourceOfSubject(alert.identity.id) === undefined && (
            <span>
              <span className="kw-muted kw-small">Identity risk </span>
              <Meter score={alert.entityRisk} label="Identity risk" />
            </span>
          )}
          {/* On a phone the panel stands below everything that speaks for it. */}
          <a href="#verdict" className="kw-narrow-only kw-small">
            Verdict
          </a>
          <RoleButton
            needs="analyst"
            size="xs"
            onClick={() => {
              setChanging([alert.uid]);
            }}
          >
            Set status
          </RoleButton>
        </div>
      </header>
      {sourceOfSubject(alert.identity.id) === undefined ? (
        <AboutIdentity detail={detail} />
      ) : (
        <div className="kw-two">
          <WhyPanel detail={detail} />
          <History detail={detail} />
        </div>
      )}
      <StatusDialog
        uids={changing}
        onClose={() => {
          setChanging([]);
        }}
        onDone={() => {
          setChanging([]);
        }}
      />
    </>
  );
}

/** Whose alert it is, what he did, and what was done about it. */
function AboutIdentity({ detail }: { readonly detail: AlertDetail }) {
  const { alert } = detail;
  return (
    <div className="kw-two">
      <div className="kw-stack">
        <WhyPanel detail={detail} />
        <FindingsPanel findings={detail.findings} />
        <Panel
          title="What happened"
          note={`${plural(detail.timeline.length, 'event')} the findings stand on`}
          side={<RowsLink link={{ to: 'events', query: eventsOf(alert) }}>All events of that time</RowsLink>}
          flush
        >
          <ShowAll items={detail.timeline} first={15} noun="events" padded>
            {(shown) => <EventTimeline events={shown} />}
          </ShowAll>
        </Panel>
      </div>
      <div className="kw-stack">
        <VerdictPanel alertUid={alert.uid} />
        <IdentityAside identity={detail.identity} contributions={detail.contributions} />
        <Panel title="Grants" note="what can be taken back" flush>
          {detail.grants.length === 0 ? (
            <EmptyState title="No JIT grant is part of this alert" />
          ) : (
            <GrantList grants={detail.grants} alertUid={alert.uid} />
          )}
        </Panel>
        <Panel title="Response" note="policy, guard rails, approvals" flush>
          {detail.effects.length === 0 ? <EmptyState title="No revocation was planned" /> : <EffectList effects={detail.effects} />}
        </Panel>
        <History detail={detail} />
      </div>
    </div>
  );
}

function History({ detail }: { readonly detail: AlertDetail }) {
  return (
    <Panel title="History" note="who set what, and what receivers got">
      <ul className="kw-stack" style={{ gap: 8 }}>
        {detail.actions.map((action) => (
          <li key={action.uid}>
            <div className="kw-row" style={{ gap: 6 }}>
              <span className="kw-strong">{action.user}</span>
              <span className="kw-muted">{action.from === action.to ? 'wrote a note' : 'set'}</span>
              {action.from !== action.to && <StatusTag status={action.to} />}
              <span className="kw-push kw-muted kw-small">
                <TimeText at={action.at} />
              </span>
            </div>
            {action.note !== '' && <p className="kw-wrap">{action.note}</p>}
          </li>
        ))}
        {detail.deliveries.map((delivery) => (
          <li key={delivery.id} className="kw-small">
            <div className="kw-row" style={{ gap: 6 }}>
              <span>Sent to {delivery.sink}</span>
              <Tag tone={delivery.state === 'failed' ? 'danger' : delivery.state === 'pending' ? 'warning' : 'positive'}>
                {delivery.state}
              </Tag>
              <span className="kw-muted">{plural(delivery.attempts, 'attempt')}</span>
              <span className="kw-push kw-muted">
                <TimeText at={delivery.updatedAt} />
              </span>
            </div>
            {delivery.lastError !== null && <p className="kw-danger kw-wrap">{delivery.lastError}</p>}
          </li>
        ))}
        <li className="kw-row kw-small">
          <span>Keyward raised the alert</span>
          <span className="kw-push kw-muted">
            <TimeText at={detail.alert.firstTime} />
          </span>
        </li>
      </ul>
    </Panel>
  );
}
