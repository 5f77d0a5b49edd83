import { z } from 'zod';
import type { FindingView, Term } from '@keyward/contract';
import { Finding } from '@keyward/detections';
import { isoInstant } from '@keyward/events';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import type { Directory } from './directory.js';
import { at } from './sql.js';

const FindingRow = z.object({ finding: z.string().transform((text) => Finding.parse(JSON.parse(text))) });

const byUid = defineQuery({
  name: 'findings.by_uid',
  sql: `SELECT finding FROM findings WHERE uid IN {uids:Array(String)} ORDER BY time DESC, uid LIMIT 1 BY uid LIMIT 500`,
  params: z.object({ uids: z.array(z.string()) }),
  row: FindingRow,
});
const byEvent = defineQuery({
  name: 'findings.by_event',
  sql: `SELECT finding FROM findings WHERE event_uid IN {uids:Array(String)} ORDER BY time DESC, uid LIMIT 1 BY uid LIMIT 500`,
  params: z.object({ uids: z.array(z.string()) }),
  row: FindingRow,
});
const sod = defineQuery({
  name: 'findings.sod',
  sql: `SELECT finding FROM findings WHERE time > ${at('since')} AND kind = 'sod' ORDER BY time DESC, uid LIMIT 1 BY uid LIMIT 200`,
  params: z.object({ since: z.number() }),
  row: FindingRow,
});

const findingsOf = (rows: readonly z.infer<typeof FindingRow>[]): Finding[] => rows.map((row) => row.finding);

/** @returns newest first, at most 500 */
export const findingsByUid = async (clickhouse: ClickHouse, uids: readonly string[]): Promise<Finding[]> =>
  uids.length === 0 ? [] : findingsOf(await clickhouse.query(byUid, { uids: [...uids] }));
export const findingsOfEvents = async (clickhouse: ClickHouse, uids: readonly string[]): Promise<Finding[]> =>
  uids.length === 0 ? [] : findingsOf(await clickhouse.query(byEvent, { uids: [...uids] }));
/** @param since epoch ms @returns newest first, at most 200 */
export const sodFindings = async (clickhouse: ClickHouse, since: number): Promise<Finding[]> =>
  findingsOf(await clickhouse.query(sod, { since }));

/** @param terms of the score of its completing event */
export function findingView(finding: Finding, directory: Directory, terms: readonly Term[]): FindingView {
  const { dedupeKey: _, time, identity, ...rest } = finding;
  return { ...rest, time: isoInstant(time), identity: directory.ref(identity), terms: [...terms] };
}
