import type { UsageKind } from '@keyward/contract';
import { useQuery } from '@tanstack/react-query';
import { identityUsageQuery } from '../../api/queries.js';
import { formatCount, formatScore, formatShare } from '../../format/number.js';
import { RowsLink } from '../../parts/links.js';
import { Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { Async, EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

const SHORT = 6;

/** What an identity uses, how much, since when; what is new stands out. */
export function UsagePanel({
  id,
  days,
  kind,
  title,
}: {
  readonly id: string;
  readonly days: number;
  readonly kind: UsageKind;
  readonly title: string;
}) {
  const query = useQuery(identityUsageQuery(id, kind, days));
  return (
    <Panel title={title} span={6} note={query.data ? `${formatCount(query.data.items.length)} in ${days} days` : undefined} flush>
      <Async query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title={`No ${title.toLowerCase()} seen in this time`} />
          ) : (
            <ShowAll items={items} first={SHORT} noun={title.toLowerCase()} padded>
              {(shown) => (
                <Table
                  columns={[
                    title,
                    { title: 'Share', right: true, wideOnly: true },
                    { title: 'Events', right: true },
                    { title: 'First seen', right: true, wideOnly: true },
                    { title: 'Last', right: true },
                    { title: 'Top score', right: true },
                  ]}
                >
                  {shown.map((item) => (
                    <tr key={item.value}>
                      <td className="kw-wrap">
                        <span className="kw-row" style={{ gap: 6 }}>
                          <span>{item.value}</span>
                          {item.recent && <Tag tone="warning">new</Tag>}
                        </span>
                        {item.detail !== null && <div className="kw-cell-sub">{item.detail}</div>}
                      </td>
                      <td data-right className="kw-num kw-wide-only">
                        {formatShare(item.share)}
                      </td>
                      <td data-right>
                        <RowsLink link={item.link} className="kw-num" label={`${formatCount(item.events)} events with ${item.value}`}>
                          {formatCount(item.events)}
                        </RowsLink>
                      </td>
                      <td data-right className="kw-muted kw-wide-only">
                        <TimeText at={item.firstSeen} />
                      </td>
                      <td data-right className="kw-muted">
                        <TimeText at={item.lastSeen} age />
                      </td>
                      <td data-right className={item.maxScore >= 50 ? 'kw-num kw-strong kw-danger' : 'kw-num'}>
                        {formatScore(item.maxScore)}
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
            </ShowAll>
          )
        }
      </Async>
    </Panel>
  );
}
