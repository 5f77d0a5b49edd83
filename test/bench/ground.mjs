// A real broker, a real store and workers as operators run them, in a directory of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OrganisationStore, openClickHouse } from '@keyward/adapter-clickhouse';
import { GuardedChild, freePort, kafkaObstacle, startEmbeddedClickHouse, startEmbeddedKafka } from '@keyward/adapter-embedded';
import { KafkaConfig, createKafkaBus } from '@keyward/adapter-kafka';
import { TOPICS } from '@keyward/pipeline';
import { Metrics, Secret, loadConfig, rawTopic, silentLogger } from '@keyward/runtime';
import kafkajs from 'kafkajs';
import { until } from './machine.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DATABASE = 'bench';

export class Ground {
  /** @throws Error saying what is missing when no broker can be had */
  static async start() {
    const libDirectory = join(root, '.keyward', 'kafka', 'lib');
    const obstacle = await kafkaObstacle(libDirectory);
    if (obstacle !== undefined) throw new Error(obstacle);
    const ground = new Ground();
    ground.directory = await mkdtemp(join(tmpdir(), 'keyward-bench-'));
    [ground.kafka, ground.store] = await Promise.all([
      startEmbeddedKafka({ directory: join(ground.directory, 'kafka'), libDirectory }),
      startEmbeddedClickHouse({ directory: join(ground.directory, 'clickhouse') }),
    ]);
    ground.workers = [];
    ground.client = new kafkajs.Kafka({ clientId: 'bench', brokers: [...ground.kafka.brokers], logLevel: kafkajs.logLevel.NOTHING });
    return ground;
  }

  /** Topics, tables, the organisation. @param env more of the worker's environment @param policy YAML */
  async prepare(organisation, { policy, env = {} }) {
    const { store, kafka } = this;
    const policyFile = join(this.directory, 'policy.yaml');
    writeFileSync(policyFile, policy);
    this.env = {
      KAFKA_BROKERS: kafka.brokers.join(','),
      CLICKHOUSE_URL: store.url,
      CLICKHOUSE_USER: store.username,
      CLICKHOUSE_PASSWORD: store.password,
      CLICKHOUSE_DATABASE: DATABASE,
      CLICKHOUSE_TIMEOUT_MS: '20000',
      KEYWARD_LOG_LEVEL: 'warn',
      KEYWARD_POLICY_FILE: policyFile,
      ...env,
    };
    const { clickhouse } = await openClickHouse({
      CLICKHOUSE_URL: store.url,
      CLICKHOUSE_USER: store.username,
      CLICKHOUSE_PASSWORD: new Secret(store.password),
      CLICKHOUSE_DATABASE: DATABASE,
      CLICKHOUSE_TIMEOUT_MS: 20_000,
    });
    await new OrganisationStore(clickhouse).save(organisation);
    await clickhouse.close();
    const bus = createKafkaBus({ config: loadConfig(KafkaConfig, this.env), logger: silentLogger, metrics: new Metrics() });
    await bus.ensureTopics(TOPICS);
    await bus.close();
    this.producer = this.client.producer({ allowAutoTopicCreation: false });
    await this.producer.connect();
  }

  /** `node apps/pipeline/dist/main.js`, all roles. @param nodeOptions of node itself */
  async startWorker(nodeOptions = []) {
    const port = await freePort();
    const name = `worker-${this.workers.length + 1}`;
    const worker = new GuardedChild({
      name: 'The worker',
      args: [process.execPath, ...nodeOptions, join(root, 'apps', 'pipeline', 'dist', 'main.js')],
      logFile: join(this.directory, `${name}.log`),
      env: { ...this.env, KEYWARD_INSTANCE: name, KEYWARD_WORKER_PORT: String(port) },
    });
    this.workers.push(worker);
    await worker.ready(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
      await answer.body?.cancel();
      return answer.ok;
    }, 60_000);
    return worker;
  }

  /** Keys as a collector would spread them: an actor's records keep their order. */
  async produce(records) {
    const CHUNK = 1_000;
    for (let from = 0; from < records.length; from += CHUNK) {
      const byTopic = new Map();
      for (const { source, record } of records.slice(from, from + CHUNK)) {
        const messages = byTopic.get(source) ?? [];
        byTopic.set(source, messages);
        const value = JSON.stringify(record);
        messages.push({ key: actorOf(source, record), value });
      }
      await this.producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([source, messages]) => ({ topic: rawTopic(source), messages })),
      });
    }
  }

  /** A statement over plain HTTP, past every layer of ours. */
  async sql(query, body) {
    const url = new URL(this.store.url);
    url.searchParams.set('database', DATABASE);
    if (body !== undefined) url.searchParams.set('query', query);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-clickhouse-user': this.store.username, 'x-clickhouse-key': this.store.password },
      body: body ?? query,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text.slice(0, 500));
    return text;
  }
  async count(table, where = '1') {
    return Number(await this.sql(`SELECT count() FROM ${table} WHERE ${where}`));
  }

  /** Until no stage has anything left to read. */
  async settled() {
    const admin = this.client.admin();
    await admin.connect();
    const groups = [
      ['keyward-ingest', TOPICS.map(({ name }) => name).filter((name) => name.startsWith('access.raw.'))],
      ['keyward-assess', ['access.events']],
      ['keyward-alert', ['access.findings']],
      ['keyward-respond', ['access.alerts']],
    ];
    const lag = async (group, topics) => {
      let sum = 0;
      const committed = await admin.fetchOffsets({ groupId: group, topics });
      for (const { topic, partitions } of committed) {
        const ends = await admin.fetchTopicOffsets(topic);
        for (const { partition, offset } of partitions) {
          const end = ends.find((one) => one.partition === partition);
          sum += Math.max(0, Number(end?.high ?? 0) - Math.max(Number(offset), Number(end?.low ?? 0)));
        }
      }
      return sum;
    };
    // Every transaction ends with a marker, which takes an offset and is never consumed: a handful a partition may seem to be left.
    await until('the line to be through', async () => {
      for (const [group, topics] of groups) if ((await lag(group, topics)) > 16) return false;
      return true;
    });
    await admin.disconnect();
  }

  async close() {
    await Promise.all(this.workers.map((worker) => worker.stop(20_000)));
    await this.producer?.disconnect();
    await Promise.all([this.kafka.kill(), this.store.kill()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

function actorOf(source, record) {
  if (source === 'okta') return record.actor.alternateId;
  if (source === 'cyberark') return record.syslog.audit_record.Issuer;
  const { userPrincipalName, servicePrincipalName, initiatedBy } = record.properties;
  return userPrincipalName ?? servicePrincipalName ?? initiatedBy?.user?.userPrincipalName ?? 'pim';
}
