import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

/*
 * What two runs must agree on, table by table. The hash of a table is the exclusive or of its rows' hashes: order does not matter, and a day's hash is
 * that of its rows alone. Numbers are compared to the sixth digit after the point, so that a machine whose logarithm differs in its last bit agrees.
 */

const digits = (expression: string): string => `toString(round(${expression}, 6))`;
/** Who, how unusual, and each term: what was observed and how much it weighs. The least p there is counts as 690 nats. */
const ASSESSMENT = `(uid, identity, ${digits('score')}, ${digits('-log(greatest(p, 1e-300))')}, stratum,
  arrayMap(term -> (JSONExtractString(term, 1), JSONExtractString(term, 2), ${digits('JSONExtractFloat(term, 3)')}), JSONExtractArrayRaw(terms)),
  arrayMap(reason -> JSONExtractString(reason, 'feature'), JSONExtractArrayRaw(not_evaluated)))`;

/** SQL: 128 bits of one row. */
const rowHash = (content: string): string => `reinterpretAsUInt128(sipHash128(${content}))`;
/** SQL: of all rows of a group, as text of 32 hex digits. */
const hashOf = (hash: string): string => `lower(leftPad(hex(groupBitXor(${hash})), 32, '0'))`;

export const HASHES = {
  assessment: rowHash(ASSESSMENT),
  finding: rowHash('(uid, finding)'),
  grant: rowHash('(uid, grant_json)'),
  ledger: rowHash('(id, state)'),
  snapshot: rowHash('(day, firstId)'),
} as const;

const assessments = defineQuery({
  name: 'rebuild.hash',
  sql: `SELECT count() AS rows, ${hashOf(HASHES.assessment)} AS hash FROM access_events FINAL`,
  params: z.object({}),
  row: z.object({ rows: z.number(), hash: z.string() }),
});

/** Rows of a table and what all of them come to. */
export interface ContentHash {
  readonly rows: number;
  /** 32 hex digits; the same for the same content, whatever order it was written in and by whom. */
  readonly hash: string;
}

/** Over all assessments that are stored. @throws UnavailableError */
export async function assessmentsHash(clickhouse: ClickHouse): Promise<ContentHash> {
  return (await clickhouse.query(assessments, {}))[0] ?? { rows: 0, hash: '' };
}
