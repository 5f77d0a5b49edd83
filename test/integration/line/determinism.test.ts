import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assessmentsHash } from '@keyward/adapter-clickhouse';
import { DAY_MS } from '@keyward/events';
import { makeDemo } from '@keyward/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { kafkaAvailable, type Ground } from './harness.js';
import { differences } from './outcome.js';
import { workThrough, type Plan, type Run } from './work-through.js';

const BIN = join(fileURLToPath(new URL('../../..', import.meta.url)), 'bin', 'keyward.mjs');
const START = Date.parse('2026-01-05T00:00:00Z');
/** Two weekends, learned habits, stories of the demo; some 9,000 records. */
const DAYS = 10;
const PARTITIONS = 8;

interface Rebuilt {
  readonly code: number | null;
  readonly outcome: string;
  readonly seconds: number;
  readonly tables: readonly {
    what: string;
    unlike: number;
    skipped: number;
    stored: { rows: number; hash: string };
    rebuilt: { hash: string };
  }[];
  readonly first: readonly { feature: string }[];
}
/** `keyward rebuild` as an operator runs it. */
async function keyward(
  ground: Ground,
  ...options: string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, [BIN, 'rebuild', ...options], { env: { ...process.env, ...ground.env } });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...texts };
}
async function json(ground: Ground, ...options: string[]): Promise<Rebuilt> {
  const { code, out, err } = await keyward(ground, '--json', ...options);
  if (out === '') throw new Error(`keyward rebuild ended with ${code}: ${err}`);
  return { ...(JSON.parse(out) as Rebuilt), code };
}

interface Looked {
  readonly hash: { readonly rows: number; readonly hash: string };
  readonly rebuilt: Rebuilt;
}
interface LookedBeside extends Looked {
  /** What came of an attempt to write. */
  readonly refused: { readonly code: number | null; readonly err: string };
}
const LOOK = {
  beside: async (ground: Ground): Promise<LookedBeside> => ({
    hash: await assessmentsHash(ground.clickhouse),
    rebuilt: await json(ground, '--check'),
    refused: await keyward(ground, '--write'),
  }),
  after: async (ground: Ground): Promise<Looked> => ({
    hash: await assessmentsHash(ground.clickhouse),
    rebuilt: await json(ground, '--write'),
  }),
};

describe.skipIf(!kafkaAvailable())('the same scores for any number of workers, and for a rebuild (needs Apache Kafka)', () => {
  const records = [...makeDemo(START).records()].filter(({ time }) => time < START + DAYS * DAY_MS);
  const plans: Readonly<Record<string, Plan>> = {
    one: { workers: 1, kills: 0, partitions: PARTITIONS },
    two: { workers: 2, kills: 2, partitions: PARTITIONS },
    eight: { workers: 8, kills: 2, partitions: PARTITIONS },
  };
  const runs = new Map<string, Run<LookedBeside, Looked>>();
  const theRun = (name: string): Run<LookedBeside, Looked> => runs.get(name) ?? expect.fail(`there was no run ${name}`);

  beforeAll(async () => {
    for (const [name, plan] of Object.entries(plans)) {
      const one = await workThrough(records, START, plan, LOOK);
      runs.set(name, one);
      process.stderr.write(
        `${name}: ${one.outcome.rows.size} rows, ${one.kills} kills, ${one.seconds} s, rebuilt in ${one.after.rebuilt.seconds} s, ${one.after.hash.hash}\n`,
      );
    }
  }, 900_000);

  it.each(['two', 'eight'])('are the same for one worker and for %s, killed on the way', (name) => {
    const [alone, shared] = [theRun('one'), theRun(name)];
    expect(shared.sharing).toBe(plans[name]?.workers);
    expect([alone.forced, shared.forced]).toEqual([0, 0]);
    expect(alone.after.hash.rows).toBe(records.length);
    expect(differences(alone.outcome, shared.outcome)).toEqual({});
    expect(shared.after.hash).toEqual(alone.after.hash);
  });

  it.each(Object.keys(plans).flatMap((name) => [[name, 'beside'] as const, [name, 'after'] as const]))(
    'are what a rebuild makes of the history: %s, %s the workers',
    (name, when) => {
      const { hash, rebuilt } = theRun(name)[when];
      expect(rebuilt.first).toEqual([]);
      expect(rebuilt.tables.map(({ what, unlike, skipped }) => ({ what, unlike, skipped }))).toEqual(
        ['assessments', 'ledgers', 'snapshots', 'grants', 'findings'].map((what) => ({ what, unlike: 0, skipped: 0 })),
      );
      expect(rebuilt.tables[0]?.rebuilt.hash).toBe(hash.hash);
      expect([rebuilt.outcome, rebuilt.code]).toEqual(['equal', 0]);
    },
  );

  it.each(Object.keys(plans))('are not written while workers run: %s', (name) => {
    const { refused } = theRun(name).beside;
    expect([refused.code, refused.err]).toEqual([2, expect.stringMatching(/running: stop ASSESS/)]);
  });
});
