import { dayOf, HOUR_MS, type AccessEvent } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { Assessment } from './assessment.js';
import { binOf } from './calibration.js';
import { commandVerbs, isCommandOnly } from './commands/command-model.js';
import { mergeVerbs } from './commands/verb-population.js';
import { durationStep, LONGEST_GAP_DAYS, observeCount } from './counts.js';
import { count, countIdentity, DayTally, increment, measuredOf, mergeTally, type DayCounts } from './day-tally.js';
import { LEVEL_NAMES } from './levels.js';
import { MODELS } from './models/registry.js';
import { failures } from './models/a6-failures.js';
import { firstUses } from './models/b5-first-uses.js';
import { rarePrivilege } from './models/b4-rare-privilege.js';
import { eligibility } from './models/c1-eligibility.js';
import { countVerdicts } from './feedback/count-verdicts.js';
import type { VerdictEntry } from './feedback/verdict.js';
import { clip, observe } from './observation.js';
import type { BehaviourParameters } from './parameters.js';
import { nextPeers, peerGroupsOf, type LearnedPeers } from './peers/learned-peers.js';
import { placeOf } from './place.js';
import { approvalSeconds, givesRight, grantedMinutes, movedBytes, receiverOf, rightOf, takesSecret } from './privileged-act.js';
import { EVERYBODY, type PopulationContent, type PopulationSnapshot } from './population.js';
import type { SnapshotBuilder } from './profile.js';
import { mergeActivity, mergeDays, mergeGroups, mergeNews, mergeVisitors } from './snapshot-merge.js';
import { sealSnapshot } from './snapshot-codec.js';
import { weekBin } from './statistics/week.js';

const GIVEN = new Set(['granted', 'activated']);
const COMPARABLE = new Set(MODELS.filter((model) => model.comparable).map((model) => model.id));

/**
 * What was added to the builder so far, as plain data that crosses threads by structured clone. Opaque: for {@link mergeCounts}.
 *
 * @throws TypeError when the builder was not made by this lib: a bug in the wiring
 */
export const countsOf = (builder: SnapshotBuilder): DayCounts => populationBuilder(builder).counts();

/**
 * Adds what another builder counted. Builders that share out the identities between them, merged, build the snapshot that one builder of all
 * events builds.
 *
 * @throws TypeError when the builder was not made by this lib: a bug in the wiring
 */
export function mergeCounts(builder: SnapshotBuilder, counts: DayCounts): void {
  populationBuilder(builder).merge(counts);
}

function populationBuilder(builder: SnapshotBuilder): PopulationBuilder {
  if (builder instanceof PopulationBuilder) return builder;
  throw new TypeError('a builder must come from snapshotBuilder()');
}

/** Counts a day of assessed events into the next snapshot. */
export class PopulationBuilder implements SnapshotBuilder {
  readonly #previous: PopulationSnapshot;
  readonly #organisation: Organisation;
  readonly #params: BehaviourParameters;
  readonly #days = new Map<number, DayTally>();
  readonly #verdicts: VerdictEntry[] = [];

  constructor(previous: PopulationSnapshot, organisation: Organisation, params: BehaviourParameters) {
    this.#previous = previous;
    this.#organisation = organisation;
    this.#params = params;
  }

  add(countedFor: string, event: AccessEvent, assessment: Assessment): void {
    if (assessment.terms.length === 0) return;
    // An act of `root@db1` counts for whoever held it, but it is root's habits that it was compared with, and that it adds to.
    const identity = event.actor?.identity ?? countedFor;
    const tally = this.#day(dayOf(event.time));
    this.#countScores(tally, identity, assessment);
    if (assessment.p > this.#params.neverLearnBelowP) for (const verb of commandVerbs(event) ?? []) increment(tally.verbs, verb, identity);
    if (isCommandOnly(assessment)) return;
    const observation = observe(event);
    if (observation.use !== 'habit' || assessment.p <= this.#params.neverLearnBelowP) return;
    for (const level of LEVEL_NAMES) {
      const value = observation.values[level];
      if (value !== undefined) increment(tally.level(level), value, identity);
    }
    this.#countVolumes(tally, identity, event, observation.deliberate || assessment.stratum.startsWith('service/'));
    this.#measure(tally, identity, event, assessment);
    if (observation.deliberate) {
      const bin = weekBin(event.time, this.#organisation.utcOffsetMinutes(identity, event.time));
      increment(tally.time, String(bin), identity);
    }
    const place = placeOf(event.src?.geo);
    if (place !== undefined) increment(tally.places, place, identity);
  }

  #countVolumes(tally: DayTally, identity: string, event: AccessEvent, counts: boolean): void {
    const receiver = event.privilege && GIVEN.has(event.privilege.change) ? receiverOf(event) : undefined;
    if (event.privilege && receiver !== undefined) increment(tally.level('ent'), clip(rightOf(event.privilege)), receiver);
    if (!counts) return;
    increment(tally.hours, String(Math.floor(event.time / HOUR_MS)), identity);
    if (takesSecret(event)) increment(tally.acts, 'sec', identity);
    if (givesRight(event)) increment(tally.acts, 'grt', identity);
  }

  /** Measures of the event itself; what depends on the identity's history its terms tell. */
  #measure(tally: DayTally, identity: string, event: AccessEvent, { terms }: Assessment): void {
    const minutes = grantedMinutes(event);
    if (minutes !== undefined) observeCount(measuredOf(tally, identity), 'dur', durationStep(minutes), 1);
    const approval = approvalSeconds(event);
    if (approval !== undefined) observeCount(measuredOf(tally, identity), 'lat', durationStep(approval), 1);
    const bytes = movedBytes(event);
    if (bytes !== undefined) observeCount(measuredOf(tally, identity), 'qty', durationStep(bytes), 1);
    for (const { feature, details } of terms) {
      if (feature === firstUses.id) increment(tally.acts, 'new', identity);
      else if (feature === failures.id) observeCount(measuredOf(tally, identity), 'fail', details?.measured?.value ?? 0, 1);
      else if (feature === eligibility.id) observeCount(measuredOf(tally, identity), 'ine', details?.measured?.value ?? 0, 1);
      else if (feature === rarePrivilege.id && (details?.measured?.value ?? 0) > 0)
        observeCount(measuredOf(tally, identity), 'gap', Math.min(LONGEST_GAP_DAYS, details?.measured?.value ?? 0), 1);
    }
  }

  addVerdict(entry: VerdictEntry): void {
    this.#verdicts.push(entry);
  }

  counts(): DayCounts {
    return this.#days;
  }

  merge(counts: DayCounts): void {
    for (const [day, tally] of counts) mergeTally(this.#day(day), tally);
  }

  build(day: number): PopulationSnapshot {
    const closed = new Map([...this.#days].filter(([tallied]) => tallied < day));
    const previous = this.#previous.content;
    const peers = nextPeers(previous.peers, previous.day, closed, day, this.#organisation);
    const groupsOf = this.#groupsOf(peers);
    const content: PopulationContent = {
      day,
      groups: mergeGroups(previous, closed, day, groupsOf, this.#params),
      networks: mergeVisitors(previous.networks, closed, (tally) => tally.levels.get('net'), day, this.#params),
      places: mergeVisitors(previous.places, closed, (tally) => tally.places, day, this.#params),
      news: mergeNews(previous, closed, day, groupsOf, this.#params),
      days: mergeDays(previous, closed, day, this.#params),
      activity: mergeActivity(previous, closed, day),
      verbs: mergeVerbs(previous, new Map([...closed].map(([tallied, { verbs }]) => [tallied, verbs])), day, groupsOf),
      ...(peers && { peers }),
    };
    const heeded = countVerdicts(content, previous.feedback, this.#verdicts, this.#organisation, this.#params);
    return sealSnapshot(heeded, this.#params);
  }

  #countScores(tally: DayTally, identity: string, { terms, p, stratum }: Assessment): void {
    for (const term of terms) {
      count(tally.histograms, `${term.feature}|${stratum}`, binOf(term.evidence));
      if (COMPARABLE.has(term.feature) && term.counts.person === 0 && term.confidence > 0)
        increment(tally.news, `${term.feature}|${term.observed}`, identity);
    }
    countIdentity(tally, identity, { events: 1, kind: stratum.split('/', 1)[0] ?? stratum, leastP: p });
  }

  #groupsOf(peers: LearnedPeers | undefined): (identity: string) => readonly string[] {
    const known = new Map<string, readonly string[]>();
    return (identity) => {
      let groups = known.get(identity);
      if (!groups) {
        groups = [...new Set([EVERYBODY, ...peerGroupsOf(identity, this.#organisation, peers)])];
        known.set(identity, groups);
      }
      return groups;
    };
  }

  #day(day: number): DayTally {
    let tally = this.#days.get(day);
    if (!tally) {
      tally = new DayTally();
      this.#days.set(day, tally);
    }
    return tally;
  }
}
