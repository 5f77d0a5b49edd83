import type { Term } from '@keyward/baselines';

/*
 * Terms as a column holds them: JSON lists without names, since a name for each value would be half of what is stored. Rows of earlier versions hold
 * objects.
 */

type Flat = readonly (string | number)[];
type StoredTerm = readonly [
  feature: string,
  observed: string,
  evidence: number,
  p: number,
  share: number,
  scoreWithout: number,
  confidence: number,
  history: number,
  person: number,
  peers: number,
  all: number,
  usual: Flat,
  factors: Flat,
  details?: Term['details'],
];

export const encodeTerms = (terms: readonly Term[]): string => JSON.stringify(terms.map(stored));

/** @throws SyntaxError when the text is not ours */
export const decodeTerms = (text: string): Term[] => (JSON.parse(text) as (StoredTerm | OldTerm)[]).map(termOf);

function stored({
  feature,
  observed,
  usual,
  evidence,
  p,
  share,
  counts,
  confidence,
  factors,
  scoreWithout,
  history,
  details,
}: Term): StoredTerm {
  const shares: (string | number)[] = [];
  for (const { value, share: part } of usual) shares.push(value, part);
  const scales: (string | number)[] = [];
  for (const { name, factor } of factors) scales.push(name, factor);
  const { person, peers, all } = counts;
  return details === undefined
    ? [feature, observed, evidence, p, share, scoreWithout, confidence, history, person, peers, all, shares, scales]
    : [feature, observed, evidence, p, share, scoreWithout, confidence, history, person, peers, all, shares, scales, details];
}

/** Versions before 0.2 stored the term as it was, its sentence with it. */
type OldTerm = Omit<Term, 'history' | 'details'>;

function termOf(term: StoredTerm | OldTerm): Term {
  if (!isStored(term)) return { ...term, history: 0 };
  const [feature, observed, evidence, p, share, scoreWithout, confidence, history, person, peers, all, usual, factors, details] = term;
  return {
    feature,
    observed,
    usual: pairsOf(usual).map(([value, part]) => ({ value, share: part })),
    evidence,
    p,
    share,
    counts: { person, peers, all },
    confidence,
    factors: pairsOf(factors).map(([name, factor]) => ({ name, factor })),
    scoreWithout,
    history,
    ...(details !== undefined && { details }),
  };
}

const isStored = (term: StoredTerm | OldTerm): term is StoredTerm => Array.isArray(term);

const pairsOf = (flat: Flat): [string, number][] =>
  Array.from({ length: flat.length / 2 }, (_, index) => [String(flat[2 * index]), Number(flat[2 * index + 1])]);
