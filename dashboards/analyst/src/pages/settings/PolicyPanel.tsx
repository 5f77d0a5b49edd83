import { useQuery } from '@tanstack/react-query';
import { policyQuery } from '../../api/queries.js';
import { Panel } from '../../parts/Panel.js';
import { Async, EmptyState } from '../../parts/states.js';
import { Tag } from '../../parts/marks.js';
import { observedName } from '../../format/words.js';

/** The response policy as its file says it. It is changed in the file, not here: it goes through review like code. */
export function PolicyPanel() {
  const query = useQuery(policyQuery);
  return (
    <Panel title="Response policy" note={query.data ? `from ${query.data.source}; read only here` : undefined}>
      <Async query={query} rows={8}>
        {({ policy }) =>
          Object.keys(policy).length === 0 ? (
            <EmptyState title="No policy is in force">Keyward only observes: nothing is ever taken back by itself.</EmptyState>
          ) : (
            <Value value={policy} />
          )
        }
      </Async>
    </Panel>
  );
}

function Value({ value }: { readonly value: unknown }) {
  if (isEmpty(value)) return <span className="kw-muted">not set</span>;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object'))
      return (
        <span className="kw-row" style={{ gap: 4 }}>
          {value.map((item) => (
            <Tag key={String(item)}>{String(item)}</Tag>
          ))}
        </span>
      );
    return (
      <div className="kw-stack">
        {value.map((item: unknown, i) => (
          <div key={i} style={{ padding: '8px 10px', border: '1px solid var(--kw-border)', borderRadius: 6 }}>
            <Value value={item} />
          </div>
        ))}
      </div>
    );
  }
  if (typeof value === 'object' && value !== null) {
    return (
      <dl className="kw-kv">
        {Object.entries(value).map(([key, inner]: [string, unknown]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>{observedName(key)}</dt>
            <dd>
              <Value value={inner} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return <span>{typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)}</span>;
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
