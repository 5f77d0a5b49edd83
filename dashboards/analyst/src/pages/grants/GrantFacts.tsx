import type { GrantDetail } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { entitlementName } from '../../format/words.js';
import { IdentityLink } from '../../parts/links.js';
import { GrantTag } from '../../parts/marks.js';
import { TimeText } from '../../parts/TimeText.js';
import { RevokeButton } from './GrantList.js';

/** One grant: who asked, who approved, why, and for how long. */
export function GrantFacts({ detail: { grant, alerts } }: { readonly detail: GrantDetail }) {
  const { name, where } = entitlementName(grant.entitlement);
  const facts: readonly (readonly [string, string | null])[] = [
    ['System', where],
    ['Account', grant.principal],
    ['Scope', grant.scopeId],
    ['Asked for by', grant.requester],
    ['Approved by', grant.approver],
    ['Ticket', grant.ticket],
    ['Justification', grant.justification],
  ];
  return (
    <div className="kw-stack">
      <div className="kw-row">
        <span className="kw-cell-title" style={{ fontSize: 15 }}>
          {name}
        </span>
        <GrantTag state={grant.state} />
        <span className="kw-muted">of</span> <IdentityLink identity={grant.identity} />
        <span className="kw-push">
          <RevokeButton grant={grant} />
        </span>
      </div>
      <dl className="kw-kv">
        {facts.map(([label, value]) =>
          value === null || value === '' ? null : (
            <div key={label} style={{ display: 'contents' }}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
        )}
        <dt>From, to</dt>
        <dd>
          <TimeText at={grant.startsAt ?? grant.requestedAt} full /> to{' '}
          {grant.endsAt === null && grant.endedAt === null ? 'no end' : <TimeText at={grant.endedAt ?? grant.endsAt} full />}
        </dd>
        {alerts.length > 0 && (
          <>
            <dt>Alerts</dt>
            <dd>
              {alerts.map((alert) => (
                <div key={alert.uid}>
                  <Link to="/alerts/$uid" params={{ uid: alert.uid }}>
                    {alert.title}
                  </Link>
                </div>
              ))}
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}
