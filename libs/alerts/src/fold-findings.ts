import { alertUid, severityId, worstSeverity } from '@keyward/events';
import type { Finding } from '@keyward/detections';
import type { Alert, AlertEvidence, RiskContribution } from './alert.js';
import {
  DEFAULT_GROUPING,
  MAX_EVIDENCE,
  MAX_GROUPS,
  MAX_LISTED_IDS,
  MAX_SEEN,
  type AlertGroup,
  type AlertLedger,
  type GroupingOptions,
} from './alert-ledger.js';
import { byStrength, gradeGroup } from './alert-grade.js';
import { HALF_LIFE_DAYS, entityRiskAt, evidenceOf, pruneContributions, type RiskModifiers } from './entity-risk.js';

/** Who the findings are about, as the organisation knows it. */
export interface IdentityContext extends RiskModifiers {
  readonly displayName: string;
}

export interface FoldedFindings {
  readonly state: AlertLedger;
  /** New versions, in the order in which they came to be: each that a receiver must hear of, and the last of each alert that changed. */
  readonly alerts: readonly Alert[];
  /** The identity's risk at its newest event time. */
  readonly risk: { readonly at: number; readonly risk: number; readonly contributions: readonly (RiskContribution & { share: number })[] };
}

/** Contributions that an alert shows. */
const MAX_SHOWN_CONTRIBUTIONS = 20;
/** Alerts kept growing whatever their age. */
const ALWAYS_KEPT = 4;

/**
 * Folds findings of one identity, in partition order, into its alerts and risk. Pure; the state given is not changed.
 *
 * An alert's version is the number of findings in it and `notify` is decided finding by finding, so however a replay cuts the same findings into
 * batches, the same version has the same content and a receiver hears of the same versions. A finding seen before changes nothing.
 *
 * @param findings all of one identity
 */
export function foldFindings(
  state: AlertLedger,
  findings: readonly Finding[],
  context: IdentityContext,
  options: GroupingOptions = DEFAULT_GROUPING,
): FoldedFindings {
  const seen = new Set(state.seen);
  let { latestTime, contributions, groups } = state;
  const told: Alert[] = [];
  const quiet = new Map<string, Alert>();

  for (const finding of findings) {
    if (seen.has(finding.uid)) continue;
    seen.add(finding.uid);
    latestTime = Math.max(latestTime, finding.time);
    contributions = pruneContributions([...contributions, contributionOf(finding)], latestTime);

    const home = groupFor(groups, finding, options);
    const grown = home ? add(home, finding) : open(finding);
    const grade = gradeGroup(grown, context.displayName);
    const notify = !home || severityId(grade.severity) > severityId(home.notifiedSeverity);
    const group: AlertGroup = { ...grown, notifiedSeverity: home ? worstSeverity(home.notifiedSeverity, grade.severity) : grade.severity };
    groups = keepGrowing([...groups.filter((other) => other !== home), group], latestTime, options);

    const risk = entityRiskAt(contributions, group.lastTime, context);
    const alert: Alert = {
      uid: group.uid,
      version: group.version,
      identity: finding.identity,
      displayName: context.displayName,
      ...grade,
      entityRisk: risk.risk,
      contributions: risk.contributions.slice(0, MAX_SHOWN_CONTRIBUTIONS),
      firstTime: group.firstTime,
      lastTime: group.lastTime,
      dedupeKey: group.dedupeKey,
      detections: group.detections,
      attack: group.attack,
      findingUids: group.findingUids,
      eventUids: group.eventUids,
      grantUids: group.grantUids,
      sources: group.sources,
      evidence: group.evidence,
      notify,
    };
    quiet.delete(alert.uid);
    if (notify) told.push(alert);
    else quiet.set(alert.uid, alert);
  }

  const risk = entityRiskAt(contributions, latestTime, context);
  return {
    state: { latestTime, contributions: [...contributions], groups: [...groups], seen: [...seen].slice(-MAX_SEEN) },
    alerts: [...told, ...quiet.values()],
    risk: { at: latestTime, risk: risk.risk, contributions: risk.contributions },
  };
}

const contributionOf = (finding: Finding): RiskContribution => ({
  findingUid: finding.uid,
  detection: finding.detection,
  at: finding.time,
  evidence: evidenceOf(finding.p),
  halfLifeDays: HALF_LIFE_DAYS[finding.kind],
});

/** The alert that a finding belongs to: one with its dedupe key first, else one it is close to; of several the youngest. */
function groupFor(groups: readonly AlertGroup[], finding: Finding, options: GroupingOptions): AlertGroup | undefined {
  const inWindow = groups.filter((group) => Math.abs(finding.time - group.anchor) < options.dedupeWindowMs);
  const sameKey = inWindow.filter((group) => Object.hasOwn(group.keys, finding.dedupeKey));
  const near = inWindow.filter(
    (group) => finding.time >= group.firstTime - options.joinWindowMs && finding.time <= group.lastTime + options.joinWindowMs,
  );
  const candidates = sameKey.length > 0 ? sameKey : near;
  return candidates.toSorted((a, b) => b.anchor - a.anchor || (a.uid < b.uid ? -1 : 1))[0];
}

function open(finding: Finding): AlertGroup {
  return {
    uid: alertUid(finding.identity, finding.dedupeKey, finding.uid),
    dedupeKey: finding.dedupeKey,
    anchor: finding.time,
    firstTime: finding.time,
    lastTime: finding.time,
    version: 1,
    notifiedSeverity: finding.severity,
    keys: { [finding.dedupeKey]: { count: 1, firstTime: finding.time, lastTime: finding.time } },
    evidence: [evidenceFrom(finding)],
    detections: [finding.detection],
    attack: [...finding.attack],
    sources: [finding.source],
    findingUids: [finding.uid],
    eventUids: joined([], [...finding.eventUids, finding.eventUid]),
    grantUids: joined([], finding.grantUids),
  };
}

function add(group: AlertGroup, finding: Finding): AlertGroup {
  const known = Object.hasOwn(group.keys, finding.dedupeKey) ? group.keys[finding.dedupeKey] : undefined;
  return {
    ...group,
    firstTime: Math.min(group.firstTime, finding.time),
    lastTime: Math.max(group.lastTime, finding.time),
    version: group.version + 1,
    keys: {
      ...group.keys,
      [finding.dedupeKey]: {
        count: (known?.count ?? 0) + 1,
        firstTime: Math.min(known?.firstTime ?? finding.time, finding.time),
        lastTime: Math.max(known?.lastTime ?? finding.time, finding.time),
      },
    },
    evidence: strongest([...group.evidence, evidenceFrom(finding)]),
    detections: joined(group.detections, [finding.detection]),
    attack: joined(group.attack, finding.attack),
    sources: joined(group.sources, [finding.source]),
    findingUids: joined(group.findingUids, [finding.uid]),
    eventUids: joined(group.eventUids, [...finding.eventUids, finding.eventUid]),
    grantUids: joined(group.grantUids, finding.grantUids),
  };
}

/** The strongest findings, but first the strongest of each dedupe key: repeats of one thing must not push another out. */
function strongest(evidence: readonly AlertEvidence[]): AlertEvidence[] {
  const ranked = evidence.toSorted(byStrength);
  if (ranked.length <= MAX_EVIDENCE) return ranked;
  const keys = new Set<string>();
  const leaders = ranked.filter(({ dedupeKey }) => !keys.has(dedupeKey) && keys.add(dedupeKey));
  const rest = ranked.filter((item) => !leaders.includes(item));
  return [...leaders, ...rest].slice(0, MAX_EVIDENCE).sort(byStrength);
}

/**
 * Alerts whose window is over for anything that may still come (a window's length of lateness is allowed) stop growing, but the few touched last
 * always stay: a source that is days behind then makes one alert, not one a finding.
 *
 * @param groups least recently touched first
 */
function keepGrowing(groups: readonly AlertGroup[], latestTime: number, options: GroupingOptions): AlertGroup[] {
  const recent = groups.slice(-MAX_GROUPS);
  return recent.filter((group, index) => group.anchor > latestTime - 2 * options.dedupeWindowMs || index >= recent.length - ALWAYS_KEPT);
}

const joined = (known: readonly string[], more: readonly string[]): string[] => [...new Set([...known, ...more])].slice(0, MAX_LISTED_IDS);

const evidenceFrom = (finding: Finding): AlertEvidence => ({
  findingUid: finding.uid,
  detection: finding.detection,
  title: finding.title,
  kind: finding.kind,
  severity: finding.severity,
  source: finding.source,
  time: finding.time,
  p: finding.p,
  dedupeKey: finding.dedupeKey,
  sentence: finding.sentence,
  observed: finding.observed,
  explanation: finding.explanation.slice(0, 10),
  attack: finding.attack,
  eventUids: finding.eventUids.slice(-10),
  grantUids: finding.grantUids,
});
