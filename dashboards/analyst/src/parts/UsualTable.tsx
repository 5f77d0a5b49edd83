import type { Term } from '@keyward/contract';
import { formatCount, formatOdds, formatShare } from '../format/number.js';
import { words } from '../format/words.js';

const SEEN_BY = [
  ['person', 'this identity'],
  ['peers', 'peers'],
  ['all', 'everybody'],
] as const;

/** Observed beside usual, how often each was seen, and how far that can be trusted. */
export function UsualTable({ terms }: { readonly terms: readonly Term[] }) {
  return (
    <div className="kw-table-box" style={{ marginTop: 10 }}>
      <table className="kw-table" data-cards>
        <thead>
          <tr>
            <th>Feature</th>
            <th>Observed</th>
            <th>Usual</th>
            <th>Seen before</th>
            <th>How rare</th>
            <th>Confidence</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((term) => (
            <tr key={term.feature}>
              <td data-label="Feature" className="kw-strong" style={{ whiteSpace: 'nowrap' }}>
                {words(term.feature)}
              </td>
              <td data-label="Observed" className="kw-wrap">
                <div>
                  {term.observed}
                  {term.factors.length > 0 && (
                    <div className="kw-cell-sub">
                      {term.factors.map(({ name, factor }) => `${words(name).toLowerCase()}: counts ×${factor}`).join(', ')}
                    </div>
                  )}
                </div>
              </td>
              <td data-label="Usual" className="kw-wrap">
                <div>
                  {term.usual.length === 0 ? (
                    <span className="kw-muted">nothing known yet</span>
                  ) : (
                    term.usual.map(({ value, share }) => (
                      <div key={value}>
                        {value} <span className="kw-muted kw-num">{formatShare(share)}</span>
                      </div>
                    ))
                  )}
                </div>
              </td>
              <td data-label="Seen before" className="kw-num">
                {SEEN_BY.map(([who, name]) => (
                  <div key={who}>
                    {formatCount(Math.round(term.counts[who]))} <span className="kw-muted">{name}</span>
                  </div>
                ))}
              </td>
              <td data-label="How rare" className="kw-num">
                {formatOdds(term.p)}
              </td>
              <td data-label="Confidence" className="kw-num">
                {formatShare(term.confidence)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
