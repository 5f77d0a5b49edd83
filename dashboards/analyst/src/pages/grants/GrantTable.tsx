import type { GrantView } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { withFilters, type RouterSearch } from '../../filters/search.js';
import { entitlementName } from '../../format/words.js';
import { CountLink, IdentityLink } from '../../parts/links.js';
import { EffectTag, GrantTag, Meter, Tag } from '../../parts/marks.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { Countdown } from './Countdown.js';
import { isOpenGrant, RevokeButton } from './GrantList.js';

export function GrantTable({ grants }: { readonly grants: readonly GrantView[] }) {
  return (
    <Table
      columns={[
        'Entitlement',
        'Identity',
        'Risk',
        'State',
        'Start',
        'Left',
        'Approved by',
        { title: 'Alerts', right: true },
        { title: 'Revoke', hidden: true },
      ]}
      cards
    >
      {grants.map((grant) => {
        const { name, where } = entitlementName(grant.entitlement);
        return (
          <tr key={grant.uid}>
            <td data-main>
              <Link to="." search={(before: RouterSearch) => withFilters(before, { grant: grant.uid })} className="kw-cell-title">
                {name}
              </Link>
              <div className="kw-cell-sub">
                {[where, grant.principal, grant.ticket].filter((part) => part !== null && part !== '').join(' · ')}
              </div>
              {grant.justification !== null && <div className="kw-cell-sub">“{grant.justification}”</div>}
            </td>
            <td data-label="Identity">
              <IdentityLink identity={grant.identity} />
            </td>
            <td data-label="Risk">
              <Meter score={grant.risk} label="Identity risk" />
            </td>
            <td data-label="State">
              <span className="kw-row" style={{ gap: 4 }}>
                <GrantTag state={grant.state} />
                {!grant.jit && <Tag>standing</Tag>}
                {grant.effect !== null && <EffectTag state={grant.effect.state} />}
              </span>
            </td>
            <td data-label="Start">
              <TimeText at={grant.startsAt ?? grant.requestedAt} />
            </td>
            <td data-label="Left">
              {isOpenGrant(grant) ? (
                <Countdown endsAt={grant.endsAt} />
              ) : (
                <span className="kw-muted">
                  ended <TimeText at={grant.endedAt ?? grant.endsAt} />
                </span>
              )}
            </td>
            <td data-label="Approved by">
              {grant.approver === null ? <span className="kw-muted">–</span> : <span className="kw-wrap">{grant.approver}</span>}
              {grant.approver !== null && grant.approver === grant.requester && (
                <div>
                  <Tag tone="warning">approved by themselves</Tag>
                </div>
              )}
            </td>
            <td data-label="Alerts" data-right>
              <CountLink
                count={grant.openAlerts}
                link={{ to: 'alerts', query: { identity: grant.identity.id, status: 'new,in_progress' } }}
                label="open alerts"
              />
            </td>
            <td data-right>
              <RevokeButton grant={grant} />
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
