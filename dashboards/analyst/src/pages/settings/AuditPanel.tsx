import { useInfiniteQuery } from '@tanstack/react-query';
import { auditPages, listQuery } from '../../api/queries.js';
import { More } from '../../parts/More.js';
import { Panel } from '../../parts/Panel.js';
import { EmptyState, ErrorState, Loading } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';
import { Tag } from '../../parts/marks.js';

export function AuditPanel() {
  const list = useInfiniteQuery(listQuery('audit', auditPages, {}));
  const entries = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Panel title="Audit log" note="who did what at the dashboard or with a token" flush>
      {list.isError && entries.length === 0 ? (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      ) : list.isPending ? (
        <div style={{ padding: '0 14px' }}>
          <Loading rows={8} />
        </div>
      ) : entries.length === 0 ? (
        <EmptyState title="Nothing was done yet" />
      ) : (
        <>
          <div className="kw-table-box">
            <table className="kw-table" data-cards>
              <thead>
                <tr>
                  <th>Time</th>
                  <th>User</th>
                  <th>Action</th>
                  <th>Object</th>
                  <th>Outcome</th>
                  <th>From</th>
                </tr>
              </thead>
              <tbody>
                {entries.map((entry) => (
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
              </tbody>
            </table>
          </div>
          <More
            shown={entries.length}
            total={list.data?.pages[0]?.total}
            noun="entries"
            more={list.hasNextPage}
            loading={list.isFetchingNextPage}
            onMore={() => void list.fetchNextPage()}
          />
        </>
      )}
    </Panel>
  );
}
