import { z } from 'zod';
import { ALERT_TRANSITIONS } from '@keyward/alerts';
import { AlertStatus, type AlertAction, type AlertStatusChange, type BulkResult } from '@keyward/contract';
import { deterministicUid, isoInstant } from '@keyward/events';
import { ConflictError, NotFoundError, type Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { LATEST_ACTIONS } from './alert-rows.js';
import { ms } from './sql.js';

const standing = defineQuery({
  name: 'triage.status',
  sql: `SELECT a.uid AS uid, if(s.status = '', 'new', s.status) AS status, s.acted_at AS actedAt
FROM (SELECT DISTINCT uid FROM alerts WHERE uid IN {uids:Array(String)}) AS a LEFT JOIN (${LATEST_ACTIONS}) AS s ON s.alert_uid = a.uid`,
  params: z.object({ uids: z.array(z.string()) }),
  row: z.object({ uid: z.string(), status: AlertStatus, actedAt: z.number() }),
});
const history = defineQuery({
  name: 'triage.history',
  sql: `SELECT uid, status, author, ${ms('act.at')} AS at, note FROM alert_actions AS act FINAL WHERE alert_uid = {uid:String} ORDER BY act.at, uid`,
  params: z.object({ uid: z.string() }),
  row: z.object({ uid: z.string(), status: AlertStatus, author: z.string(), at: z.number(), note: z.string() }),
});

/** What analysts do with alerts. @throws UnavailableError */
export class AlertTriage {
  readonly #clickhouse: ClickHouse;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#clock = clock;
  }

  /**
   * Sets the status of alerts. One that has it already is unchanged, unless there is a note to add.
   *
   * @throws ConflictError when the life cycle has no such step for one of them: nothing is changed then
   */
  async change(uids: readonly string[], { status, note }: AlertStatusChange, user: string): Promise<BulkResult> {
    const rows = await this.#clickhouse.query(standing, { uids: [...uids] });
    const known = new Map(rows.map((row) => [row.uid, row]));
    const refused = rows.filter((row) => row.status !== status && !ALERT_TRANSITIONS[row.status].includes(status));
    if (refused.length > 0) {
      const from = [...new Set(refused.map((row) => words(row.status)))].join(' or ');
      throw new ConflictError(
        'conflict',
        `An alert that is ${from} can't become ${words(status)}: reopen it first (${refused.length} of ${uids.length}).`,
      );
    }
    const changing = rows.filter((row) => row.status !== status || note !== '');
    await this.#write(changing, status, note, user);
    const changed = changing.map((row) => row.uid);
    return {
      changed,
      unchanged: rows.filter((row) => !changed.includes(row.uid)).map((row) => row.uid),
      notFound: [...new Set(uids)].filter((uid) => !known.has(uid)),
    };
  }

  /** @returns newest first @throws NotFoundError */
  async history(uid: string): Promise<AlertAction[]> {
    const [row] = await this.#clickhouse.query(standing, { uids: [uid] });
    if (!row) throw new NotFoundError('not_found', 'There is no such alert.');
    return this.actions(uid);
  }

  async actions(uid: string): Promise<AlertAction[]> {
    const rows = await this.#clickhouse.query(history, { uid });
    return rows
      .map((row, index) => ({
        uid: row.uid,
        alertUid: uid,
        at: isoInstant(row.at),
        user: row.author,
        from: rows[index - 1]?.status ?? ('new' as const),
        to: row.status,
        note: row.note,
      }))
      .reverse();
  }

  async #write(
    rows: readonly { readonly uid: string; readonly actedAt: number }[],
    status: AlertStatus,
    note: string,
    user: string,
  ): Promise<void> {
    if (rows.length === 0) return;
    const now = this.#clock.now();
    await this.#clickhouse.insert(
      'alert_actions',
      ['uid', 'alert_uid', 'status', 'author', 'at', 'note'],
      rows.map((row) => {
        // Later than the act before, also when two people act in the same millisecond or a clock is set back.
        const at = Math.max(now, row.actedAt + 1);
        return [deterministicUid('alert_action', row.uid, at, user, status), row.uid, status, user, at, note];
      }),
    );
  }
}

const words = (status: AlertStatus): string => status.replaceAll('_', ' ');
