import { z } from 'zod';
import { AlertStatus, type AlertSummary, EffectState, Severity } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { Directory } from './directory.js';
import { ms, orNull } from './sql.js';

/** The newest act of each alert: its status, who set it and when. An alert without one is new. */
export const LATEST_ACTIONS = `SELECT alert_uid, argMax(status, (act.at, act.uid)) AS status, argMax(author, (act.at, act.uid)) AS author,
  ${ms('max(act.at)')} AS acted_at FROM alert_actions AS act GROUP BY alert_uid`;

/** How far the newest revocation for each alert has come. */
const LATEST_EFFECTS = `SELECT alert_uid, argMax(state, (effects.at, seq)) AS state FROM effects WHERE alert_uid IN {uids:Array(String)} GROUP BY alert_uid`;

export const SUMMARIES = `SELECT a.uid AS uid, a.version AS version, a.identity AS identity, a.display_name AS displayName, a.title AS title,
  a.severity AS severity, a.score AS score, a.entity_risk AS entityRisk, ${ms('a.first_time')} AS firstTime, ${ms('a.last_time')} AS lastTime,
  a.detections AS detections, a.attack AS attack, a.sources AS sources, JSONExtractString(a.alert, 'explanation', 1) AS why,
  length(a.finding_uids) AS findings, length(a.event_uids) AS events, length(a.grant_uids) AS grants,
  if(s.status = '', 'new', s.status) AS status, s.author AS statusBy, s.acted_at AS statusAt, e.state AS response
FROM (SELECT * FROM alerts FINAL WHERE uid IN {uids:Array(String)}) AS a
LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid
LEFT JOIN (${LATEST_EFFECTS}) AS e ON e.alert_uid = a.uid`;

export const AlertRow = z.object({
  uid: z.string(),
  version: z.number(),
  identity: z.string(),
  displayName: z.string(),
  title: z.string(),
  severity: Severity,
  score: z.number(),
  entityRisk: z.number(),
  firstTime: z.number(),
  lastTime: z.number(),
  detections: z.array(z.string()),
  attack: z.array(z.string()),
  sources: z.array(z.string()),
  why: z.string(),
  findings: z.number(),
  events: z.number(),
  grants: z.number(),
  status: AlertStatus,
  statusBy: z.string(),
  statusAt: z.number(),
  response: z.union([EffectState, z.literal('')]),
});
export type AlertRow = z.infer<typeof AlertRow>;

export function alertSummary(row: AlertRow, directory: Directory): AlertSummary {
  const { identity, displayName, firstTime, lastTime, statusBy, statusAt, response, ...rest } = row;
  const known = directory.organisation.identity(identity);
  return {
    ...rest,
    identity: { id: identity, displayName: known?.displayName ?? (displayName === '' ? identity : displayName) },
    firstTime: isoInstant(firstTime),
    lastTime: isoInstant(lastTime),
    statusBy: orNull(statusBy),
    statusAt: statusAt === 0 ? null : isoInstant(statusAt),
    response: response === '' ? null : response,
  };
}
