import { useInfiniteQuery } from '@tanstack/react-query';
import { auditPages, listQuery } from '../../api/queries.js';
import { PagedRows, itemsOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { Tag } from '../../parts/marks.js';

export function AuditPanel() {
  const list = useInfiniteQuery(listQuery('audit', auditPages, {}));
  const entries = itemsOf(list);
  return (
    <Panel title="Audit log" note="who did what at the dashboard or with a token" flush>
      <PagedRows list={list} items={entries} noun="entries" empty={<EmptyState title="Nothing was done yet" />}>
        {(rows) => (
          <Table columns={['Time', 'User', 'Action', 'Object', 'Outcome', 'From']} cards>
            {rows.map((entry) => (
              <tr key={entry.id}>
                <td data-label="Time">
                  <TimeText at={entry.at} />
                </td>
                <td data-label="User" className="kw-wrap">
                  {entry.user}
                </td>
                <td data-label="Action" className="kw-mono">
                  {entry.action}
                </td>
                <td data-label="Object" className="kw-wrap">
                  {entry.object}
                  <div className="kw-cell-sub">{entry.detail}</div>
                </td>
                <td data-label="Outcome">
                  <Tag tone={entry.outcome === 'failure' ? 'danger' : 'positive'}>{entry.outcome}</Tag>
                </td>
                <td data-label="From" className="kw-mono">
                  {entry.address}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </PagedRows>
    </Panel>
  );
}
