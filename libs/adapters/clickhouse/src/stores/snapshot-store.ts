import { LATE_VERDICT_DAYS, type BehaviourModel, type Snapshot } from '@keyward/baselines';
import type { OrganisationSource, SnapshotStore } from '@keyward/stages';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ASSESSED_EVENT, AssessedEventRow, assessmentOf, eventOf } from '../assessed-event.js';
import type { ClickHouse } from '../client.js';
import { defineQuery } from '../query.js';
import { insertRows, type TableOf } from '../rows.js';
import { ClickHouseVerdictStore } from './verdict-store.js';

const stored = defineQuery({
  name: 'snapshots.newest',
  sql: 'SELECT day, body FROM snapshots WHERE day <= {day:UInt32} ORDER BY day DESC, stored_at ASC, id ASC LIMIT 1',
  params: z.object({ day: z.number().int().nonnegative() }),
  row: z.object({ day: z.number(), body: z.string() }),
});
/** Days (since 1970) that have events, oldest first. What came late is in no snapshot: the one of the day after may have been built before it. */
const daysWithEvents = defineQuery({
  name: 'snapshots.days',
  sql: `SELECT DISTINCT toUInt32(toDate(time)) AS day FROM access_events
        WHERE toDate(time) >= toDate({from:UInt16}) AND toDate(time) < toDate({until:UInt16}) AND arrival != 'late' ORDER BY day`,
  params: z.object({ from: z.number().int(), until: z.number().int() }),
  row: z.object({ day: z.number() }),
});
const eventsOfDay = defineQuery({
  name: 'snapshots.events',
  sql: `SELECT ${ASSESSED_EVENT}
        FROM access_events FINAL WHERE toDate(time) = toDate({day:UInt16}) AND arrival != 'late' ORDER BY toDate(time), identity, access_events.time, uid`,
  params: z.object({ day: z.number().int() }),
  row: AssessedEventRow,
});

interface SnapshotRow {
  readonly snapshot: Snapshot;
  readonly previous: string;
  readonly events: number;
  readonly body: string;
}
const snapshots: TableOf<SnapshotRow> = {
  name: 'snapshots',
  cells: [
    ['day', ({ snapshot }) => snapshot.day],
    ['id', ({ snapshot }) => snapshot.id],
    ['previous', ({ previous }) => previous],
    ['events', ({ events }) => events],
    ['body', ({ body }) => body],
  ],
};

const LAST_DAY = 65_535; // of ClickHouse's Date

/**
 * Snapshots form a chain over the days that have events: each adds one such day to the one before, so the snapshot of a day does not
 * depend on which days were asked for earlier. Of two workers that build the same day at once, the first stored one counts for both.
 */
export class ClickHouseSnapshotStore implements SnapshotStore {
  readonly #clickhouse: ClickHouse;
  readonly #model: BehaviourModel;
  readonly #organisation: OrganisationSource;
  readonly #verdicts: ClickHouseVerdictStore;
  readonly #known = new LRUCache<number, Promise<Snapshot>>({ max: 8 });

  constructor(clickhouse: ClickHouse, model: BehaviourModel, organisation: OrganisationSource) {
    this.#clickhouse = clickhouse;
    this.#model = model;
    this.#organisation = organisation;
    this.#verdicts = new ClickHouseVerdictStore(clickhouse);
  }

  forDay(day: number): Promise<Snapshot> {
    const wanted = Math.min(LAST_DAY, Math.max(0, day));
    const known = this.#known.get(wanted);
    if (known) return known;
    const made = this.#make(wanted);
    this.#known.set(wanted, made);
    made.catch(() => this.#known.delete(wanted));
    return made;
  }

  async #make(day: number): Promise<Snapshot> {
    let newest = await this.#newest(day);
    const days = await this.#clickhouse.query(daysWithEvents, { from: newest?.day ?? 0, until: day });
    for (const { day: next } of days) {
      const previous: Snapshot = newest ?? this.#model.emptySnapshot();
      const builder = this.#model.snapshotBuilder(previous, this.#organisation.current().organisation);
      let events = 0;
      for await (const rows of this.#clickhouse.stream(eventsOfDay, { day: next })) {
        for (const row of rows) builder.add(row.identity, eventOf(row), assessmentOf(row));
        events += rows.length;
      }
      // Also of days without events, and those that were stored late: the builder knows which it has heard of.
      for (const verdict of await this.#verdicts.takenInOn(previous.day - LATE_VERDICT_DAYS, next + 1)) builder.addVerdict(verdict);
      const snapshot = builder.build(next + 1);
      await insertRows(this.#clickhouse, snapshots, [
        { snapshot, previous: previous.id, events, body: this.#model.encodeSnapshot(snapshot) },
      ]);
      newest = (await this.#newest(next + 1)) ?? snapshot; // what another worker stored first
    }
    return newest ?? this.#model.emptySnapshot();
  }

  async #newest(day: number): Promise<Snapshot | undefined> {
    const row = (await this.#clickhouse.query(stored, { day }))[0];
    return row && this.#model.decodeSnapshot(row.body);
  }
}
