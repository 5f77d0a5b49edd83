import type { DeadLetter, IgnoredSample, IngestCounts, IngestLedger } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { insertRows, instantOrNull, text, type TableOf } from '../rows.js';

type Origin = Parameters<IngestLedger['record']>[0];

const ingestMinutes: TableOf<{ readonly origin: Origin; readonly counts: IngestCounts }> = {
  name: 'ingest_minutes',
  cells: [
    ['source', ({ counts }) => text(counts.source)],
    ['minute', ({ counts }) => Math.trunc(counts.minute / 1_000)],
    ['topic', ({ origin }) => origin.topic],
    ['partition', ({ origin }) => origin.partition],
    ['first_offset', ({ origin }) => origin.firstOffset],
    ['kept', ({ counts }) => counts.kept],
    ['ignored', ({ counts }) => counts.ignored],
    ['rejected', ({ counts }) => counts.rejected],
    ['last_event_time', ({ counts }) => instantOrNull(counts.lastEventTime)],
    ['last_arrival', ({ counts }) => instantOrNull(counts.lastArrival)],
    ['arrivals', ({ counts }) => counts.arrivals],
    ['lags', ({ counts }) => counts.lags],
    ['unplaced', ({ counts }) => counts.unplaced],
    ['unresolved', ({ counts }) => counts.unresolved],
  ],
};

const deadLetters: TableOf<DeadLetter> = {
  name: 'dead_letters',
  cells: [
    ['topic', (letter) => letter.topic],
    ['partition', (letter) => letter.partition],
    ['offset', (letter) => letter.offset],
    ['source', (letter) => text(letter.source)],
    ['code', (letter) => letter.code],
    ['message', (letter) => text(letter.message)],
    ['bytes', (letter) => letter.bytes],
    ['payload', (letter) => letter.payload],
  ],
};

const ignoredSamples: TableOf<IgnoredSample> = {
  name: 'ignored_samples',
  cells: [
    ['source', (sample) => text(sample.source)],
    ['reason', (sample) => text(sample.reason)],
    ['topic', (sample) => sample.topic],
    ['partition', (sample) => sample.partition],
    ['offset', (sample) => sample.offset],
    ['bytes', (sample) => sample.bytes],
    ['payload', (sample) => sample.payload],
  ],
};

export class ClickHouseIngestLedger implements IngestLedger {
  readonly #clickhouse: ClickHouse;
  constructor(clickhouse: ClickHouse) {
    this.#clickhouse = clickhouse;
  }
  record(origin: Origin, counts: IngestCounts): Promise<void> {
    return insertRows(this.#clickhouse, ingestMinutes, [{ origin, counts }]);
  }
  insertSamples(samples: readonly IgnoredSample[]): Promise<void> {
    return insertRows(this.#clickhouse, ignoredSamples, samples);
  }
  insertDeadLetters(letters: readonly DeadLetter[]): Promise<void> {
    return insertRows(this.#clickhouse, deadLetters, letters);
  }
}
