import {
  COMMANDS_FEATURE,
  createBehaviourModel,
  dayReasonOf,
  isAlarming,
  isCommandOnly,
  type Assessment,
  type BehaviourModel,
  type IdentityProfile,
  type Snapshot,
  type SnapshotBuilder,
} from '@keyward/baselines';
import { dayOf, isoDay, type AccessEvent } from '@keyward/events';
import type { ScoredDay } from '@keyward/evaluation';
import { DayEvidence, type TalliedEvent } from './day-evidence.js';
import { dayScores } from './day-scores.js';
import type { RuleFindings } from './rule-findings.js';
import { buildOrganisation, type Organisation, type OrganisationRecords } from '@keyward/identity';

const DAY_MS = 86_400_000;

/** A change of the model whose worth is asked for. */
export interface Variant {
  readonly id: string;
  readonly title: string;
  readonly parameters: NonNullable<Parameters<typeof createBehaviourModel>[0]>;
  readonly organisation?: (records: OrganisationRecords) => OrganisationRecords;
}

/** What the others are compared with, and one part left out each. */
export const VARIANTS: readonly Variant[] = [
  { id: 'all-parts', title: 'whole model, in a run of its own', parameters: {} },
  { id: 'no-gating', title: 'without gating: everything teaches', parameters: { learnAboveP: 0, neverLearnBelowP: 0 } },
  { id: 'no-shrinkage', title: 'without shrinkage: each for himself', parameters: { personShrinkage: 0.01, peerShrinkage: 0.01 } },
  {
    id: 'no-peers',
    title: 'without peer groups: the person, then everybody',
    parameters: {},
    organisation: (records) => ({
      ...records,
      identities: records.identities.map(({ department: _department, team: _team, title: _title, ...rest }) => ({ ...rest, groups: [] })),
    }),
  },
  { id: 'no-calibration', title: 'without calibration: bounds instead of counted p', parameters: { priorObservations: 1e12 } },
];

/**
 * The behaviour model alone over a history, as ASSESS runs it: evaluate before advance, a snapshot for each day. No detections, no custody of shared
 * accounts (so variants are compared with the unchanged model in such a run): rules' findings are given, since no variant changes them.
 */
export class BehaviourLine {
  readonly organisation: Organisation;
  readonly #model: BehaviourModel;
  readonly #rules: RuleFindings;
  readonly #profiles = new Map<string, IdentityProfile>();
  readonly #days: ScoredDay[] = [];
  #snapshot: Snapshot;
  #builder: SnapshotBuilder;
  #day: number | undefined;
  #tallies = new Map<string, DayEvidence>();

  constructor(records: OrganisationRecords, variant: Pick<Variant, 'parameters' | 'organisation'>, rules: RuleFindings) {
    this.organisation = buildOrganisation(variant.organisation?.(records) ?? records);
    this.#model = createBehaviourModel(variant.parameters);
    this.#rules = rules;
    this.#snapshot = this.#model.emptySnapshot();
    this.#builder = this.#model.snapshotBuilder(this.#snapshot, this.organisation);
  }

  /** @param event in order of time, located and resolved */
  observe(
    event: AccessEvent,
    identity: string,
  ): { readonly assessment: Assessment; readonly tallied: TalliedEvent; readonly isAlarming: boolean } {
    const day = dayOf(event.time);
    if (day !== this.#day) this.#begin(day);
    let profile = this.#profiles.get(identity);
    if (!profile) this.#profiles.set(identity, (profile = this.#model.emptyProfile()));
    const input = { event, identity, profile, snapshot: this.#snapshot, organisation: this.organisation };
    const assessment = this.#model.assess(input);
    this.#builder.add(identity, event, assessment);
    this.#model.advance(input, assessment);
    let tally = this.#tallies.get(identity);
    if (!tally) this.#tallies.set(identity, (tally = new DayEvidence()));
    const tallied = talliedOf(event, assessment);
    tally.add(tallied);
    return { assessment, tallied, isAlarming: isAlarming(assessment, input.snapshot) };
  }

  end(): readonly ScoredDay[] {
    this.#closeDay();
    return this.#days;
  }

  #begin(day: number): void {
    if (this.#day !== undefined) {
      this.#closeDay();
      this.#snapshot = this.#builder.build(this.#day + 1);
      this.#builder = this.#model.snapshotBuilder(this.#snapshot, this.organisation);
    }
    this.#day = day;
  }
  #closeDay(): void {
    if (this.#day === undefined) return;
    const day = isoDay(this.#day * DAY_MS);
    const acts = new Map([...this.#tallies].map(([identity, evidence]) => [identity, [...evidence]]));
    const scores = dayScores(day, acts, this.#rules, (identity) => this.organisation.peerGroups(identity));
    for (const [identity, score] of scores) this.#days.push({ identity, day, score });
    this.#tallies = new Map<string, DayEvidence>();
  }
}

function talliedOf({ source, session }: AccessEvent, assessment: Assessment): TalliedEvent {
  const { p } = assessment;
  const terms = assessment.terms.map(dayReasonOf);
  const position = assessment.terms.find(({ feature }) => feature === COMMANDS_FEATURE)?.details?.commands?.position;
  if (position === undefined) return { p, terms };
  return { p, terms, command: { session: `${source}:${session?.uid ?? ''}`, position, isWithin: isCommandOnly(assessment) } };
}
