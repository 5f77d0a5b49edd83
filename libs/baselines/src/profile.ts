import type { AccessEvent } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { Assessment } from './assessment.js';
import type { VerdictEntry } from './feedback/verdict.js';

/**
 * What has been learned about one identity: decayed counters, time bins, rates, the last networks, events on hold.
 * Plain JSON of 3 to 5 KB; opaque to everybody but this lib, which versions it in `v`.
 */
export interface IdentityProfile {
  readonly v: number;
}

/** What is shared between identities: peers, population, calibration. Made once a day, immutable, identified by its content. */
export interface Snapshot {
  readonly id: string;
  /** UTC day (whole days since 1970) from whose start it may be used: it contains only days before it. */
  readonly day: number;
  /** Closed days with scored acts that it still knows, at most `calibrationDays`: for how long it has watched. */
  readonly closedDays?: number;
}

export interface AssessInput {
  readonly event: AccessEvent;
  readonly identity: string;
  readonly profile: IdentityProfile;
  readonly snapshot: Snapshot;
  readonly organisation: Organisation;
}

/** The behaviour model as the line sees it: evaluate before advance, and a snapshot for each day. */
export interface BehaviourModel {
  emptyProfile(): IdentityProfile;
  emptySnapshot(): Snapshot;
  /** Scores one event against a profile that does not contain it. Pure. */
  assess(input: AssessInput): Assessment;
  /** Learns the event, gated by its score. Changes `profile` in place: the fold owns it. */
  advance(input: AssessInput, assessment: Assessment): void;
  /** Takes a verdict into the profile that it is about, at its place among the events. Changes `profile` in place. */
  heed(profile: IdentityProfile, entry: VerdictEntry, organisation: Organisation): void;
  /** Collects what a day adds to the population; any order of events gives the same snapshot. */
  snapshotBuilder(previous: Snapshot, organisation: Organisation): SnapshotBuilder;
  encodeProfile(profile: IdentityProfile): string;
  decodeProfile(text: string): IdentityProfile;
  encodeSnapshot(snapshot: Snapshot): string;
  decodeSnapshot(text: string): Snapshot;
}

export interface SnapshotBuilder {
  add(identity: string, event: AccessEvent, assessment: Assessment): void;
  /** In any order, also one that an earlier snapshot holds already. Those of the day that begins, and of later ones, are left for the next snapshot. */
  addVerdict(entry: VerdictEntry): void;
  /** @param day the day that begins: the snapshot holds everything before it */
  build(day: number): Snapshot;
}
