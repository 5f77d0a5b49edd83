import type { FindingView, SodOverview } from '@keyward/contract';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sodQuery } from '../../api/queries.js';
import { useFilters } from '../../filters/use-filters.js';
import { formatCount, plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { EventLink, IdentityLink } from '../../parts/links.js';
import { SeverityMark, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { Sentence } from '../../parts/Sentence.js';
import { Async, EmptyState } from '../../parts/states.js';
import { Table } from '../../parts/Table.js';
import { TimeText } from '../../parts/TimeText.js';

export function SodPanel() {
  const query = useQuery(sodQuery);
  const [search, change] = useFilters('settings');
  const chosen = search['rule'];
  return (
    <Async query={query} rows={8}>
      {(sod) => (
        <>
          <Panel title="Rules" note={plural(sod.rules.length, 'rule')} flush>
            {sod.rules.length === 0 ? (
              <EmptyState title="No rule is set">Import sod.json to have duties that must not meet in one hand watched.</EmptyState>
            ) : (
              <Table
                columns={['Rule', 'Severity', 'Duties', 'When', { title: 'Mitigations', right: true }, { title: 'Conflicts', right: true }]}
                cards
              >
                {sod.rules.map((rule) => (
                  <tr key={rule.id}>
                    <td data-main>
                      <span className="kw-cell-title">{rule.name ?? rule.id}</span>
                      <div className="kw-cell-sub">{rule.id}</div>
                    </td>
                    <td data-label="Severity">
                      <SeverityMark severity={rule.severity} />
                    </td>
                    <td data-label="Duties">
                      <span className="kw-row" style={{ gap: 4 }}>
                        {rule.functions.map((duty) => (
                          <Tag key={duty}>{duty}</Tag>
                        ))}
                      </span>
                    </td>
                    <td data-label="When">
                      {words(rule.when)}
                      {rule.when === 'exercised' && ` within ${rule.windowHours} h`}
                      {rule.sameObject && ', on the same object'}
                    </td>
                    <td data-label="Mitigations" data-right className="kw-num">
                      {rule.mitigations}
                    </td>
                    <td data-label="Conflicts" data-right>
                      <Link
                        to="/settings"
                        search={{ tab: 'sod', rule: rule.id }}
                        className="kw-num"
                        aria-label={`${formatCount(broken(sod, rule.id).length)} conflicts with ${rule.name ?? rule.id}`}
                      >
                        {formatCount(broken(sod, rule.id).length)}
                      </Link>
                    </td>
                  </tr>
                ))}
              </Table>
            )}
          </Panel>
          <Panel
            title="Conflicts"
            note="last 90 days, newest first"
            side={
              chosen !== undefined && (
                <span className="kw-chip">
                  Rule: {chosen}
                  <button
                    type="button"
                    aria-label="Show the conflicts of all rules"
                    onClick={() => {
                      change({ rule: '' });
                    }}
                  >
                    <IconX aria-hidden />
                  </button>
                </span>
              )
            }
            flush
          >
            {broken(sod, chosen).length === 0 ? (
              <EmptyState title={chosen === undefined ? 'No conflict was found' : 'Nobody broke this rule'} />
            ) : (
              <ul>
                {broken(sod, chosen).map((finding) => (
                  <li key={finding.uid} style={{ padding: '8px 14px', borderTop: '1px solid var(--kw-border)' }}>
                    <div className="kw-row">
                      <SeverityMark severity={finding.severity} bare />
                      <IdentityLink identity={finding.identity} strong />
                      <span className="kw-push kw-small">
                        <EventLink uid={finding.eventUid}>
                          <TimeText at={finding.time} />
                        </EventLink>
                      </span>
                    </div>
                    <p className="kw-wrap">
                      <Sentence text={finding.sentence} />
                    </p>
                  </li>
                ))}
              </ul>
            )}
          </Panel>
        </>
      )}
    </Async>
  );
}

/** Conflicts that broke a rule, or all. */
const broken = (sod: SodOverview, rule: string | undefined): readonly FindingView[] =>
  sod.conflicts.filter((finding) => rule === undefined || Object.values(finding.observed).includes(rule));
