import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeTerms } from '@keyward/adapter-clickhouse';
import { main } from '@keyward/cli';
import { DAY_MS } from '@keyward/events';
import { makeDemo } from '@keyward/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, kafkaAvailable, produce, startLine, type RunningLine } from './harness.js';

const START = Date.parse('2026-01-05T00:00:00Z');
/** Long enough for learned habits, snapshots of two weekends and stories. */
const DAYS = 12;

interface AssessmentLine {
  readonly eventId: string;
  readonly identity: string;
  readonly score: number;
  readonly p: number;
  readonly terms: unknown;
  readonly snapshot: string;
}
type Scored = Record<string, unknown> & { uid: string; identity: string; score: number; p: number; terms: string; snapshot: string };

describe.skipIf(!kafkaAvailable())('the offline replay and the line (needs Apache Kafka)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-replay-'));
  let servers: Servers;
  let line: RunningLine;
  let offline: Map<string, AssessmentLine>;
  let online: Map<string, Scored>;
  const linesOf = (name: string): unknown[] =>
    readFileSync(join(folder, 'result', name), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text): unknown => JSON.parse(text));

  beforeAll(async () => {
    servers = await Servers.start();
    const demo = makeDemo(START);
    const records = [...demo.records()].filter(({ time }) => time < START + DAYS * DAY_MS);
    expect(await main(['node', 'keyward', 'demo', '--out', folder, '--start', new Date(START).toISOString().slice(0, 10)])).toBe(0);
    const sources = [...new Set(records.map(({ source }) => source))];
    for (const source of sources) {
      const own = records.filter((record) => record.source === source).map(({ record }) => JSON.stringify(record));
      writeFileSync(join(folder, `${source}.ndjson`), `${own.join('\n')}\n`);
    }
    const inputs = sources.flatMap((source) => ['--input', `${source}=${join(folder, `${source}.ndjson`)}`]);
    const out = join(folder, 'result');
    expect(await main(['node', 'keyward', 'replay', ...inputs, '--context', join(folder, 'context'), '--out', out])).toBe(0);
    offline = new Map((linesOf('assessments.ndjson') as AssessmentLine[]).map((one) => [one.eventId, one]));

    // Everything is on the broker before the worker begins: a backlog is worked through in event time.
    const before = await startLine(servers, { env: { ROLES: 'alert' } });
    await before.stop();
    await produce(await servers.plainProducer(), records);
    line = await startLine(servers, { organisation: demo.organisation });
    await line.ground.settled(150_000);
    const rows = await line.ground.rows<Scored>('SELECT uid, identity, score, p, terms, snapshot FROM access_events FINAL');
    online = new Map(rows.map((row) => [row.uid, row]));
  }, 300_000);
  afterAll(async () => {
    await line.stop();
    await servers.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('score the same events', () => {
    expect(offline.size).toBeGreaterThan(5_000);
    expect([...online.keys()].toSorted()).toEqual([...offline.keys()].toSorted());
  });

  it('give each event the same identity, score, p and terms, from the same snapshots', () => {
    const unlike = [...offline.values()].flatMap((one) => {
      const row = online.get(one.eventId);
      const theirs: Record<string, unknown> = { ...row, terms: decodeTerms(row?.terms ?? '[]') };
      return (['identity', 'score', 'p', 'terms', 'snapshot'] as const)
        .filter((field) => !isDeepStrictEqual(one[field], theirs[field]))
        .map((field) => ({ uid: one.eventId, field, replay: one[field], line: theirs[field] }));
    });
    expect({ unlike: unlike.length, fields: new Set(unlike.map(({ field }) => field)), example: unlike[0] }).toEqual({
      unlike: 0,
      fields: new Set(),
      example: undefined,
    });
  });

  it('raise the same findings and the same alerts', async () => {
    const uids = async (table: string): Promise<string[]> =>
      (await line.ground.rows<{ uid: string }>(`SELECT uid FROM ${table} FINAL ORDER BY uid`)).map(({ uid }) => uid);
    const offlineUids = (name: string): string[] => (linesOf(name) as { uid: string }[]).map(({ uid }) => uid).toSorted();
    expect(await uids('findings')).toEqual(offlineUids('findings.ndjson'));
    expect(await uids('alerts')).toEqual(offlineUids('alerts.ndjson'));
  });
});
