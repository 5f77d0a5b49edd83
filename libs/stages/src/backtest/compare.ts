import { SEVERITIES, isoInstant, type Severity } from '@keyward/events';
import type { Effect, EffectState } from '@keyward/response';
import { UNUSUAL_BEHAVIOUR } from '../behaviour-finding.js';
import type { AlertLabel, LabelledAlert } from './history.js';
import {
  MAX_LISTED,
  type AlertDifference,
  type BacktestResult,
  type Precision,
  type RevocationDifference,
  type SideResult,
} from './result.js';
import type { AlertSketch, Side } from './side.js';

/** Alerts of the two sides, paired: the same uid, else a finding in common. */
export interface Pairing {
  readonly both: readonly (readonly [current: AlertSketch, changed: AlertSketch])[];
  readonly appeared: readonly AlertSketch[];
  readonly disappeared: readonly AlertSketch[];
}

/** An alert keeps its uid unless another finding now opens it; then what they share tells that it is the same. */
export function pairAlerts(current: readonly AlertSketch[], changed: readonly AlertSketch[]): Pairing {
  const left = new Map(current.map((alert) => [alert.uid, alert]));
  const both: (readonly [AlertSketch, AlertSketch])[] = [];
  const unpaired: AlertSketch[] = [];
  for (const alert of changed) {
    const same = left.get(alert.uid);
    if (same) both.push([same, alert]);
    else unpaired.push(alert);
    left.delete(alert.uid);
  }
  const byFinding = new Map<string, AlertSketch>();
  for (const alert of left.values()) for (const uid of alert.findingUids) byFinding.set(uid, alert);
  const appeared: AlertSketch[] = [];
  for (const alert of unpaired) {
    const same = alert.findingUids.map((uid) => byFinding.get(uid)).find((other) => other !== undefined && left.has(other.uid));
    if (same) both.push([same, alert]);
    else appeared.push(alert);
    if (same) left.delete(same.uid);
  }
  return { both, appeared: appeared.sort(byTime), disappeared: [...left.values()].sort(byTime) };
}

const byTime = (a: AlertSketch, b: AlertSketch): number => a.firstTime - b.firstTime || (a.uid < b.uid ? -1 : 1);

/** What people said of an alert: of the very one, else of one that had a finding of it. */
export class Labels {
  readonly #byUid = new Map<string, AlertLabel>();
  readonly #byFinding = new Map<string, AlertLabel>();

  constructor(alerts: readonly LabelledAlert[]) {
    for (const { uid, findingUids, label } of alerts) {
      this.#byUid.set(uid, label);
      for (const finding of findingUids) this.#byFinding.set(finding, label);
    }
  }
  of({ uid, findingUids }: Pick<AlertSketch, 'uid' | 'findingUids'>): AlertLabel | undefined {
    const known = this.#byUid.get(uid);
    if (known) return known;
    for (const finding of findingUids) {
      const label = this.#byFinding.get(finding);
      if (label) return label;
    }
    return undefined;
  }
}

const Z95 = 1.959964; // 97.5 % quantile of the normal distribution

/** Wilson's interval: it stays within [0, 1], and is honest about four alerts. */
export function precisionOf(alerts: readonly AlertSketch[], labels: Labels): Precision {
  let genuine = 0;
  let notGenuine = 0;
  for (const alert of alerts) {
    const label = labels.of(alert);
    if (label === 'genuine') genuine += 1;
    if (label === 'not_genuine') notGenuine += 1;
  }
  const n = genuine + notGenuine;
  const unlabelled = alerts.length - n;
  if (n === 0) return { genuine, notGenuine, unlabelled, share: null, low: null, high: null };
  const share = genuine / n;
  const z2 = Z95 ** 2;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z95 / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return {
    genuine,
    notGenuine,
    unlabelled,
    share: round(share),
    low: round(Math.max(0, middle - half)),
    high: round(Math.min(1, middle + half)),
  };
}
const round = (value: number): number => Math.round(value * 1e4) / 1e4;

/** Nothing but behaviour: what the alert budget steers. */
export const isOnBehaviour = ({ detections }: AlertSketch): boolean => detections.every((id) => id === UNUSUAL_BEHAVIOUR);

export function sideResult(
  alerts: readonly AlertSketch[],
  effects: readonly Effect[],
  alertsPerThousand: number,
  labels: Labels,
): SideResult {
  const bySeverity: Record<Severity, number> = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
  for (const { severity } of alerts) bySeverity[severity] += 1;
  const revocations: Partial<Record<EffectState, number>> = {};
  for (const { state } of effects) revocations[state] = (revocations[state] ?? 0) + 1;
  return {
    alerts: alerts.length,
    onBehaviour: alerts.filter(isOnBehaviour).length,
    notifications: alerts.reduce((sum, { notifications }) => sum + notifications, 0),
    identities: new Set(alerts.map(({ identity }) => identity)).size,
    bySeverity,
    alertsPerThousand,
    precision: precisionOf(alerts, labels),
    revocations,
  };
}

/** @param reasons why findings of the alert are on one side only; none: they are on both, grouped otherwise */
export function differenceOf(alert: AlertSketch, labels: Labels, reasons: readonly string[]): AlertDifference {
  return {
    uid: alert.uid,
    identity: alert.identity,
    displayName: alert.displayName,
    title: alert.title,
    severity: alert.severity,
    score: alert.score,
    firstTime: isoInstant(alert.firstTime),
    lastTime: isoInstant(alert.lastTime),
    detections: alert.detections,
    sentence: alert.sentence,
    reasons: reasons.length > 0 ? reasons.slice(0, MAX_REASONS) : ['Its findings are grouped otherwise on the other side.'],
    label: labels.of(alert) ?? null,
  };
}
const MAX_REASONS = 3;

export const isAltered = (before: AlertSketch, after: AlertSketch): boolean =>
  before.uid !== after.uid ||
  before.severity !== after.severity ||
  before.score !== after.score ||
  before.detections.join() !== after.detections.join();

/**
 * Intentions of the changed side that are new or go another way, and those that are there no more. Told apart by alert and grant: which connector would
 * do it is part of an effect's uid, and of a policy.
 *
 * @param sameAs uid on the present side of alerts that have another one on the changed side
 */
export function revocationDifferences(current: Side, changed: Side, sameAs: ReadonlyMap<string, string>): BacktestResult['revocations'] {
  const intentionOf = ({ alertUid, grantUid }: Effect): string => `${sameAs.get(alertUid) ?? alertUid} ${grantUid}`;
  const before = new Map([...current.effects.values()].map((effect) => [intentionOf(effect), effect]));
  const after = new Map([...changed.effects.values()].map((effect) => [intentionOf(effect), effect]));
  const appeared = [...after].flatMap(([key, effect]) => {
    const known = before.get(key);
    return known?.state === effect.state ? [] : [differenceOfEffect(effect, known?.state)];
  });
  const disappeared = [...before].flatMap(([key, effect]) => (after.has(key) ? [] : [differenceOfEffect(effect, undefined)]));
  return { appeared: appeared.slice(0, MAX_LISTED), disappeared: disappeared.slice(0, MAX_LISTED) };
}

const differenceOfEffect = (effect: Effect, before: EffectState | undefined): RevocationDifference => ({
  alertUid: effect.alertUid,
  identity: effect.identity,
  entitlement: effect.entitlement,
  rule: effect.rule,
  mode: effect.mode,
  state: effect.state,
  before: before ?? null,
  guard: effect.guard ?? null,
  at: isoInstant(effect.at),
});

export const worstFirst = (a: AlertDifference, b: AlertDifference): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.score - a.score || (a.firstTime < b.firstTime ? -1 : 1);
