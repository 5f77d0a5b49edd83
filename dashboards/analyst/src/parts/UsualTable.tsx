import type { Term } from '@keyward/contract';
import { formatCount, formatOdds, formatShare } from '../format/number.js';
import { words } from '../format/words.js';

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
            <th title="How often the observed value was seen before">Seen: person, peers, all</th>
            <th title="How rare such evidence is among events of the same kind">How rare</th>
            <th title="How far the person's own history speaks, rather than the peers'">Confidence</th>
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
                      {term.factors.map(({ name, factor }) => `${words(name).toLowerCase()} ×${factor}`).join(', ')}
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
              <td data-label="Seen" className="kw-num">
                {[term.counts.person, term.counts.peers, term.counts.all].map((count) => formatCount(Math.round(count))).join(', ')}
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
