import { ConflictError } from '@keyward/runtime';
import { z } from 'zod';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';

/** `checking` writes nothing in the end, so that ASSESS need not care. */
const State = z.enum(['checking', 'building', 'replacing', 'done', 'given_up']);
type State = z.infer<typeof State>;
type UnderWay = Extract<State, 'checking' | 'building' | 'replacing'>;

const newest = defineQuery({
  name: 'rebuild.newest',
  sql: `SELECT id, state, dateDiff('millisecond', at, now64(3)) AS ageMs FROM rebuilds ORDER BY at DESC LIMIT 1`,
  params: z.object({}),
  row: z.object({ id: z.string(), state: State, ageMs: z.number() }),
});

/** How often a rebuild that is under way says so. */
const TELL_EVERY_MS = 5_000;
/** One that has not said so for this long has died. */
const DEAD_AFTER_MS = 60_000;

/**
 * Keeps ASSESS and a rebuild that writes apart, and two rebuilds. ASSESS asks when it starts; that none runs when the rebuild begins is for the
 * rebuild to find out.
 */
export class RebuildLock {
  readonly #clickhouse: ClickHouse;
  #timer: NodeJS.Timeout | undefined;
  #telling: Promise<void> = Promise.resolve();
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }

  /** @throws ConflictError `rebuild.running`, `rebuild.unfinished` when ASSESS must not start now */
  async refuseWhileRebuilding(): Promise<void> {
    const state = await this.state();
    if (state === 'building') throw running();
    if (state !== 'replacing') return;
    throw new ConflictError(
      'rebuild.unfinished',
      'A rebuild was interrupted while it put its tables in place: run "keyward rebuild --write" again, which finishes it, and start ASSESS then.',
    );
  }

  /** What is under way: `replacing` stays until it is finished, another one that says nothing any more is none. */
  async state(): Promise<UnderWay | undefined> {
    const [row] = await this.#clickhouse.query(newest, {});
    if (row?.state === 'replacing') return 'replacing';
    return (row?.state === 'building' || row?.state === 'checking') && row.ageMs < DEAD_AFTER_MS ? row.state : undefined;
  }

  /** @throws ConflictError `rebuild.running` when another one is under way */
  async take(id: string, as: 'checking' | 'building'): Promise<void> {
    if ((await this.state()) !== undefined) throw running();
    await this.#insert(id, as);
    this.#timer = setInterval(() => {
      // A store that is away stops the rebuild itself; that it could not be told is no failure of its own.
      this.#telling = this.#insert(id, as).catch(() => undefined);
    }, TELL_EVERY_MS);
    this.#timer.unref();
  }

  async tell(id: string, state: 'replacing' | 'done' | 'given_up'): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.#insert(id, state);
  }

  #insert(id: string, state: State): Promise<void> {
    return this.#clickhouse.insert('rebuilds', ['id', 'state'], [[id, state]]);
  }
}

const running = (): ConflictError =>
  new ConflictError('rebuild.running', 'A rebuild is under way. Wait for its end; one that was killed is forgotten a minute later.');
