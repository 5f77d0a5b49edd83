import { InvalidInputError } from '@keyward/runtime';
import { z } from 'zod';
import { createClickHouse, type ClickHouse, type ConnectionConfig } from '../client.js';
import { defineQuery } from '../query.js';

/** What ASSESS writes, and a rebuild makes anew. */
const TABLES = ['access_events', 'ledger_entries', 'verdict_entries', 'snapshots', 'ledgers', 'grants', 'findings'] as const;
/** What is put in the place of what is stored: all but what the line has told, and what RESPOND writes too. */
const REPLACED = ['ledger_entries', 'access_events', 'snapshots', 'ledgers'] as const;

const eventDays = defineQuery({
  name: 'rebuild.event_days',
  sql: 'SELECT DISTINCT toUInt32(toDate(time)) AS day FROM access_events ORDER BY day',
  params: z.object({}),
  row: z.object({ day: z.number() }),
});
const tableIds = defineQuery({
  name: 'rebuild.table_ids',
  sql: 'SELECT name, toString(uuid) AS uuid FROM system.tables WHERE database = currentDatabase()',
  params: z.object({}),
  row: z.object({ name: z.string(), uuid: z.string() }),
});
const stamp = defineQuery({
  name: 'rebuild.stamp',
  sql: `SELECT toString(tuple((SELECT (count(), max(stored_at)) FROM ledger_entries), (SELECT (count(), max(stored_at)) FROM access_events))) AS stamp`,
  params: z.object({}),
  row: z.object({ stamp: z.string() }),
});

const room = defineQuery({
  name: 'rebuild.room',
  sql: `SELECT (SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)}) AS used,
               (SELECT min(unreserved_space) FROM system.disks WHERE name IN
                  (SELECT disk_name FROM system.parts WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)})) AS free`,
  params: z.object({ tables: z.array(z.string()) }),
  row: z.object({ used: z.number(), free: z.number() }),
});
/** Parts are merged while they are written, which takes some more for a time. */
const SPARE = 1.3;

/**
 * The database beside the stored one that a rebuild writes to: tables of the same names and settings, so that the line's own stores fill them.
 * Needs room for as much again as `access_events`, and while the tables are put in place for twice as much.
 */
export class RebuiltDatabase {
  readonly #stored: ClickHouse;
  readonly #own: string;
  readonly clickhouse: ClickHouse;

  constructor(stored: ClickHouse, config: ConnectionConfig) {
    this.#stored = stored;
    this.#own = `${config.CLICKHOUSE_DATABASE}_rebuild`;
    this.clickhouse = createClickHouse({ ...config, CLICKHOUSE_DATABASE: this.#own });
  }

  /** Its name, for queries that look at both. */
  get name(): string {
    return this.#own;
  }

  /**
   * Empty tables; what an earlier rebuild left is dropped.
   *
   * @param copies of what is stored that will be made @throws InvalidInputError `rebuild.room` when the disk can't hold them
   */
  async create(copies = 1): Promise<void> {
    await this.drop();
    const [found] = await this.#stored.query(room, { tables: [...TABLES] });
    const needed = (found?.used ?? 0) * copies * SPARE;
    if (found && found.used > 0 && needed > found.free) {
      throw new InvalidInputError(
        'rebuild.room',
        `A rebuild takes some ${gigabytes(needed)} in ClickHouse until it ends, and ${gigabytes(found.free)} are free. Nothing was changed.`,
      );
    }
    await this.#run(`CREATE DATABASE ${this.#own}`);
    for (const table of TABLES) await this.#run(`CREATE TABLE ${this.#own}.${table} AS ${this.#stored.database}.${table}`);
  }

  async drop(): Promise<void> {
    await this.#run(`DROP DATABASE IF EXISTS ${this.#own} SYNC`);
  }

  async close(): Promise<void> {
    await this.clickhouse.close();
  }

  /** Changes with everything that ASSESS stores. */
  async stamp(): Promise<string> {
    return (await this.#stored.query(stamp, {}))[0]?.stamp ?? '';
  }

  /**
   * Makes what was rebuilt ready to take the place of what is stored: rows keep the age that retention counts, ledgers get their places on the bus
   * back, and what no history is kept of stays as it is. Changes nothing that is stored.
   */
  async prepare(onDay?: (done: number, days: number) => void): Promise<void> {
    const [from, own] = [this.#stored.database, this.#own];
    for (const table of REPLACED) await this.#run(`CREATE TABLE ${own}.next_${table} AS ${from}.${table}`);
    const days = await this.#stored.query(eventDays, {});
    for (const [index, { day }] of days.entries()) {
      onDay?.(index, days.length);
      const ofDay = `toDate(time) = toDate(${day})`;
      await this.#run(`INSERT INTO ${own}.next_access_events SELECT made.* REPLACE (kept.stored_at AS stored_at)
        FROM (SELECT * FROM ${own}.access_events FINAL WHERE ${ofDay}) AS made
        ANY INNER JOIN (SELECT uid, stored_at FROM ${from}.access_events FINAL WHERE ${ofDay}) AS kept ON made.uid = kept.uid`);
      await this.#run(`INSERT INTO ${own}.next_access_events SELECT * FROM ${from}.access_events FINAL
        WHERE ${ofDay} AND uid NOT IN (SELECT uid FROM ${own}.access_events WHERE ${ofDay})`);
    }
    // Places of the bus are known by what ledger and event they are of; an entry that was never noted has none, and stands before those that have.
    await this.#run(`INSERT INTO ${own}.next_ledger_entries
      SELECT made.* REPLACE (kept.partition AS partition, kept.place AS through_offset, kept.rest AS through_place,
                             if(kept.at = toDateTime64(0, 3, 'UTC'), made.stored_at, kept.at) AS stored_at)
      FROM (SELECT * FROM ${own}.ledger_entries FINAL) AS made
      ANY LEFT JOIN (
        SELECT ledger, event_uid, argMax(partition, number) AS partition, argMax(through_offset, number) AS place,
               argMax(through_place, number) AS rest, argMax(stored_at, number) AS at
        FROM ${from}.ledger_entries FINAL GROUP BY ledger, event_uid) AS kept
      ON made.ledger = kept.ledger AND made.event_uid = kept.event_uid
      SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 500000000, max_partitions_per_insert_block = 0`);
    await this.#run(`INSERT INTO ${own}.next_ledgers (stage, id, partition, through_offset, through_place, state)
      SELECT 'assess', made.id, taken.partition, taken.place, taken.rest, made.state
      FROM (SELECT id, state FROM ${own}.ledgers FINAL WHERE stage = 'assess') AS made
      ANY INNER JOIN (
        SELECT ledger, argMax(partition, number) AS partition, argMax(through_offset, number) AS place, argMax(through_place, number) AS rest
        FROM ${own}.next_ledger_entries GROUP BY ledger) AS taken ON made.id = taken.ledger
      SETTINGS join_algorithm = 'grace_hash', max_bytes_in_join = 500000000`);
    await this.#run(`INSERT INTO ${own}.next_ledgers SELECT * FROM ${from}.ledgers FINAL
      WHERE stage != 'assess' OR id NOT IN (SELECT id FROM ${own}.ledgers WHERE stage = 'assess')`);
    await this.#run(`INSERT INTO ${own}.next_snapshots SELECT * FROM ${own}.snapshots`);
    await this.#run(`CREATE TABLE ${own}.targets (name String, uuid String) ENGINE = MergeTree ORDER BY name`);
    const made = await this.clickhouse.query(tableIds, {});
    await this.clickhouse.insert(
      'targets',
      ['name', 'uuid'],
      REPLACED.map((table) => [table, made.find(({ name }) => name === `next_${table}`)?.uuid ?? '']),
    );
  }

  /**
   * Puts the prepared tables in the place of the stored ones, each in one step; grants, which RESPOND writes too, are added where theirs are not
   * newer. Safe to repeat after a crash: what is in its place already stays there.
   */
  async replace(): Promise<void> {
    const [from, own] = [this.#stored.database, this.#own];
    const wanted = await this.clickhouse.query({ ...tableIds, name: 'rebuild.targets', sql: 'SELECT name, uuid FROM targets' }, {});
    for (const table of REPLACED) {
      const inPlace = (await this.#stored.query(tableIds, {})).find(({ name }) => name === table)?.uuid;
      if (inPlace !== wanted.find(({ name }) => name === table)?.uuid) {
        await this.#run(`EXCHANGE TABLES ${own}.next_${table} AND ${from}.${table}`);
      }
    }
    await this.#run(`INSERT INTO ${from}.grants SELECT * FROM ${own}.grants FINAL`);
  }

  #run(sql: string): Promise<void> {
    return this.#stored.command('rebuild', sql);
  }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
