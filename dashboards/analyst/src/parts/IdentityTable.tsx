import type { IdentitySummary } from '@keyward/contract';
import { words } from '../format/words.js';
import { CountLink, IdentityLink } from './links.js';
import { Meter, Tag } from './marks.js';
import { Table } from './Table.js';
import { TimeText } from './TimeText.js';

export function IdentityTable({ identities, self }: { readonly identities: readonly IdentitySummary[]; readonly self?: string }) {
  return (
    <Table
      columns={[
        'Identity',
        'Kind',
        'Team',
        'Risk',
        { title: 'Alerts', right: true },
        { title: 'Grants', right: true },
        { title: 'Last seen', right: true },
      ]}
      cards
    >
      {identities.map((identity) => (
        <tr key={identity.id} data-cursor={identity.id === self || undefined}>
          <td data-main>
            <span className="kw-row" style={{ gap: 6 }}>
              <IdentityLink identity={identity} strong />
              {identity.privileged && <Tag tone="accent">privileged</Tag>}
              {identity.status === 'left' && <Tag tone="danger">has left</Tag>}
            </span>
            <div className="kw-cell-sub">{identity.title}</div>
          </td>
          <td data-label="Kind">{words(identity.kind)}</td>
          <td data-label="Team">{[identity.team, identity.department].filter((part) => part !== null).join(', ')}</td>
          <td data-label="Risk">
            <Meter score={identity.risk} label="Risk" />
          </td>
          <td data-label="Open alerts" data-right>
            <CountLink
              count={identity.openAlerts}
              link={{ to: 'alerts', query: { identity: identity.id, status: 'new,in_progress' } }}
              label="open alerts"
            />
          </td>
          <td data-label="Active grants" data-right>
            <CountLink count={identity.activeGrants} link={{ to: 'grants', query: { identity: identity.id } }} label="active grants" />
          </td>
          <td data-label="Last seen" data-right className="kw-muted">
            <TimeText at={identity.lastSeen} age />
          </td>
        </tr>
      ))}
    </Table>
  );
}
