import { z } from 'zod';
import { Assessment } from '@keyward/baselines';
import type { EventDetail, EventPage, EventQuery, EventSummary } from '@keyward/contract';
import { AccessEvent, DAY_MS, isoDay } from '@keyward/events';
import { NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { Directory } from './directory.js';
import { eventFilter, type EventFilter } from './event-filter.js';
import { EVENT_COLUMNS, EventRow, eventSummary } from './event-rows.js';
import { findingsOfEvents, findingView } from './finding-rows.js';
import { AnyParams, ms } from './sql.js';
import { TermsColumn } from './term-rows.js';

const Key = z.object({ uid: z.string(), at: z.number(), identity: z.string(), score: z.number() });
type Key = z.infer<typeof Key>;
const Position = z.tuple([z.number(), z.number(), z.string()]);

/** The first window of a search by time; each further one is four times as long, so that a month takes four steps. */
const FIRST_WINDOW_MS = DAY_MS;
const WINDOW_GROWTH = 4;

const ORDERS = {
  newest: { keys: `${ms('time')} AS k1, 0 AS k2`, order: 'k1 DESC, k2 DESC, uid DESC', after: '<' },
  oldest: { keys: `${ms('time')} AS k1, 0 AS k2`, order: 'k1 ASC, k2 ASC, uid ASC', after: '>' },
  score: { keys: `score AS k1, ${ms('time')} AS k2`, order: 'k1 DESC, k2 DESC, uid DESC', after: '<' },
} as const;

const rowsOf = defineQuery({
  name: 'events.rows',
  sql: `SELECT ${EVENT_COLUMNS} FROM access_events
WHERE toDate(time) IN {days:Array(Date)} AND identity IN {identities:Array(String)} AND uid IN {uids:Array(String)} LIMIT 1 BY uid`,
  params: z.object({ days: z.array(z.string()), identities: z.array(z.string()), uids: z.array(z.string()) }),
  row: EventRow,
});
const byUids = defineQuery({
  name: 'events.by_uid',
  sql: `SELECT ${EVENT_COLUMNS} FROM access_events WHERE uid IN {uids:Array(String)} ORDER BY time, uid LIMIT 1 BY uid LIMIT 500`,
  params: z.object({ uids: z.array(z.string()) }),
  row: EventRow,
});
const fromJson = <S extends z.ZodType>(schema: S) => z.string().transform((text): z.output<S> => schema.parse(JSON.parse(text)));
const detail = defineQuery({
  name: 'events.detail',
  sql: `SELECT ${EVENT_COLUMNS}, event, terms, not_evaluated AS notEvaluated, p, snapshot, stratum FROM access_events
WHERE uid = {uid:String} ORDER BY stored_at DESC LIMIT 1`,
  params: z.object({ uid: z.string() }),
  row: EventRow.extend({
    event: fromJson(AccessEvent),
    terms: TermsColumn,
    notEvaluated: fromJson(Assessment.shape.notEvaluated),
    p: z.number(),
    snapshot: z.string(),
    stratum: z.string(),
  }),
});
const alertsOf = defineQuery({
  name: 'events.alerts',
  sql: `SELECT uid, title FROM alerts FINAL WHERE has(event_uids, {uid:String}) ORDER BY last_time DESC LIMIT 20`,
  params: z.object({ uid: z.string() }),
  row: z.object({ uid: z.string(), title: z.string() }),
});
const eventsOfAlert = defineQuery({
  name: 'events.of_alert',
  sql: `SELECT event_uids AS uids FROM alerts FINAL WHERE uid = {uid:String}`,
  params: z.object({ uid: z.string() }),
  row: z.object({ uids: z.array(z.string()) }),
});

/** Events and how they scored. @throws UnavailableError */
export class EventQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
  }

  /** @throws InvalidInputError `cursor.invalid` */
  async list(query: EventQuery): Promise<EventPage> {
    const after = decodeCursor(Position, query.cursor);
    const uids = query.alert === undefined ? undefined : await this.#uidsOfAlert(query.alert);
    const filter = eventFilter(query, this.#clock.now(), uids);
    const keys =
      query.sort === 'score'
        ? await this.#inWindow(query, filter, filter.from, filter.to, after, query.limit + 1)
        : await this.#byTime(query, filter, after);
    const shown = keys.slice(0, query.limit);
    const rows = await this.#rows(shown);
    const last = shown.at(-1);
    const [k1, k2] = last ? (query.sort === 'score' ? [last.score, last.at] : [last.at, 0]) : [0, 0];
    return { items: rows, nextCursor: keys.length > query.limit && last ? encodeCursor([k1, k2, last.uid]) : null };
  }

  /** @throws NotFoundError */
  async show(uid: string): Promise<EventDetail> {
    const [rows, findings, alerts] = await Promise.all([
      this.#clickhouse.query(detail, { uid }),
      findingsOfEvents(this.#clickhouse, [uid]),
      this.#clickhouse.query(alertsOf, { uid }),
    ]);
    const row = rows[0];
    if (!row) throw new NotFoundError('not_found', 'There is no such event.');
    const { event, terms, notEvaluated, p, snapshot, stratum, score } = row;
    return {
      summary: eventSummary(row, this.#directory),
      event,
      ocsf: null,
      score,
      p,
      terms,
      notEvaluated,
      snapshot,
      stratum,
      findings: findings.map((finding) => findingView(finding, this.#directory, terms)),
      alerts,
    };
  }

  /** @returns those that are stored, oldest first, at most 500 */
  async byUids(uids: readonly string[]): Promise<EventSummary[]> {
    if (uids.length === 0) return [];
    return (await this.#clickhouse.query(byUids, { uids: [...uids] })).map((row) => eventSummary(row, this.#directory));
  }

  async #uidsOfAlert(uid: string): Promise<readonly string[]> {
    return (await this.#clickhouse.query(eventsOfAlert, { uid }))[0]?.uids ?? [];
  }

  /** Day by day from the end that is asked for: the sorting key begins with the day, so a page of recent events reads recent days only. */
  async #byTime(query: EventQuery, filter: EventFilter, after: z.infer<typeof Position> | undefined): Promise<Key[]> {
    const keys: Key[] = [];
    const newestFirst = query.sort === 'newest';
    let start = newestFirst ? Math.min(filter.to, after ? after[0] + 1 : filter.to) : Math.max(filter.from, after ? after[0] : filter.from);
    for (let length = FIRST_WINDOW_MS; keys.length <= query.limit; length *= WINDOW_GROWTH) {
      const [from, to] = newestFirst ? [Math.max(filter.from, start - length), start] : [start, Math.min(filter.to, start + length)];
      if (from >= to) break;
      keys.push(...(await this.#inWindow(query, filter, from, to, after, query.limit + 1 - keys.length)));
      start = newestFirst ? from : to;
    }
    return keys;
  }

  /**
   * The first keys of a window. A redelivered event stands there more than once until the store has merged it: taking a few more rows and dropping
   * repeats here lets the server keep only the top of its sort, instead of a set of a million uids.
   */
  async #inWindow(
    query: EventQuery,
    filter: EventFilter,
    windowFrom: number,
    windowTo: number,
    after: z.infer<typeof Position> | undefined,
    limit: number,
  ): Promise<Key[]> {
    const order = ORDERS[query.sort];
    const [k1 = 0, k2 = 0, afterUid = ''] = after ?? [];
    const search = defineQuery({
      name: 'events.search',
      sql: `SELECT uid, at, identity, score FROM (
SELECT uid, ${ms('time')} AS at, identity, score, ${order.keys} FROM access_events WHERE ${filter.where}
) ${after ? `WHERE (k1, k2, uid) ${order.after} ({k1:Float64}, {k2:Float64}, {afterUid:String})` : ''}
ORDER BY ${order.order} LIMIT {rows:UInt32}`,
      params: AnyParams,
      row: Key,
    });
    for (let rows = limit * 2; ; rows *= 4) {
      const found = await this.#clickhouse.query(search, { ...filter.params, windowFrom, windowTo, rows, k1, k2, afterUid });
      const unique = [...new Map(found.map((key) => [key.uid, key])).values()];
      if (unique.length >= limit || found.length < rows) return unique.slice(0, limit);
    }
  }

  async #rows(keys: readonly Key[]): Promise<EventSummary[]> {
    if (keys.length === 0) return [];
    const found = await this.#clickhouse.query(rowsOf, {
      days: [...new Set(keys.map((key) => isoDay(key.at)))],
      identities: [...new Set(keys.map((key) => key.identity))],
      uids: keys.map((key) => key.uid),
    });
    const byUid = new Map(found.map((row) => [row.uid, row]));
    return keys.flatMap((key) => {
      const row = byUid.get(key.uid);
      return row ? [eventSummary(row, this.#directory)] : [];
    });
  }
}
