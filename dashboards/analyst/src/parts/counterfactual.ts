import type { Term } from '@keyward/contract';
import { formatScore } from '../format/number.js';
import { words } from '../format/words.js';

/** Below it a term says nothing that anybody would see. */
const FOUND_USUAL = 0.005;

/** Terms that make up the score, most first, and those that were looked at and found usual. */
export function partedTerms(terms: readonly Term[]): { readonly carrying: readonly Term[]; readonly usual: readonly Term[] } {
  const carrying = terms.filter(({ share }) => share >= FOUND_USUAL).sort((a, b) => b.share - a.share);
  return { carrying, usual: terms.filter((term) => !carrying.includes(term)) };
}

/** What would have to be harmless for the score to be: in one sentence. */
export function counterfactual(terms: readonly Term[], score: number): string {
  const [strongest, ...others] = partedTerms(terms).carrying;
  if (!strongest) return 'Nothing about it was far from usual.';
  const name = nameOf(strongest);
  const without = formatScore(strongest.scoreWithout);
  if (others.length === 0) return `It stands on ${name} alone: were that explained, the score would be ${without}.`;
  if (strongest.scoreWithout <= score / 2)
    return `It stands on ${name} most of all: were that explained, the score would be ${without} in place of ${formatScore(score)}.`;
  return `No single reason carries it: were ${name}, the strongest, explained, the score would still be ${without} in place of ${formatScore(score)}.`;
}

/** Terms that were found usual; where circumstances or a verdict made one so, that is said. */
export const namesWithFactors = (terms: readonly Pick<Term, 'feature' | 'factors'>[]): string =>
  terms
    .map((term) => {
      const factors = term.factors.map(({ name, factor }) => `${name}: counts ×${factor}`).join(', ');
      return factors === '' ? nameOf(term) : `${nameOf(term)} (${factors})`;
    })
    .join(', ');

/** Names of terms within a sentence. */
export const namesOf = (terms: readonly Pick<Term, 'feature'>[]): string => terms.map(nameOf).join(', ');
const nameOf = ({ feature }: Pick<Term, 'feature'>): string => {
  const name = words(feature);
  return /^[A-Z]{2}/.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);
};
