import { OutboundHttp } from '@keyward/outbound';
import { InvalidInputError, NotFoundError, RateLimitedError, systemClock, type Clock } from '@keyward/runtime';
import { GraphServer, aGrant, grantRevokerContract, type RevokerFixture } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { entraPim } from './entra-pim.connector.js';

const never = new AbortController().signal;
const ROLE = { principalId: 'principal-anna', roleDefinitionId: 'role-global-admin', directoryScopeId: '/' };
const GROUP = { principalId: 'principal-anna', groupId: 'group-1', accessId: 'member' };
const revoke = { reason: 'Impossible travel, alert 1.', signal: never, dryRun: false, idempotencyKey: 'effect-1' };

const connect = (
  graph: GraphServer,
  { secret = graph.clientSecret, clock = systemClock, settings = {} }: { secret?: string; clock?: Clock; settings?: object } = {},
) => {
  const http = new OutboundHttp({ allowedHosts: [graph.host], timeoutMs: 400 });
  const at = { graphUrl: graph.origin, loginUrl: graph.origin, tenantId: graph.tenantId, clientId: graph.clientId };
  const all = { ...at, clientSecretEnv: 'ENTRA_SECRET', ...settings };
  return { http, revoker: entraPim.create('entra-test', all, { http, clock, env: { ENTRA_SECRET: secret } }) };
};
const graphWithAnna = async (): Promise<GraphServer> => {
  const graph = await new GraphServer().start();
  graph.users.set('anna@example.com', 'principal-anna');
  graph.roles.push({ ...ROLE });
  graph.groups.push({ ...GROUP });
  return graph;
};

const fixture = async (): Promise<RevokerFixture> => {
  const graph = await graphWithAnna();
  const { http, revoker } = connect(graph);
  return {
    revoker,
    grant: aGrant(),
    isActive: () => Promise.resolve(graph.roles.length > 0),
    secrets: [graph.clientSecret, 'Bearer token-'],
    troubles: {
      unauthenticated: () => {
        graph.fail({ path: '/roleAssignmentScheduleRequests', status: 401 }, { path: '/roleAssignmentScheduleRequests', status: 401 });
      },
      forbidden: () => {
        graph.fail({ status: 403, code: 'Authorization_RequestDenied' });
      },
      not_found: () => {
        graph.fail({ status: 404, code: 'SubjectNotFound' });
      },
      conflict: () => {
        graph.fail({ status: 409, code: 'PendingRoleAssignmentRequest' });
      },
      rate_limited: () => {
        graph.fail({ status: 429, retryAfterSeconds: 7 });
      },
      unavailable: () => {
        graph.fail({ status: 503 });
      },
      hangs: () => {
        graph.fail({ status: 'hang' });
      },
    },
    stop: async () => {
      expect(graph.problems).toEqual([]);
      await http.close();
      await graph.stop();
    },
  };
};
grantRevokerContract('entra_pim', fixture, [
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'rate_limited',
  'unavailable',
  'hangs',
]);

describe('entra pim connector', () => {
  let graph: GraphServer;
  beforeEach(async () => {
    graph = await graphWithAnna();
  });
  afterEach(async () => {
    expect(graph.problems).toEqual([]);
    await graph.stop();
  });

  it('asks for adminRemove with the ids of the grant, then revokes the sign-in sessions', async () => {
    const { revoker } = connect(graph);
    expect(await revoker.revoke(aGrant(), revoke)).toMatchObject({ kind: 'revoked', sessionsEnded: 1 });
    expect(graph.removals).toEqual([
      {
        action: 'adminRemove',
        ...ROLE,
        justification: revoke.reason,
        isValidationOnly: false,
        ticketInfo: { ticketNumber: 'effect-1', ticketSystem: 'Keyward' },
      },
    ]);
    expect(graph.sessionsRevoked).toEqual(['principal-anna']);
  });

  it('takes a membership of a group back through PIM for groups', async () => {
    const { revoker } = connect(graph);
    const grant = aGrant({ entitlement: 'entra:group:Payments admins', entitlementId: 'group-1' });
    expect((await revoker.verify(grant, never)).length).toBe(1);
    expect((await revoker.revoke(grant, revoke)).kind).toBe('revoked');
    expect(graph.groups).toEqual([]);
    expect(graph.removals[0]).toMatchObject({ action: 'adminRemove', ...GROUP });
    expect(await revoker.verify(grant, never)).toEqual([]);
    expect(graph.roles.length).toBe(1);
  });

  it('leaves the sessions alone in a dry run, and when told to', async () => {
    await connect(graph).revoker.revoke(aGrant(), { ...revoke, dryRun: true });
    expect(graph.removals).toMatchObject([{ isValidationOnly: true }]);
    await connect(graph, { settings: { endSessions: false } }).revoker.revoke(aGrant(), revoke);
    expect(graph.sessionsRevoked).toEqual([]);
  });

  it('looks principal and role up by name where the grant has no ids', async () => {
    graph.roleDefinitions.set('role-global-admin', "Global Administrator's");
    const { entitlementId: _role, principalId: _principal, ...grant } = aGrant({ entitlement: "entra:role:Global Administrator's" });
    expect((await connect(graph).revoker.revoke(grant, revoke)).kind).toBe('revoked');
  });

  it('removes nothing when the name is unknown or ambiguous', async () => {
    const { entitlementId: _id, ...grant } = aGrant();
    await expect(connect(graph).revoker.revoke(grant, revoke)).rejects.toBeInstanceOf(NotFoundError);
    graph.roleDefinitions.set('role-global-admin', 'Global Administrator').set('role-copy', 'Global Administrator');
    await expect(connect(graph).revoker.revoke(grant, revoke)).rejects.toBeInstanceOf(InvalidInputError);
    expect(graph.roles.length).toBe(1);
  });

  it('uses one token for all calls and asks for another when it ends or is refused', async () => {
    let now = 1_000_000;
    const { revoker } = connect(graph, { clock: { now: () => now } });
    const tokens = () => graph.requests.filter(({ path }) => path.endsWith('/token')).length;
    await revoker.revoke(aGrant(), revoke);
    await revoker.verify(aGrant(), never);
    expect(tokens()).toBe(1);
    graph.expireTokens();
    await revoker.verify(aGrant(), never);
    expect(tokens()).toBe(2);
    now += 3_600_000;
    await revoker.verify(aGrant(), never);
    expect(tokens()).toBe(3);
  });

  it('says that its credentials are refused, without them', async () => {
    const { revoker } = connect(graph, { secret: 'wrong-secret-value' });
    const failing = revoker.revoke(aGrant(), revoke);
    await expect(failing).rejects.toMatchObject({ name: 'UnauthenticatedError', code: 'entra_pim.credentials_refused' });
    await expect(failing).rejects.not.toThrow(/wrong-secret-value/);
  });

  it('tries again later when the activation is too young to be ended', async () => {
    graph.fail({ status: 400, code: 'ActiveDurationTooShort' });
    await expect(connect(graph).revoker.revoke(aGrant(), revoke)).rejects.toBeInstanceOf(RateLimitedError);
  });

  it('ends the sessions on the second try when the first was cut off between the calls', async () => {
    graph.fail({ path: 'revokeSignInSessions', status: 503 });
    const { revoker } = connect(graph);
    await expect(revoker.revoke(aGrant(), revoke)).rejects.toMatchObject({ disposition: 'retry' });
    expect(await revoker.revoke(aGrant(), revoke)).toEqual({ kind: 'already_absent' });
    expect(graph.sessionsRevoked).toEqual(['principal-anna']);
  });

  it('says what the directory says, also while that is still the old truth', async () => {
    const { revoker } = connect(graph);
    await revoker.revoke(aGrant(), revoke);
    graph.staleLooks = 1;
    expect(await revoker.verify(aGrant(), never)).toEqual(['The role is still active in scope / (activated, direct).']);
    expect(await revoker.verify(aGrant(), never)).toEqual([]);
  });

  it('leaves roles of Azure resources to another API, without asking Graph', async () => {
    const grant = aGrant({ scopeId: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg' });
    await expect(connect(graph).revoker.revoke(grant, revoke)).rejects.toMatchObject({
      code: 'entra_pim.azure_resource',
      disposition: 'reject',
    });
    expect(graph.requests).toEqual([]);
  });

  it('counts an assignment for the whole directory as access to each part of it', async () => {
    const grant = aGrant({ scopeId: '/administrativeUnits/au-1' });
    expect((await connect(graph).revoker.verify(grant, never)).length).toBe(1);
  });
});
