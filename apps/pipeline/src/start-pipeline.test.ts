import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseConfig, createClickHouse, type ClickHouse } from '@keyward/adapter-clickhouse';
import { createLocalBus } from '@keyward/adapter-kafka';
import { OutboundConfig } from '@keyward/outbound';
import { Metrics, loadConfig, silentLogger, type MessageBus } from '@keyward/runtime';
import { HttpListener } from '@keyward/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WorkerConfig } from './config.js';
import { startPipeline, type RunningPipeline } from './start-pipeline.js';

/** Speaks just enough of ClickHouse's HTTP interface to be an empty store, or one that is away. */
let isAway = false;
const store = new HttpListener(() =>
  isAway ? { status: 503, body: 'Code: 210. DB::NetException: Connection refused. (NETWORK_ERROR)' } : { status: 200, body: '' },
);
const folder = mkdtempSync(join(tmpdir(), 'keyward-pipeline-'));
let clickhouse: ClickHouse;
let running: RunningPipeline | undefined;

beforeAll(async () => {
  await store.start();
  clickhouse = createClickHouse(loadConfig(ClickHouseConfig, { CLICKHOUSE_URL: store.origin }));
});
afterEach(async () => {
  isAway = false;
  await running?.stop();
  running = undefined;
});
afterAll(async () => {
  await clickhouse.close();
  await store.stop();
  rmSync(folder, { recursive: true });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
async function start(env: Readonly<Record<string, string>> = {}): Promise<{ bus: MessageBus; pipeline: RunningPipeline }> {
  const metrics = new Metrics();
  const bus = createLocalBus({ logger: silentLogger, metrics, partitions: 1 });
  const config = loadConfig(WorkerConfig.extend(OutboundConfig.shape), { KEYWARD_WORKER_PORT: '0', KEYWARD_LOG_LEVEL: 'silent', ...env });
  running = await startPipeline({ config, bus, clickhouse, logger: silentLogger, metrics });
  return { bus, pipeline: running };
}
const get = async (path: string): Promise<{ status: number; body: string }> => {
  const answer = await fetch(`${running?.url ?? ''}${path}`);
  return { status: answer.status, body: await answer.text() };
};

describe('health of the worker', () => {
  it('is alive and ready, and counts what each stage has not yet read', async () => {
    await start();
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"bus":"ok","store":"ok"}' });
    expect((await get('/metrics')).body).toContain('keyward_line_lag_records{stage="respond"} 0');
  });

  it('is alive but not ready while the store is away, and ready again afterwards', async () => {
    await start();
    isAway = true;
    expect((await get('/healthz')).status).toBe(200);
    const { status, body } = await get('/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toMatchObject({ bus: 'ok', store: 'unavailable' });
    isAway = false;
    expect((await get('/readyz')).status).toBe(200);
  });

  it('ends in order when it is told to', async () => {
    const { pipeline } = await start();
    await pipeline.stop();
    running = undefined;
    await expect(pipeline.ended).resolves.toBeUndefined();
    await expect(fetch(`${pipeline.url}/healthz`)).rejects.toThrow();
  });
});

describe('collecting', () => {
  const collectors = (text: string): string => file('collectors.yaml', `version: 1\ncollectors:\n${text}`);

  it('brings what the collectors file names to the topics of its sources', async () => {
    writeFileSync(join(folder, 'auth.log'), 'one\ntwo\n');
    const path = collectors(
      `  - { name: auth, kind: tail, settings: { source: linux, paths: ['${join(folder, 'auth.log')}'], everyMs: 50 } }\n`,
    );
    const { bus } = await start({ KEYWARD_COLLECTORS_FILE: path, ROLES: 'collect' });
    const records = async (): Promise<number> => (await bus.lagOf('nobody', ['access.raw.linux'])).get('access.raw.linux') ?? 0;
    await expect.poll(records).toBe(2);
    expect((await get('/metrics')).body).toContain('keyward_collector_up{collector="auth"} 1');
  });

  it('never happens on a worker without the role, which does not even read the file', async () => {
    await start({ KEYWARD_COLLECTORS_FILE: join(folder, 'none.yaml'), ROLES: 'ingest' });
    expect((await get('/metrics')).body).not.toContain('keyward_collector_up');
  });

  it('does not start with a file that can not be used: each mistake with file, line and field', async () => {
    const path = collectors('  - { name: auth, kind: tail, settings: { source: linux, paths: [auth.log] } }\n');
    await expect(start({ KEYWARD_COLLECTORS_FILE: path })).rejects.toThrow(
      `${path}:3: collectors.0.settings.paths.0: must be an absolute path`,
    );
  });
});

describe('what a worker does not start with', () => {
  it('a policy file that is not there, by its name', async () => {
    await expect(start({ KEYWARD_POLICY_FILE: join(folder, 'none.yaml') })).rejects.toThrow(
      /KEYWARD_POLICY_FILE: .*none\.yaml can't be read/,
    );
  });

  it('a policy with mistakes: each with file, line and path', async () => {
    const path = file(
      'policy.yaml',
      'version: 1\nrules:\n  - id: contain\n    mode: shoot\nsinks:\n  - id: siem\n    product: webhook\n    minSeverity: loud\n',
    );
    const error: unknown = await start({ KEYWARD_POLICY_FILE: path }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'policy.invalid', disposition: 'reject' });
    expect(String(error)).toContain(`${path}:4: rules.0.mode: `);
    expect(String(error)).toContain(`${path}:8: sinks.0.minSeverity: `);
  });

  it.each([
    ['connector', 'connectors', '{ id: c, product: abacus, grants: ["*"] }'],
    ['sink', 'sinks', '{ id: s, product: pigeon }'],
  ])('a %s of a product that there is not: what there is, is said', async (kind, section, entry) => {
    const path = file('unknown.yaml', `version: 1\n${section}:\n  - ${entry}\n`);
    const error: unknown = await start({ KEYWARD_POLICY_FILE: path }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'policy.unknown_product' });
    expect(String(error)).toMatch(new RegExp(`the ${kind} (abacus|pigeon); there are: .*webhook`));
  });

  it.each([
    ['- a list', 'expected a mapping'],
    ['no_such_detection: {}', 'no_such_detection'],
    ['impossible_travel: { minDistanceKm: far }', 'impossible_travel.minDistanceKm'],
    ['impossible_travel: [', 'KEYWARD_DETECTIONS_FILE'],
  ])('parameters of detections like %j', async (text, said) => {
    const error: unknown = await start({ KEYWARD_DETECTIONS_FILE: file('detections.yaml', text) }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'detections.invalid' });
    expect(String(error)).toContain('KEYWARD_DETECTIONS_FILE');
    expect(String(error)).toContain(said);
  });

  it('a file of parameters that is not there; an empty one has none', async () => {
    const error: unknown = await start({ KEYWARD_DETECTIONS_FILE: join(folder, 'none.yaml') }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'detections.missing', disposition: 'reject' });
    await start({ KEYWARD_DETECTIONS_FILE: file('empty.yaml', '# nothing changed\n') });
    expect((await get('/healthz')).status).toBe(200);
  });

  it('a store that is away', async () => {
    isAway = true;
    await expect(start()).rejects.toMatchObject({ disposition: 'retry' });
  });

  it('a port that somebody else has, and leaves nothing running', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    await expect(start({ KEYWARD_WORKER_PORT: port })).rejects.toThrow(/EADDRINUSE/);
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(before);
    await new Promise((resolve) => other.close(resolve));
  });
});
