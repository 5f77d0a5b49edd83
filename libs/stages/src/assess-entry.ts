import { isAlarming, type Assessment, type BehaviourModel, type Snapshot } from '@keyward/baselines';
import type { DetectionEngine, Finding } from '@keyward/detections';
import type { LedgerEntry } from '@keyward/events';
import { advanceFacts, type Grant, type Organisation } from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import { behaviourFinding } from './behaviour-finding.js';
import { isRecent, remember, type AssessState } from './identity-ledger.js';
import type { AssessedEvent } from './ports.js';

export interface AssessContext {
  readonly model: BehaviourModel;
  readonly engine: DetectionEngine;
  readonly organisation: Organisation;
  readonly sod: SodPolicy;
  readonly snapshot: Snapshot;
}

export interface EntryResult {
  /** The event's row, from its primary entry. */
  readonly row: AssessedEvent | undefined;
  readonly findings: readonly Finding[];
  readonly changedGrants: readonly Grant[];
}

const NOTHING: EntryResult = { row: undefined, findings: [], changedGrants: [] };

/**
 * One entry of one ledger: score, then findings, then learn. Pure but for `state`, which the fold owns and which contains the entry afterwards.
 * An event that the ledger has just seen (a vendor's repeat) changes nothing.
 */
export function assessEntry(entry: LedgerEntry, state: AssessState, context: AssessContext): EntryResult {
  const { event, part, primary } = entry;
  if (isRecent(state, event.uid)) return NOTHING;
  const identity = entry.ledger === 'identity' ? entry.key : (event.actor?.identity ?? event.target?.identity ?? `system:${event.source}`);

  const assessment = primary ? assess(entry, state, context) : undefined;
  const { organisation, sod } = context;
  const ran = context.engine.run({ entry, states: state.detections, facts: state.facts, organisation, sod });
  const findings = [...ran.findings];
  if (assessment && isAlarming(assessment, context.snapshot)) findings.push(behaviourFinding(event, assessment, state.facts));

  state.detections = ran.states;
  let changedGrants: readonly Grant[] = [];
  if (entry.ledger === 'identity') {
    ({ changedGrants } = advanceFacts(state.facts, event, part, entry.key));
    if (assessment && isScored(entry) && state.profile) {
      context.model.advance({ event, identity, profile: state.profile, snapshot: context.snapshot, organisation }, assessment);
    }
  }
  remember(state, event.uid);
  return { row: assessment && { event, identity, assessment }, findings, changedGrants };
}

/** Behaviour is somebody's: an event that nobody acted has none. */
const isScored = ({ part, event }: LedgerEntry): boolean => part === 'actor' && event.actor !== undefined;

function assess(entry: LedgerEntry, state: AssessState, { model, snapshot, organisation }: AssessContext): Assessment {
  const { event, key: identity } = entry;
  if (isScored(entry) && state.profile) return model.assess({ event, identity, profile: state.profile, snapshot, organisation });
  return {
    eventUid: event.uid,
    identity,
    time: event.time,
    score: 0,
    p: 1,
    terms: [],
    notEvaluated: [{ feature: 'all', why: 'The record names nobody who acted.' }],
    snapshot: snapshot.id,
    stratum: 'none',
  };
}
