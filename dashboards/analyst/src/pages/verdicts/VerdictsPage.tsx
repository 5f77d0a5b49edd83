import { VerdictState, type VerdictView } from '@keyward/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { listQuery, verdictPages } from '../../api/queries.js';
import { ClearFilters, FilterChips, FilterMenu } from '../../filters/controls.js';
import { activeFilters, apiQuery } from '../../filters/search.js';
import { useFilters } from '../../filters/use-filters.js';
import { IdentityLink } from '../../parts/links.js';
import { PagedRows, itemsOf } from '../../parts/PagedRows.js';
import { Panel } from '../../parts/Panel.js';
import { RoleButton } from '../../parts/RoleButton.js';
import { Sentence } from '../../parts/Sentence.js';
import { EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';
import { KindTag, VerdictStateTag } from './marks.js';
import { UndoDialog } from './UndoDialog.js';

const LABELS: Readonly<Record<VerdictState, string>> = { in_force: 'in force', expired: 'expired', undone: 'taken back' };

/** What people have said of alerts, and scoring goes by. */
export function VerdictsPage() {
  const [search, change] = useFilters('verdicts');
  const list = useInfiniteQuery(listQuery('verdicts', verdictPages, apiQuery(search, 0)));
  const [undoing, setUndoing] = useState<VerdictView | undefined>();
  return (
    <div className="kw-stack">
      <h1 className="kw-hidden">Verdicts</h1>
      <div className="kw-filters" role="search" aria-label="Filter verdicts">
        <FilterMenu
          label="State"
          name="state"
          single
          search={search}
          onChange={change}
          choices={VerdictState.options.map((value) => ({ value, label: LABELS[value] }))}
        />
        <FilterChips search={search} menus={['state']} onChange={change} />
        <ClearFilters search={search} onChange={change} />
      </div>
      <Panel title="Verdicts" note="what scoring has learned from alerts" flush>
        <PagedRows
          list={list}
          items={itemsOf(list)}
          noun="verdicts"
          rowHeight={40}
          empty={
            <EmptyState title={activeFilters(search).length > 0 ? 'No verdict matches' : 'Nobody has given a verdict yet'}>
              {activeFilters(search).length > 0 ? (
                <ClearFilters search={search} onChange={change} />
              ) : (
                'On the page of an alert, say whether it was benign or an attack.'
              )}
            </EmptyState>
          }
        >
          {(verdicts) => <VerdictTable verdicts={verdicts} onUndo={setUndoing} />}
        </PagedRows>
      </Panel>
      <UndoDialog
        verdict={undoing}
        onClose={() => {
          setUndoing(undefined);
        }}
      />
    </div>
  );
}

interface TableProps {
  readonly verdicts: readonly VerdictView[];
  readonly onUndo: (verdict: VerdictView) => void;
}
function VerdictTable({ verdicts, onUndo }: TableProps) {
  return (
    <Table columns={['Verdict', 'Identity', 'About', 'By', 'Until', { title: 'Take back', hidden: true }]} cards>
      {verdicts.map((verdict) => (
        <tr key={verdict.uid}>
          <td data-label="Verdict">
            <div className="kw-row" style={{ gap: 6 }}>
              <KindTag kind={verdict.kind} />
              <VerdictStateTag verdict={verdict} />
            </div>
            <div className="kw-cell-sub">
              <Link to="/alerts/$uid" params={{ uid: verdict.alertUid }} search={{}}>
                its alert
              </Link>
            </div>
          </td>
          <td data-label="Identity">
            <IdentityLink identity={verdict.identity} strong />
            {verdict.scope === 'peers' && <div className="kw-cell-sub">and its closest peers</div>}
          </td>
          <td data-label="About" className="kw-wrap">
            <Sentence text={verdict.about[0] ?? 'Nothing unusual by itself'} />
            {verdict.about.length > 1 && <div className="kw-cell-sub">and {verdict.about.length - 1} more</div>}
          </td>
          <td data-label="By" className="kw-wrap">
            {verdict.author}
            <div className="kw-cell-sub">
              <TimeText at={verdict.at} />
            </div>
            <div className="kw-cell-sub">{verdict.reason}</div>
            {verdict.undone && (
              <div className="kw-cell-sub">
                taken back by {verdict.undone.by}: {verdict.undone.reason}
              </div>
            )}
          </td>
          <td data-label="Until">
            <TimeText at={verdict.expiresAt} />
          </td>
          <td data-right>
            {verdict.state === 'in_force' && (
              <RoleButton
                needs="analyst"
                size="compact-xs"
                variant="default"
                onClick={() => {
                  onUndo(verdict);
                }}
              >
                Take back
              </RoleButton>
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}
