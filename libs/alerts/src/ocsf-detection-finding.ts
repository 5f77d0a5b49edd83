import { SEVERITIES, severityId } from '@keyward/events';
import type { Alert, AlertEvidence, AlertStatus } from './alert.js';

export interface DetectionFindingOptions {
  readonly productVersion: string;
  /** Where a person can read more. */
  readonly link?: string | undefined;
  /** Set by analysts; a finding that nobody has touched is new, or resolved when it ended by itself. */
  readonly status?: AlertStatus | undefined;
}

const CLASS_UID = 2004;
const CATEGORY_UID = 2;
/** OCSF `status_id` of the finding class. An alert that was expected is no false positive: it was true and allowed, hence resolved. */
const STATUS: Readonly<Record<AlertStatus, { readonly id: number; readonly name: string }>> = {
  new: { id: 1, name: 'New' },
  in_progress: { id: 2, name: 'In Progress' },
  resolved: { id: 4, name: 'Resolved' },
  false_positive: { id: 3, name: 'Suppressed' },
  expected: { id: 4, name: 'Resolved' },
};
/** OCSF observable types. */
const OBSERVABLE = { ip: { id: 2, name: 'IP Address' }, user: { id: 4, name: 'User Name' }, userUid: { id: 31, name: 'User ID' } } as const;
const MAX_OBSERVABLES = 50;

/**
 * An alert as OCSF 1.8 Detection Finding (class 2004), for a SIEM. Pure: the same alert version gives the same bytes when serialised.
 * `unmapped` holds what OCSF has no word for, so that nothing an analyst sees is lost.
 */
export function toDetectionFinding(
  alert: Alert,
  { productVersion, link, status = alert.isOver === true ? 'resolved' : 'new' }: DetectionFindingOptions,
): Record<string, unknown> {
  const activity =
    alert.isOver === true ? { id: 3, name: 'Close' } : alert.version === 1 ? { id: 1, name: 'Create' } : { id: 2, name: 'Update' };
  const evidence = alert.evidence ?? [];
  const anomalies = evidence.filter(({ kind }) => kind === 'behaviour').map((item) => anomalyAnalysis(alert, item));
  const handling = STATUS[status];
  return {
    activity_id: activity.id,
    activity_name: activity.name,
    category_uid: CATEGORY_UID,
    category_name: 'Findings',
    class_uid: CLASS_UID,
    class_name: 'Detection Finding',
    type_uid: CLASS_UID * 100 + activity.id,
    type_name: `Detection Finding: ${activity.name}`,
    time: alert.lastTime,
    start_time: alert.firstTime,
    end_time: alert.lastTime,
    count: alert.version,
    message: alert.title,
    severity_id: severityId(alert.severity),
    severity: capitalised(alert.severity),
    status_id: handling.id,
    status: handling.name,
    status_detail: alert.explanation[0],
    is_alert: alert.notify,
    risk_score: Math.round(alert.score),
    risk_level_id: severityId(alert.severity) - 1,
    risk_level: ['Info', 'Low', 'Medium', 'High', 'Critical'][SEVERITIES.indexOf(alert.severity)],
    risk_details: alert.explanation.join(' '),
    metadata: {
      version: '1.8.0',
      uid: `${alert.uid}-${alert.version}`,
      correlation_uid: alert.uid,
      product: { name: 'Keyward', vendor_name: 'Keyward', version: productVersion },
      profiles: [],
    },
    finding_info: {
      uid: alert.uid,
      title: alert.title,
      desc: alert.explanation.join('\n'),
      types: alert.detections,
      data_sources: alert.sources,
      first_seen_time: alert.firstTime,
      last_seen_time: alert.lastTime,
      created_time: alert.firstTime,
      modified_time: alert.lastTime,
      product: { name: 'Keyward', vendor_name: 'Keyward', version: productVersion },
      ...(link === undefined ? {} : { src_url: link }),
      analytic: analytic(evidence[0]?.detection ?? alert.detections[0] ?? 'keyward', evidence[0]),
      related_analytics: alert.detections.slice(1).map((detection) =>
        analytic(
          detection,
          evidence.find((item) => item.detection === detection),
        ),
      ),
      attacks: alert.attack.map(attackOf),
      related_events: alert.eventUids.map((uid) => ({ uid })),
      related_events_count: alert.eventUids.length,
    },
    evidences: evidence.map((item) => evidenceOf(alert, item)),
    ...(anomalies.length === 0 ? {} : { anomaly_analyses: anomalies }),
    resources: alert.grantUids.map((uid) => ({ uid, type: 'grant' })),
    observables: observablesOf(alert, evidence),
    unmapped: {
      keyward: {
        identity: alert.identity,
        entity_risk: alert.entityRisk,
        score: alert.score,
        dedupe_key: alert.dedupeKey,
        finding_uids: alert.findingUids,
        grant_uids: alert.grantUids,
        contributions: alert.contributions,
      },
    },
  };
}

/** `T1078.004` is a sub-technique of `T1078`. */
function attackOf(id: string): Record<string, unknown> {
  const [technique = id, sub] = id.split('.');
  const page = `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`;
  return sub === undefined
    ? { technique: { uid: technique, src_url: page } }
    : { technique: { uid: technique }, sub_technique: { uid: id, src_url: page } };
}

/** OCSF analytic types: 1 rule, 2 behavioural. */
const analytic = (uid: string, item: AlertEvidence | undefined): Record<string, unknown> => ({
  uid,
  name: item?.title ?? uid,
  type_id: item?.kind === 'behaviour' ? 2 : 1,
  type: item?.kind === 'behaviour' ? 'Behavioral' : 'Rule',
});

const userOf = (alert: Alert): Record<string, unknown> => ({
  uid: alert.identity,
  name: alert.displayName,
  risk_score: Math.round(alert.entityRisk),
});

function evidenceOf(alert: Alert, item: AlertEvidence): Record<string, unknown> {
  const ip = addressIn(item);
  return {
    uid: item.findingUid,
    name: item.detection,
    actor: { user: userOf(alert) },
    ...(ip === undefined ? {} : { src_endpoint: { ip } }),
    data: {
      sentence: item.sentence,
      time: item.time,
      p: item.p,
      observed: item.observed,
      explanation: item.explanation,
      event_uids: item.eventUids,
    },
  };
}

/** What was observed against what is usual. A value under `usualX` is the baseline of `x`. */
function anomalyAnalysis(alert: Alert, item: AlertEvidence): Record<string, unknown> {
  const entries = Object.entries(item.observed);
  const usual = new Map(entries.filter(([name]) => isUsual(name)).map(([name, value]) => [baselineName(name), value]));
  const observed = entries.filter(([name]) => !isUsual(name));
  const shown = observed.length > 0 ? observed : [['event', item.sentence] as const];
  const paired = [...usual].filter(([name]) => shown.some(([other]) => other === name));
  return {
    analysis_targets: [{ name: alert.displayName, type: 'User' }],
    anomalies: shown.map(([name, value]) => ({
      observation_parameter: name,
      observation_type: 'Frequency Analysis',
      observed_pattern: 'RARE',
      observations: [{ value: textOf(value) }],
    })),
    ...(paired.length === 0
      ? {}
      : {
          baselines: paired.map(([name, value]) => ({
            observation_parameter: name,
            observation_type: 'Frequency Analysis',
            observed_pattern: 'FREQUENT',
            observations: (Array.isArray(value) ? value : [value]).map((entry) => ({ value: textOf(entry) })),
          })),
        }),
  };
}
const isUsual = (name: string): boolean => /^usual[A-Z]/.test(name);
const baselineName = (name: string): string => name.charAt(5).toLowerCase() + name.slice(6);
const textOf = (value: string | number | boolean | readonly string[]): string =>
  typeof value === 'object' ? value.join(', ') : String(value);

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})$/i;
const addressIn = (item: AlertEvidence): string | undefined =>
  Object.values(item.observed).find((value): value is string => typeof value === 'string' && ADDRESS.test(value));

function observablesOf(alert: Alert, evidence: readonly AlertEvidence[]): Record<string, unknown>[] {
  const addresses = evidence
    .flatMap((item) => Object.values(item.observed).flat())
    .filter((value) => typeof value === 'string' && ADDRESS.test(value));
  const observable = (
    name: string,
    { id, name: type }: { readonly id: number; readonly name: string },
    value: unknown,
  ): Record<string, unknown> => ({
    name,
    type_id: id,
    type,
    value,
  });
  return [
    observable('evidences[].actor.user.name', OBSERVABLE.user, alert.displayName),
    observable('evidences[].actor.user.uid', OBSERVABLE.userUid, alert.identity),
    ...[...new Set(addresses)].slice(0, MAX_OBSERVABLES).map((ip) => observable('evidences[].src_endpoint.ip', OBSERVABLE.ip, ip)),
  ];
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
