import { LedgerEntry, MINUTE_MS } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { DEAD_LETTER_TOPIC, EVENTS_TOPIC, Metrics, UnavailableError, rawTopic } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { MemoryIngestLedger, MONDAY_9, RecordingPublisher, SetClock, SetOrganisation, aBatch, aSignInEvent } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IngestStage, eventEntries, locate, type DeadLetter, type GeoLookup } from './index.js';

const OKTA = rawTopic('okta');
const BERLIN = { lat: 52.52, lon: 13.4, radiusKm: 20, city: 'Berlin', region: 'Berlin', country: 'DE' };
const geo: GeoLookup = { lookup: (ip) => (ip.startsWith('203.0.113.') ? { geo: BERLIN, asn: 64_500, asOrg: 'Example Net' } : undefined) };

const oktaRecord = (uuid: string, more: object = {}): object => ({
  uuid,
  published: '2026-01-05T09:00:00.000Z',
  eventType: 'user.session.start',
  actor: { id: '00u-example', type: 'User', alternateId: 'anna@example.com', displayName: 'Anna Berg' },
  client: { ipAddress: '203.0.113.9' },
  outcome: { result: 'SUCCESS' },
  ...more,
});
const IGNORED = oktaRecord('ignored', { eventType: 'system.email.delivery' });

function aLine() {
  const publisher = new RecordingPublisher();
  const ledger = new MemoryIngestLedger();
  const metrics = new Metrics();
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  const stage = new IngestStage({ publisher, ledger, organisation, geo, clock: new SetClock(), metrics });
  const take = async (topic: string, values: readonly (string | Buffer | object)[], options: Parameters<typeof aBatch>[2] = {}) =>
    stage.handle(stage.prepare(aBatch(topic, values, options)));
  return { stage, publisher, ledger, metrics, take };
}
const entriesIn = (publisher: RecordingPublisher): LedgerEntry[] => publisher.on(EVENTS_TOPIC).map((value) => LedgerEntry.parse(value));

describe('ingest', () => {
  it('ends every vendor record as kept, ignored or rejected, and counts each once', async () => {
    const { ledger, take } = aLine();
    await take(OKTA, [oktaRecord('a'), 'not json at all {', IGNORED, oktaRecord('b')]);
    const [counts] = [...ledger.counts.values()];
    expect(counts).toMatchObject({ source: 'okta', kept: 2, rejected: { unknown_shape: 1 }, lastEventTime: MONDAY_9 });
    expect(Object.values(counts?.ignored ?? {})).toEqual([1]);
  });

  it('counts by partition, with the first offset as origin', async () => {
    const { stage, ledger } = aLine();
    const items = [
      ...stage.prepare(aBatch(OKTA, [oktaRecord('a'), oktaRecord('b')], { partition: 0, firstOffset: 40 })),
      ...stage.prepare(aBatch(OKTA, [oktaRecord('c')], { partition: 1, firstOffset: 7 })),
      ...stage.prepare(aBatch(rawTopic('auth0'), ['{'], { partition: 0, firstOffset: 3 })),
    ];
    await stage.handle(items);
    expect([...ledger.counts].map(([origin, { kept }]) => [origin.split(' ').slice(0, 3).join(' '), kept])).toEqual([
      [`${OKTA} 0 40`, 2],
      [`${OKTA} 1 7`, 1],
      [`${rawTopic('auth0')} 0 3`, 0],
    ]);
  });

  it('counts a redelivery once, also when the second batch is longer and ends in a later minute', async () => {
    const { stage, ledger, publisher, take } = aLine();
    publisher.failNext(new UnavailableError('bus.unavailable', 'away'));
    await expect(take(OKTA, [oktaRecord('a')], { firstOffset: 5 })).rejects.toThrow('away');
    const more = stage.prepare(aBatch(OKTA, [oktaRecord('b')], { firstOffset: 6, timestamp: MONDAY_9 + 3 * MINUTE_MS }));
    await stage.handle([...stage.prepare(aBatch(OKTA, [oktaRecord('a')], { firstOffset: 5 })), ...more]);
    expect([...ledger.counts.values()].map(({ kept }) => kept)).toEqual([2]);
  });

  it('counts in its metrics only what was published', async () => {
    const { publisher, metrics, take } = aLine();
    publisher.failNext(new UnavailableError('bus.unavailable', 'away'));
    await expect(take(OKTA, [oktaRecord('a')])).rejects.toThrow('away');
    await take(OKTA, [oktaRecord('a')]);
    expect(await metrics.registry.getSingleMetricAsString('keyward_ingest_records_total')).toContain('{source="okta",result="kept"} 1');
  });

  it('publishes nothing when the ledger cannot be written, and asks for the records again', async () => {
    const { ledger, publisher, take } = aLine();
    ledger.failNext(new UnavailableError('store.unavailable', 'away'));
    await expect(take(OKTA, [oktaRecord('a'), '{'])).rejects.toMatchObject({ disposition: 'retry' });
    expect([publisher.records, publisher.consumed]).toEqual([[], []]);
  });

  it('publishes entries, dead letters and offsets in one transaction', async () => {
    const { publisher, take } = aLine();
    const consumed = await take(OKTA, [oktaRecord('a'), '{'], { firstOffset: 10 });
    expect(publisher.calls).toBe(1);
    expect(publisher.consumed).toEqual([{ topic: OKTA, partition: 0, nextOffset: 12 }]);
    expect(consumed).toEqual(publisher.consumed);
    expect(new Set(publisher.records.map(({ topic }) => topic))).toEqual(new Set([EVENTS_TOPIC, DEAD_LETTER_TOPIC]));
  });

  it('keys each entry by its ledger, with exactly one primary entry an event', async () => {
    const { publisher, take } = aLine();
    await take(OKTA, [oktaRecord('a'), oktaRecord('b')]);
    for (const record of publisher.records) {
      const entry = LedgerEntry.parse(JSON.parse(record.value.toString()));
      expect(record.key).toBe(`${entry.ledger}:${entry.key}`);
    }
    const primary = entriesIn(publisher).filter((entry) => entry.primary);
    expect(primary.map(({ event }) => event.nativeId)).toEqual(['a', 'b']);
  });

  it('reads several vendor records out of one Kafka record', async () => {
    const { publisher, ledger, take } = aLine();
    await take(OKTA, [
      [oktaRecord('a'), oktaRecord('b')],
      `${JSON.stringify(oktaRecord('c'))}\n{broken\n${JSON.stringify(oktaRecord('d'))}`,
    ]);
    expect(entriesIn(publisher).flatMap(({ primary, event }) => (primary ? [event.nativeId] : []))).toEqual(['a', 'b', 'c', 'd']);
    expect(ledger.deadLetters.size).toBe(1);
  });

  it('says of a topic that no source reads which source it was meant for', async () => {
    const { stage, ledger, publisher, take } = aLine();
    await take(rawTopic('nobody'), [{ hello: 1 }]);
    expect([...ledger.deadLetters.values()]).toMatchObject([{ source: 'nobody', code: 'unknown_source', topic: 'access.raw.nobody' }]);
    expect(publisher.on(EVENTS_TOPIC)).toEqual([]);
    expect(stage.prepare(aBatch(rawTopic('nobody'), ['x']))).toHaveLength(1);
  });
});

describe('the dead letter', () => {
  it('has where the record came from, and its beginning', async () => {
    const { publisher, ledger, take } = aLine();
    await take(OKTA, ['{ not json'], { partition: 3, firstOffset: 17 });
    const [letter] = publisher.on(DEAD_LETTER_TOPIC) as DeadLetter[];
    expect(letter).toMatchObject({ source: 'okta', code: 'not_json', topic: OKTA, partition: 3, offset: 17, bytes: 10 });
    expect(Buffer.from(letter?.payload ?? '', 'base64').toString()).toBe('{ not json');
    expect([...ledger.deadLetters.values()]).toEqual([letter]);
  });

  it('keeps 64 KiB of a record that is larger', async () => {
    const { ledger, take } = aLine();
    await take(OKTA, [Buffer.alloc(100_000, '{')]);
    const [letter] = [...ledger.deadLetters.values()];
    expect(letter?.bytes).toBe(100_000);
    expect(Buffer.from(letter?.payload ?? '', 'base64')).toHaveLength(65_536);
  });

  it('is one a Kafka record, however many of its vendor records cannot be read: their number is in it', async () => {
    const { ledger, publisher, take } = aLine();
    await take(OKTA, [Array.from({ length: 5_000 }, () => '{broken').join('\n')]);
    const letters = publisher.on(DEAD_LETTER_TOPIC) as DeadLetter[];
    expect(letters).toHaveLength(1);
    expect(letters[0]?.message).toMatch(/and 4999 more/);
    expect(ledger.deadLetters.size).toBe(1);
    expect([...ledger.counts.values()][0]?.rejected).toEqual({ not_json: 5_000 });
  });

  it('loses no record, whatever bytes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array(), fc.json(), fc.constant(JSON.stringify(oktaRecord('x')))), { minLength: 1 }),
        async (values) => {
          const { stage, ledger } = aLine();
          const batch = aBatch(
            OKTA,
            values.map((value) => (typeof value === 'string' ? value : Buffer.from(value))),
          );
          const prepared = stage.prepare(batch);
          expect(prepared.map(({ offset }) => offset)).toEqual(batch.records.map(({ offset }) => offset));
          expect(prepared.every(({ value }) => value.results.length > 0)).toBe(true);
          await stage.handle(prepared);
          const [counts] = [...ledger.counts.values()];
          const total = (by: Readonly<Record<string, number>> = {}): number => Object.values(by).reduce((a, b) => a + b, 0);
          expect((counts?.kept ?? 0) + total(counts?.ignored) + total(counts?.rejected)).toBe(
            prepared.flatMap(({ value }) => value.results).length,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('place of an event', () => {
  const from = (src: object) => locate(aSignInEvent('a', { src }), geo).src;
  it("keeps a vendor's own place and lets the database fill in the network", () => {
    const vendors = { lat: 48.2, lon: 16.4, city: 'Vienna' };
    expect(from({ ip: '203.0.113.9', geo: vendors })).toMatchObject({ geo: vendors, geoFrom: 'vendor', asn: 64_500, asOrg: 'Example Net' });
  });
  it("names nobody's network by the number of another", () => {
    expect(from({ ip: '203.0.113.9', geo: { lat: 1, lon: 2 }, asn: 1 })).toEqual({
      ip: '203.0.113.9',
      geo: { lat: 1, lon: 2 },
      asn: 1,
      geoFrom: 'vendor',
    });
  });
  it('fills in what the vendor leaves out', () => {
    expect(from({ ip: '203.0.113.9' })).toEqual({ ip: '203.0.113.9', geo: BERLIN, geoFrom: 'database', asn: 64_500, asOrg: 'Example Net' });
  });
  it("keeps a vendor's word on the country where the database knows the place", () => {
    expect(from({ ip: '203.0.113.9', geo: { country: 'Germany' } })).toMatchObject({
      geo: { ...BERLIN, country: 'Germany' },
      geoFrom: 'database',
    });
  });
  it.each(['10.1.2.3', '192.168.0.1', 'fd00::1', '127.0.0.1'])('marks %s as private and looks it up nowhere', (ip) => {
    expect(from({ ip })).toEqual({ ip, networkKind: 'private' });
  });
  it("leaves a vendor's word about a private address, and an unknown address, alone", () => {
    expect(from({ ip: '10.1.2.3', networkKind: 'vpn' })).toEqual({ ip: '10.1.2.3', networkKind: 'vpn' });
    expect(from({ ip: '192.0.2.1' })).toEqual({ ip: '192.0.2.1' });
  });
  it('needs no address', () => {
    expect(eventEntries(aSignInEvent('a', { src: { hostname: 'laptop' } }), EMPTY_ORGANISATION, geo)).toHaveLength(1);
  });
});
