import type { Decision } from '@keyward/response';
import type { ClickHouse } from '../client.js';
import { insertRows } from '../rows.js';
import { decisions } from '../stores/case-tables.js';

/** What people decided. RESPOND gets it over the bus; here it stays for everybody to read. @throws UnavailableError */
export class DecisionStore {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  append(decision: Decision): Promise<void> {
    return insertRows(this.#clickhouse, decisions, [decision]);
  }
}
