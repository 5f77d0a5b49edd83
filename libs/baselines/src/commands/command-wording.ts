import type { Term } from '../assessment.js';
import { noveltyText, usualText } from '../models/wording.js';

/** `Commands unlike this identity: nc (3 times), xmodmap, crontab, in a block of 64; usual: ls 30 %, vi 10 %.` */
export function commandSentence(term: Term): string {
  const { unusual = [], position = 1 } = term.details?.commands ?? {};
  if (unusual.length === 0) return `Ran ${term.observed}, ${noveltyText(term, 'commands')}.`;
  const named = unusual.map(({ verb, times }) => (times === 1 ? verb : `${verb} (${times} times)`)).join(', ');
  const among = position === 1 ? '' : `, among the last ${position} of the session`;
  const usual = term.history === 0 ? 'nothing is known of its commands yet' : `usual: ${usualText(term.usual)}`;
  return `Commands unlike this identity: ${named}${among}; ${usual}.`;
}
