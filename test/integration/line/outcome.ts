import { createHash } from 'node:crypto';
import { Alert } from '@keyward/alerts';
import type { Ground } from './harness.js';

/** Everything that a run left in its tables, as text that two runs can be compared by. */
export interface Outcome {
  /** By event uid: identity, score, p, terms, snapshot. */
  readonly rows: ReadonlyMap<string, string>;
  readonly findings: ReadonlyMap<string, string>;
  /** By alert uid: the newest version, whole. */
  readonly alerts: ReadonlyMap<string, string>;
  readonly grants: ReadonlyMap<string, string>;
  readonly digest: string;
}

export async function outcomeOf(ground: Ground): Promise<Outcome> {
  const map = (rows: readonly { uid: string; content: string }[]): ReadonlyMap<string, string> => {
    const found = new Map(rows.map(({ uid, content }) => [uid, content]));
    if (found.size !== rows.length) throw new Error('one uid stands twice in a table');
    return found;
  };
  type Row = { uid: string; content: string };
  const rows = map(
    await ground.rows<Row>(
      `SELECT uid, concat(identity, '|', toString(score), '|', toString(p), '|', terms, '|', not_evaluated, '|', stratum, '|', snapshot) AS content
       FROM access_events FINAL ORDER BY uid`,
    ),
  );
  const findings = map(await ground.rows<Row>('SELECT uid, finding AS content FROM findings FINAL ORDER BY uid'));
  const grants = map(await ground.rows<Row>('SELECT uid, grant_json AS content FROM grants FINAL ORDER BY uid'));
  const alerts = map(
    (await ground.rows<Row>('SELECT uid, alert AS content FROM alerts FINAL ORDER BY uid')).map(({ uid, content }) => ({
      uid,
      content: JSON.stringify(Alert.parse(JSON.parse(content))),
    })),
  );
  const digest = createHash('sha256');
  for (const part of [rows, findings, alerts, grants]) digest.update(JSON.stringify([...part]));
  return { rows, findings, alerts, grants, digest: digest.digest('hex') };
}

/** What differs, for a person: nothing when two runs are the same. */
export function differences(a: Outcome, b: Outcome): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const part of ['rows', 'findings', 'alerts', 'grants'] as const) {
    const uids = new Set([...a[part].keys(), ...b[part].keys()]);
    const unlike = [...uids].filter((uid) => a[part].get(uid) !== b[part].get(uid));
    if (unlike.length === 0) continue;
    const example = unlike[0] ?? '';
    found[part] = {
      first: a[part].size,
      second: b[part].size,
      unlike: unlike.length,
      onlyInFirst: unlike.filter((uid) => !b[part].has(uid)).length,
      onlyInSecond: unlike.filter((uid) => !a[part].has(uid)).length,
      example: { uid: example, first: a[part].get(example)?.slice(0, 600), second: b[part].get(example)?.slice(0, 600) },
    };
  }
  return found;
}
