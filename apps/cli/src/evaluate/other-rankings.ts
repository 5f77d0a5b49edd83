import { dayOf, isoDay, type AccessEvent } from '@keyward/events';
import { COMPARATORS, type Contestant, type ScoredDay } from '@keyward/evaluation';
import { buildOrganisation, type OrganisationRecords } from '@keyward/identity';
import { eventEntries, type GeoLookup } from '@keyward/stages';
import type { RuleFindings } from './rule-findings.js';
import { BehaviourLine, VARIANTS } from './behaviour-line.js';

const DAY_MS = 86_400_000;

export interface OtherRankings {
  readonly comparators: readonly Contestant[];
  readonly variants: readonly Contestant[];
}
export interface OtherInput {
  /** In order of time. */
  readonly events: AsyncIterable<AccessEvent>;
  readonly organisation: OrganisationRecords;
  readonly geo: GeoLookup;
  /** By `<day> <identity>`: p of the findings of rules, which no variant changes. */
  readonly rules: RuleFindings;
  /** First evaluated UTC day. */
  readonly evaluatedFrom: string;
  /** Sees each event as the comparators do: located, resolved, with whose row it is. */
  readonly alongside?: (event: AccessEvent, identity: string) => void;
  readonly onProgress: (text: string) => void;
}

/** Runs every comparator and every variant of the model over the events that the line was given: parsed, located, resolved and ordered alike. */
export async function otherRankings(input: OtherInput): Promise<OtherRankings> {
  const known = buildOrganisation(input.organisation);
  const runs = COMPARATORS.map((make) => ({ comparator: make(), days: [] as ScoredDay[] }));
  const variants = VARIANTS.map((variant) => ({ variant, line: new BehaviourLine(input.organisation, variant, input.rules) }));
  let day: number | undefined;
  const close = (): void => {
    if (day === undefined) return;
    const name = isoDay(day * DAY_MS);
    for (const { comparator, days } of runs)
      for (const [identity, score] of comparator.closeDay(day)) if (name >= input.evaluatedFrom) days.push({ identity, day: name, score });
  };
  let seen = 0;
  for await (const event of input.events) {
    if (dayOf(event.time) !== day) {
      close();
      day = dayOf(event.time);
    }
    const entry = eventEntries(event, known, input.geo).find(({ primary }) => primary);
    if (!entry) continue;
    for (const { comparator } of runs) comparator.observe(entry.event, entry.key);
    // Behaviour is somebody's: an event that nobody acted has none.
    if (entry.part === 'actor' && entry.event.actor) {
      for (const { line } of variants) line.observe(entry.event, entry.key);
      input.alongside?.(entry.event, entry.key);
    }
    seen += 1;
    if (seen % 1_000 === 0) input.onProgress(`comparators and variants ${seen} events`);
  }
  close();
  return {
    comparators: runs.map(({ comparator: { id, title }, days }) => ({ id, title, days })),
    variants: variants.map(({ variant: { id, title }, line }) => ({ id, title, days: line.end() })),
  };
}
