import type { VerdictPreview } from '@keyward/contract';
import { formatScore, plural } from '../../format/number.js';

/** A score of then was measured against what was usual then: where today's differs, both are said. */
export function ofThisAlert({ kind, scored, score, scoreWith, wouldAlert }: VerdictPreview): string {
  const [then, now, with_] = [scored, score, scoreWith].map(formatScore);
  const change =
    then === now
      ? `Its strangest event would score ${with_} in place of ${now}`
      : `Its strangest event scored ${then} when it came, and ${now} by what is known today; with the verdict it would score ${with_}`;
  if (kind === 'malicious') return `${change}. The events leave what is usual, and the network and device raise the scores of everybody.`;
  return wouldAlert ? `${change}, and there would still be an alert.` : `${change}, and there would be no alert.`;
}

export function ofOthers({ kind, similar }: VerdictPreview): string {
  const gone = similar.filter(({ wouldAlert }) => !wouldAlert).length;
  const alerts = plural(similar.length, 'other alert');
  if (kind === 'malicious') return `${alerts} of the last 30 days would have scored higher:`;
  return `${alerts} of the last 30 days would have scored lower, ${gone === 0 ? 'none' : gone} of them without an alert:`;
}

export function ofPeers({ peers }: VerdictPreview): string {
  if (peers.group === null || peers.members < 2) return 'The identity has no peers.';
  const others = plural(peers.agreeing, 'other member');
  if (peers.raises)
    return `${others} of ${peers.group} ${peers.agreeing === 1 ? 'has' : 'have'} the same accepted: with this one the whole group learns it, from the next UTC day on.`;
  return peers.agreeing === 0
    ? `No other member of ${peers.group} has the same accepted; with three, the whole group learns it.`
    : `${others} of ${peers.group} ${peers.agreeing === 1 ? 'has' : 'have'} the same accepted; with three, the whole group learns it.`;
}
