import { deterministicUid } from '@keyward/events';
import type { SourceAlarm, SourceAlarmStore } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, instant, instantOrNull, text, type TableOf } from '../rows.js';
import { ms } from '../queries/sql.js';

const table: TableOf<SourceAlarm> = {
  name: 'source_alarms',
  cells: [
    ['uid', (alarm) => alarm.uid],
    ['version', (alarm) => alarm.version],
    ['source', (alarm) => text(alarm.source)],
    ['kind', (alarm) => alarm.kind],
    ['since', (alarm) => instant(alarm.since)],
    ['raised_at', (alarm) => instant(alarm.raisedAt)],
    ['ended_at', (alarm) => instantOrNull(alarm.endedAt)],
    ['sentence', (alarm) => text(alarm.sentence)],
  ],
};

const open = defineQuery({
  name: 'source_alarms.open',
  sql: `SELECT uid, source, kind, ${ms('since')} AS since, ${ms('raised_at')} AS raisedAt, sentence
FROM source_alarms FINAL WHERE ended_at IS NULL ORDER BY source, uid`,
  params: z.object({}),
  row: z.object({
    uid: z.string(),
    source: z.string(),
    kind: z.enum(['silent', 'late', 'rejecting']),
    since: z.number(),
    raisedAt: z.number(),
    sentence: z.string(),
  }),
});
const acts = defineQuery({
  name: 'source_alarms.acts',
  sql: 'SELECT count() AS acts FROM alert_actions WHERE alert_uid = {uid:String}',
  params: z.object({ uid: z.string() }),
  row: z.object({ acts: z.number() }),
});

export class ClickHouseSourceAlarmStore implements SourceAlarmStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  async open(): Promise<readonly SourceAlarm[]> {
    const rows = await this.#clickhouse.query(open, {});
    return rows.map((row) => ({ ...row, version: 1 as const, endedAt: undefined }));
  }

  async save(alarm: SourceAlarm): Promise<void> {
    if (alarm.endedAt !== undefined) await this.#close(alarm.uid, alarm.endedAt);
    await insertRows(this.#clickhouse, table, [alarm]);
  }

  /** What an analyst has taken in hand is his to close. */
  async #close(uid: string, at: number): Promise<void> {
    const [found] = await this.#clickhouse.query(acts, { uid });
    if ((found?.acts ?? 0) > 0) return;
    const row = [deterministicUid('alert_action', uid, 'over'), uid, 'resolved', 'keyward', at, 'It ended by itself.'];
    await this.#clickhouse.insert('alert_actions', ['uid', 'alert_uid', 'status', 'author', 'at', 'note'], [row]);
  }
}
