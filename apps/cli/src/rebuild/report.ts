import { DAY_MS, isoDay, isoInstant } from '@keyward/events';
import { count } from '../terminal.js';
import type { RebuildResult, RebuildStep } from './rebuild.js';

export function stepInWords(step: RebuildStep): string {
  switch (step.phase) {
    case 'finishing':
      return 'finishing a rebuild that was interrupted';
    case 'folding':
      return `day ${step.daysDone + 1} of ${step.days} (${isoDay(step.day * DAY_MS)}), ${count(step.entries)} entries`;
    case 'comparing':
      return 'comparing';
    case 'preparing':
      return `preparing day ${step.done + 1} of ${step.days}`;
    case 'replacing':
      return 'putting the tables in place';
  }
}

/** For a person, on standard output. */
export function reportText(result: RebuildResult): string {
  if (result.outcome === 'finished') return 'The rebuild that was interrupted is finished: ASSESS may start.\n';
  const lines = result.tables.map(({ what, stored, rebuilt, unlike, skipped, examples }) => {
    const sign = unlike === 0 ? '=' : '≠';
    const rows = stored.rows === rebuilt.rows ? count(stored.rows) : `${count(stored.rows)} stored, ${count(rebuilt.rows)} rebuilt`;
    const notes = [
      ...(unlike > 0 ? [`${count(unlike)} differ`] : []),
      ...(skipped > 0 ? [`${count(skipped)} at another place, not compared`] : []),
      ...(unlike > 0 && what !== 'assessments' ? [`e.g. ${examples.join(', ')}`] : []),
    ];
    const hashes = stored.hash === rebuilt.hash ? stored.hash : `${stored.hash} stored, ${rebuilt.hash} rebuilt`;
    return `${sign} ${what.padEnd(11)} ${rows}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}\n  ${hashes}`;
  });
  const differences = result.first.map(
    ({ time, identity, source, code, eventUid, feature, stored, rebuilt }) =>
      `  ${isoInstant(time)} ${identity} ${source} ${code} ${eventUid}\n    ${feature}: stored ${stored}, rebuilt ${rebuilt}`,
  );
  return [
    ...lines,
    ...(differences.length > 0 ? ['First events that are scored otherwise:', ...differences] : []),
    ...remarks(result),
    `${OUTCOMES[result.outcome]} ${count(result.entries)} entries folded in ${result.seconds} s.`,
    '',
  ].join('\n');
}

const OUTCOMES = {
  equal: 'Equal: what is stored is what its history makes of it.',
  differs: 'It differs. Nothing was written; --write puts the rebuilt tables in place.',
  written: 'Written: the rebuilt tables are in place, ASSESS may start.',
} as const;

/** What the comparison can't speak for. */
function remarks({ coverage, outcome }: RebuildResult): string[] {
  const { unordered, withoutBeginning, withGaps, withoutEnd, unsettled, withoutEntries, withoutEvent } = coverage;
  const kept = outcome === 'written' ? 'were left as they are' : 'can not be rebuilt';
  return [
    ...(unordered > 0
      ? [`! Of ${count(unordered)} events it is not kept when ledgers took them in: they are taken in order of time.`]
      : []),
    ...(withoutBeginning > 0
      ? [`! ${count(withoutBeginning)} ledgers have learned from entries that are no longer (or were never) kept.`]
      : []),
    ...(withGaps + withoutEnd > 0 ? [`! ${count(withGaps + withoutEnd)} ledgers lack entries in between, or their last ones.`] : []),
    ...(unsettled > 0 ? [`! ${count(unsettled)} ledgers have yet to be saved with the last entries they took in.`] : []),
    ...(withoutEvent > 0 ? [`! ${count(withoutEvent)} entries are of events that are not stored any more.`] : []),
    ...(withoutEntries > 0 ? [`! ${count(withoutEntries)} ledgers ${kept}: none of their entries is kept.`] : []),
  ];
}
