import type { Finding } from '@keyward/detections';
import type { AssessedEvent, AssessmentStore } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { insertRows } from '../rows.js';
import { grants, type VersionedGrant } from './case-tables.js';
import { accessEvents, findings } from './event-tables.js';

export class ClickHouseAssessmentStore implements AssessmentStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  insertEvents(rows: readonly AssessedEvent[]): Promise<void> {
    return this.#clickhouse.insertBinary(accessEvents, rows);
  }
  insertFindings(rows: readonly Finding[]): Promise<void> {
    return insertRows(this.#clickhouse, findings, rows);
  }
  upsertGrants(rows: readonly VersionedGrant[]): Promise<void> {
    return insertRows(this.#clickhouse, grants, rows);
  }
}
