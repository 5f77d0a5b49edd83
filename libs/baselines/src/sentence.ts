import type { Term } from './assessment.js';
import { COMMANDS_FEATURE } from './commands/command-model.js';
import { commandSentence } from './commands/command-wording.js';
import { MODELS } from './models/registry.js';
import { usualText } from './models/wording.js';

const sentences: ReadonlyMap<string, (term: Term) => string> = new Map([
  ...MODELS.map((model): [string, (term: Term) => string] => [model.id, (term) => model.sentence(term)]),
  [COMMANDS_FEATURE, commandSentence],
]);

/**
 * A term in one plain sentence: observed, usual, how sure, and what scaled it. Made where it is read, not for every event: few are read.
 * A term of a model that this version does not have is said without that model's words.
 */
export function sentenceOf(term: Term): string {
  if (term.sentence !== undefined) return term.sentence;
  const said = sentences.get(term.feature)?.(term) ?? `${term.observed}; usual: ${usualText(term.usual)}.`;
  return said + factorsText(term.factors);
}

const factorsText = (factors: Term['factors']): string =>
  factors.length === 0 ? '' : ` Weighed by: ${factors.map(({ name, factor }) => `${name} (x ${factor})`).join('; ')}.`;
