import type { AccountLinkView, UnresolvedAccounts } from '@keyward/contract';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountLinkPages, linkSummaryQuery, unresolvedAccountsQuery } from '../../api/link-queries.js';
import { listQuery } from '../../api/queries.js';
import { plural } from '../../format/number.js';
import { IdentityLink } from '../../parts/links.js';
import { PagedRows, itemsOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { conflictWords, ruleWords, summaryWords } from './link-words.js';
import { LinkDialog, type LinkQuestion } from './LinkDialog.js';
import { LinkUndoDialog } from './LinkUndoDialog.js';

/** A few: the identities below are what the page is for. */
const PAGE = '5';

/** Accounts of directories of which it can't be told whose they are, and what people decided of others. Nothing where no directory is connected. */
export function LinkPanel() {
  const summary = useQuery(linkSummaryQuery);
  const unresolved = useQuery(unresolvedAccountsQuery);
  const list = useInfiniteQuery(listQuery('links', accountLinkPages, { state: 'conflict,decided', limit: PAGE }));
  const [question, setQuestion] = useState<LinkQuestion | undefined>();
  const [undoing, setUndoing] = useState<AccountLinkView | undefined>();
  const items = itemsOf(list);
  if (!summary.data || (summary.data.systems.length === 0 && items.length === 0)) return null;
  return (
    <Panel title="Accounts and whose they are" note={summaryWords(summary.data)} flush>
      {items.length > 0 && (
        <PagedRows list={list} items={items} noun="accounts" rowHeight={40} empty={null}>
          {(rows) => <LinkTable rows={rows} onDecide={setQuestion} onUndo={setUndoing} />}
        </PagedRows>
      )}
      {unresolved.data && <Unresolved unresolved={unresolved.data} onDecide={setQuestion} />}
      <LinkDialog
        question={question}
        onClose={() => {
          setQuestion(undefined);
        }}
      />
      <LinkUndoDialog
        link={undoing}
        onClose={() => {
          setUndoing(undefined);
        }}
      />
    </Panel>
  );
}

interface TableProps {
  readonly rows: readonly AccountLinkView[];
  readonly onDecide: (question: LinkQuestion) => void;
  readonly onUndo: (link: AccountLinkView) => void;
}
function LinkTable({ rows, onDecide, onUndo }: TableProps) {
  return (
    <Table columns={['Account', 'May be', 'Why', { title: 'Decide', hidden: true }]} cards>
      {rows.map((row) => (
        <tr key={`${row.system}:${row.name}`}>
          <td data-main className="kw-wrap">
            <div className="kw-cell-title">{row.name}</div>
            <div className="kw-cell-sub">
              {row.system}
              {row.displayName !== null && `, ${row.displayName}`}
            </div>
          </td>
          <td data-label="May be" className="kw-wrap">
            {row.state === 'decided' && row.identity ? (
              <IdentityLink identity={row.identity} strong />
            ) : (
              row.candidates.map(({ identity, rules }) => (
                <div key={identity.id}>
                  <IdentityLink identity={identity} /> <span className="kw-muted kw-small">{ruleWords(rules)}</span>
                </div>
              ))
            )}
          </td>
          <td data-label="Why" className="kw-wrap">
            {row.decision ? (
              <>
                {row.decision.reason}
                <div className="kw-cell-sub">
                  {row.decision.author}, <TimeText at={row.decision.at} />
                </div>
              </>
            ) : (
              conflictWords(row)
            )}
          </td>
          <td data-right>
            <RoleButton
              needs="analyst"
              size="compact-xs"
              variant="default"
              onClick={() => {
                if (row.state === 'decided') onUndo(row);
                else onDecide({ system: row.system, name: row.name, candidates: row.candidates });
              }}
            >
              {row.state === 'decided' ? 'Take back' : 'Decide'}
            </RoleButton>
          </td>
        </tr>
      ))}
    </Table>
  );
}

const SHOWN = 5;
interface UnresolvedProps {
  readonly unresolved: UnresolvedAccounts;
  readonly onDecide: (question: LinkQuestion) => void;
}
/** What events name and nobody knows: most used first. */
function Unresolved({ unresolved: { accounts, days, items }, onDecide }: UnresolvedProps) {
  if (accounts === 0) return null;
  return (
    <div className="kw-small" style={{ padding: '8px 14px' }}>
      <span className="kw-muted">
        {plural(accounts, 'account', 'accounts')} in events of the last {days} days that nobody is known for:{' '}
      </span>
      {items.slice(0, SHOWN).map(({ system, name, events }) => (
        <RoleButton
          key={`${system}:${name}`}
          needs="analyst"
          size="compact-xs"
          variant="subtle"
          title={plural(events, 'event', 'events')}
          onClick={() => {
            onDecide({ system, name, candidates: [] });
          }}
        >
          {system}:{name}
        </RoleButton>
      ))}
      {accounts > SHOWN && <span className="kw-muted"> and {accounts - SHOWN} more</span>}
    </div>
  );
}
