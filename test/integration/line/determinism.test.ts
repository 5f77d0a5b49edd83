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
async function rebuild(ground: Ground, ...options: string[]): Promise<Rebuilt> {
  const child = spawn(process.execPath, [BIN, 'rebuild', '--json', ...options], { env: { ...process.env, ...ground.env } });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (texts.out === '') throw new Error(`keyward rebuild ended with ${code}: ${texts.err}`);
  return { ...(JSON.parse(texts.out) as Rebuilt), code };
}

interface After {
  readonly hash: { readonly rows: number; readonly hash: string };
  readonly check: Rebuilt;
}

describe.skipIf(!kafkaAvailable())('the same scores for any number of workers, and for a rebuild (needs Apache Kafka)', () => {
  const records = [...makeDemo(START).records()].filter(({ time }) => time < START + DAYS * DAY_MS);
  const plans: Readonly<Record<string, Plan>> = {
    one: { workers: 1, kills: 0, partitions: PARTITIONS },
    two: { workers: 2, kills: 2, partitions: PARTITIONS },
    //eight: { workers: 8, kills: 2, partitions: PARTITIONS },
  };
  const runs = new Map<string, Run<After>>();
  const theRun = (name: string): Run<After> => runs.get(name) ?? expect.fail(`there was no run ${name}`);

  beforeAll(async () => {
    for (const [name, plan] of Object.entries(plans)) {
      const one = await workThrough(records, START, plan, async (ground) => ({
        hash: await assessmentsHash(ground.clickhouse),
        check: await rebuild(ground, '--check'),
      }));
      runs.set(name, one);
      process.stderr.write(`${name}: ${one.outcome.rows.size} rows, ${one.kills} kills, ${one.seconds} s, ${one.after.hash.hash}\n`);
    }
  }, 900_000);

  it.each(['two', 'eight'])('are the same for one worker and for %s, killed on the way', (name) => {
    const [alone, shared] = [theRun('one'), theRun(name)];
    expect([alone.forced, shared.forced]).toEqual([0, 0]);
    expect(alone.after.hash.rows).toBe(records.length);
    expect(differences(alone.outcome, shared.outcome)).toEqual({});
    expect(shared.after.hash).toEqual(alone.after.hash);
  });

  it.each(Object.keys(plans))('are what a rebuild makes of the history: %s', (name) => {
    const { hash, check } = theRun(name).after;
    expect(check.first).toEqual([]);
    expect(check.tables.map(({ what, unlike, skipped }) => ({ what, unlike, skipped }))).toEqual(
      ['assessments', 'ledgers', 'snapshots', 'grants', 'findings'].map((what) => ({ what, unlike: 0, skipped: 0 })),
    );
    expect(check.tables[0]?.rebuilt.hash).toBe(hash.hash);
    expect([check.outcome, check.code]).toEqual(['equal', 0]);
  });
});
