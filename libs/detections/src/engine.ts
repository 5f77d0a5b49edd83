import { LEDGER_KINDS, findingUid, type LedgerEntry, type LedgerKind } from '@keyward/events';
import type { IdentityFacts, Organisation } from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import type { Detection, DetectionInput, Json, Observation } from './detection.js';
import type { Finding } from './finding.js';
import { jsonEqual } from './json-equal.js';
import { compileDetections, type CompiledDetection } from './params.js';
import { DETECTIONS } from './registry.js';

const MAX_EVENT_UIDS = 50;

/** Detection id -> state; a detection whose state is still its initial one is missing. Plain JSON: stored with the ledger. */
export type DetectionStates = Readonly<Record<string, Json>>;

export interface EngineInput {
  readonly entry: LedgerEntry;
  readonly states: DetectionStates;
  /** Before the event; `emptyFacts()` in network ledgers, and of a credential that somebody owns. */
  readonly facts: IdentityFacts;
  readonly organisation: Organisation;
  readonly sod: SodPolicy;
  /** Of an act of an account that is nobody's own: somebody is known to hold the account then. */
  readonly isHeld?: boolean;
  /** Closed days that the shared snapshot was made from; absent where that is not known. */
  readonly watchedDays?: number;
}
export interface EngineOutput {
  readonly findings: readonly Finding[];
  /** The same object when the entry changed nothing. */
  readonly states: DetectionStates;
}

export interface DetectionEngine {
  /** The detections it runs, in the registry's order. */
  readonly detections: readonly Detection[];
  /** Evaluates every detection of the entry's ledger, then advances them: none sees the event in its own state. Pure. */
  run(input: EngineInput): EngineOutput;
  /** Drops stored states that this version can't read (their detections begin anew). Once, when a ledger is loaded. */
  restore(ledger: LedgerKind, states: DetectionStates): DetectionStates;
}

export type CreatedEngine =
  | { readonly kind: 'engine'; readonly engine: DetectionEngine }
  /** What an operator has to correct: `impossible_travel.minDistanceKm: expected number`. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

export interface EngineOptions {
  readonly detections?: readonly Detection[];
  /** Detection id -> params, as an operator wrote them; what is missing has its default. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Checks all params once. An unknown detection, an unknown param or a wrong value is a problem: a typing error must not switch a rule off. */
export function createDetectionEngine({ detections = DETECTIONS, params = {} }: EngineOptions = {}): CreatedEngine {
  const compiled = compileDetections(detections, params);
  if (compiled.kind === 'invalid') return compiled;
  return { kind: 'engine', engine: new Engine(compiled.detections) };
}

class Engine implements DetectionEngine {
  readonly detections: readonly Detection[];
  readonly #byLedger: ReadonlyMap<LedgerKind, readonly CompiledDetection[]>;

  constructor(compiled: readonly CompiledDetection[]) {
    this.detections = compiled.map(({ detection }) => detection);
    this.#byLedger = new Map(LEDGER_KINDS.map((kind) => [kind, compiled.filter(({ detection }) => detection.ledger === kind)]));
  }

  run({ entry, states, facts, organisation, sod, isHeld = false, watchedDays }: EngineInput): EngineOutput {
    const findings: Finding[] = [];
    const { event, part } = entry;
    const identity = identityOf(entry);
    const compiled = this.#byLedger.get(entry.ledger) ?? [];
    const inputs: DetectionInput<Json, unknown>[] = [];
    for (const { detection, initial, params } of compiled) {
      const state = states[detection.id] ?? initial;
      const input: DetectionInput<Json, unknown> = {
        event,
        part,
        identity,
        state,
        facts,
        organisation,
        sod,
        isHeld,
        params,
        ...(watchedDays !== undefined && { watchedDays }),
      };
      inputs.push(input);
      const observed = detection.evaluate(input);
      if (observed !== undefined) findings.push(...makeFindings(detection, input, isList(observed) ? observed : [observed]));
    }
    let next = states;
    for (const [index, one] of compiled.entries()) {
      const input = inputs[index];
      if (input) next = withState(next, one, input.state, one.detection.advance(input));
    }
    return { findings, states: next };
  }

  restore(ledger: LedgerKind, states: DetectionStates): DetectionStates {
    const readable = (this.#byLedger.get(ledger) ?? []).flatMap(({ detection }) => {
      const state = states[detection.id];
      return state !== undefined && detection.state.safeParse(state).success ? [[detection.id, state] as const] : [];
    });
    return Object.fromEntries(readable);
  }
}

const isList = (observed: Observation | readonly Observation[]): observed is readonly Observation[] => Array.isArray(observed);

/** The identity ledger's own; in the others whoever acted, else who was acted on. */
function identityOf({ ledger, key, event }: LedgerEntry): string {
  if (ledger === 'identity') return key;
  return event.actor?.identity ?? event.target?.identity ?? `system:${event.source}`;
}

/** States equal to the initial one are not kept, so a ledger of somebody unremarkable stays small. */
function withState(states: DetectionStates, { detection, initial }: CompiledDetection, before: Json, after: Json): DetectionStates {
  if (after === before) return states;
  if (!jsonEqual(after, initial)) return { ...states, [detection.id]: after };
  if (states[detection.id] === undefined) return states;
  return Object.fromEntries(Object.entries(states).filter(([id]) => id !== detection.id));
}

function makeFindings(detection: Detection, input: DetectionInput<Json, unknown>, observations: readonly Observation[]): Finding[] {
  const { event, part } = input;
  return observations.map((observation) => {
    const dedupeKey = observation.dedupeKey ?? detection.id;
    // One event can be in the ledgers of its actor and its target, and can complete several conflicts: each finding needs a uid of its own.
    const about = [event.uid, ...(part === 'target' ? ['target'] : []), ...(observations.length > 1 ? [dedupeKey] : [])].join(':');
    const eventUids = [...new Set([...(observation.eventUids ?? []).filter((uid) => uid !== event.uid), event.uid])];
    return {
      uid: findingUid(detection.id, about),
      detection: detection.id,
      title: detection.title,
      kind: detection.kind,
      severity: observation.severity ?? detection.severity,
      attack: [...detection.attack],
      identity: observation.identity ?? input.identity,
      source: event.source,
      time: event.time,
      eventUid: event.uid,
      eventUids: eventUids.slice(-MAX_EVENT_UIDS),
      p: observation.p ?? detection.p,
      dedupeKey,
      sentence: observation.sentence,
      observed: observation.observed,
      grantUids: [...(observation.grantUids ?? [])],
      explanation: [...(observation.explanation ?? [])],
    };
  });
}
