import type { DayStore } from '@keyward/stages';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, type TableOf } from '../rows.js';

const newest = defineQuery({
  name: 'assess_days.newest',
  sql: 'SELECT partition, max(assess_days.day) AS day FROM assess_days GROUP BY partition',
  params: z.object({}),
  row: z.object({ partition: z.number(), day: z.number() }),
});

const assessDays: TableOf<{ readonly partition: number; readonly day: number }> = {
  name: 'assess_days',
  cells: [
    ['partition', ({ partition }) => partition],
    ['day', ({ day }) => day],
  ],
};

export class ClickHouseDayStore implements DayStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  reached(partitions: readonly number[], day: number): Promise<void> {
    return insertRows(
      this.#clickhouse,
      assessDays,
      partitions.map((partition) => ({ partition, day })),
    );
  }
  async days(): Promise<ReadonlyMap<number, number>> {
    const rows = await this.#clickhouse.query(newest, {});
    return new Map(rows.map(({ partition, day }) => [partition, day]));
  }
}
