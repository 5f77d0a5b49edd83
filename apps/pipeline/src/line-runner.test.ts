import { Metrics, silentLogger, type MessageBus, type StageHandler, type StageRun } from '@keyward/runtime';
import { createLocalBus } from '@keyward/adapter-kafka';
import { describe, expect, it } from 'vitest';
import { LINE, ROLES, TOPICS, type Role } from './index.js';
import { LineRunner } from './line-runner.js';

/** Does nothing; `fails` when it is asked to take its part, as a stage with a bug does. */
const handler = (fails?: () => Error): StageHandler<never> => ({
  prepare: () => [],
  handle: () => Promise.resolve([]),
  assigned: () => {
    if (fails) throw fails();
  },
  checkpoint: () => Promise.resolve([]),
});

async function aRunner(roles: readonly Role[], fails: Partial<Record<Role, () => Error>> = {}) {
  const stop = new AbortController();
  const local = createLocalBus({ logger: silentLogger, metrics: new Metrics(), partitions: 1 });
  await local.ensureTopics(TOPICS);
  const runs: { group: string; topics: readonly string[]; commits: string | undefined }[] = [];
  const bus: MessageBus = {
    description: local.description,
    ensureTopics: (topics) => local.ensureTopics(topics),
    publisher: () => local.publisher(),
    exactlyOncePublisher: (options) => local.exactlyOncePublisher(options),
    lagOf: (group, topics) => local.lagOf(group, topics),
    endOffsets: (topics) => local.endOffsets(topics),
    close: () => local.close(),
    runStage: <T>(run: StageRun<T>) => {
      runs.push({ group: run.group, topics: run.topics, commits: run.commits });
      return local.runStage(run);
    },
  };
  const stages = {
    ingest: handler(fails.ingest),
    assess: handler(fails.assess),
    alert: handler(fails.alert),
    respond: handler(fails.respond),
  };
  const runner = new LineRunner({ bus, logger: silentLogger, roles, stages, signal: stop.signal });
  const failures: unknown[] = [];
  return {
    runner,
    stop,
    runs,
    failures,
    begin: () => {
      runner.start((error) => failures.push(error));
    },
  };
}

describe('running the line', () => {
  it('reads for its own roles only, each in its group with its topics', async () => {
    const { runner, stop, runs, begin } = await aRunner(['respond', 'ingest']);
    begin();
    expect([...runner.active]).toEqual(['ingest', 'respond']);
    stop.abort(new Error('stopping'));
    await runner.stopped();
    expect(runs).toEqual(
      LINE.filter(({ role }) => role === 'ingest' || role === 'respond').map(({ group, reads, commits }) => ({
        group,
        topics: reads,
        commits,
      })),
    );
    expect(runner.active.size).toBe(0);
  });

  it('says that a stage ended by itself, and with what', async () => {
    const bug = new Error('a bug');
    const { runner, stop, failures, begin } = await aRunner(ROLES, { alert: () => bug });
    begin();
    await expect.poll(() => failures).toEqual([bug]);
    expect([...runner.active].sort()).toEqual(['assess', 'ingest', 'respond']);
    stop.abort(new Error('stopping'));
    await runner.stopped();
  });

  it('takes it for no failure when a stage is stopped with a batch in hand', async () => {
    const reason = new Error('stopping');
    const { runner, stop, failures, begin } = await aRunner(['assess'], {
      assess: () => {
        stop.abort(reason);
        return reason;
      },
    });
    begin();
    await runner.stopped();
    expect(failures).toEqual([]);
  });
});
