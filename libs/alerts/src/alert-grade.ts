import { SEVERITIES, isoInstant, severityId, worstSeverity, type Severity } from '@keyward/events';
import type { Alert, AlertEvidence } from './alert.js';
import type { AlertGroup } from './alert-ledger.js';
import { evidenceOf, rankWeightedEvidence, riskOf } from './entity-risk.js';

/** Sentences that an alert says; more is a list, not an explanation. */
const MAX_SENTENCES = 20;

/** Score from which an alert is at least this severe: 90 takes about five independent detections of p = 1e-6, 80 two, 60 one of 1e-4. */
const SEVERITY_FROM_SCORE: readonly (readonly [number, Severity])[] = [
  [90, 'critical'],
  [80, 'high'],
  [60, 'medium'],
  [30, 'low'],
];

/** Strongest first: rarer, then worse, then earlier; the uid last, so that the order is total. */
export const byStrength = (a: AlertEvidence, b: AlertEvidence): number =>
  a.p - b.p || severityId(b.severity) - severityId(a.severity) || a.time - b.time || (a.findingUid < b.findingUid ? -1 : 1);

/**
 * Title, score, severity and explanation of an alert, from its own findings alone.
 * Only the strongest finding of each dedupe key counts for the score: the same thing seen again is no further evidence.
 */
export function gradeGroup(group: AlertGroup, displayName: string): Pick<Alert, 'title' | 'score' | 'severity' | 'explanation'> {
  const leaders = leadersOf(group.evidence);
  const score = riskOf(rankWeightedEvidence(leaders.map(({ p }) => evidenceOf(p))));
  const worst = leaders.reduce<Severity>((severity, item) => worstSeverity(severity, item.severity), 'informational');
  return { title: titleOf(leaders, displayName), score, severity: severityOf(worst, score), explanation: explain(group, leaders) };
}

/** The worst finding decides; a high score lifts by one level at most, since many small things make no catastrophe by themselves. */
function severityOf(worst: Severity, score: number): Severity {
  const fromScore = SEVERITY_FROM_SCORE.find(([least]) => score >= least)?.[1] ?? 'informational';
  const oneUp = SEVERITIES[Math.min(severityId(worst), SEVERITIES.length - 1)] ?? worst;
  const lift = severityId(fromScore) < severityId(oneUp) ? fromScore : oneUp;
  return worstSeverity(worst, lift);
}

function leadersOf(evidence: readonly AlertEvidence[]): AlertEvidence[] {
  const keys = new Set<string>();
  return evidence.toSorted(byStrength).filter(({ dedupeKey }) => !keys.has(dedupeKey) && keys.add(dedupeKey));
}

function titleOf(leaders: readonly AlertEvidence[], displayName: string): string {
  const titles = [...new Set(leaders.map(({ title }) => title))];
  const [first = 'Unusual access', second] = titles;
  if (second === undefined) return `${first}: ${displayName}`;
  const others = titles.length - 1;
  return others === 1 ? `${first}, and ${lowerFirst(second)}: ${displayName}` : `${first}, and ${others} more: ${displayName}`;
}

function explain(group: AlertGroup, leaders: readonly AlertEvidence[]): string[] {
  const told = leaders.map((leader) => {
    const sentence = leader.sentence.trim() || `${leader.title}.`;
    const repeats = Object.hasOwn(group.keys, leader.dedupeKey) ? group.keys[leader.dedupeKey] : undefined;
    if (!repeats || repeats.count === 1) return sentence;
    return `${sentence} Seen ${repeats.count} times, ${minuteSpan(repeats.firstTime, repeats.lastTime)}.`;
  });
  const details = leaders.flatMap(({ explanation }) => explanation.filter((line) => line.trim() !== ''));
  return [...new Set([...told, ...details])].slice(0, MAX_SENTENCES);
}

/** `2026-11-20 01:28 to 01:35 UTC`; the day once when both are of it, the minute once when both are of that. @param first epoch ms @param last epoch ms */
function minuteSpan(first: number, last: number): string {
  const [from, to] = [first, last].map((at) => isoInstant(at).slice(0, 16).replace('T', ' '));
  if (from === undefined || to === undefined || from === to) return `${from ?? to ?? ''} UTC`;
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} to ${to.slice(11)} UTC` : `${from} to ${to} UTC`;
}

/** `MFA fatigue` stays as it is; `Password spray` goes on in lower case within a title. */
const lowerFirst = (text: string): string => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
