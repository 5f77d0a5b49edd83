import { useQuery } from '@tanstack/react-query';
import { sodQuery } from '../../api/queries.js';
import { plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { CountLink, EventLink, IdentityLink } from '../../parts/links.js';
import { SeverityMark, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';

export function SodPanel() {
  const query = useQuery(sodQuery);
  return (
    <Async query={query} rows={8}>
      {(sod) => (
        <>
          <Panel title="Rules" note={plural(sod.rules.length, 'rule')} flush>
            {sod.rules.length === 0 ? (
              <EmptyState title="No rule is set">Import sod.json to have duties that must not meet in one hand watched.</EmptyState>
            ) : (
              <div className="kw-table-box">
                <table className="kw-table" data-cards>
                  <thead>
                    <tr>
                      <th>Rule</th>
                      <th>Severity</th>
                      <th>Duties</th>
                      <th>When</th>
                      <th data-right>Mitigations</th>
                      <th data-right>Conflicts</th>
                    </tr>
                  </thead>
                  <tbody>
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
                          <CountLink count={rule.conflicts.count} link={rule.conflicts.link} label="conflicts" />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Panel>
          <Panel title="Conflicts" note="last 90 days, newest first" flush>
            {sod.conflicts.length === 0 ? (
              <EmptyState title="No conflict was found" />
            ) : (
              <ul>
                {sod.conflicts.map((finding) => (
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
                    <p className="kw-wrap">{finding.sentence}</p>
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
