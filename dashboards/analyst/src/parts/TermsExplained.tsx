import type { EventDetail, Term } from '@keyward/contract';
import { useMemo } from 'react';
import { usePalette } from '../app/preferences.js';
import { contributionBars } from '../charts/contribution-bars.js';
import { EChart } from '../charts/EChart.js';
import { formatScore, plural } from '../format/number.js';
import { words } from '../format/words.js';
import { counterfactual, namesOf, namesWithFactors, partedTerms } from './counterfactual.js';
import { UsualTable } from './UsualTable.js';

interface Props {
  readonly terms: readonly Term[];
  /** Of the event. */
  readonly score: number;
  /** Undefined while it is not known. */
  readonly notEvaluated: EventDetail['notEvaluated'] | undefined;
}

/** All that a score stands on, for a reader who trusts nothing: what would make it harmless, shares, counts, and what nobody looked at. */
export function TermsExplained({ terms, score, notEvaluated }: Props) {
  const { carrying, usual } = partedTerms(terms);
  return (
    <>
      <p className="kw-wrap" style={{ marginBottom: 8 }}>
        {counterfactual(terms, score)}
      </p>
      {carrying.length > 0 && <TermChart terms={carrying} />}
      {carrying.length > 0 && <UsualTable terms={carrying} />}
      <dl className="kw-kv kw-small" style={{ marginTop: 10 }}>
        {usual.length > 0 && (
          <>
            <dt>Found usual</dt>
            <dd>{namesWithFactors(usual)}</dd>
          </>
        )}
        {notEvaluated !== undefined && (
          <>
            <dt>Not evaluated</dt>
            <dd>
              {notEvaluated.length === 0
                ? 'nothing that applies to it was left out'
                : notEvaluated.map(({ feature, why }) => `${namesOf([{ feature }])} (${why})`).join(', ')}
            </dd>
          </>
        )}
      </dl>
      <details className="kw-group kw-small kw-muted" style={{ marginTop: 6 }}>
        <summary>
          <span className="kw-row">How to read this</span>
        </summary>
        <ul>
          <li>A bar is the part of the score that one term makes; beside it stands the score were that term usual.</li>
          <li>Seen before: how often this value was seen, of this identity, its peers and everybody; what is long ago counts less.</li>
          <li>How rare: of events of the same kind, so many are as far from usual in this respect.</li>
          <li>Confidence: how far the identity’s own history decides; the rest is what peers and everybody do.</li>
          <li>Counts ×0.2: what is known of the circumstances leaves a fifth of the evidence.</li>
        </ul>
      </details>
    </>
  );
}

function TermChart({ terms }: { readonly terms: readonly Term[] }) {
  const palette = usePalette();
  const option = useMemo(
    () =>
      contributionBars(
        terms.map((term) => ({ label: words(term.feature), share: term.share, scoreWithout: term.scoreWithout, sentence: term.sentence })),
        palette,
      ),
    [terms, palette],
  );
  const first = terms[0];
  return (
    <EChart
      option={option}
      height={16 + 26 * terms.length}
      label={`Shares of the score: ${plural(terms.length, 'term')}${first ? `, strongest ${words(first.feature)}; without it the score would be ${formatScore(first.scoreWithout)}` : ''}`}
    />
  );
}
