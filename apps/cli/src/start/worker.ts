import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClickHouse } from '@keyward/adapter-clickhouse';
import { GuardedChild, freePort } from '@keyward/adapter-embedded';
import { OutboundConfig } from '@keyward/outbound';
import { WorkerConfig, startPipeline } from '@keyward/pipeline';
import { loadConfig, type Logger, type MessageBus, type Metrics, type OrderedStop } from '@keyward/runtime';
import { z } from 'zod';
import type { Environment } from './servers.js';

export interface Worker {
  /** Settles when it ends by itself; rejects where its error is known. */
  readonly ended: Promise<void>;
}

/** The worker as a process of its own: a long batch then never keeps the dashboard waiting. */
export async function startWorkerProcess(env: Environment, dataDirectory: string, stop: OrderedStop): Promise<Worker> {
  const port = await freePort();
  const main = join(dirname(fileURLToPath(import.meta.resolve('@keyward/pipeline'))), 'main.js');
  const child = new GuardedChild({
    name: 'The worker',
    args: [process.execPath, main],
    logFile: join(dataDirectory, 'pipeline.log'),
    env: { ...definedIn(env), KEYWARD_WORKER_PORT: String(port), KEYWARD_INSTANCE: 'start' },
  });
  stop.add('worker', () => child.stop(20_000));
  await child.ready(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  }, 60_000);
  return { ended: child.ended };
}

/** The worker in this process: an in-process bus can't be reached from another one. */
export async function startWorkerHere(
  env: Environment,
  bus: MessageBus,
  clickhouse: ClickHouse,
  stop: OrderedStop,
  common: { readonly logger: Logger; readonly metrics: Metrics },
): Promise<Worker> {
  const config = loadConfig(z.intersection(WorkerConfig, OutboundConfig), { ...env, KEYWARD_WORKER_PORT: '0' });
  const pipeline = await startPipeline({ config, bus, clickhouse, secrets: env, ...common });
  stop.add('worker', () => pipeline.stop());
  return { ended: pipeline.ended };
}

const definedIn = (env: Environment): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
