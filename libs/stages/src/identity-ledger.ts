import type { BehaviourModel, IdentityProfile } from '@keyward/baselines';
import type { DetectionEngine, DetectionStates } from '@keyward/detections';
import { LedgerKind } from '@keyward/events';
import { EMPTY_CUSTODY, emptyFacts, factsFromOrganisation, type Custody, type IdentityFacts, type Organisation } from '@keyward/identity';
import type { LedgerCodec } from './ledger-cache.js';

/** What ASSESS folds over one ledger. A network ledger has detections only. */
export interface AssessState {
  /** Absent in network ledgers, and in credential ledgers until the account itself acts or is acted on. */
  profile: IdentityProfile | undefined;
  facts: IdentityFacts;
  detections: DetectionStates;
  /** Of credential ledgers: who holds the account. */
  custody: Custody;
  /**
   * Of credential ledgers: what identity detections keep about the acts of each holder, last used last; of acts that nobody in particular answers for
   * under {@link NOBODY}. Two people who use `root@db1` one after the other did not travel between their desks.
   */
  holders: readonly (readonly [string, DetectionStates])[];
  /** Beginnings of the uids of the newest events: vendors deliver a record twice within seconds. */
  readonly recent: string[];
  /** Entries that it contains: the place of the next one in the ledger's history. A ledger of an earlier version goes on from 1: that 0 is missing says so. */
  entries: number;
  /** Newest UTC day of any of them, whole days since 1970; 0 before the first. */
  newestDay: number;
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
  state.entries += 1;
}

/** Acts of an account that nobody holds, or one of several. */
const NOBODY = '';
/** Holders of one account whose detection state is kept; a holder who comes back after so many others begins anew. */
const MAX_HOLDERS = 16;

export const statesOf = (state: AssessState, holder = NOBODY): DetectionStates =>
  state.holders.find(([known]) => known === holder)?.[1] ?? {};
export function keepStates(state: AssessState, holder = NOBODY, states: DetectionStates): void {
  const newest = state.holders.at(-1);
  if (newest?.[0] === holder && newest[1] === states) return;
  const others = state.holders.filter(([known]) => known !== holder);
  const isEmpty = Object.keys(states).length === 0;
  state.holders = isEmpty ? others : [...others, [holder, states] as const].slice(-MAX_HOLDERS);
}

interface StoredState {
  readonly p?: string;
  readonly f?: IdentityFacts;
  readonly d?: DetectionStates;
  readonly c?: Custody;
  readonly h?: readonly (readonly [string, DetectionStates])[];
  readonly r?: string[];
  readonly n?: readonly [entries: number, newestDay: number];
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
        custody: EMPTY_CUSTODY,
        holders: [],
        recent: [],
        entries: 0,
        newestDay: 0,
      };
    },
    encode: ({ profile, facts, detections, custody, holders, recent, entries, newestDay }) =>
      JSON.stringify({
        ...(profile && { p: model.encodeProfile(profile), f: facts }),
        d: detections,
        ...(custody !== EMPTY_CUSTODY && { c: custody }),
        ...(holders.length > 0 && { h: holders }),
        r: recent,
        n: [entries, newestDay],
      } satisfies StoredState),
    decode(text, id) {
      // Our own row, written by `encode`: trusted inside.
      const stored = JSON.parse(text) as StoredState;
      return {
        profile: stored.p === undefined ? undefined : model.decodeProfile(stored.p),
        facts: stored.f ?? emptyFacts(),
        detections: engine.restore(LedgerKind.parse(id.slice(0, id.indexOf(':'))), stored.d ?? {}),
        custody: stored.c ?? EMPTY_CUSTODY,
        holders: (stored.h ?? []).map(([holder, states]) => [holder, engine.restore('identity', states)] as const),
        recent: stored.r ?? [],
        entries: stored.n?.[0] ?? 1,
        newestDay: stored.n?.[1] ?? 0,
      };
    },
  };
}

const IDENTITY_PREFIX = 'identity:';
/** @param id `identity:p-anna`; undefined for the other kinds of ledger */
const identityOf = (id: string): string | undefined => (id.startsWith(IDENTITY_PREFIX) ? id.slice(IDENTITY_PREFIX.length) : undefined);
