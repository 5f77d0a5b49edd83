import { VerdictEntry, type Verdict } from '@keyward/baselines';
import { VerdictKind, VerdictScope, VerdictState, type VerdictPage, type VerdictQuery, type VerdictView } from '@keyward/contract';
import { AccessEvent, isoInstant } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { AssessedEvent } from '@keyward/stages';
import { z } from 'zod';
import { ASSESSED_EVENT, AssessedEventRow, assessmentOf } from '../assessed-event.js';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, instant, text, type TableOf } from '../rows.js';
import { decodeCursor, encodeCursor, pageFrom } from './cursor.js';
import type { Directory } from './directory.js';
import { and, AnyParams, ms, when } from './sql.js';

/** A verdict as it is written down: what was said, of whom, and the entries that go to ASSESS. */
export interface WrittenVerdict {
  readonly verdict: Verdict;
  /** Whom the alert is about. */
  readonly identity: string;
  readonly about: readonly string[];
  readonly entries: readonly VerdictEntry[];
}

const verdicts: TableOf<WrittenVerdict> = {
  name: 'verdicts',
  cells: [
    ['uid', ({ verdict }) => verdict.uid],
    ['kind', ({ verdict }) => verdict.kind],
    ['scope', ({ verdict }) => verdict.scope],
    ['identity', ({ identity }) => text(identity)],
    ['alert_uid', ({ verdict }) => verdict.alertUid ?? ''],
    ['author', ({ verdict }) => text(verdict.author)],
    ['reason', ({ verdict }) => text(verdict.reason)],
    ['at', ({ verdict }) => instant(verdict.at)],
    ['expires_at', ({ verdict }) => instant(verdict.expiresAt)],
    ['undoes', ({ verdict }) => verdict.undoes ?? ''],
    ['about', ({ about }) => about.map(text)],
    ['entries', ({ entries }) => JSON.stringify(entries)],
  ],
};

const STATE = `multiIf(u.undoes != '', 'undone', ${ms('v.expires_at')} <= {now:Int64}, 'expired', 'in_force')`;
const LISTED = `SELECT v.uid AS uid, v.kind AS kind, v.scope AS scope, v.identity AS identity, v.alert_uid AS alertUid, v.author AS author, v.reason AS reason,
  ${ms('v.at')} AS given, ${ms('v.expires_at')} AS expiresAt, v.about AS about, ${STATE} AS state, a.uid != '' AS isApplied,
  u.author AS undoneBy, ${ms('u.at')} AS undoneAt, u.reason AS undoneReason
FROM (SELECT * FROM verdicts FINAL WHERE undoes = '') AS v
LEFT JOIN (SELECT undoes, any(author) AS author, min(verdicts.at) AS at, any(reason) AS reason FROM verdicts FINAL WHERE undoes != '' GROUP BY undoes) AS u ON u.undoes = v.uid
LEFT JOIN (SELECT DISTINCT uid FROM verdict_entries) AS a ON a.uid = v.uid`;
const Row = z.object({
  uid: z.string(),
  kind: VerdictKind,
  scope: VerdictScope,
  identity: z.string(),
  alertUid: z.string(),
  author: z.string(),
  reason: z.string(),
  given: z.number(),
  expiresAt: z.number(),
  about: z.array(z.string()),
  state: VerdictState,
  isApplied: z.union([z.boolean(), z.number()]).transform(Boolean),
  undoneBy: z.string(),
  undoneAt: z.number(),
  undoneReason: z.string(),
});
const Position = z.tuple([z.number(), z.string()]);
const EntriesColumn = z.string().transform((json) => z.array(VerdictEntry).parse(JSON.parse(json)));

const written = defineQuery({
  name: 'verdicts.written',
  sql: `SELECT entries FROM verdicts FINAL WHERE uid = {uid:String}`,
  params: z.object({ uid: z.string() }),
  row: z.object({ entries: EntriesColumn }),
});
const benignOf = defineQuery({
  name: 'verdicts.benign_of',
  sql: `SELECT entries FROM verdicts AS v FINAL WHERE kind = 'benign' AND undoes = '' AND identity IN {identities:Array(String)}
        AND ${ms('v.expires_at')} > {now:Int64} AND uid NOT IN (SELECT undoes FROM verdicts WHERE undoes != '') LIMIT 200`,
  params: z.object({ identities: z.array(z.string()), now: z.number() }),
  row: z.object({ entries: EntriesColumn }),
});
const scoredEvents = defineQuery({
  name: 'verdicts.events',
  sql: `SELECT ${ASSESSED_EVENT}
        FROM access_events FINAL WHERE uid IN {uids:Array(String)}
        AND toDate(access_events.time) >= toDate({from:UInt16}) AND toDate(access_events.time) <= toDate({until:UInt16})`,
  params: z.object({ uids: z.array(z.string()), from: z.number().int(), until: z.number().int() }),
  row: AssessedEventRow.extend({ event: z.string().transform((json) => AccessEvent.parse(JSON.parse(json))) }),
});
const behaviour = defineQuery({
  name: 'verdicts.behaviour',
  sql: `SELECT f.uid AS uid, f.event_uid AS eventUid FROM findings AS f WHERE detection = 'unusual_behaviour' AND ${ms('f.time')} >= {since:Int64}
        AND (empty({identities:Array(String)}) OR identity IN {identities:Array(String)}) ORDER BY f.time DESC, uid LIMIT 1 BY uid LIMIT 500`,
  params: z.object({ since: z.number(), identities: z.array(z.string()) }),
  row: z.object({ uid: z.string(), eventUid: z.string() }),
});
const alertsWith = defineQuery({
  name: 'verdicts.alerts',
  sql: `SELECT uid, title, identity, detections, finding_uids AS findingUids, ${ms('last_time')} AS lastTime FROM alerts FINAL
        WHERE hasAny(finding_uids, {findings:Array(String)}) ORDER BY last_time DESC, uid LIMIT 200`,
  params: z.object({ findings: z.array(z.string()) }),
  row: z.object({
    uid: z.string(),
    title: z.string(),
    identity: z.string(),
    detections: z.array(z.string()),
    findingUids: z.array(z.string()),
    lastTime: z.number(),
  }),
});
const newestSnapshot = defineQuery({
  name: 'verdicts.snapshot',
  sql: 'SELECT id, body FROM snapshots ORDER BY day DESC, stored_at ASC, id ASC LIMIT 1',
  params: z.object({}),
  row: z.object({ id: z.string(), body: z.string() }),
});

export type AlertOfFindings = z.output<(typeof alertsWith)['row']>;

/** What people said of alerts, and what a preview of it needs. @throws UnavailableError */
export class VerdictQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
  }

  append(verdict: WrittenVerdict): Promise<void> {
    return insertRows(this.#clickhouse, verdicts, [verdict]);
  }

  /** @throws InvalidInputError `cursor.invalid` */
  async list({ limit, cursor, state, identity, alert }: VerdictQuery): Promise<VerdictPage> {
    const after = decodeCursor(Position, cursor);
    const filter = and(
      when(state, `${STATE} = {state:String}`),
      when(identity, `v.identity = {identity:String}`),
      when(alert, `v.alert_uid = {alert:String}`),
      when(after, `(${ms('v.at')}, v.uid) < ({afterAt:Int64}, {afterUid:String})`),
    );
    const [afterAt, afterUid] = after ?? [];
    const rows = await this.#rows(`WHERE ${filter} ORDER BY v.at DESC, v.uid DESC LIMIT {limit:UInt32}`, {
      ...{ limit: limit + 1, state, identity, alert, afterAt, afterUid },
    });
    return pageFrom(
      rows,
      limit,
      (row) => encodeCursor([row.given, row.uid]),
      (row) => this.#view(row),
    );
  }

  async find(uid: string): Promise<VerdictView | undefined> {
    const [row] = await this.#rows('WHERE v.uid = {uid:String}', { uid });
    return row && this.#view(row);
  }

  /** In force on these alerts. */
  async inForceOn(alertUids: readonly string[]): Promise<VerdictView[]> {
    if (alertUids.length === 0) return [];
    const rows = await this.#rows(`WHERE v.alert_uid IN {alerts:Array(String)} AND ${STATE} = 'in_force'`, { alerts: [...alertUids] });
    return rows.map((row) => this.#view(row));
  }

  /** What was published for a verdict. */
  async entriesOf(uid: string): Promise<readonly VerdictEntry[]> {
    return (await this.#clickhouse.query(written, { uid })).flatMap(({ entries }) => entries);
  }

  /** Benign verdicts in force on these identities, each with its entries; at most 200. */
  async benignOn(identities: readonly string[]): Promise<readonly (readonly VerdictEntry[])[]> {
    if (identities.length === 0) return [];
    const rows = await this.#clickhouse.query(benignOf, { identities: [...identities], now: this.#clock.now() });
    return rows.map(({ entries }) => entries);
  }

  /** @param fromDay and @param untilDay UTC days since 1970 between which they happened, both included */
  async events(uids: readonly string[], fromDay: number, untilDay: number): Promise<AssessedEvent[]> {
    if (uids.length === 0) return [];
    const rows = await this.#clickhouse.query(scoredEvents, { uids: [...uids], from: fromDay, until: untilDay });
    return rows.map((row) => ({ event: row.event, identity: row.identity, assessment: assessmentOf(row) }));
  }

  /** Findings of behaviour since an instant, newest first, at most 500. @param identities nobody: of everybody */
  behaviourSince(since: number, identities: readonly string[]): Promise<{ uid: string; eventUid: string }[]> {
    return this.#clickhouse.query(behaviour, { since, identities: [...identities] });
  }

  async alertsWith(findingUids: readonly string[]): Promise<AlertOfFindings[]> {
    return findingUids.length === 0 ? [] : this.#clickhouse.query(alertsWith, { findings: [...findingUids] });
  }

  /** @returns undefined while no day is over */
  async newestSnapshot(): Promise<{ readonly id: string; readonly body: string } | undefined> {
    return (await this.#clickhouse.query(newestSnapshot, {}))[0];
  }

  #rows(where: string, params: Readonly<Record<string, unknown>>): Promise<z.output<typeof Row>[]> {
    const query = defineQuery({ name: 'verdicts.rows', sql: `${LISTED}\n${where}`, params: AnyParams, row: Row });
    const given: Readonly<Record<string, unknown>> = { ...params, now: this.#clock.now() };
    return this.#clickhouse.query(query, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
  }

  #view({ given, identity, expiresAt, isApplied, undoneBy, undoneAt, undoneReason, ...row }: z.output<typeof Row>): VerdictView {
    return {
      ...row,
      identity: this.#directory.ref(identity),
      at: isoInstant(given),
      expiresAt: isoInstant(expiresAt),
      isApplied,
      undone: row.state === 'undone' ? { by: undoneBy, at: isoInstant(undoneAt), reason: undoneReason } : null,
    };
  }
}
