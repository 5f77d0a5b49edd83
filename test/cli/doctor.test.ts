import { ClickHouseResponseStore, openClickHouse, type ClickHouse } from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { appendLinks, type Effect, type EffectDraft } from '@keyward/response';
import { Secret } from '@keyward/runtime';
import { MONDAY_9, anEffect } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyward, temporaryFolder } from './keyward.js';

interface Check {
  readonly check: string;
  readonly health: string;
  readonly sentence: string;
  readonly details?: readonly string[];
}

const folder = temporaryFolder('doctor');
let server: EmbeddedClickHouse;
let databases = 0;

/** A migrated database with two chains of twelve links each. */
async function logIn(database: string): Promise<{ readonly clickhouse: ClickHouse; readonly links: readonly Effect[] }> {
  const { clickhouse } = await openClickHouse({
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_USER: server.username,
    CLICKHOUSE_PASSWORD: new Secret(server.password),
    CLICKHOUSE_DATABASE: database,
  });
  const links = ['access.alerts-0', 'access.alerts-1'].flatMap((chain) =>
    appendLinks(
      chain,
      undefined,
      Array.from({ length: 12 }, (_, index): EffectDraft => {
        const {
          seq: _seq,
          prevHash: _prev,
          hash: _hash,
          ...draft
        } = anEffect({ uid: `${chain}-${index}`, chain, at: MONDAY_9 + index, state: 'verified' });
        return draft;
      }),
    ),
  );
  await new ClickHouseResponseStore(clickhouse).appendEffects(links);
  return { clickhouse, links };
}
async function doctor(database: string): Promise<{ readonly code: number | null; readonly checks: ReadonlyMap<string, Check> }> {
  const { code, stdout } = await keyward(['doctor', '--json', '--data', folder.file('none')], {
    env: {
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.username,
      CLICKHOUSE_PASSWORD: server.password,
      CLICKHOUSE_DATABASE: database,
    },
  });
  const { checks } = JSON.parse(stdout) as { checks: readonly Check[] };
  return { code, checks: new Map(checks.map((check) => [check.check, check])) };
}
async function afterwards(work: (clickhouse: ClickHouse, links: readonly Effect[]) => Promise<void>): ReturnType<typeof doctor> {
  databases += 1;
  const database = `doctor_${databases}`;
  const { clickhouse, links } = await logIn(database);
  await work(clickhouse, links);
  await clickhouse.close();
  return doctor(database);
}

describe('keyward doctor', () => {
  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ directory: folder.file('clickhouse') });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  it('finds an intact decision log intact, counting chains and links', async () => {
    const { code, checks } = await afterwards(() => Promise.resolve());
    expect(checks.get('decision_log')).toMatchObject({ health: 'ok', sentence: expect.stringContaining('24 links in 2 chains') as string });
    expect(checks.get('store')).toMatchObject({ health: 'ok' });
    for (const check of ['node', 'configuration', 'dead_letters', 'deliveries', 'effects'])
      expect(checks.get(check)).toMatchObject({ health: 'ok' });
    // There is no Kafka in this test, and that is said.
    expect(checks.get('bus')).toMatchObject({
      health: 'unreachable',
      sentence: expect.stringContaining('KAFKA_BROKERS is not set') as string,
    });
    expect(code).toBe(3);
  });
  it('ends with 1 and names chain and seq when somebody has changed a reason', async () => {
    const { code, checks } = await afterwards((clickhouse) =>
      clickhouse.command(
        'test.tamper',
        `ALTER TABLE effects UPDATE effect = replaceOne(effect, '"reason":"', '"reason":"not ') WHERE chain = 'access.alerts-1' AND seq = 7 SETTINGS mutations_sync = 2`,
      ),
    );
    expect(code).toBe(1);
    expect(checks.get('decision_log')).toMatchObject({
      health: 'broken',
      details: ['chain access.alerts-1, seq 7: its content was changed'],
    });
  });
  it('finds a column that was changed beside an untouched link', async () => {
    const { code, checks } = await afterwards((clickhouse) =>
      clickhouse.command(
        'test.tamper',
        `ALTER TABLE effects UPDATE state = 'failed' WHERE chain = 'access.alerts-0' AND seq = 2 SETTINGS mutations_sync = 2`,
      ),
    );
    expect(code).toBe(1);
    expect(checks.get('decision_log')?.details).toEqual([
      'chain access.alerts-0, seq 2: its column state says something else than the link',
    ]);
  });
  it('finds a link that is missing', async () => {
    const { code, checks } = await afterwards((clickhouse) =>
      clickhouse.command(
        'test.tamper',
        `ALTER TABLE effects DELETE WHERE chain = 'access.alerts-0' AND seq = 4 SETTINGS mutations_sync = 2`,
      ),
    );
    expect(code).toBe(1);
    expect(checks.get('decision_log')?.details).toEqual(['chain access.alerts-0, seq 4: link 4 is missing: 5 follows']);
  });
  it('finds a second link at the same place', async () => {
    const { code, checks } = await afterwards((clickhouse, links) =>
      new ClickHouseResponseStore(clickhouse).appendEffects(
        links.slice(3, 4).map((link) => ({ ...link, reason: 'another', hash: 'f'.repeat(64) })),
      ),
    );
    expect(code).toBe(1);
    expect(checks.get('decision_log')?.details?.[0]).toMatch(/^chain access\.alerts-0, seq (3|4): /);
  });
  it('finds content that is no decision any more', async () => {
    const { code, checks } = await afterwards((clickhouse) =>
      clickhouse.command(
        'test.tamper',
        `ALTER TABLE effects UPDATE effect = '{' WHERE chain = 'access.alerts-0' AND seq = 0 SETTINGS mutations_sync = 2`,
      ),
    );
    expect(code).toBe(1);
    expect(checks.get('decision_log')?.details).toEqual(['chain access.alerts-0, seq 0: its content is no decision any more']);
  });

  it('says that a database was never migrated, and that one has drifted', async () => {
    const { code, checks } = await doctor('never_made');
    expect(code).toBe(2);
    expect(checks.get('store')?.sentence).toContain('keyward migrate');
    const drifted = await afterwards((clickhouse) =>
      clickhouse.command('test.drift', `ALTER TABLE schema_migrations UPDATE checksum = 'x' WHERE version = 3 SETTINGS mutations_sync = 2`),
    );
    expect(drifted.code).toBe(1);
    expect(drifted.checks.get('store')).toMatchObject({ health: 'broken', details: ['0003_create_alerts'] });
  });
  it('names what went to the dead letter, what waits for a receiver and which source is silent', async () => {
    const { checks } = await afterwards(async (clickhouse) => {
      const now = Date.now();
      await clickhouse.insert(
        'dead_letters',
        ['topic', 'partition', 'offset', 'source', 'code', 'message', 'bytes', 'payload'],
        Array.from({ length: 3 }, (_, offset) => [
          'access.raw.okta',
          0,
          offset,
          'okta',
          offset < 2 ? 'json.invalid' : 'okta.shape',
          'unexpected end',
          9,
          '',
        ]),
      );
      await clickhouse.insert(
        'deliveries',
        ['id', 'sink', 'alert_uid', 'state', 'attempts', 'last_error', 'updated_at'],
        [['siem/1', 'siem', 'a', 'pending', 4, 'HTTP 503', now]],
      );
      await clickhouse.insert(
        'ingest_minutes',
        ['source', 'minute', 'topic', 'partition', 'first_offset', 'kept', 'ignored', 'rejected', 'last_event_time'],
        [
          ['okta', Math.floor(now / 60_000) * 60, 'access.raw.okta', 0, 0, 5, {}, {}, now],
          ['entra', Math.floor(now / 60_000) * 60 - 3 * 86_400, 'access.raw.entra', 0, 0, 5, {}, {}, now],
        ],
      );
    });
    expect(checks.get('dead_letters')).toMatchObject({ health: 'warning', sentence: expect.stringContaining('3 records') as string });
    expect(checks.get('dead_letters')?.details?.[0]).toBe('2 of okta: json.invalid (unexpected end)');
    expect(checks.get('deliveries')?.details).toEqual(['siem: 1 waiting, 0 given up in the last 24 hours; last error: HTTP 503']);
    expect(checks.get('sources')?.details).toHaveLength(1);
    expect(checks.get('sources')?.details?.[0]).toMatch(/^entra: nothing since /);
  });
});
