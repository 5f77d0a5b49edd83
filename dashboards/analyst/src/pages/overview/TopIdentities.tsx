import type { IdentitySummary } from '@keyward/contract';
import { Link } from '@tanstack/react-router';
import { CountLink, IdentityLink } from '../../parts/links.js';
import { Meter, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

export function TopIdentities({ identities }: { readonly identities: readonly IdentitySummary[] }) {
  return (
    <Panel title="Top identities" span={6} note="by risk now" side={<Link to="/identities">All identities</Link>} flush>
      {identities.length === 0 ? (
        <EmptyState title="Nobody has been seen yet" />
      ) : (
        <Table
          columns={[
            'Identity',
            'Risk',
            { title: 'Alerts', right: true },
            { title: 'Grants', right: true, wideOnly: true },
            { title: 'Seen', right: true, wideOnly: true },
          ]}
        >
          {identities.map((identity) => (
            <tr key={identity.id}>
              <td>
                <div className="kw-row" style={{ gap: 6 }}>
                  <IdentityLink identity={identity} strong />
                  {identity.privileged && <Tag>privileged</Tag>}
                </div>
                <div className="kw-cell-sub">{[identity.title, identity.department].filter((part) => part !== null).join(', ')}</div>
              </td>
              <td>
                <Meter score={identity.risk} label="Risk" />
              </td>
              <td data-right>
                <CountLink
                  count={identity.openAlerts}
                  link={{ to: 'alerts', query: { identity: identity.id, status: 'new,in_progress' } }}
                  label="open alerts"
                />
              </td>
              <td data-right className="kw-wide-only">
                <CountLink count={identity.activeGrants} link={{ to: 'grants', query: { identity: identity.id } }} label="active grants" />
              </td>
              <td data-right className="kw-muted kw-wide-only">
                <TimeText at={identity.lastSeen} age />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
