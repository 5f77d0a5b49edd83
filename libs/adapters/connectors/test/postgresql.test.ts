import { OutboundHttp } from '@keyward/outbound';
import { ForbiddenError, InvalidInputError, systemClock } from '@keyward/runtime';
import { aGrant, grantRevokerContract, postgresAvailable, startPostgres, type PostgresServer, type RevokerFixture } from '@keyward/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECTORS } from '../src/index.js';

const available = postgresAvailable();
const product = CONNECTORS.find((connector) => connector.product === 'postgresql')!;
const PASSWORD = 'pw-4f1c2a';
const never = new AbortController().signal;
let server: PostgresServer;
let admin: pg.Client;
let count = 0;

const grant = (role: string, member: string) =>
  aGrant({
    system: 'ocsf',
    entitlement: `pg:role:${role}`,
    principal: `${member}@db1.example.com`,
    entitlementId: undefined!,
    scopeId: undefined!,
  });
const revoke = { reason: 'Test.', signal: never, dryRun: false, idempotencyKey: 'effect-1' };
const make = (url: string, settings: object = {}) => {
  const http = new OutboundHttp();
  return product.create('pg-test', { urlEnv: 'PG_URL', timeoutMs: 1_500, ...settings }, { http, clock: systemClock, env: { PG_URL: url } });
};
const login = async (user: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: server.urlFor(user) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
const isMember = async (role: string, member: string): Promise<boolean> => {
  const { rowCount } = await admin.query(
    'SELECT 1 FROM pg_auth_members m WHERE m.roleid = (SELECT oid FROM pg_roles WHERE rolname = $1) AND m.member = (SELECT oid FROM pg_roles WHERE rolname = $2)',
    [role, member],
  );
  return rowCount === 1;
};
/** Names with a quote, a space, upper case and an injection in them. */
const freshNames = () => {
  count += 1;
  return { role: `Dba "Team"; DROP ROLE keyward_${count} --`, member: `anna o'Berg ${count}` };
};
const create = async (role: string, member: string): Promise<void> => {
  await admin.query(`CREATE ROLE ${pg.escapeIdentifier(role)} NOLOGIN`);
  await admin.query(`CREATE ROLE ${pg.escapeIdentifier(member)} LOGIN`);
  await admin.query(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(member)}`);
};

describe.skipIf(!available)('postgresql connector on a real server (needs PostgreSQL)', () => {
  beforeAll(async () => {
    server = await startPostgres();
    admin = new pg.Client({ connectionString: server.url });
    await admin.connect();
    await admin.query(`CREATE ROLE keyward LOGIN CREATEROLE PASSWORD '${PASSWORD}'`);
    await admin.query('GRANT pg_signal_backend, pg_read_all_stats TO keyward');
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
  });

  const fixture = async (): Promise<RevokerFixture> => {
    const { role, member } = freshNames();
    await create(role, member);
    let blocker: pg.Client | undefined;
    const own = `keyward_${count}`;
    await admin.query(`CREATE ROLE ${own} LOGIN CREATEROLE IN ROLE pg_signal_backend, pg_read_all_stats`);
    const revoker = make(server.urlFor(own, PASSWORD));
    return {
      revoker,
      grant: grant(role, member),
      isActive: () => isMember(role, member),
      secrets: [PASSWORD, server.urlFor(own, PASSWORD)],
      troubles: {
        forbidden: async () => {
          await admin.query(`ALTER ROLE ${own} NOCREATEROLE`);
        },
        unauthenticated: async () => {
          await admin.query(`ALTER ROLE ${own} NOLOGIN`);
        },
        hangs: async () => {
          blocker = await login('postgres');
          await blocker.query('BEGIN');
          await blocker.query('LOCK TABLE pg_auth_members IN ACCESS EXCLUSIVE MODE');
        },
      },
      stop: async () => {
        await blocker?.query('ROLLBACK');
        await blocker?.end();
        await revoker.close?.();
      },
    };
  };
  grantRevokerContract('postgresql', fixture, ['unauthenticated', 'forbidden', 'hangs']);

  it("ends the member's sessions, also one that acts as the role, and nobody else's", async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const bystanderName = `bystander_${count}`;
    await admin.query(`CREATE ROLE ${bystanderName} LOGIN IN ROLE ${pg.escapeIdentifier(role)}`);
    const [plain, acting, bystander] = [await login(member), await login(member), await login(bystanderName)];
    await acting.query(`SET ROLE ${pg.escapeIdentifier(role)}`);
    const revoker = make(server.urlFor('keyward', PASSWORD));
    expect(await revoker.verify(grant(role, member), never)).toEqual([`${member} is still a member of ${role}`]);
    expect(await revoker.revoke(grant(role, member), revoke)).toMatchObject({ kind: 'revoked', sessionsEnded: 2 });
    await expect(plain.query('SELECT 1')).rejects.toThrow();
    await expect(acting.query('SELECT 1')).rejects.toThrow();
    expect((await bystander.query<{ n: number }>('SELECT 1 AS n')).rows[0]?.n).toBe(1);
    expect(await isMember(role, bystanderName)).toBe(true);
    expect(await revoker.verify(grant(role, member), never)).toEqual([]);
    await bystander.end();
    await revoker.close?.();
  });

  it('lets the member come back, without the role, and does not count that session as standing', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const revoker = make(server.urlFor('keyward', PASSWORD));
    await revoker.revoke(grant(role, member), revoke);
    const again = await login(member);
    await expect(again.query(`SET ROLE ${pg.escapeIdentifier(role)}`)).rejects.toMatchObject({ code: '42501' });
    expect(await revoker.verify(grant(role, member), never)).toEqual([]);
    await again.end();
    await revoker.close?.();
  });

  it('reports that the role is still reached through another group, and through which', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const [outer, inner] = [`outer_${count}`, `inner_${count}`];
    await admin.query(`CREATE ROLE ${outer} IN ROLE ${pg.escapeIdentifier(role)}`);
    await admin.query(`CREATE ROLE ${inner} IN ROLE ${outer} ROLE ${pg.escapeIdentifier(member)}`);
    const revoker = make(server.urlFor('keyward', PASSWORD));
    expect((await revoker.revoke(grant(role, member), revoke)).kind).toBe('revoked');
    expect(await revoker.verify(grant(role, member), never)).toEqual([`${member} still reaches ${role} through ${inner} and ${outer}`]);
    await revoker.close?.();
  });

  it('says that sessions are still open when it may not end them', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    await admin.query(`CREATE ROLE weak_${count} LOGIN CREATEROLE`);
    const open = await login(member);
    const revoker = make(server.urlFor(`weak_${count}`));
    await expect(revoker.revoke(grant(role, member), { ...revoke, dryRun: true })).rejects.toBeInstanceOf(ForbiddenError);
    await expect(revoker.revoke(grant(role, member), revoke)).rejects.toBeInstanceOf(ForbiddenError);
    expect(await isMember(role, member)).toBe(false);
    expect(await revoker.verify(grant(role, member), never)).toEqual([`1 sessions of ${member} from before the revocation are still open`]);
    await open.end();
    await revoker.close?.();
  });

  it('leaves sessions alone when told to', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const open = await login(member);
    const revoker = make(server.urlFor('keyward', PASSWORD), { endSessions: 'none' });
    expect(await revoker.revoke(grant(role, member), revoke)).toMatchObject({ kind: 'revoked', sessionsEnded: 0 });
    expect((await open.query('SELECT 1')).rowCount).toBe(1);
    expect(await revoker.verify(grant(role, member), never)).toEqual([]);
    await open.end();
    await revoker.close?.();
  });

  it('takes no grant from a role of which only the first 63 characters agree', async () => {
    count += 1;
    const role = `long_${count}_`.padEnd(63, 'x');
    const member = `long_member_${count}`;
    await create(role, member);
    const revoker = make(server.urlFor('keyward', PASSWORD));
    expect(await revoker.revoke(grant(`${role}tail`, member), revoke)).toEqual({ kind: 'already_absent' });
    expect(await isMember(role, member)).toBe(true);
    await revoker.close?.();
  });

  it('knows role and member by the names that the policy gives them', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const settings = { roles: { 'entra:group:PG Payments DBA': role }, members: { 'anna@example.com': member } };
    const revoker = make(server.urlFor('keyward', PASSWORD), settings);
    const jit = aGrant({ entitlement: 'entra:group:PG Payments DBA', principal: 'anna@example.com' });
    expect((await revoker.revoke(jit, revoke)).kind).toBe('revoked');
    expect(await isMember(role, member)).toBe(false);
    await revoker.close?.();
  });

  it('never takes a membership of its own role', async () => {
    const revoker = make(server.urlFor('keyward', PASSWORD));
    await expect(revoker.revoke(grant('pg_signal_backend', 'keyward'), revoke)).rejects.toBeInstanceOf(InvalidInputError);
    await revoker.close?.();
  });

  it('never takes the role from those whom the member gave it to', async () => {
    const { role, member } = freshNames();
    await create(role, member);
    const passedOn = `passed_on_${count}`;
    await admin.query(`CREATE ROLE ${passedOn}`);
    await admin.query(`GRANT ${pg.escapeIdentifier(role)} TO ${pg.escapeIdentifier(member)} WITH ADMIN OPTION`);
    const granter = await login(member);
    await granter.query(`GRANT ${pg.escapeIdentifier(role)} TO ${passedOn}`);
    await granter.end();
    const revoker = make(server.urlFor('keyward', PASSWORD));
    // Up to 15 the server lets their membership stand; from 16 on it refuses, and a person must decide.
    const outcome = await revoker.revoke(grant(role, member), revoke).catch((error: unknown) => error);
    expect([{ kind: 'revoked' }, { code: 'postgresql.dependent_grants' }]).toContainEqual(
      outcome instanceof Error ? { code: 'code' in outcome ? outcome.code : '' } : { kind: 'revoked' },
    );
    expect(await isMember(role, passedOn)).toBe(true);
    await revoker.close?.();
  });

  it('ends the sessions of members of a group, but not of those who reach the role another way', async () => {
    const { role, member: group } = freshNames();
    await create(role, group);
    const [only, both] = [`only_${count}`, `both_${count}`];
    await admin.query(`CREATE ROLE ${only} LOGIN IN ROLE ${pg.escapeIdentifier(group)}`);
    await admin.query(`CREATE ROLE ${both} LOGIN IN ROLE ${pg.escapeIdentifier(group)}, ${pg.escapeIdentifier(role)}`);
    const [ending, staying] = [await login(only), await login(both)];
    const revoker = make(server.urlFor('keyward', PASSWORD));
    expect(await revoker.revoke(grant(role, group), revoke)).toMatchObject({ kind: 'revoked', sessionsEnded: 1 });
    await expect(ending.query('SELECT 1')).rejects.toThrow();
    expect((await staying.query('SELECT 1')).rowCount).toBe(1);
    await staying.end();
    await revoker.close?.();
  });

  it('tries again when the server is not there', async () => {
    const revoker = make('postgres://keyward@127.0.0.1:1/postgres');
    await expect(revoker.revoke(grant('a', 'b'), revoke)).rejects.toMatchObject({ name: 'UnavailableError', disposition: 'retry' });
    await revoker.close?.();
  });
});
