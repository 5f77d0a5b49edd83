import type { BehaviourModel, IdentityProfile } from '@keyward/baselines';
import type { DetectionEngine, DetectionStates } from '@keyward/detections';
import { LedgerKind } from '@keyward/events';
import { emptyFacts, factsFromOrganisation, type IdentityFacts, type Organisation } from '@keyward/identity';
import type { LedgerCodec } from './ledger-cache.js';

/** What ASSESS folds over one ledger. Network and credential ledgers have detections only. */
export interface AssessState {
  /** Absent in network and credential ledgers. */
  readonly profile: IdentityProfile | undefined;
  readonly facts: IdentityFacts;
  detections: DetectionStates;
  /** Beginnings of the uids of the newest events: vendors deliver a record twice within seconds. */
  readonly recent: string[];
}

/** A vendor repeats within one delivery or one poll; 48 of one identity's events are far more than that. */
const RECENT_EVENTS = 48;
/** 40 bits tell 48 events apart with a chance of error of 10^-9. */
const RECENT_CHARACTERS = 10;

export const isRecent = (state: AssessState, eventUid: string): boolean => state.recent.includes(eventUid.slice(0, RECENT_CHARACTERS));
export function remember(state: AssessState, eventUid: string): void {
  const { recent } = state;
  recent.push(eventUid.slice(0, RECENT_CHARACTERS));
  if (recent.length > RECENT_EVENTS) recent.shift();
}

interface StoredState {
  readonly p?: string;
  readonly f?: IdentityFacts;
  readonly d?: DetectionStates;
  readonly r?: string[];
}

/** @param organisation what is known before the first event */
export function assessStateCodec(
  model: BehaviourModel,
  engine: DetectionEngine,
  organisation: () => Organisation,
): LedgerCodec<AssessState> {
  return {
    initial(id) {
      const identity = identityOf(id);
      return {
        profile: identity === undefined ? undefined : model.emptyProfile(),
        facts: identity === undefined ? emptyFacts() : factsFromOrganisation(organisation(), identity),
        detections: {},
        recent: [],
      };
    },
    encode: ({ profile, facts, detections, recent }) =>
      JSON.stringify({
        ...(profile && { p: model.encodeProfile(profile), f: facts }),
        d: detections,
        r: recent,
      } satisfies StoredState),
    decode(text, id) {
      // Our own row, written by `encode`: trusted inside.
      const stored = JSON.parse(text) as StoredState;
      return {
        profile: stored.p === undefined ? undefined : model.decodeProfile(stored.p),
        facts: stored.f ?? emptyFacts(),
        detections: engine.restore(LedgerKind.parse(id.slice(0, id.indexOf(':'))), stored.d ?? {}),
        recent: stored.r ?? [],
      };
    },
  };
}

const IDENTITY_PREFIX = 'identity:';
/** @param id `identity:p-anna`; undefined for the other kinds of ledger */
const identityOf = (id: string): string | undefined => (id.startsWith(IDENTITY_PREFIX) ? id.slice(IDENTITY_PREFIX.length) : undefined);
