import type { BehaviourModel, Snapshot } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import type { AccessEvent } from '@keyward/events';
import type { Grant } from '@keyward/identity';
import type { AssessedEvent, BacktestHistory, LabelledAlert, Span } from '@keyward/stages';
import { assessmentOf, eventOf } from '../assessed-event.js';
import type { ClickHouse } from '../client.js';
import { chunksOf, instant } from '../rows.js';
import * as queries from './history-queries.js';

/** Identities in one query. */
const IDS = 1_000;
const LAST_DAY = 65_535; // of ClickHouse's Date

/** What is stored, read in order of event time. Writes nothing. */
export class ClickHouseBacktestHistory implements BacktestHistory {
  readonly #clickhouse: ClickHouse;
  readonly #model: BehaviourModel;

  constructor(clickhouse: ClickHouse, model: BehaviourModel) {
    this.#clickhouse = clickhouse;
    this.#model = model;
  }

  eventsByHour(before: number): Promise<readonly { readonly at: number; readonly events: number }[]> {
    return this.#clickhouse.query(queries.eventsByHour, { before: instant(before) });
  }

  async *events(span: Span, signal: AbortSignal): AsyncGenerator<readonly AccessEvent[]> {
    for await (const rows of this.#clickhouse.stream(queries.events, stored(span), { signal })) yield rows.map(eventOf);
  }

  async *rareEvents(span: Span, p: number, signal: AbortSignal): AsyncGenerator<readonly AssessedEvent[]> {
    for await (const rows of this.#clickhouse.stream(queries.rareEvents, { ...stored(span), p }, { signal }))
      yield rows.map((row) => ({ event: eventOf(row), identity: row.identity, assessment: assessmentOf(row) }));
  }

  async *findings(span: Span, signal: AbortSignal): AsyncGenerator<readonly Finding[]> {
    for await (const rows of this.#clickhouse.stream(queries.findings, stored(span), { signal })) yield rows.map(({ finding }) => finding);
  }

  async snapshot(day: number): Promise<Snapshot | undefined> {
    const [row] = await this.#clickhouse.query(queries.snapshotOfDay, { day: Math.min(LAST_DAY, Math.max(0, day)) });
    return row && this.#model.decodeSnapshot(row.body);
  }

  async grantsOf(identities: readonly string[]): Promise<readonly Grant[]> {
    const found: Grant[] = [];
    for (const chunk of chunksOf(identities, IDS)) {
      for (const { grant } of await this.#clickhouse.query(queries.grantsOf, { identities: [...chunk] })) found.push(grant);
    }
    return found;
  }

  async countActiveGrants(at: number): Promise<number> {
    const [row] = await this.#clickhouse.query(queries.activeGrants, { at: instant(at) });
    return row?.grants ?? 0;
  }

  labels(span: Span): Promise<readonly LabelledAlert[]> {
    return this.#clickhouse.query(queries.judgedAlerts, stored(span));
  }

  async people(span: Span): Promise<number> {
    const [row] = await this.#clickhouse.query(queries.busiestDay, stored(span));
    return row?.people ?? 0;
  }
}

/** Within what the sorting key can hold. */
const stored = ({ from, to }: Span): Span => ({ from: instant(from), to: instant(to) });
