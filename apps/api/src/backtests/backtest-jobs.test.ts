import { isBacktestOver, type BacktestRun, type StoredBacktest } from '@keyward/adapter-clickhouse';
import { BacktestResult, NewBacktest, type BacktestDetail } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { silentLogger } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { BacktestJobs } from './backtest-jobs.js';

const WANTED = NewBacktest.parse({
  from: '2026-01-05T00:00:00Z',
  to: '2026-01-12T00:00:00Z',
  change: { detections: { mfa_fatigue: { windowMinutes: 5 } } },
});
const SIDE = {
  ...{ alerts: 0, onBehaviour: 0, notifications: 0, identities: 0, alertsPerThousand: 5, revocations: {} },
  bySeverity: { informational: 0, low: 0, medium: 0, high: 0, critical: 0 },
  precision: { genuine: 0, notGenuine: 0, unlabelled: 0, share: null, low: null, high: null },
};
const RESULT = BacktestResult.parse({
  ...{ from: WANTED.from, to: WANTED.to, changes: [], read: { events: 0, findings: 0 }, people: 0, current: SIDE, changed: SIDE },
  ...{ days: [], weeks: [], detections: [], identities: [], appeared: [], disappeared: [], altered: [], notes: [] },
  counts: { appeared: 0, disappeared: 0, altered: 0, identities: 0 },
  revocations: { appeared: [], disappeared: [] },
  fidelity: { stored: 0, repeated: 0, missing: 0, additional: 0 },
});
const noAudit = (): Promise<void> => Promise.resolve();

/** The store in memory, and runs that end when the test says so. */
function aWorld({ renewMs = 60_000 }: { renewMs?: number } = {}) {
  const rows = new Map<string, StoredBacktest>();
  const runs: { readonly run: BacktestRun; finish(): void; fail(error: Error): void }[] = [];
  const clock = { at: Date.UTC(2026, 0, 20), now: () => (clock.at += 1) };
  const view = (row: StoredBacktest): BacktestDetail => ({
    ...{ id: row.id, state: row.state, author: row.author, change: { ...row.change } },
    createdAt: isoInstant(row.createdAt),
    updatedAt: isoInstant(row.updatedAt),
    from: isoInstant(row.from),
    to: isoInstant(row.to),
    progress: row.progress ?? null,
    error: row.error ?? null,
    result: row.result ?? null,
  });
  const jobs = new BacktestJobs({
    backtests: {
      settings: () => ({ detections: [], sod: {}, policy: {} }),
      prepare: () => ({
        kind: 'ready',
        run: (run) =>
          new Promise((resolve, reject) => {
            run.signal.addEventListener('abort', () => {
              reject(run.signal.reason instanceof Error ? run.signal.reason : new Error('aborted'));
            });
            runs.push({
              run,
              finish: () => {
                resolve(RESULT);
              },
              fail: reject,
            });
          }),
      }),
    },
    store: {
      save: (row) => {
        const known = rows.get(row.id);
        if (!known || !isBacktestOver(known.state) || isBacktestOver(row.state)) rows.set(row.id, row);
        return Promise.resolve();
      },
      find: (id) => {
        const row = rows.get(id);
        return Promise.resolve(row && view(row));
      },
      newest: () => Promise.resolve([...rows.values()].map(view)),
    },
    clock,
    logger: silentLogger,
    renewMs,
  });
  const stateOf = (id: string): string | undefined => rows.get(id)?.state;
  const until = async (look: () => boolean): Promise<void> => {
    for (let tries = 0; !look(); tries += 1) {
      if (tries > 500) throw new Error('waited in vain');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  return { rows, runs, clock, jobs, stateOf, until };
}

describe('backtests as jobs', () => {
  it('run one after the other', async () => {
    const { jobs, runs, stateOf, until } = aWorld();
    const first = await jobs.start(WANTED, 'anna', noAudit);
    const second = await jobs.start(WANTED, 'bert', noAudit);
    await until(() => runs.length === 1);
    expect([stateOf(first.id), stateOf(second.id)]).toEqual(['running', 'waiting']);
    runs[0]?.finish();
    await until(() => runs.length === 2);
    expect((await jobs.show(first.id)).result).toEqual(RESULT);
    runs[1]?.finish();
    await until(() => stateOf(second.id) === 'done');
    const third = await jobs.start(WANTED, 'anna', noAudit);
    await until(() => stateOf(third.id) === 'running');
    await jobs.close();
  });

  it('are refused beyond four that wait, and not begun when they can not be written down', async () => {
    const { jobs, runs, rows, until } = aWorld();
    for (let n = 0; n < 5; n += 1) await jobs.start(WANTED, 'anna', noAudit);
    await expect(jobs.start(WANTED, 'anna', noAudit)).rejects.toMatchObject({ code: 'rate_limited' });
    await until(() => runs.length === 1);
    runs[0]?.finish();
    await until(() => runs.length === 2);
    await expect(jobs.start(WANTED, 'anna', () => Promise.reject(new Error('no audit')))).rejects.toThrow('no audit');
    expect(rows.size).toBe(5);
    await jobs.start(WANTED, 'anna', noAudit);
    await jobs.close();
  });

  it('end when they are cancelled: one that runs at once, one that waits without ever running', async () => {
    const { jobs, runs, stateOf, until } = aWorld();
    const first = await jobs.start(WANTED, 'anna', noAudit);
    const second = await jobs.start(WANTED, 'anna', noAudit);
    const third = await jobs.start(WANTED, 'anna', noAudit);
    await until(() => runs.length === 1);
    expect((await jobs.cancel(second.id)).state).toBe('cancelled');
    expect((await jobs.cancel(first.id)).state).toBe('cancelled');
    await until(() => runs.length === 2);
    expect(runs[0]?.run.signal.aborted).toBe(true);
    runs[1]?.finish();
    await until(() => stateOf(third.id) === 'done');
    expect([stateOf(first.id), stateOf(second.id)]).toEqual(['cancelled', 'cancelled']);
    await expect(jobs.cancel(third.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(jobs.cancel('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('heed that another process has cancelled them', async () => {
    const { jobs, runs, rows, until } = aWorld({ renewMs: 5 });
    const { id } = await jobs.start(WANTED, 'anna', noAudit);
    await until(() => runs.length === 1);
    const row = rows.get(id);
    if (row) rows.set(id, { ...row, state: 'cancelled' });
    await until(() => runs[0]?.run.signal.aborted === true);
    await jobs.close();
    expect(rows.get(id)?.state).toBe('cancelled');
  });

  it('say that they still run, and how far they are', async () => {
    const { jobs, runs, rows, until } = aWorld({ renewMs: 5 });
    const { id, updatedAt } = await jobs.start(WANTED, 'anna', noAudit);
    await until(() => runs.length === 1);
    runs[0]?.run.onProgress({ phase: 'detections', done: 3, of: 9 });
    await until(() => rows.get(id)?.progress?.done === 3);
    expect(rows.get(id)?.updatedAt).toBeGreaterThan(Date.parse(updatedAt));
    await jobs.close();
  });

  it('fail in a sentence that gives nothing away, and let the next one run', async () => {
    const { jobs, runs, rows, stateOf, until } = aWorld();
    const first = await jobs.start(WANTED, 'anna', noAudit);
    const second = await jobs.start(WANTED, 'anna', noAudit);
    await until(() => runs.length === 1);
    runs[0]?.fail(new Error('password of clickhouse.internal is swordfish'));
    await until(() => runs.length === 2);
    expect(rows.get(first.id)).toMatchObject({ state: 'failed', error: 'Something went wrong here: see the log.' });
    await jobs.close();
    expect(rows.get(second.id)?.error).toContain('The server that ran it has stopped');
    expect(stateOf(second.id)).toBe('failed');
  });
});
