import type { Alert } from '@keyward/alerts';
import type { AlertStore, EntityRisk } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { insertRows } from '../rows.js';
import { alerts, entityRisk } from './case-tables.js';

export class ClickHouseAlertStore implements AlertStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  upsertAlerts(rows: readonly Alert[]): Promise<void> {
    return insertRows(this.#clickhouse, alerts, rows);
  }
  upsertRisk(rows: readonly EntityRisk[]): Promise<void> {
    return insertRows(this.#clickhouse, entityRisk, rows);
  }
}
