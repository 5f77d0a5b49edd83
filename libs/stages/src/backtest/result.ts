import type { Severity } from '@keyward/events';
import type { EffectState, ResponseMode } from '@keyward/response';
import type { Difference } from './change.js';
import type { AlertLabel } from './history.js';

/** What a change would have done. Plain JSON; instants are ISO 8601 UTC. Lists are cut at {@link MAX_LISTED}; the counts are not. */
export interface BacktestResult {
  readonly from: string;
  readonly to: string;
  readonly changes: readonly Difference[];
  readonly read: { readonly events: number; readonly findings: number };
  /** Most identities that acted on one day: what the budget is a share of. */
  readonly people: number;
  readonly current: SideResult;
  readonly changed: SideResult;
  readonly days: readonly Volume[];
  /** Weeks of seven days from the span's beginning; the last may be shorter. */
  readonly weeks: readonly Volume[];
  readonly detections: readonly Counts[];
  /** Those with most differences first. */
  readonly identities: readonly (Counts & { readonly displayName: string })[];
  readonly appeared: readonly AlertDifference[];
  readonly disappeared: readonly AlertDifference[];
  /** The same alert, with another severity, score or detections, or opened by another finding. */
  readonly altered: readonly AlteredAlert[];
  readonly counts: { readonly appeared: number; readonly disappeared: number; readonly altered: number; readonly identities: number };
  readonly revocations: { readonly appeared: readonly RevocationDifference[]; readonly disappeared: readonly RevocationDifference[] };
  /** How far the present configuration, run again, finds what is stored: what is not found again says how far to trust the rest. */
  readonly fidelity: { readonly stored: number; readonly repeated: number; readonly missing: number; readonly additional: number };
  /** Sentences on what limits the result. */
  readonly notes: readonly string[];
}

export interface SideResult {
  readonly alerts: number;
  /** Alerts with nothing but unusual behaviour: those that the budget steers. */
  readonly onBehaviour: number;
  /** Messages a receiver would have got. */
  readonly notifications: number;
  readonly identities: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** Alerts on behaviour per 1000 identities and day that are aimed at. */
  readonly alertsPerThousand: number;
  readonly precision: Precision;
  /** First steps of revocations, by state: observed, awaiting_approval, held, revoking. */
  readonly revocations: Readonly<Partial<Record<EffectState, number>>>;
}

/** Of the alerts that people judged, the share that was worth it, with its 95 % Wilson interval; null without any. */
export interface Precision {
  readonly genuine: number;
  readonly notGenuine: number;
  readonly unlabelled: number;
  readonly share: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** Alerts that began on the day (or in the week), and the budget for those on behaviour. */
export interface Volume {
  readonly day: string;
  readonly current: number;
  readonly changed: number;
  readonly currentOnBehaviour: number;
  readonly changedOnBehaviour: number;
  readonly currentBudget: number;
  readonly changedBudget: number;
}

export interface Counts {
  /** Of the detection, or of the identity. */
  readonly id: string;
  readonly current: number;
  readonly changed: number;
  readonly appeared: number;
  readonly disappeared: number;
}

export interface AlertDifference {
  readonly uid: string;
  readonly identity: string;
  readonly displayName: string;
  readonly title: string;
  readonly severity: Severity;
  readonly score: number;
  readonly firstTime: string;
  readonly lastTime: string;
  readonly detections: readonly string[];
  /** The strongest sentence. */
  readonly sentence: string;
  /** Why it is there on one side only, at most 3. */
  readonly reasons: readonly string[];
  readonly label: AlertLabel | null;
}

export interface AlteredAlert extends AlertDifference {
  readonly before: { readonly uid: string; readonly severity: Severity; readonly score: number; readonly detections: readonly string[] };
}

export interface RevocationDifference {
  readonly alertUid: string;
  readonly identity: string;
  readonly entitlement: string;
  readonly rule: string;
  readonly mode: ResponseMode;
  readonly state: EffectState;
  /** What becomes of it now; null: nothing was meant to be taken. */
  readonly before: EffectState | null;
  /** The guard rail that would have held it. */
  readonly guard: string | null;
  readonly at: string;
}

/** Entries of each list. */
export const MAX_LISTED = 500;
