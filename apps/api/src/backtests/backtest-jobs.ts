import {
  isBacktestOver,
  type Backtests,
  type BacktestStore,
  type PreparedBacktest,
  type StoredBacktest,
} from '@keyward/adapter-clickhouse';
import {
  MAX_BACKTEST_DAYS,
  type BacktestDetail,
  type BacktestList,
  type BacktestSettings,
  type BacktestSummary,
  type NewBacktest,
} from '@keyward/contract';
import { DAY_MS, isoInstant } from '@keyward/events';
import { AppError, ConflictError, NotFoundError, RateLimitedError, describeError, type Clock, type Logger } from '@keyward/runtime';
import { newId } from '../auth/secrets.js';
import { RequestProblem } from '../http/problem.js';

export interface BacktestJobsDeps {
  readonly backtests: Pick<Backtests, 'prepare' | 'settings'>;
  readonly store: Pick<BacktestStore, 'save' | 'find' | 'newest'>;
  /** How often a running one says so. */
  readonly renewMs?: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Those that wait behind the one that runs; more are refused. */
const MAX_WAITING = 4;
/** A running one says so this often, and looks whether somebody has cancelled it elsewhere. */
const RENEW_MS = 3_000;
/** Not renewed for so long, its process is gone. */
const LOST_MS = 60_000;

type Ready = Extract<PreparedBacktest, { kind: 'ready' }>;
interface Job {
  state: StoredBacktest;
  readonly run: Ready['run'];
  readonly stop: AbortController;
}

class Cancelled extends Error {}

/**
 * Backtests asked for over HTTP. One runs at a time, in this process, a block of rows at a time, so that requests get their turn; the others wait. What
 * becomes of them stands in the store, so that every API process can tell.
 */
export class BacktestJobs {
  readonly #deps: BacktestJobsDeps;
  readonly #jobs: Job[] = [];
  #working: Promise<void> | undefined;

  constructor(deps: BacktestJobsDeps) {
    this.#deps = deps;
  }

  /** @throws RequestProblem (what is wrong with span or change), RateLimitedError `rate_limited`, UnavailableError */
  async start(wanted: NewBacktest, author: string, audit: (id: string) => Promise<void>): Promise<BacktestSummary> {
    const { backtests, store, clock } = this.#deps;
    const span = spanOf(wanted);
    const prepared = backtests.prepare({ ...span, warmUpDays: wanted.warmUpDays, change: wanted.change });
    if (prepared.kind === 'invalid') {
      const errors = prepared.problems.slice(0, 20).map((message) => ({ path: 'body.change', message }));
      throw new RequestProblem('request.invalid', "The change can't be used.", errors);
    }
    if (this.#jobs.length > MAX_WAITING) {
      throw new RateLimitedError('rate_limited', `One backtest runs and ${MAX_WAITING} wait: wait for them, or cancel one.`);
    }
    const now = clock.now();
    const state: StoredBacktest = {
      ...{ id: newId(), state: 'waiting', author, createdAt: now, updatedAt: now },
      ...span,
      change: { ...wanted.change },
    };
    const job: Job = { state, run: prepared.run, stop: new AbortController() };
    this.#jobs.push(job);
    try {
      await audit(state.id);
      await store.save(state);
    } catch (error) {
      this.#remove(job);
      throw error;
    }
    this.#working ??= this.#work();
    return summaryOf(state);
  }

  settings(): BacktestSettings {
    return this.#deps.backtests.settings();
  }

  async list(): Promise<BacktestList> {
    const items = await this.#deps.store.newest();
    return { items: items.map((item) => this.#seen(item)) };
  }

  /** @throws NotFoundError */
  async show(id: string): Promise<BacktestDetail> {
    const found = await this.#deps.store.find(id);
    if (!found) throw new NotFoundError('not_found', 'There is no such backtest.');
    return this.#seen(found);
  }

  /** @throws NotFoundError; ConflictError when it is over */
  async cancel(id: string): Promise<BacktestSummary> {
    const { result: _, ...known } = await this.show(id);
    if (isBacktestOver(known.state)) throw new ConflictError('conflict', `It is over: ${known.state}.`);
    const updatedAt = this.#deps.clock.now();
    await this.#deps.store.save({
      ...{ id, state: 'cancelled', author: known.author, change: known.change, updatedAt },
      createdAt: Date.parse(known.createdAt),
      from: Date.parse(known.from),
      to: Date.parse(known.to),
    });
    const job = this.#jobs.find(({ state }) => state.id === id);
    job?.stop.abort(new Cancelled());
    if (job && job !== this.#jobs[0]) this.#remove(job);
    return { ...known, state: 'cancelled', updatedAt: isoInstant(updatedAt) };
  }

  /** Ends what runs and what waits; each is then `failed`, and says why. */
  async close(): Promise<void> {
    for (const { stop } of this.#jobs) stop.abort(new Error(STOPPED));
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let job = this.#jobs[0]; job; job = this.#jobs[0]) {
      await this.#carryOut(job);
      this.#remove(job);
    }
    this.#working = undefined;
  }

  async #carryOut(job: Job): Promise<void> {
    const renewal = setInterval(() => void this.#renew(job), this.#deps.renewMs ?? RENEW_MS);
    try {
      job.stop.signal.throwIfAborted();
      await this.#save(job, { state: 'running' });
      const result = await job.run({
        signal: job.stop.signal,
        onProgress: (progress) => (job.state = { ...job.state, progress }),
        breathe: () => new Promise((resolve) => setImmediate(resolve)),
      });
      clearInterval(renewal);
      await this.#save(job, { state: 'done', result });
    } catch (error) {
      clearInterval(renewal);
      if (error instanceof Cancelled || job.stop.signal.reason instanceof Cancelled) return; // whoever cancelled it has written so
      await this.#fail(job, error);
    }
  }

  async #fail(job: Job, error: unknown): Promise<void> {
    const { logger } = this.#deps;
    const isExpected = error instanceof AppError || job.stop.signal.aborted;
    if (!isExpected) logger.error({ backtest: job.state.id }, `backtest: ${describeError(error)}`);
    const sentence = job.stop.signal.aborted
      ? STOPPED
      : isExpected
        ? 'The store did not answer. Try again in a moment.'
        : 'Something went wrong here: see the log.';
    await this.#save(job, { state: 'failed', error: sentence }).catch((failure: unknown) => {
      logger.warn({ backtest: job.state.id }, describeError(failure));
    });
  }

  /** A look at the store, too: another process may have been told to cancel it. */
  async #renew(job: Job): Promise<void> {
    try {
      const stored = await this.#deps.store.find(job.state.id);
      if (stored?.state === 'cancelled') job.stop.abort(new Cancelled());
      else if (!job.stop.signal.aborted) await Promise.all(this.#jobs.map((each) => this.#save(each, {})));
    } catch (error) {
      this.#deps.logger.warn({ backtest: job.state.id }, describeError(error));
    }
  }

  async #save(job: Job, change: Partial<StoredBacktest>): Promise<void> {
    job.state = { ...job.state, ...change, updatedAt: Math.max(this.#deps.clock.now(), job.state.updatedAt + 1) };
    await this.#deps.store.save(job.state);
  }

  #remove(job: Job): void {
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
  }

  /** One that says it runs and has not been renewed has lost its process. */
  #seen<T extends BacktestSummary>(stored: T): T {
    const isSilent = this.#deps.clock.now() - Date.parse(stored.updatedAt) > LOST_MS;
    if (isBacktestOver(stored.state) || !isSilent || this.#jobs.some(({ state }) => state.id === stored.id)) return stored;
    return { ...stored, state: 'failed', error: STOPPED };
  }
}

const STOPPED = 'The server that ran it has stopped. Ask for it again.';

/** @throws RequestProblem */
function spanOf({ from, to }: NewBacktest): { readonly from: number; readonly to: number } {
  const span = { from: Date.parse(from), to: Date.parse(to) };
  const wrong = (message: string): RequestProblem =>
    new RequestProblem('request.invalid', "The span can't be used.", [{ path: 'body.to', message }]);
  if (span.from >= span.to) throw wrong('must be later than `from`');
  if (span.to - span.from > MAX_BACKTEST_DAYS * DAY_MS) {
    throw wrong(`at most ${MAX_BACKTEST_DAYS} days after \`from\`; "keyward backtest" on a machine of its own has no such bound`);
  }
  return span;
}

const summaryOf = (state: StoredBacktest): BacktestSummary => ({
  ...{ id: state.id, state: state.state, author: state.author, change: { ...state.change } },
  createdAt: isoInstant(state.createdAt),
  updatedAt: isoInstant(state.updatedAt),
  from: isoInstant(state.from),
  to: isoInstant(state.to),
  progress: state.progress ?? null,
  error: state.error ?? null,
});
