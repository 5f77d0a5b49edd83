import { isAlarming, type Assessment, type BehaviourModel, type Snapshot, type VerdictEntry } from '@keyward/baselines';
import type { DetectionEngine, Finding } from '@keyward/detections';
import type { AccessEvent, LedgerEntry } from '@keyward/events';
import {
  advanceCustody,
  advanceFacts,
  approvedAfterMs,
  credentialAccount,
  factsFromOrganisation,
  type Grant,
  type IdentityFacts,
  type Organisation,
} from '@keyward/identity';
import type { SodPolicy } from '@keyward/sod';
import { behaviourFinding } from './behaviour-finding.js';
import { custodyOf, withCustody, type CustodyOfAct } from './custody-of-act.js';
import { isRecent, keepStates, remember, statesOf, type AssessState } from './identity-ledger.js';
import type { AssessedEvent } from './ports.js';

export interface AssessContext {
  readonly model: BehaviourModel;
  readonly engine: DetectionEngine;
  readonly organisation: Organisation;
  readonly sod: SodPolicy;
  readonly snapshot: Snapshot;
  /** Alerts on behaviour per 1000 identities and day; absent: the default budget. */
  readonly alertsPerThousand?: number | undefined;
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
 *
 * An act of an account that is nobody's own is scored against what is usual for the account, and counts for whoever holds it.
 */
export function assessEntry(given: LedgerEntry, state: AssessState, context: AssessContext): EntryResult {
  if (isRecent(state, given.event.uid)) return NOTHING;
  const entry = withApproval(given, state.facts);
  const { event, part, primary } = entry;
  const { organisation, model, snapshot } = context;
  const account = identityOf(entry);
  if (isOfAccount(entry) && !state.profile) {
    state.profile = model.emptyProfile();
    state.facts = factsFromOrganisation(organisation, account);
  }
  const custody = custodyOf(entry, state.custody, organisation);
  const identity = custody?.holder ?? account;

  const scored = primary ? assess(entry, account, state, context) : undefined;
  const findings = detect(entry, state, context, identity, custody);
  if (scored && isAlarming(scored, snapshot, context.alertsPerThousand))
    findings.push(behaviourFinding(event, { ...scored, identity }, state.facts));

  let changedGrants: readonly Grant[] = [];
  if (isOfIdentity(entry)) {
    ({ changedGrants } = advanceFacts(state.facts, event, part, account));
    if (scored && isScored(entry) && state.profile) {
      model.advance({ event, identity: account, profile: state.profile, snapshot, organisation }, scored);
    }
  }
  if (entry.ledger === 'credential') state.custody = advanceCustody(state.custody, entry, organisation);
  remember(state, event.uid);
  const row = scored && {
    event: custody ? { ...event, heldBy: [...custody.holders] } : event,
    identity,
    assessment: { ...scored, identity },
  };
  return { row, findings: custody ? findings.map((finding) => withCustody(finding, account, custody)) : findings, changedGrants };
}

/** Where an approved right begins: how long the approval took, which only the ledger of whose right it is knows. */
function withApproval(entry: LedgerEntry, facts: IdentityFacts): LedgerEntry {
  const { event, ledger, part } = entry;
  if (event.privilege === undefined || ledger !== 'identity' || part !== 'actor') return entry;
  if (event.target !== undefined && event.target.identity !== event.actor?.identity) return entry;
  const tookMs = approvedAfterMs(facts, event);
  // A row of history that is folded anew was told before: what this ledger knows counts.
  if (tookMs === event.privilege.approvedAfterMs) return entry;
  const { approvedAfterMs: _before, ...privilege } = event.privilege;
  const told: AccessEvent = { ...event, privilege: { ...privilege, ...(tookMs !== undefined && { approvedAfterMs: tookMs }) } };
  return { ...entry, event: told };
}

/** A verdict at its place in the ledger. The profile contains it afterwards; where nobody has acted there is none, and nothing to say of it. */
export function heedVerdict(
  entry: VerdictEntry,
  state: AssessState,
  { model, organisation }: Pick<AssessContext, 'model' | 'organisation'>,
): void {
  if (state.profile) model.heed(state.profile, entry, organisation);
  state.entries += 1;
}

/** Runs the detections of the entry's ledger; in the ledger of an account that is nobody's own also those of an identity, for each holder apart. */
function detect(
  entry: LedgerEntry,
  state: AssessState,
  context: AssessContext,
  identity: string,
  custody: CustodyOfAct | undefined,
): Finding[] {
  const { engine, organisation, sod, snapshot } = context;
  const findings: Finding[] = [];
  const watched = snapshot.closedDays !== undefined && { watchedDays: snapshot.closedDays };
  const common = { facts: state.facts, organisation, sod, ...watched };
  if (isOfAccount(entry)) {
    const holder = custody?.holder;
    const ran = engine.run({ ...common, entry: { ...entry, ledger: 'identity', key: identity }, states: statesOf(state, holder) });
    findings.push(...ran.findings);
    keepStates(state, holder, ran.states);
    // All that the account does is here; only what concerns its credential is for the credential's detections.
    if (credentialAccount(entry.event, organisation) !== entry.key) return findings;
  }
  const isHeld = custody !== undefined;
  const ran = engine.run({ ...common, entry, states: state.detections, isHeld });
  findings.push(...ran.findings);
  state.detections = ran.states;
  return findings;
}

/** Whose behaviour, findings and facts the entry is about, before it is asked who holds the account. */
function identityOf({ ledger, key, part, event }: LedgerEntry): string {
  if (ledger === 'identity') return key;
  const identity = part === 'target' ? event.target?.identity : event.actor?.identity;
  return identity ?? event.target?.identity ?? `system:${event.source}`;
}
/** True in the ledger of an account that is nobody's own, when the account acts or is acted on. */
const isOfAccount = ({ ledger, part }: LedgerEntry): boolean => ledger === 'credential' && part !== 'credential';
const isOfIdentity = (entry: LedgerEntry): boolean => entry.ledger === 'identity' || isOfAccount(entry);
/** Behaviour is somebody's: an event that nobody acted has none. */
const isScored = ({ part, event }: LedgerEntry): boolean => part === 'actor' && event.actor !== undefined;

function assess(entry: LedgerEntry, identity: string, state: AssessState, { model, snapshot, organisation }: AssessContext): Assessment {
  const { event } = entry;
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
