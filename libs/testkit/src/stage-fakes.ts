import { eventUid, ledgerId, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { resolveIdentities, route, type Organisation } from '@keyward/identity';
import {
  EVENTS_TOPIC,
  type Announcement,
  type Batch,
  type BusRecord,
  type Clock,
  type Consumed,
  type ExactlyOncePublisher,
  type OutRecord,
  type Prepared,
  type Publisher,
} from '@keyward/runtime';
import { MONDAY_9 } from './response-builders.js';
import { Outage } from './stores.js';

/** A clock that a test moves. */
export class SetClock implements Clock {
  at: number;
  constructor(at = MONDAY_9) {
    this.at = at;
  }
  now(): number {
    return this.at;
  }
}

/** Keeps what was published, in order; `failNext` makes the next calls fail with nothing published. */
export class RecordingPublisher extends Outage implements Publisher, ExactlyOncePublisher {
  readonly records: OutRecord[] = [];
  readonly consumed: Consumed[] = [];
  /** Calls of either kind that succeeded. */
  calls = 0;
  readonly announced: Announcement[] = [];
  open(): Promise<void> {
    return Promise.resolve();
  }
  async publish(records: readonly OutRecord[], announcement?: Announcement): Promise<void> {
    await this.pass();
    this.calls += 1;
    this.records.push(...records);
    if (announcement) this.announced.push(announcement);
  }
  async publishConsumed(records: readonly OutRecord[], consumed: readonly Consumed[], announcement?: Announcement): Promise<void> {
    await this.publish(records, announcement);
    this.consumed.push(...consumed);
  }
  /** Values of one topic, read as JSON. */
  on(topic: string): unknown[] {
    return this.records.filter((record) => record.topic === topic).map(({ value }) => JSON.parse(value.toString()) as unknown);
  }
}

/** A fetched batch of these values, one offset after the other. */
export function aBatch(
  topic: string,
  values: readonly (string | Buffer | object)[],
  { partition = 0, firstOffset = 0, timestamp = MONDAY_9 }: { partition?: number; firstOffset?: number; timestamp?: number } = {},
): Batch {
  const records = values.map((value, index): BusRecord => ({
    offset: firstOffset + index,
    key: undefined,
    value: Buffer.isBuffer(value) ? value : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    headers: {},
    timestamp,
  }));
  return { topic, partition, records, highWatermark: firstOffset + values.length };
}

/** Anna's successful interactive sign-in at Okta, Monday at nine; `nativeId` makes it one event. */
export function aSignInEvent(nativeId: string, fields: Partial<AccessEvent> = {}): AccessEvent {
  const source = fields.source ?? 'okta';
  return {
    uid: eventUid(source, nativeId),
    nativeId,
    source,
    time: MONDAY_9,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: 'success',
    actor: { system: 'okta', name: 'anna@example.com' },
    src: {
      ip: '198.51.100.7',
      asn: 64_496,
      geo: { lat: 52.52, lon: 13.4, radiusKm: 50, city: 'Berlin', country: 'DE' },
      geoFrom: 'vendor',
    },
    auth: { method: 'push', mfa: true, interactive: true, application: 'Portal' },
    ...fields,
  };
}

/**
 * What INGEST makes of events, as ASSESS gets it: entries of all ledgers, in the order of the events, each with its place in its partition.
 *
 * @param partitions ledgers are spread over so many
 */
export function entriesOf(events: readonly AccessEvent[], organisation: Organisation, partitions = 2): Prepared<LedgerEntry>[] {
  const next = new Map<number, number>();
  return events
    .flatMap((event) => route(resolveIdentities(event, organisation), organisation))
    .map((value) => {
      const partition = Buffer.from(ledgerId(value)).reduce((sum, byte) => sum + byte, 0) % partitions;
      const offset = next.get(partition) ?? 0;
      next.set(partition, offset + 1);
      return { topic: EVENTS_TOPIC, partition, offset, time: value.event.time, value };
    });
}
