import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseConfig, openClickHouse, type ClickHouse } from '@keyward/adapter-clickhouse';
import { fetchKafka, kafkaObstacle, startEmbeddedClickHouse, startEmbeddedKafka } from '@keyward/adapter-embedded';
import { KafkaConfig, createKafkaBus, createLocalBus } from '@keyward/adapter-kafka';
import { Secret, loadConfig, type Logger, type MessageBus, type Metrics, type OrderedStop } from '@keyward/runtime';
import { say } from '../terminal.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Started<T> {
  readonly part: T;
  /** What a process of its own needs in its environment to reach the same. */
  readonly environment: Record<string, string>;
  /** For the person: what this is. */
  readonly words: string;
  /** It is our child, with data of its own below the data folder. */
  readonly isOurs: boolean;
  /** Settles when a server of ours ends by itself. */
  readonly ended: Promise<void>;
}

/** Servers of one's own end without our hearing of it; each request then says so. */
const never = new Promise<never>(() => undefined);

/** The store: `CLICKHOUSE_URL` if set, else ClickHouse's own server as a child process. Migrated. @throws UnavailableError */
export async function startStore(env: Environment, dataDirectory: string, stop: OrderedStop): Promise<Started<ClickHouse>> {
  if (env['CLICKHOUSE_URL'] !== undefined) {
    const config = loadConfig(ClickHouseConfig, env);
    const { clickhouse: part } = await openClickHouse(config);
    stop.add('store client', () => part.close());
    return { part, environment: {}, words: `ClickHouse at ${new URL(config.CLICKHOUSE_URL).host}`, isOurs: false, ended: never };
  }
  const server = await startEmbeddedClickHouse({ directory: join(dataDirectory, 'clickhouse') });
  stop.add('ClickHouse', () => server.stop());
  const { clickhouse: part } = await openClickHouse({
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_USER: server.username,
    CLICKHOUSE_PASSWORD: new Secret(server.password),
    CLICKHOUSE_DATABASE: 'keyward',
  });
  stop.add('store client', () => part.close());
  return {
    part,
    environment: {
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.username,
      CLICKHOUSE_PASSWORD: server.password,
      CLICKHOUSE_DATABASE: 'keyward',
    },
    words: 'ClickHouse 26.7, embedded',
    isOurs: true,
    ended: server.ended,
  };
}

export interface StartedBus extends Started<MessageBus> {
  /** An in-process bus can't be shared: everything has to run in this process. */
  readonly isShared: boolean;
  /** The same at every start on the same bus. */
  readonly identity: string;
  /** False: it begins anew at every start. */
  readonly isKept: boolean;
}

/** The bus: `KAFKA_BROKERS` if set, else a local Apache Kafka where Java and Maven are, else in-process. @throws UnavailableError */
export async function startBus(
  env: Environment,
  dataDirectory: string,
  stop: OrderedStop,
  common: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<StartedBus> {
  if (env['KAFKA_BROKERS'] !== undefined)
    return { ...kafkaAt(env, {}, 'Apache Kafka at', stop, common), isOurs: false, identity: 'Kafka of KAFKA_BROKERS', ended: never };
  const libDirectory = join(dataDirectory, 'kafka', 'lib');
  const obstacle = await kafkaObstacle(libDirectory);
  if (obstacle !== undefined) {
    say(`  ! No local Kafka. ${obstacle}`);
    say('    Going on with an in-process bus: good for a look, but what it holds is gone when Keyward stops.');
    const part = createLocalBus(common);
    stop.add('bus', () => part.close());
    const words = 'an in-process bus (no Kafka here: see above)';
    return { part, environment: {}, words, isShared: false, isOurs: true, identity: 'in-process', isKept: false, ended: never };
  }
  if (!existsSync(join(libDirectory, 'complete'))) {
    say('  … fetching Apache Kafka from Maven Central (44 MB, once)');
    await fetchKafka(libDirectory);
  }
  const broker = await startEmbeddedKafka({ directory: join(dataDirectory, 'kafka'), libDirectory });
  stop.add('Kafka', () => broker.stop());
  const local = kafkaAt(env, { KAFKA_BROKERS: broker.brokers.join(',') }, 'Apache Kafka 4.3, local, at', stop, common);
  return { ...local, isOurs: true, identity: 'local Kafka', ended: broker.ended };
}

function kafkaAt(
  env: Environment,
  environment: Record<string, string>,
  words: string,
  stop: OrderedStop,
  common: { readonly logger: Logger; readonly metrics: Metrics },
): Pick<StartedBus, 'part' | 'environment' | 'words' | 'isShared' | 'isKept'> {
  const config = loadConfig(KafkaConfig, { ...env, ...environment });
  const part = createKafkaBus({ config, ...common });
  stop.add('bus client', () => part.close());
  return { part, environment, words: `${words} ${config.KAFKA_BROKERS.join(', ')}`, isShared: true, isKept: true };
}
