import type { AlertDetail, Term } from '@keyward/contract';
import { useMemo } from 'react';
import { usePalette } from '../../app/preferences.js';
import { contributionBars } from '../../charts/contribution-bars.js';
import { EChart } from '../../charts/EChart.js';
import { formatScore, plural } from '../../format/number.js';
import { words } from '../../format/words.js';
import { Panel } from '../../parts/Panel.js';
import { Sentence } from '../../parts/Sentence.js';
import { ShowAll } from '../../parts/ShowAll.js';
import { UsualTable } from '../../parts/UsualTable.js';

/** Strongest first: five say what matters, the rest is there for whoever writes the report. */
const SENTENCES = 5;

/** Why: first in words, then as shares of the score, then observed beside usual. */
export function WhyPanel({ detail }: { readonly detail: AlertDetail }) {
  const scored = strongest(detail);
  return (
    <>
      <Panel title="Why">
        <ShowAll items={detail.explanation.length > 0 ? detail.explanation : [detail.alert.why]} first={SENTENCES} noun="sentences">
          {(sentences) => (
            <ol className="kw-reasons">
              {sentences.map((sentence) => (
                <li key={sentence}>
                  <Sentence text={sentence} />
                </li>
              ))}
            </ol>
          )}
        </ShowAll>
      </Panel>
      {scored.length > 0 && (
        <Panel title="What made it unusual" note={`shares of the strongest event's score, and the score without each`}>
          <TermChart terms={scored} />
          <UsualTable terms={scored} />
        </Panel>
      )}
    </>
  );
}

/** The terms of the finding whose event was least usual: the one the score speaks of. */
export function strongest(detail: Pick<AlertDetail, 'findings'>): readonly Term[] {
  const sum = (terms: readonly Term[]): number => terms.reduce((total, term) => total + Math.max(0, term.evidence), 0);
  return detail.findings.map((finding) => finding.terms).reduce((best, terms) => (sum(terms) > sum(best) ? terms : best), []);
}

export function TermChart({ terms }: { readonly terms: readonly Term[] }) {
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
