// Events a second from Kafka to ClickHouse, scored; beside it, with the same messages and rows, what a bare client does.
import { rawTopic } from '@keyward/runtime';
import { cpuSeconds, load, timed, until } from './machine.mjs';

/** Works through a backlog. @returns from the first row that is seen to the last, so that starting up is not counted */
export async function throughLine(ground, records, workers, nodeOptions) {
  const pids = { kafka: ground.kafka.pid, clickhouse: ground.store.pid };
  const began = performance.now();
  const started = [];
  for (let index = 0; index < workers; index += 1) started.push(await ground.startWorker(nodeOptions));
  const cpu = () => ({
    worker: started.reduce((sum, worker) => sum + (cpuSeconds(worker.pid) ?? NaN), 0),
    kafka: cpuSeconds(pids.kafka) ?? NaN,
    clickhouse: cpuSeconds(pids.clickhouse) ?? NaN,
  });
  const rows = () => ground.count('access_events');
  const first = await until('the first row', rows);
  const firstAt = performance.now();
  const before = cpu();
  let last = first;
  let lastAt = firstAt;
  // Rows of a batch that came twice are one row after merging; the count is of rows as written, and a quiet 15 s means the end.
  await until(
    'the last row',
    async () => {
      const now = await rows();
      if (now !== last) [last, lastAt] = [now, performance.now()];
      return now >= records.length || performance.now() - lastAt > 15_000;
    },
    { timeoutMs: 1_800_000, everyMs: 100 },
  );
  const after = cpu();
  const seconds = (lastAt - firstAt) / 1_000;
  const events = last - first;
  return {
    events,
    seconds,
    perSecond: events / seconds,
    startupSeconds: (firstAt - began) / 1_000,
    workers,
    cpuSeconds: Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]])),
    perWorkerCpuSecond: events / (after.worker - before.worker),
    load: load(),
  };
}

/** What a loop does that takes the same messages out of Kafka and looks at none. */
export async function bareConsume(ground, expected) {
  const consumer = ground.client.consumer({ groupId: `bench-${Date.now()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: ['okta', 'entra', 'cyberark'].map(rawTopic), fromBeginning: true });
  let seen = 0;
  let bytes = 0;
  let firstAt;
  let cpuBefore;
  let done;
  const finished = new Promise((resolve) => (done = resolve));
  await consumer.run({
    eachBatch: ({ batch }) => {
      if (firstAt === undefined) [firstAt, cpuBefore] = [performance.now(), process.cpuUsage()];
      for (const { value } of batch.messages) bytes += value?.length ?? 0;
      seen += batch.messages.length;
      if (seen >= expected) done(process.cpuUsage(cpuBefore));
      return Promise.resolve();
    },
  });
  const { user, system } = await finished;
  const seconds = (performance.now() - firstAt) / 1_000;
  await consumer.disconnect();
  return { messages: seen, megabytes: bytes / 1e6, seconds, perSecond: seen / seconds, cpuSeconds: (user + system) / 1e6, load: load() };
}

/** Writes the same rows into a table of the same shape, from memory, 10,000 a statement. */
export async function bareInsert(ground) {
  const text = await ground.sql('SELECT * FROM access_events FORMAT JSONCompactEachRow');
  const lines = text.split('\n').filter((line) => line !== '');
  const batches = [];
  for (let from = 0; from < lines.length; from += 10_000) batches.push(lines.slice(from, from + 10_000).join('\n'));
  await ground.sql('CREATE TABLE bench_copy AS access_events');
  const before = cpuSeconds(ground.store.pid);
  const { wallSeconds } = await timed(async () => {
    for (const batch of batches) await ground.sql('INSERT INTO bench_copy FORMAT JSONCompactEachRow', batch);
  });
  const cpu = cpuSeconds(ground.store.pid) - before;
  await ground.sql('DROP TABLE bench_copy');
  return {
    rows: lines.length,
    megabytes: text.length / 1e6,
    seconds: wallSeconds,
    perSecond: lines.length / wallSeconds,
    cpuSeconds: cpu,
    load: load(),
  };
}
