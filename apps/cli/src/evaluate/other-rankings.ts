import { dayOf, isoDay } from '@keyward/events';
import { buildOrganisation } from '@keyward/identity';
import { BehaviourLine, VARIANTS } from './behaviour-line.js';
import { COMPARATORS, type Contestant, type ScoredDay } from '@keyward/evaluation';
import { systemClock } from '@keyward/runtime';
import { eventEntries } from '@keyward/stages';
import type { ReplayOptions } from '../replay/replay.js';
import { eventsByTime } from './events-by-time.js';

const DAY_MS = 86_400_000;

export interface OtherRankings {
  readonly comparators: readonly Contestant[];
  readonly variants: readonly Contestant[];
}

/** Runs every comparator and every variant of the model over the events that the line was given: parsed, located, resolved and ordered alike. */
export async function otherRankings(
  { inputs, organisation, geo }: ReplayOptions,
  ruleP: ReadonlyMap<string, readonly number[]>,
  evaluatedFrom: string,
  onProgress: (text: string) => void,
): Promise<OtherRankings> {
  const known = buildOrganisation(organisation);
  const runs = COMPARATORS.map((make) => ({ comparator: make(), days: [] as ScoredDay[] }));
  const variants = VARIANTS.map((variant) => ({ variant, line: new BehaviourLine(organisation, variant, ruleP) }));
  let day: number | undefined;
  const close = (): void => {
    if (day === undefined) return;
    const name = isoDay(day * DAY_MS);
    for (const { comparator, days } of runs)
      for (const [identity, score] of comparator.closeDay(day)) if (name >= evaluatedFrom) days.push({ identity, day: name, score });
  };
  let seen = 0;
  for await (const event of eventsByTime(inputs, systemClock.now())) {
    if (dayOf(event.time) !== day) {
      close();
      day = dayOf(event.time);
    }
    const entry = eventEntries(event, known, geo).find(({ primary }) => primary);
    if (entry) {
      for (const { comparator } of runs) comparator.observe(entry.event, entry.key);
      if (entry.part === 'actor' && entry.event.actor) for (const { line } of variants) line.observe(entry.event, entry.key);
    }
    seen += 1;
    if (seen % 1_000 === 0) onProgress(`comparators and variants ${seen} events`);
  }
  close();
  return {
    comparators: runs.map(({ comparator: { id, title }, days }) => ({ id, title, days })),
    variants: variants.map(({ variant: { id, title }, line }) => ({ id, title, days: line.end() })),
  };
}
