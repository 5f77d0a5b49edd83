import type { FindingView } from '@keyward/contract';
import { plural } from '../../format/number.js';
import { observedName, words } from '../../format/words.js';
import { AttackTags, EventLink } from '../../parts/links.js';
import { SeverityMark, Tag } from '../../parts/marks.js';
import { Panel } from '../../parts/Panel.js';
import { Sentence } from '../../parts/Sentence.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { EmptyState } from '../../parts/states.js';
import { TimeText } from '../../parts/TimeText.js';

export function FindingsPanel({ findings }: { readonly findings: readonly FindingView[] }) {
  return (
    <Panel title="Findings" note={plural(findings.length, 'finding')} flush>
      {findings.length === 0 && <EmptyState title="No finding is stored for this alert any more" />}
      <ShowAll items={findings} first={5} noun="findings" padded>
        {(shown) => (
          <ul>
            {shown.map((finding) => (
              <li key={finding.uid} style={{ padding: '10px 14px', borderTop: '1px solid var(--kw-border)' }} className="kw-stack">
                <div>
                  <div className="kw-row">
                    <SeverityMark severity={finding.severity} bare />
                    <span className="kw-cell-title">{finding.title}</span>
                    <Tag>{finding.kind === 'sod' ? 'segregation of duties' : finding.kind}</Tag>
                    <Tag>{words(finding.source)}</Tag>
                    <AttackTags ids={finding.attack} />
                    <span className="kw-push kw-small">
                      <EventLink uid={finding.eventUid}>
                        event of <TimeText at={finding.time} />
                      </EventLink>
                    </span>
                  </div>
                  <p className="kw-wrap" style={{ marginTop: 4 }}>
                    <Sentence text={finding.sentence} />
                  </p>
                  {finding.explanation.map((sentence) => (
                    <p key={sentence} className="kw-cell-sub">
                      <Sentence text={sentence} />
                    </p>
                  ))}
                </div>
                <Observed observed={finding.observed} />
              </li>
            ))}
          </ul>
        )}
      </ShowAll>
    </Panel>
  );
}

export function Observed({ observed }: { readonly observed: FindingView['observed'] }) {
  const entries = Object.entries(observed);
  if (entries.length === 0) return null;
  return (
    <dl className="kw-kv kw-small">
      {entries.map(([key, value]) => (
        <div key={key} style={{ display: 'contents' }}>
          <dt>{observedName(key)}</dt>
          <dd>{observedValue(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
function observedValue(value: FindingView['observed'][string]): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}
