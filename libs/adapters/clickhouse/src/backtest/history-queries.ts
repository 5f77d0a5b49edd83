import { Finding } from '@keyward/detections';
import { Grant } from '@keyward/identity';
import { z } from 'zod';
import { ASSESSED_EVENT, AssessedEventRow } from '../assessed-event.js';
import { defineQuery } from '../query.js';
import { LATEST_ACTIONS } from '../queries/alert-rows.js';
import { at } from '../queries/sql.js';

const Span = z.object({ from: z.number().int(), to: z.number().int() });
const inSpan = (column: string): string => `${column} >= ${at('from')} AND ${column} < ${at('to')}`;

/** Of rows as they lie: one that is stored twice counts twice until it is merged. For planning and progress only. */
export const eventsByHour = defineQuery({
  name: 'backtest.hours',
  sql: `SELECT toUnixTimestamp(toStartOfHour(time)) * 1000 AS at, count() AS events FROM access_events
        WHERE time < ${at('before')} GROUP BY at ORDER BY at`,
  params: z.object({ before: z.number().int() }),
  row: z.object({ at: z.number(), events: z.number() }),
});

export const events = defineQuery({
  name: 'backtest.events',
  sql: `SELECT event FROM access_events FINAL WHERE ${inSpan('time')} ORDER BY time, source, uid`,
  params: Span,
  row: z.object({ event: z.string() }),
});

export const rareEvents = defineQuery({
  name: 'backtest.rare_events',
  sql: `SELECT ${ASSESSED_EVENT}
        FROM access_events FINAL WHERE ${inSpan('access_events.time')} AND p <= {p:Float64} ORDER BY access_events.time, uid`,
  params: Span.extend({ p: z.number() }),
  row: AssessedEventRow,
});

export const findings = defineQuery({
  name: 'backtest.findings',
  sql: `SELECT finding FROM findings FINAL WHERE ${inSpan('time')} ORDER BY time, uid`,
  params: Span,
  row: z.object({ finding: z.string().transform((text) => Finding.parse(JSON.parse(text))) }),
});

/** Reads only: where the line would build a missing snapshot, a look back takes the last one there is. */
export const snapshotOfDay = defineQuery({
  name: 'backtest.snapshot',
  sql: 'SELECT body FROM snapshots WHERE day <= {day:UInt32} ORDER BY day DESC, stored_at ASC, id ASC LIMIT 1',
  params: z.object({ day: z.number().int().nonnegative() }),
  row: z.object({ body: z.string() }),
});

export const grantsOf = defineQuery({
  name: 'backtest.grants',
  sql: 'SELECT grant_json AS grant FROM grants FINAL WHERE identity IN {identities:Array(String)} ORDER BY uid',
  params: z.object({ identities: z.array(z.string()) }),
  row: z.object({ grant: z.string().transform((text) => Grant.parse(JSON.parse(text))) }),
});

export const activeGrants = defineQuery({
  name: 'backtest.active_grants',
  sql: `SELECT count() AS grants FROM grants FINAL WHERE jit AND state IN ('active', 'expired', 'revoked') AND starts_at <= ${at('at')}
        AND (ends_at IS NULL OR ends_at > ${at('at')}) AND (ended_at IS NULL OR ended_at > ${at('at')})`,
  params: z.object({ at: z.number().int() }),
  row: z.object({ grants: z.number() }),
});

/** The newest verdict on each alert that nobody has taken back. */
const VERDICTS = `SELECT alert_uid, argMax(kind, (said.at, uid)) AS kind FROM verdicts AS said FINAL
  WHERE undoes = '' AND uid NOT IN (SELECT undoes FROM verdicts WHERE undoes != '') GROUP BY alert_uid`;

/**
 * Alerts that began in the span and that somebody has judged. A verdict counts before how the alert was closed: `resolved` was worth somebody's time,
 * `false_positive` and `expected` (benign, and known to be) were not. What stands on no finding tells of a source, and no detection makes it.
 */
export const judgedAlerts = defineQuery({
  name: 'backtest.judged_alerts',
  sql: `SELECT a.uid AS uid, a.finding_uids AS findingUids,
          if(v.kind = '' ? s.status = 'resolved' : v.kind = 'malicious', 'genuine', 'not_genuine') AS label
        FROM (SELECT uid, finding_uids FROM alerts FINAL WHERE ${inSpan('first_time')} AND notEmpty(finding_uids)) AS a
        LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid
        LEFT JOIN (${VERDICTS}) AS v ON v.alert_uid = a.uid
        WHERE v.kind != '' OR s.status IN ('resolved', 'false_positive', 'expected') ORDER BY uid`,
  params: Span,
  row: z.object({ uid: z.string(), findingUids: z.array(z.string()), label: z.enum(['genuine', 'not_genuine']) }),
});

export const busiestDay = defineQuery({
  name: 'backtest.people',
  sql: `SELECT max(identities) AS people FROM (
          SELECT uniqExact(identity) AS identities FROM access_events WHERE ${inSpan('time')} AND actor_name != '' GROUP BY toDate(time))`,
  params: Span,
  row: z.object({ people: z.number() }),
});
