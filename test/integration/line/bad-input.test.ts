import type { Producer } from 'kafkajs';
import { demoStart } from '@keyward/fixtures';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, demoOrganisation, kafkaAvailable, startLine, until, type RunningLine } from './harness.js';

const TOPIC = 'access.raw.okta';
const PARTITION = 2;
const KEPT_BYTES = 64 * 1024;
let count = 0;

/** A sign-in as Okta logs it; `over` replaces fields. */
const signIn = (over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> & { uuid: string } => {
  count += 1;
  return {
    uuid: `b4d1-${String(count).padStart(6, '0')}`,
    published: new Date(Date.now() - 60_000 + count * 10).toISOString(),
    eventType: 'user.session.start',
    severity: 'INFO',
    outcome: { result: 'SUCCESS' },
    actor: { id: '00uexample', type: 'User', alternateId: 'ada.abend@example.com', displayName: 'Ada Abend' },
    client: { ipAddress: '198.51.100.7' },
    ...over,
  };
};
const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe.skipIf(!kafkaAvailable())('input that is bad, on the whole line (needs Apache Kafka)', () => {
  let servers: Servers;
  let line: RunningLine;
  let producer: Producer;

  /** @returns the offset that the broker gave it */
  const send = async (value: Buffer | string | null): Promise<number> => {
    const [answer] = await producer.send({ topic: TOPIC, messages: [{ value, partition: PARTITION }] });
    return Number(answer?.baseOffset);
  };
  const rowOf = (uuid: string): Promise<{ actor_name: string; event: string } | undefined> =>
    line.ground
      .rows<{ actor_name: string; event: string }>('SELECT actor_name, event FROM access_events FINAL WHERE native_id = {uuid:String}', {
        uuid,
      })
      .then((rows) => rows[0]);
  const lettersAt = (offset: number) =>
    line.ground.rows<{ topic: string; partition: number; offset: number; code: string; bytes: number; payload: string; message: string }>(
      'SELECT topic, partition, offset, code, bytes, payload, message FROM dead_letters FINAL WHERE offset = {offset:UInt64} AND partition = {partition:UInt32}',
      { offset, partition: PARTITION },
    );
  /** A good record behind it, in the same partition: the line has not stopped at the bad one. */
  const nextIsKept = async (): Promise<void> => {
    const next = signIn();
    await send(JSON.stringify(next));
    await until('the record behind it', () => rowOf(next.uuid));
  };

  beforeAll(async () => {
    servers = await Servers.start();
    line = await startLine(servers, { organisation: demoOrganisation(demoStart(Date.now())) });
    producer = await servers.plainProducer();
  });
  afterAll(async () => {
    await line.stop();
    await servers.close();
  });

  const broken: readonly (readonly [string, () => Buffer | string | null, string | RegExp])[] = [
    ['truncated JSON', () => JSON.stringify(signIn()).slice(0, -20), 'not_json'],
    ['text that is no JSON', () => 'hello, world', /not_json|unknown_shape/],
    ['an empty payload', () => Buffer.alloc(0), 'not_json'],
    ['a tombstone', () => null, 'not_json'],
    ['a list of numbers', () => '[1, 2]', 'not_an_object'],
    ['a record of 10 MB', () => JSON.stringify(signIn({ displayMessage: 'x'.repeat(10 * 1024 * 1024) })), 'too_large'],
    [
      'Latin-1 in place of UTF-8',
      () => Buffer.from(JSON.stringify(signIn({ displayMessage: 'Anmeldung für Jürgen' })), 'latin1'),
      'not_utf8',
    ],
    ['UTF-16 in place of UTF-8', () => Buffer.from(JSON.stringify(signIn()), 'utf16le'), /not_json|not_utf8|unknown_shape/],
    ['JSON a hundred thousand levels deep', () => nested(100_000), /./],
    ['a record without its kind', () => JSON.stringify({ ...signIn(), eventType: undefined }), /./],
    [
      'a clock ten years ahead',
      () => JSON.stringify(signIn({ published: new Date(Date.now() + 10 * 365 * 86_400_000).toISOString() })),
      'time_implausible',
    ],
    ['a clock that was never set', () => JSON.stringify(signIn({ published: '1970-01-01T00:00:00.000Z' })), 'time_implausible'],
    ['a time that is none', () => JSON.stringify(signIn({ published: 'yesterday' })), /./],
  ];
  it.each(broken)('rejects %s, with its reason and where it came from; the next record is processed', async (_, make, code) => {
    const payload = make();
    const offset = await send(payload);
    await nextIsKept();
    const letters = await lettersAt(offset);
    expect(letters.length).toBeGreaterThan(0);
    const bytes = payload === null ? Buffer.alloc(0) : Buffer.from(payload);
    for (const letter of letters) {
      expect(letter).toMatchObject({ topic: TOPIC, partition: PARTITION, offset, bytes: bytes.length });
      expect(letter.code).toMatch(code);
      expect(letter.message).not.toBe('');
      expect(Buffer.from(letter.payload, 'base64').equals(bytes.subarray(0, KEPT_BYTES))).toBe(true);
    }
  });

  it('puts each of them on access.dead-letter too, with the same origin', async () => {
    await line.ground.settled();
    const stored = await line.ground.rows<{ offset: number; code: string }>('SELECT offset, code FROM dead_letters FINAL ORDER BY offset');
    const onTopic = (await servers.read('access.dead-letter')).map(({ key, value }) => ({
      key,
      letter: JSON.parse(value) as { topic: string; partition: number; offset: number; code: string },
    }));
    expect(stored.length).toBeGreaterThanOrEqual(broken.length);
    for (const { offset, code } of stored) {
      const found = onTopic.find(({ letter }) => letter.offset === offset && letter.code === code);
      expect(found).toMatchObject({ key: `${TOPIC}/${PARTITION}/${offset}`, letter: { topic: TOPIC, partition: PARTITION } });
    }
  });

  it('ignores an event type that says nothing about access, counted by reason', async () => {
    await send(JSON.stringify(signIn({ eventType: 'system.theme.update' })));
    await nextIsKept();
    const counts = await line.ground.rows<{ reason: string; n: number }>(
      'SELECT reason, sum(n) AS n FROM (SELECT arrayJoin(mapKeys(ignored)) AS reason, ignored[reason] AS n FROM ingest_minutes FINAL) GROUP BY reason',
    );
    expect(counts.reduce((sum, { n }) => sum + n, 0)).toBe(1);
  });

  it('keeps a clock that is years behind, in its own place in time', async () => {
    const old = signIn({ published: '2019-03-01T08:00:00.000Z' });
    await send(JSON.stringify(old));
    await until('the old record', () => rowOf(old.uuid));
    const [row] = await line.ground.rows<{ at: string }>(
      'SELECT toString(time) AS at FROM access_events FINAL WHERE native_id = {uuid:String}',
      {
        uuid: old.uuid,
      },
    );
    expect(row?.at).toBe('2019-03-01 08:00:00.000');
    await nextIsKept();
  });

  it.each([
    ["'; DROP TABLE access_events; --", 'SQL'],
    ["{name:String} \\' OR 1=1 \\n \\0", 'SQL placeholders and escapes'],
    ['<script>alert(document.cookie)</script>', 'a script'],
    ['=HYPERLINK("http://example.com","x")', 'a formula'],
    ['Zoë 🜁 ‮txet desrever', 'letters of the world, emoji, a direction override'],
    [`line\nbreak\ttab\u0007bell`, 'control characters'],
  ])('brings %j through as it is (%s)', async (text) => {
    const hostile = signIn({
      actor: { id: '00uhostile', type: 'User', alternateId: text, displayName: text },
      client: { ipAddress: '198.51.100.9', userAgent: { rawUserAgent: text } },
      debugContext: { debugData: { note: text } },
    });
    await send(JSON.stringify(hostile));
    const row = await until('the row', () => rowOf(hostile.uuid));
    expect(row.actor_name).toBe(text.toLowerCase().trim());
    expect(JSON.parse(row.event)).toMatchObject({ actor: { name: text.toLowerCase().trim() } });
    expect(await line.ground.count('access_events')).toBeGreaterThan(0);
    await nextIsKept();
  });
});
