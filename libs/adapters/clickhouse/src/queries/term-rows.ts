import { sentenceOf, Term } from '@keyward/baselines';
import type { Term as TermView } from '@keyward/contract';
import { z } from 'zod';
import { decodeTerms } from '../stored-terms.js';

/** A column of terms, as a person reads them: with their sentences. */
export const TermsColumn = z.string().transform((text): TermView[] => z.array(Term).parse(decodeTerms(text)).map(termView));

function termView(term: Term): TermView {
  const { history: _, details: __, ...shown } = term;
  return { ...shown, sentence: sentenceOf(term) };
}
