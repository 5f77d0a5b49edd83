import { createHash } from 'node:crypto';
import { DAY_MS } from '@keyward/events';
import { demoStart, liveIntruder, makePeople, type VendorRecord } from '@keyward/fixtures';
import { Effect, verifyChain } from '@keyward/response';
import { GraphServer, postgresAvailable, startPostgres, startReceiver, type PostgresServer, type Receiver } from '@keyward/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, demoOrganisation, kafkaAvailable, pause, produce, startLine, until, type RunningLine } from './harness.js';

const available = kafkaAvailable() && postgresAvailable();
const GROUP = 'pg-payments-admin';
const ROLE = { name: 'Application Administrator', id: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3' };
const victim = makePeople()[17]!;
const member = victim.upn.split('@')[0]!;

interface EffectRow extends Record<string, unknown> {
  readonly effect: string;
}

/** The intruder of the demo, with a directory role in place of the database group. */
const withRole = (records: readonly VendorRecord[]): readonly VendorRecord[] =>
  records.map((record) => ({
    ...record,
    record: JSON.parse(
      JSON.stringify(record.record)
        .replaceAll('GroupManagement', 'RoleManagement')
        .replaceAll('"type":"Group"', '"type":"Role"')
        .replaceAll(GROUP, ROLE.name)
        .replaceAll('5a1d3a0e-6f0c-4b57-9d0c-1c54b5c0a7aa', ROLE.id),
    ) as object,
  }));

describe.skipIf(!available)('the straight line, on a real broker, store and PostgreSQL (needs Apache Kafka and PostgreSQL)', () => {
  let servers: Servers;
  let postgres: PostgresServer;
  let graph: GraphServer;
  let receiver: Receiver;
  let line: RunningLine;
  let admin: pg.Client;
  let session: pg.Client;
  let sessionEnded = false;
  const begin = Date.now() - 3 * 60_000;

  const isMember = async (): Promise<boolean> => {
    const { rowCount } = await admin.query(
      'SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member WHERE r.rolname = $1 AND u.rolname = $2',
      [GROUP, member],
    );
    return rowCount === 1;
  };
  const sessionsOfMember = async (): Promise<number> =>
    (await admin.query('SELECT 1 FROM pg_stat_activity WHERE usename = $1', [member])).rowCount ?? 0;
  const effectsOf = async (entitlement: string): Promise<Effect[]> =>
    (
      await line.ground.rows<EffectRow>('SELECT effect FROM effects FINAL WHERE entitlement = {entitlement:String} ORDER BY at, seq', {
        entitlement,
      })
    ).map(({ effect }) => Effect.parse(JSON.parse(effect)));
  const everyChainHolds = async (): Promise<void> => {
    const rows = (await line.ground.rows<EffectRow>('SELECT effect FROM effects FINAL ORDER BY chain, seq')).map(({ effect }) =>
      Effect.parse(JSON.parse(effect)),
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const chain of new Set(rows.map((row) => row.chain)))
      expect(verifyChain(rows.filter((row) => row.chain === chain))).toMatchObject({ ok: true });
  };

  beforeAll(async () => {
    [servers, postgres, graph, receiver] = await Promise.all([
      Servers.start(),
      startPostgres(),
      new GraphServer().start(),
      startReceiver(),
    ]);
    admin = new pg.Client({ connectionString: postgres.url });
    await admin.connect();
    await admin.query(`CREATE ROLE ${pg.escapeIdentifier(GROUP)} NOLOGIN`);
    await admin.query(`CREATE ROLE ${pg.escapeIdentifier(member)} LOGIN`);
    await admin.query(`GRANT ${pg.escapeIdentifier(GROUP)} TO ${pg.escapeIdentifier(member)}`);
    session = new pg.Client({ connectionString: postgres.urlFor(member) });
    session.on('error', () => undefined);
    session.on('end', () => {
      sessionEnded = true;
    });
    await session.connect();
    await session.query(`SET ROLE ${pg.escapeIdentifier(GROUP)}`);
    graph.users.set(victim.upn, victim.entraId);
    graph.roleDefinitions.set(ROLE.name, ROLE.id);
    graph.roles.push({ principalId: victim.entraId, roleDefinitionId: ROLE.id, directoryScopeId: '/' });

    line = await startLine(servers, {
      organisation: demoOrganisation(demoStart(begin)),
      policy: `version: 1
rules:
  - id: take-it-back
    when: { detections: [mfa_fatigue, jit_self_approval], minSeverity: high }
    mode: enforce
connectors:
  - id: payments-db
    product: postgresql
    grants: ['entra:group:${GROUP}']
    settings: { urlEnv: TEST_PG_URL, role: '{entitlement.name}', member: '{principal.local}' }
  - id: entra
    product: entra_pim
    grants: ['entra:role:*']
    settings:
      tenantId: ${graph.tenantId}
      clientId: ${graph.clientId}
      clientSecretEnv: TEST_GRAPH_SECRET
      graphUrl: ${graph.origin}
      loginUrl: ${graph.origin}
sinks:
  - id: siem
    product: webhook
    minSeverity: high
    settings: { url: '${receiver.url}', secretEnvs: [TEST_SIEM_SECRET] }
`,
      env: {
        TEST_PG_URL: postgres.url,
        TEST_GRAPH_SECRET: graph.clientSecret,
        TEST_SIEM_SECRET: receiver.secret,
        KEYWARD_OUTBOUND_ALLOWED_HOSTS: `${receiver.host},${graph.host}`,
      },
    });
  });
  afterAll(async () => {
    await line.stop();
    await session.end().catch(() => undefined);
    await admin.end();
    await Promise.all([servers.close(), postgres.stop(), graph.stop(), receiver.stop()]);
  });

  it('makes one scored row of one vendor record that a plain Kafka client produced, within seconds', async () => {
    const producer = await servers.plainProducer();
    const record = {
      uuid: 'e2a4b0de-0000-4000-8000-000000000001',
      published: new Date(begin).toISOString(),
      eventType: 'user.session.start',
      displayMessage: 'User login to Okta',
      severity: 'INFO',
      outcome: { result: 'SUCCESS' },
      actor: { id: '00uexample', type: 'User', alternateId: 'ada.abend@example.com', displayName: 'Ada Abend' },
      client: { ipAddress: '198.51.100.7', userAgent: { rawUserAgent: 'Mozilla/5.0', os: 'Windows 11', browser: 'CHROME' } },
      authenticationContext: { externalSessionId: 'session-1' },
    };
    const sent = performance.now();
    await producer.send({ topic: 'access.raw.okta', messages: [{ value: JSON.stringify(record) }] });
    const row = await until('the row', async () => {
      const rows = await line.ground.rows<{ identity: string; native_id: string; score: number; p: number; snapshot: string }>(
        'SELECT identity, native_id, score, p, snapshot FROM access_events',
      );
      return rows.length > 0 && rows;
    });
    expect(row).toHaveLength(1);
    expect(row[0]).toMatchObject({ identity: 'p-ada-abend', native_id: record.uuid });
    expect(row[0]!.p).toBeGreaterThan(0);
    expect(row[0]!.snapshot).not.toBe('');
    // Stages join their groups in the first seconds; a record after that takes a fraction of one.
    expect(performance.now() - sent).toBeLessThan(30_000);
  });

  it("takes the role back that an intruder's group activation stands for: alert, one signed POST, REVOKE, session ended, verified", async () => {
    expect(await isMember()).toBe(true);
    expect(await sessionsOfMember()).toBe(1);
    const producer = await servers.plainProducer();
    await produce(producer, liveIntruder(begin));

    const steps = await until('the verified revocation', async () => {
      const found = await effectsOf(`entra:group:${GROUP}`);
      return found.some(({ state }) => state === 'verified') && found;
    });
    expect(steps.map(({ state }) => state)).toEqual(['revoking', 'revoked', 'verified']);
    expect(new Set(steps.map(({ uid }) => uid)).size).toBe(1);
    expect(steps[1]?.detail).toContain('1 sessions ended');
    expect(await isMember()).toBe(false);
    expect(await sessionsOfMember()).toBe(0);
    await until('the client to hear of it', () => Promise.resolve(sessionEnded), 5_000);

    await line.ground.settled();
    const [grant] = await line.ground.rows<{ state: string; identity: string }>(
      `SELECT state, identity FROM grants FINAL WHERE entitlement = 'entra:group:${GROUP}'`,
    );
    expect(grant).toEqual({ state: 'revoked', identity: victim.id });
    const alerts = await line.ground.rows<{ uid: string; detections: string[]; alert: string }>(
      `SELECT uid, detections, alert FROM alerts FINAL WHERE identity = '${victim.id}'`,
    );
    expect(alerts.flatMap(({ detections }) => detections)).toContain('mfa_fatigue');

    // One POST for each alert version that is told of, each with a right signature, none twice.
    expect(receiver.problems).toEqual([]);
    expect(receiver.received.length).toBeGreaterThan(0);
    expect(receiver.unique()).toHaveLength(receiver.received.length);
    const delivered = await line.ground.count('deliveries', "state = 'delivered'");
    expect(receiver.received).toHaveLength(delivered);
    for (const { json } of receiver.received) expect(json).toMatchObject({ specversion: '1.0', data: { class_uid: 2004 } });
    await everyChainHolds();
  });

  it('removes an activated directory role at Graph with adminRemove, and ends the sessions', async () => {
    const producer = await servers.plainProducer();
    // The same intruder a minute later, so that the alert grows: same person, another grant.
    await produce(producer, withRole(liveIntruder(begin + 60_000)));
    const steps = await until('the verified removal', async () => {
      const found = await effectsOf(`entra:role:${ROLE.name}`);
      return found.some(({ state }) => state === 'verified') && found;
    });
    expect(steps.map(({ state }) => state)).toEqual(['revoking', 'revoked', 'verified']);
    expect(graph.removals.filter((removal) => removal['isValidationOnly'] !== true)).toEqual([
      expect.objectContaining({ action: 'adminRemove', principalId: victim.entraId, roleDefinitionId: ROLE.id }),
    ]);
    expect(graph.sessionsRevoked).toEqual([victim.entraId]);
    expect(graph.roles).toEqual([]);
    expect(graph.problems).toEqual([]);
    await everyChainHolds();
  });

  it('does nothing again when the same alerts come again', async () => {
    await line.ground.settled();
    const state = async (): Promise<string> => {
      const effects = await line.ground.rows<EffectRow>('SELECT effect FROM effects FINAL ORDER BY chain, seq');
      return createHash('sha256').update(JSON.stringify(effects)).digest('hex');
    };
    const before = { effects: await state(), posts: receiver.received.length, removals: graph.removals.length };
    const again = await servers.read('access.alerts');
    expect(again.length).toBeGreaterThan(0);
    const producer = await servers.plainProducer();
    await producer.send({ topic: 'access.alerts', messages: again.map(({ key, value }) => ({ key, value })) });
    await line.ground.settled();
    await pause(500);
    expect({ effects: await state(), posts: receiver.received.length, removals: graph.removals.length }).toEqual(before);
    expect(begin).toBeGreaterThan(Date.now() - DAY_MS);
  });
});
