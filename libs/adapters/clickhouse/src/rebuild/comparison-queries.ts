import { z } from 'zod';
import { defineQuery } from '../query.js';
import { HASHES } from './content-hash.js';

/** `db`: the database that was rebuilt; `cut`: rows stored later came while it was, and are left out. */
const Sides = z.object({ db: z.string(), cut: z.number().int() });
const CUT = 'fromUnixTimestamp64Milli({cut:Int64})';
const made = (table: string): string => `{db:Identifier}.${table}`;

export const now = defineQuery({
  name: 'rebuild.now',
  sql: 'SELECT toUnixTimestamp64Milli(now64(3)) AS now',
  params: z.object({}),
  row: z.object({ now: z.number() }),
});

/** Only where some came meanwhile; the list is empty where no worker runs. */
const events = (table: string): string =>
  `(SELECT *, ${HASHES.assessment} AS content FROM ${table} FINAL WHERE uid NOT IN (SELECT uid FROM access_events WHERE stored_at > ${CUT}))`;

export const assessmentDays = defineQuery({
  name: 'rebuild.assessment_days',
  sql: `SELECT day, toUInt32(sum(isStored)) AS storedRows, toUInt32(sum(1 - isStored)) AS madeRows,
               lower(leftPad(hex(groupBitXorIf(content, isStored = 1)), 32, '0')) AS storedHash,
               lower(leftPad(hex(groupBitXorIf(content, isStored = 0)), 32, '0')) AS madeHash
        FROM (SELECT toUInt32(toDate(time)) AS day, content, 1 AS isStored FROM ${events('access_events')}
              UNION ALL SELECT toUInt32(toDate(time)) AS day, content, 0 AS isStored FROM ${events(made('access_events'))})
        GROUP BY day ORDER BY day`,
  params: Sides,
  row: z.object({ day: z.number(), storedRows: z.number(), madeRows: z.number(), storedHash: z.string(), madeHash: z.string() }),
});

const onDay = (table: string): string =>
  `(SELECT uid, identity, source, code, toUnixTimestamp64Milli(access_events.time) AS at, score, p, terms, content
    FROM ${events(table)} AS access_events WHERE toDate(access_events.time) = toDate({day:UInt16}))`;
/** Rows of one day that are not the same, earliest first: what is wrong first is often why others are. */
export const unlikeAssessments = defineQuery({
  name: 'rebuild.unlike_assessments',
  sql: `SELECT count() OVER () AS unlike, if(stored.uid = '', again.uid, stored.uid) AS uid, if(stored.uid = '', again.identity, stored.identity) AS identity,
               if(stored.uid = '', again.at, stored.at) AS at, if(stored.uid = '', again.source, stored.source) AS source,
               if(stored.uid = '', again.code, stored.code) AS code, stored.uid != '' AS isStored, again.uid != '' AS isMade,
               stored.identity AS storedIdentity, again.identity AS madeIdentity, stored.score AS storedScore, again.score AS madeScore,
               stored.terms AS storedTerms, again.terms AS madeTerms
        FROM ${onDay('access_events')} AS stored FULL OUTER JOIN ${onDay(made('access_events'))} AS again ON stored.uid = again.uid
        WHERE stored.content != again.content
        ORDER BY at, uid LIMIT {limit:UInt16}
        SETTINGS join_use_nulls = 0`,
  params: Sides.extend({ day: z.number().int(), limit: z.number().int() }),
  row: z.object({
    unlike: z.number(),
    uid: z.string(),
    identity: z.string(),
    at: z.number(),
    source: z.string(),
    code: z.string(),
    isStored: z.union([z.boolean(), z.number()]).transform(Boolean),
    isMade: z.union([z.boolean(), z.number()]).transform(Boolean),
    storedIdentity: z.string(),
    madeIdentity: z.string(),
    storedScore: z.number(),
    madeScore: z.number(),
    storedTerms: z.string(),
    madeTerms: z.string(),
  }),
});
export type UnlikeAssessment = z.output<typeof unlikeAssessments.row>;

/** What is compared as one row with its key. Left out is what came meanwhile, and what has another version on the other side: it stands elsewhere in its history. */
function compared(name: string, stored: string, again: string) {
  return defineQuery({
    name,
    sql: `SELECT countIf(isStored AND NOT isSkipped) AS storedRows, countIf(isMade AND NOT isSkipped) AS madeRows,
                 countIf(storedContent != madeContent AND NOT isSkipped) AS unlike, countIf(isSkipped) AS skipped,
                 lower(leftPad(hex(groupBitXorIf(storedContent, NOT isSkipped)), 32, '0')) AS storedHash,
                 lower(leftPad(hex(groupBitXorIf(madeContent, NOT isSkipped)), 32, '0')) AS madeHash,
                 arraySlice(arraySort(groupArrayIf(key, storedContent != madeContent AND NOT isSkipped)), 1, 5) AS examples
          FROM (SELECT key, maxIf(content, side = 'stored') AS storedContent, maxIf(content, side = 'made') AS madeContent,
                       countIf(side = 'stored') > 0 AS isStored, countIf(side = 'made') > 0 AS isMade,
                       max(isLater) = 1 OR uniqExact(version) > 1 AS isSkipped
                FROM (SELECT *, 'stored' AS side FROM ${stored} UNION ALL SELECT *, 'made' AS side FROM ${again}) GROUP BY key)`,
    params: Sides,
    row: z.object({
      storedRows: z.number(),
      madeRows: z.number(),
      unlike: z.number(),
      skipped: z.number(),
      storedHash: z.string(),
      madeHash: z.string(),
      examples: z.array(z.string()),
    }),
  });
}

const select = (table: string, key: string, content: string, version: string, isLater: string, where = '1'): string =>
  `(SELECT ${key} AS key, ${content} AS content, toUInt64(${version}) AS version, toUInt8(${isLater}) AS isLater FROM ${table} FINAL WHERE ${where})`;
const later = `stored_at > ${CUT}`;

/** Ledgers that contain as many entries: one that was saved before a crash contains fewer, and gets the others from the bus. */
const COUNT = `JSONExtractUInt(state, 'n', 1)`;
export const ledgers = compared(
  'rebuild.ledgers',
  select('ledgers', 'id', HASHES.ledger, COUNT, later, `stage = 'assess' AND id IN (SELECT ledger FROM ledger_entries)`),
  select(made('ledgers'), 'id', HASHES.ledger, COUNT, '0', `stage = 'assess'`),
);
/** RESPOND writes newer states of its own. */
export const grants = compared(
  'rebuild.grants',
  select('grants', 'uid', HASHES.grant, 'version', later),
  select(made('grants'), 'uid', HASHES.grant, 'version', '0'),
);
export const findings = compared(
  'rebuild.findings',
  select('findings', 'uid', HASHES.finding, '0', later),
  select(made('findings'), 'uid', HASHES.finding, '0', '0'),
);

const snapshotsOf = (table: string, isLater: string): string =>
  `(SELECT toString(toDate(day)) AS key, ${HASHES.snapshot} AS content, toUInt64(0) AS version, toUInt8(${isLater}) AS isLater
    FROM (SELECT day, argMin(id, (stored_at, id)) AS firstId, min(stored_at) AS firstAt FROM ${table} GROUP BY day))`;
/** The first one stored for a day is the one that was used. */
export const snapshots = compared('rebuild.snapshots', snapshotsOf('snapshots', `firstAt > ${CUT}`), snapshotsOf(made('snapshots'), '0'));
