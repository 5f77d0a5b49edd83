import type { Term } from '@keyward/baselines';
import { decodeTerms } from '../stored-terms.js';
import type { ClickHouse } from '../client.js';
import * as queries from './comparison-queries.js';
import type { ContentHash } from './content-hash.js';

/** One kind of thing, as stored and as made again. */
export interface Compared {
  readonly what: 'assessments' | 'ledgers' | 'snapshots' | 'grants' | 'findings';
  readonly stored: ContentHash;
  readonly rebuilt: ContentHash;
  /** Rows that are on one side only, or differ. */
  readonly unlike: number;
  /** Rows that can't be compared, since the line has gone on with them, or has to yet. */
  readonly skipped: number;
  /** Keys of some that differ. */
  readonly examples: readonly string[];
}
/** One event that was scored otherwise. */
export interface Difference {
  readonly eventUid: string;
  readonly identity: string;
  /** Event time, epoch ms. */
  readonly time: number;
  readonly source: string;
  readonly code: string;
  /** First feature that differs; `identity`, `score` or `row` where it is none of them. */
  readonly feature: string;
  readonly stored: string;
  readonly rebuilt: string;
}
export interface Comparison {
  readonly isEqual: boolean;
  readonly tables: readonly Compared[];
  /** Earliest first. */
  readonly first: readonly Difference[];
}

/** Compares what is stored with what a rebuild has made, on the server; only what differs is fetched. */
export class RebuildComparison {
  readonly #clickhouse: ClickHouse;
  readonly #sides: { readonly db: string; readonly cut: number };

  private constructor(clickhouse: ClickHouse, sides: { readonly db: string; readonly cut: number }) {
    this.#clickhouse = clickhouse;
    this.#sides = sides;
  }
  /** What is stored from now on is not compared. @param db that the rebuild writes to */
  static async begin(clickhouse: ClickHouse, db: string): Promise<RebuildComparison> {
    const [row] = await clickhouse.query(queries.now, {});
    return new RebuildComparison(clickhouse, { db, cut: row?.now ?? 0 });
  }

  /** @param limit differences that are told in full */
  async result(limit: number): Promise<Comparison> {
    const { assessments, first } = await this.#assessments(limit);
    const tables = [assessments];
    for (const what of ['ledgers', 'snapshots', 'grants', 'findings'] as const) {
      const [row] = await this.#clickhouse.query(queries[what], this.#sides);
      if (!row) continue;
      const { storedRows, madeRows, storedHash, madeHash, ...rest } = row;
      tables.push({ what, stored: { rows: storedRows, hash: storedHash }, rebuilt: { rows: madeRows, hash: madeHash }, ...rest });
    }
    return { isEqual: tables.every(({ unlike }) => unlike === 0), tables, first };
  }

  async #assessments(limit: number): Promise<{ readonly assessments: Compared; readonly first: readonly Difference[] }> {
    const days = await this.#clickhouse.query(queries.assessmentDays, this.#sides);
    const first: Difference[] = [];
    let unlike = 0;
    for (const { day, storedHash, madeHash, storedRows, madeRows } of days) {
      if (storedHash === madeHash && storedRows === madeRows) continue;
      const rows = await this.#clickhouse.query(queries.unlikeAssessments, {
        ...this.#sides,
        day,
        limit: Math.max(1, limit - first.length),
      });
      unlike += rows[0]?.unlike ?? 0;
      for (const row of rows) if (first.length < limit) first.push(differenceOf(row));
    }
    const sum = (rows: 'storedRows' | 'madeRows'): number => days.reduce((all, row) => all + row[rows], 0);
    return {
      first,
      assessments: {
        what: 'assessments',
        stored: { rows: sum('storedRows'), hash: xor(days.map(({ storedHash }) => storedHash)) },
        rebuilt: { rows: sum('madeRows'), hash: xor(days.map(({ madeHash }) => madeHash)) },
        unlike,
        skipped: 0,
        examples: first.map(({ eventUid }) => eventUid),
      },
    };
  }
}

const xor = (hashes: readonly string[]): string =>
  hashes
    .reduce((all, hash) => all ^ BigInt(`0x${hash}`), 0n)
    .toString(16)
    .padStart(32, '0');

function differenceOf(row: queries.UnlikeAssessment): Difference {
  const { uid: eventUid, identity, at: time, source, code } = row;
  const of = (feature: string, stored: string, rebuilt: string): Difference => ({
    ...{ eventUid, identity, time, source, code, feature, stored, rebuilt },
  });
  if (!row.isStored || !row.isMade) return of('row', row.isStored ? 'stored' : 'missing', row.isMade ? 'made' : 'missing');
  if (row.storedIdentity !== row.madeIdentity) return of('identity', row.storedIdentity, row.madeIdentity);
  const [before, after] = [decodeTerms(row.storedTerms), decodeTerms(row.madeTerms)];
  const features = [...new Set([...before, ...after].map(({ feature }) => feature))].sort();
  for (const feature of features) {
    const texts = [before, after].map((terms) => termText(terms.find((term) => term.feature === feature)));
    if (texts[0] !== texts[1]) return of(feature, texts[0] ?? '', texts[1] ?? '');
  }
  return of('score', row.storedScore.toFixed(3), row.madeScore.toFixed(3));
}
const termText = (term: Term | undefined): string => (term ? `${term.observed} (${term.evidence.toFixed(4)} nats)` : 'did not speak');
