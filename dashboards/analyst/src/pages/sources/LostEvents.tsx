import type { SourceDetail } from '@keyward/contract';
import { formatShare, plural } from '../../format/number.js';
import { CountLink } from '../../parts/links.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

/** What scoring misses in the events: whose account it is, and where an address is. */
export function LostEvents({ detail: { health, unresolved, unplaced } }: { readonly detail: SourceDetail }) {
  const share = (part: number): string => (health.kept === 0 ? '' : `, ${formatShare(Math.min(1, part / health.kept))} of the events`);
  return (
    <>
      <Panel title="Unresolved accounts" span={6} note={`${plural(health.unresolved, 'event')}${share(health.unresolved)}`} flush>
        {unresolved.length === 0 ? (
          <EmptyState title="Every account belongs to somebody">All actors of this window stand in the organisation.</EmptyState>
        ) : (
          <Table columns={['Account', { title: 'Events', right: true }, { title: 'Last seen', right: true }]}>
            {unresolved.map((one) => (
              <tr key={one.account}>
                <td style={{ overflowWrap: 'anywhere' }}>{one.account}</td>
                <td data-right>
                  <CountLink count={one.events} link={one.link} label={`events of ${one.account}`} />
                </td>
                <td data-right className="kw-muted">
                  <TimeText at={one.lastSeen} age />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Panel>
      <Panel title="Addresses without a place" span={6} note={`${plural(health.unplaced, 'event')}${share(health.unplaced)}`} flush>
        {unplaced.length === 0 ? (
          <EmptyState title="Every address has a place">Travel is judged for all events of this window that name an address.</EmptyState>
        ) : (
          <Table columns={['Address', { title: 'Events', right: true }]}>
            {unplaced.map((one) => (
              <tr key={one.address}>
                <td className="kw-mono">{one.address}</td>
                <td data-right>
                  <CountLink count={one.events} link={one.link} label={`events from ${one.address}`} />
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Panel>
    </>
  );
}
