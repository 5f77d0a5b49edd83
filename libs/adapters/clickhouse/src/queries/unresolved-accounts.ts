import { z } from 'zod';
import type { UnresolvedAccounts, UnresolvedQuery } from '@keyward/contract';
import { DAY_MS, isoInstant } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { OrganisationSource } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { at, ms } from './sql.js';

/** Accounts by the identity that INGEST gave them: `<system>:<name>` and `<name>@<host>` of those it knew nobody for. */
const seen = defineQuery({
  name: 'organisation.seen_accounts',
  sql: `SELECT actor_system AS system, lower(actor_name) AS name, any(actor_id) AS id, count() AS events, ${ms('max(time)')} AS lastSeen
FROM access_events WHERE time > ${at('since')} AND actor_system != '' AND ({system:String} = '' OR actor_system = {system:String})
GROUP BY system, name ORDER BY events DESC, system, name`,
  params: z.object({ since: z.number(), system: z.string() }),
  row: z.object({ system: z.string(), name: z.string(), id: z.string(), events: z.number(), lastSeen: z.number() }),
});

const MOST = 200;

/** Accounts that events named and the organisation, as it is now, does not know. @throws UnavailableError */
export class UnresolvedAccountQueries {
  readonly #clickhouse: ClickHouse;
  readonly #organisation: OrganisationSource;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, organisation: OrganisationSource, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#organisation = organisation;
    this.#clock = clock;
  }

  async find({ days, system = '' }: UnresolvedQuery): Promise<UnresolvedAccounts> {
    const rows = await this.#clickhouse.query(seen, { since: this.#clock.now() - days * DAY_MS, system });
    const { organisation } = this.#organisation.current();
    const unknown = rows.filter((row) => {
      const identity = organisation.resolve({ system: row.system, name: row.name, ...(row.id === '' ? {} : { id: row.id }) });
      return !organisation.identity(identity) && !organisation.managedAccount(row.name);
    });
    const bySystem = new Map<string, { accounts: number; events: number }>();
    for (const row of unknown) {
      const counts = bySystem.get(row.system) ?? { accounts: 0, events: 0 };
      bySystem.set(row.system, { accounts: counts.accounts + 1, events: counts.events + row.events });
    }
    return {
      days,
      accounts: unknown.length,
      events: unknown.reduce((sum, row) => sum + row.events, 0),
      bySystem: [...bySystem]
        .map(([name, counts]) => ({ system: name, ...counts }))
        .toSorted((a, b) => b.accounts - a.accounts || (a.system < b.system ? -1 : 1)),
      items: unknown
        .slice(0, MOST)
        .map(({ system: of, name, events, lastSeen }) => ({ system: of, name, events, lastSeen: isoInstant(lastSeen) })),
    };
  }
}
