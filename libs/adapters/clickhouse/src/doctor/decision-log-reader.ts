import { Effect } from '@keyward/response';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

const chains = defineQuery({
  name: 'doctor.chains',
  sql: 'SELECT DISTINCT chain FROM effects ORDER BY chain',
  params: z.object({}),
  row: z.object({ chain: z.string() }),
});
/** Columns that nothing was changed in on the way in: what people see must be what the hash is over. */
const rows = defineQuery({
  name: 'doctor.chain',
  sql: `SELECT seq, hash, prev_hash AS prevHash, uid, toUnixTimestamp64Milli(at) AS at, state, mode, alert_uid AS alertUid,
               grant_uid AS grantUid, effect
        FROM effects FINAL WHERE chain = {chain:String} ORDER BY effects.chain, effects.seq, effects.hash`,
  params: z.object({ chain: z.string() }),
  row: z.object({
    seq: z.number(),
    hash: z.string(),
    prevHash: z.string(),
    uid: z.string(),
    at: z.number(),
    state: z.string(),
    mode: z.string(),
    alertUid: z.string(),
    grantUid: z.string(),
    effect: z.string(),
  }),
});
const COLUMNS = ['seq', 'hash', 'prevHash', 'uid', 'at', 'state', 'mode', 'alertUid', 'grantUid'] as const;

/** One row of the log as it stands in the table. */
export type StoredLink =
  | { readonly seq: number; readonly effect: Effect; readonly differs: string | undefined }
  | { readonly seq: number; readonly effect: undefined };

/** The decision log as `keyward doctor` reads it: whole, by chain, streamed. */
export class DecisionLogReader {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** Names of all chains. @throws UnavailableError */
  async chains(): Promise<readonly string[]> {
    return (await this.#clickhouse.query(chains, {})).map(({ chain }) => chain);
  }

  /**
   * All links of a chain in order, a block at a time; two links at one place (which must not be) both come.
   * `differs` names a column that says something else than the link itself; `effect` is missing when it is no link any more.
   * @throws UnavailableError
   */
  async *links(chain: string): AsyncGenerator<readonly StoredLink[]> {
    for await (const block of this.#clickhouse.stream(rows, { chain })) {
      yield block.map(({ effect: text, ...columns }): StoredLink => {
        const effect = effectIn(text);
        if (!effect) return { seq: columns.seq, effect: undefined };
        return { seq: columns.seq, effect, differs: COLUMNS.find((name) => columns[name] !== effect[name]) };
      });
    }
  }
}

function effectIn(text: string): Effect | undefined {
  try {
    return Effect.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
