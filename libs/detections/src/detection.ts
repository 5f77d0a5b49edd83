import type { AccessEvent, LedgerKind, Part, Severity } from '@keyward/events';
import type { IdentityFacts, Organisation } from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import type { z } from 'zod';
import type { Finding } from './finding.js';

/** Plain JSON: a detection's state is stored with its ledger. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** All that a detection may look at. The state and the facts do not yet contain the event: evaluate before advance. */
export interface DetectionInput<State, Params> {
  /** In a network's ledger only what `seenByNetwork` (libs/identity) keeps of it. */
  readonly event: AccessEvent;
  readonly part: Part;
  /** Whose act it is: the ledger's identity, or who held the account that acted; for detections of network and credential ledgers the event's actor. */
  readonly identity: string;
  readonly state: State;
  /** What events taught about the identity (of an account that is nobody's own: about the account); empty in network ledgers. */
  readonly facts: IdentityFacts;
  readonly organisation: Organisation;
  readonly sod: SodPolicy;
  /** True of an act of an account that is nobody's own while somebody is known to hold it (credential ledgers). */
  readonly isHeld?: boolean;
  /** Closed days that the shared snapshot was made from, as far back as it counts; absent where the line does not know. */
  readonly watchedDays?: number;
  readonly params: Params;
}

/** What a detection returns; the engine adds uid, time, source and the detection's own words. */
export interface Observation {
  readonly sentence: string;
  readonly observed: Finding['observed'];
  /** Other events it stands on, oldest first. */
  readonly eventUids?: readonly string[];
  /** When the finding is about somebody else than the ledger's identity. */
  readonly identity?: string;
  readonly severity?: Severity;
  /** When this form of the pattern is more often innocent (or less) than the detection's own `p` says. */
  readonly p?: number;
  readonly grantUids?: readonly string[];
  readonly explanation?: readonly string[];
  /** Default: the detection's id. Several observations of one event must differ in it: it tells their findings apart. */
  readonly dedupeKey?: string;
}

/**
 * One thing to find: a folder under `libs/detections/src/` and a line in `registry.ts`.
 * `evaluate` and `advance` are pure; both run on each entry of the ledgers named, `evaluate` first.
 */
export interface Detection<State extends Json = Json, Params = unknown> {
  readonly id: string;
  readonly title: string;
  readonly kind: Finding['kind'];
  readonly severity: Severity;
  /** Known ATT&CK technique ids. */
  readonly attack: readonly string[];
  readonly ledger: LedgerKind;
  /** Floor of p for risk: how rarely the pattern is innocent. 1e-6 gives one finding an entity risk of 75. */
  readonly p: number;
  readonly params: z.ZodType<Params>;
  readonly state: z.ZodType<State>;
  initial(): State;
  evaluate(input: DetectionInput<State, Params>): Observation | readonly Observation[] | undefined;
  /** @returns the state with the event in it; must stay bounded (a few hundred bytes a ledger) */
  advance(input: DetectionInput<State, Params>): State;
}

/** Keeps the types of state and params inside the folder, and gives the registry one type. */
export function defineDetection<State extends Json, Params>(detection: Detection<State, Params>): Detection<State, Params> {
  return detection;
}
