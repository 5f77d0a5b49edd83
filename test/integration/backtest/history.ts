import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OrganisationStore, openClickHouse, type ClickHouse, type ConnectionConfig } from '@keyward/adapter-clickhouse';
import type { EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { createLocalBus } from '@keyward/adapter-kafka';
import { Alert } from '@keyward/alerts';
import { makeDemo } from '@keyward/fixtures';
import { OutboundConfig } from '@keyward/outbound';
import { TOPICS, WorkerConfig, startPipeline } from '@keyward/pipeline';
import { Metrics, Secret, loadConfig, rawTopic, silentLogger, type MessageBus } from '@keyward/runtime';
import { z } from 'zod';

/** A Monday in winter. */
export const START = Date.UTC(2026, 0, 5);

/** What the line reads, by group. */
const GROUPS = [
  ['keyward-ingest', TOPICS.map(({ name }) => name).filter((name) => name.startsWith('access.raw.'))],
  ['keyward-assess', ['access.events']],
  ['keyward-alert', ['access.findings']],
] as const;

export interface History {
  readonly clickhouse: ClickHouse;
  readonly config: ConnectionConfig;
  /** How the environment names it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * A database with the demo organisation's thirty days as the line itself makes them of the vendors' records: all stages on the in-process bus.
 *
 * @param detections content of KEYWARD_DETECTIONS_FILE (JSON is YAML)
 */
export async function makeHistory(server: EmbeddedClickHouse, folder: string, detections: unknown = {}): Promise<History> {
  const database = `t_${randomBytes(4).toString('hex')}`;
  const config: ConnectionConfig = {
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_USER: server.username,
    CLICKHOUSE_PASSWORD: new Secret(server.password),
    CLICKHOUSE_DATABASE: database,
    CLICKHOUSE_TIMEOUT_MS: 60_000,
  };
  const { clickhouse } = await openClickHouse(config);
  const demo = makeDemo(START);
  await new OrganisationStore(clickhouse).save(demo.organisation);
  const file = join(folder, `${database}.yaml`);
  writeFileSync(file, JSON.stringify(detections));
  const metrics = new Metrics();
  const bus = createLocalBus({ logger: silentLogger, metrics, partitions: 1 });
  await bus.ensureTopics(TOPICS);
  const records = [...demo.records()].map(({ source, record }) => ({
    topic: rawTopic(source),
    key: source,
    value: JSON.stringify(record),
  }));
  for (let from = 0; from < records.length; from += 2_000) await bus.publisher().publish(records.slice(from, from + 2_000));
  const worker = loadConfig(z.intersection(WorkerConfig, OutboundConfig), {
    KEYWARD_DETECTIONS_FILE: file,
    KEYWARD_WORKER_PORT: '0',
    KEYWARD_INSTANCE: database,
    KEYWARD_LOG_LEVEL: 'silent',
    ROLES: 'ingest,assess,alert',
  });
  const pipeline = await startPipeline({ config: worker, bus, clickhouse, logger: silentLogger, metrics });
  try {
    await settled(bus);
  } finally {
    await pipeline.stop();
    await bus.close();
  }
  const env = {
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_USER: server.username,
    CLICKHOUSE_PASSWORD: server.password,
    CLICKHOUSE_DATABASE: database,
  };
  return { clickhouse, config, env };
}

/** Nothing left to read, and it stays so: a stage that has read may still publish. */
async function settled(bus: MessageBus): Promise<void> {
  for (let quiet = 0; quiet < 3;) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    let lag = 0;
    for (const [group, topics] of GROUPS) for (const [, records] of await bus.lagOf(group, topics)) lag += records;
    quiet = lag === 0 ? quiet + 1 : 0;
  }
}

/** The newest version of each stored alert, by uid. */
export async function storedAlerts({ clickhouse }: History): Promise<ReadonlyMap<string, Alert>> {
  const rows = await clickhouse.query(
    {
      name: 'test',
      sql: 'SELECT alert FROM alerts FINAL ORDER BY first_time, uid',
      params: z.object({}),
      row: z.object({ alert: z.string().transform((text) => Alert.parse(JSON.parse(text))) }),
    },
    {},
  );
  return new Map(rows.map(({ alert }) => [alert.uid, alert]));
}
