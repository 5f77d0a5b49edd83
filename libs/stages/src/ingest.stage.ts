import {
  isPrivateIp,
  ledgerId,
  networkKindOf,
  type AccessEvent,
  type Endpoint,
  type Geo,
  type LedgerEntry,
  type ParseResult,
} from '@keyward/events';
import { VerdictEntry } from '@keyward/baselines';
import { resolveIdentities, route, type Organisation } from '@keyward/identity';
import {
  EVENTS_TOPIC,
  VERDICTS_TOPIC,
  orderOf,
  rawTopic,
  type Batch,
  type BusRecord,
  type Clock,
  type Consumed,
  type ExactlyOncePublisher,
  type Mark,
  type Metrics,
  type Order,
  type OutRecord,
  type Prepared,
  type StageHandler,
} from '@keyward/runtime';
import { SOURCES, parsePayload, type Source } from '@keyward/sources';
import { countRecords } from './ingest-counts.js';
import { IgnoredSamples } from './ignored-samples.js';
import type { ParsedRecord } from './parsed-record.js';
import { nextOffsets } from './offsets.js';
import { deadLetterOf, letterRecord } from './unreadable.js';
import type { DeadLetter, GeoLookup, IngestCounts, IngestLedger, OrganisationSource } from './ports.js';

export interface IngestStageDeps {
  readonly publisher: ExactlyOncePublisher;
  readonly ledger: IngestLedger;
  readonly organisation: OrganisationSource;
  readonly geo: GeoLookup;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * First stage: `access.raw.<source>` and `access.verdicts` in, `access.events` out, one entry for each ledger that an event concerns.
 * Every vendor record ends as kept, ignored (counted) or rejected (dead letter). Entries and offsets are one Kafka transaction.
 */
export class IngestStage implements StageHandler<ParsedRecord> {
  readonly #deps: IngestStageDeps;
  readonly #samples = new IgnoredSamples();
  readonly #sourceOfTopic: ReadonlyMap<string, Source> = new Map(SOURCES.map((source) => [rawTopic(source.id), source]));

  constructor(deps: IngestStageDeps) {
    this.#deps = deps;
  }

  prepare(batch: Batch): readonly Prepared<ParsedRecord>[] {
    if (batch.topic === VERDICTS_TOPIC) return batch.records.map((record) => verdictItem(batch, record));
    const source = this.#sourceOfTopic.get(batch.topic);
    const now = this.#deps.clock.now();
    return batch.records.map((record) => {
      const results: readonly ParseResult[] = source
        ? parsePayload(source, record.value, { now })
        : [{ kind: 'rejected', code: 'unknown_source', message: `no source reads ${batch.topic}` }];
      const first = results.find((result) => result.kind === 'kept');
      return {
        topic: batch.topic,
        partition: batch.partition,
        offset: record.offset,
        // A record that becomes no event is in nobody's way: an arrival time of today would hold up what stands behind it in a backlog.
        time: first?.event.time ?? 0,
        value: { source: source?.id ?? batch.topic.slice(rawTopic('').length), record, results },
      };
    });
  }

  open(): Promise<void> {
    return this.#deps.publisher.open();
  }

  async handle(items: readonly Prepared<ParsedRecord>[], marks: readonly Mark[] = []): Promise<readonly Consumed[]> {
    const { organisation } = this.#deps.organisation.current();
    const out: OutRecord[] = [];
    const letters: DeadLetter[] = [];
    const events = new Map<Prepared<ParsedRecord>, AccessEvent[]>();
    for (const item of items) {
      const { topic, partition, offset, value } = item;
      const order = orderOf(item);
      const located: AccessEvent[] = [];
      events.set(item, located);
      if (value.verdict) out.push({ topic: EVENTS_TOPIC, key: ledgerId(value.verdict), value: JSON.stringify(value.verdict), order });
      for (const result of value.results) {
        if (result.kind !== 'kept') continue;
        const entries = eventEntries(result.event, organisation, this.#deps.geo);
        located.push(entries[0]?.event ?? result.event);
        out.push(...entryRecords(entries, order));
      }
      const letter = deadLetter(value, { topic, partition, offset });
      if (letter) letters.push(letter);
    }
    out.push(...letters.map(letterRecord));

    await this.#deps.ledger.insertSamples(this.#samples.of(items, this.#deps.clock.now()));
    // What people look at comes first: if the transaction fails, the same records come again and replace these rows.
    await this.#deps.ledger.insertDeadLetters(letters);
    const counted = byPartition(items.filter((item) => item.topic !== VERDICTS_TOPIC)).map(([first, ...rest]) => ({
      first,
      counts: countRecords(
        [first, ...rest].map((item) => ({
          source: item.value.source,
          arrivedAt: item.value.record.timestamp,
          results: item.value.results,
          events: events.get(item) ?? [],
        })),
        organisation,
      ),
    }));
    await Promise.all(
      counted.map(({ first, counts }) =>
        this.#deps.ledger.record({ topic: first.topic, partition: first.partition, firstOffset: first.offset }, counts),
      ),
    );
    const consumed = nextOffsets(items);
    await this.#deps.publisher.publishConsumed(out, consumed, { topic: EVENTS_TOPIC, marks });
    for (const { counts } of counted) this.#measure(counts);
    return consumed;
  }

  assigned(): void {
    // No state of its own.
  }
  checkpoint(): Promise<readonly Consumed[]> {
    return Promise.resolve([]);
  }

  #measure({ source, kept, ignored, rejected, unplaced, unresolved }: IngestCounts): void {
    const records = this.#deps.metrics.counter('keyward_ingest_records_total', 'Vendor records by what became of them', [
      'source',
      'result',
    ]);
    records.inc({ source, result: 'kept' }, kept);
    records.inc({ source, result: 'ignored' }, sum(ignored));
    records.inc({ source, result: 'rejected' }, sum(rejected));
    const { metrics } = this.#deps;
    metrics.counter('keyward_ingest_unplaced_total', 'Kept events whose address nobody can place', ['source']).inc({ source }, unplaced);
    metrics
      .counter('keyward_ingest_unresolved_total', 'Kept events whose actor is an account of nobody known', ['source'])
      .inc({ source }, unresolved);
  }
}

/** What our own API wrote; anything else goes to the dead letter. */
function verdictItem({ topic, partition }: Batch, record: BusRecord): Prepared<ParsedRecord> {
  const read = VerdictEntry.safeParse(jsonOf(record.value));
  const item = { topic, partition, offset: record.offset };
  if (read.success) return { ...item, time: read.data.verdict.at, value: { source: VERDICTS, record, results: [], verdict: read.data } };
  const results: readonly ParseResult[] = [{ kind: 'rejected', code: 'unknown_shape', message: 'this is no verdict' }];
  return { ...item, time: 0, value: { source: VERDICTS, record, results } };
}
/** In the dead letter, in place of a source. */
const VERDICTS = 'verdicts';

function jsonOf(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
}

type NonEmpty<T> = readonly [T, ...T[]];
function byPartition(items: readonly Prepared<ParsedRecord>[]): NonEmpty<Prepared<ParsedRecord>>[] {
  const groups = new Map<string, [Prepared<ParsedRecord>, ...Prepared<ParsedRecord>[]]>();
  for (const item of items) {
    const key = `${item.topic}/${item.partition}`;
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Place, identities, ledgers: all that INGEST makes of one event. Pure. */
export function eventEntries(event: AccessEvent, organisation: Organisation, geo: GeoLookup): LedgerEntry[] {
  return route(resolveIdentities(locate(event, geo), organisation), organisation);
}

/** An event is written out once, however many ledgers it concerns. */
function entryRecords(entries: readonly LedgerEntry[], order: Order | undefined): OutRecord[] {
  let written: { readonly event: AccessEvent; readonly text: string } | undefined;
  return entries.map((entry) => {
    const { event, ...head } = entry;
    if (written?.event !== event) written = { event, text: JSON.stringify(event) };
    const value = `${JSON.stringify(head).slice(0, -1)},"event":${written.text}}`;
    return { topic: EVENTS_TOPIC, key: ledgerId(entry), value, order };
  });
}

/** The vendor's own place and network first; the databases fill in what is missing. */
export function locate(event: AccessEvent, lookup: GeoLookup): AccessEvent {
  const { src } = event;
  if (src?.ip === undefined) return event;
  if (isPrivateIp(src.ip)) return src.networkKind ? event : { ...event, src: { ...src, networkKind: 'private' } };
  const hasPlace = src.geo?.lat !== undefined && src.geo.lon !== undefined;
  const found = hasPlace && src.asOrg !== undefined ? undefined : lookup.lookup(src.ip);
  const asn = src.asn ?? found?.asn;
  // Whose network it is, the database says of the number that it knows, which need not be the vendor's.
  const asOrg = src.asOrg ?? (asn === found?.asn ? found?.asOrg : undefined);
  const networkKind = src.networkKind ?? (asOrg === undefined ? undefined : networkKindOf(asOrg));
  return {
    ...event,
    src: {
      ...src,
      ...placeOf(src, hasPlace, found?.geo),
      ...(asn !== undefined && { asn }),
      ...(asOrg !== undefined && { asOrg }),
      ...(networkKind !== undefined && { networkKind }),
    },
  };
}

function placeOf(src: Endpoint, hasPlace: boolean, found: Geo | undefined): Pick<Endpoint, 'geo' | 'geoFrom'> {
  if (hasPlace) return { geoFrom: src.geoFrom ?? 'vendor' };
  return found ? { geo: { ...found, ...definedOf(src.geo) }, geoFrom: 'database' } : {};
}

/** A vendor that names the country but no place keeps its word on the country. */
const definedOf = (geo: NonNullable<AccessEvent['src']>['geo']): object =>
  Object.fromEntries(Object.entries(geo ?? {}).filter(([, value]) => value !== undefined));

/** One a Kafka record, since it carries the record's beginning: a payload of thousands of broken lines would else be copied thousands of times. */
function deadLetter(
  { source, record: { value }, results }: ParsedRecord,
  origin: { readonly topic: string; readonly partition: number; readonly offset: number },
): DeadLetter | undefined {
  const [first, ...others] = results.filter((result) => result.kind === 'rejected');
  if (!first) return undefined;
  const message = others.length === 0 ? first.message : `${first.message}; and ${others.length} more records of this payload`;
  return deadLetterOf(value, origin, { source, code: first.code, message });
}
