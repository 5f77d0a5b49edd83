import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem, ROLES, ROUTE_LIST, SessionInfo, type AuditPage, type RouteAccess } from '@keyward/contract';
import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';

let test: TestApi;
beforeAll(async () => {
  test = await startTestApi({ KEYWARD_SESSION_IDLE_MINUTES: '60', KEYWARD_SESSION_HOURS: '12' });
});
afterAll(() => test.close());

const problem = async (answer: Response): Promise<Problem> => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  return Problem.parse(await answer.json());
};

describe('signing in', () => {
  it('makes the first administrator once', () => {
    expect(test.api.firstAdmin?.user).toBe('admin');
    expect(test.adminPassword).toMatch(/^[A-Za-z2-9]{20}$/);
  });
  it('sets a cookie that scripts and other sites never see, and answers with role and CSRF token', async () => {
    const client = test.client();
    const answer = await client.login('admin', test.adminPassword);
    expect(answer.status).toBe(200);
    const cookie = answer.headers.getSetCookie().join();
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const session = SessionInfo.parse(await (await client.get('/v1/session')).json());
    expect(session).toMatchObject({ user: 'admin', role: 'admin', csrfToken: client.csrf });
  });
  it('answers the same for a wrong password and an unknown user', async () => {
    const wrong = await problem(await test.client().login('admin', 'not the password'));
    const unknown = await problem(await test.client().login('nobody.at.all', 'not the password'));
    expect({ ...wrong, requestId: '' }).toEqual({ ...unknown, requestId: '' });
    expect(wrong).toMatchObject({ status: 401, code: 'auth.wrong_credentials' });
  });
  it('ends at logout at once', async () => {
    const client = await test.admin();
    expect((await client.send('DELETE', '/v1/session')).status).toBe(204);
    const again = test.client();
    again.cookie = client.cookie;
    expect((await problem(await again.get('/v1/session'))).code).toBe('auth.required');
  });
  it('ends after an hour without a request, and after twelve in any case', async () => {
    const idle = await test.admin();
    test.clock.advance(HOUR_MS + MINUTE_MS);
    expect((await idle.get('/v1/session')).status).toBe(401);
    const busy = await test.admin();
    for (let half = 0; half < 23; half += 1) {
      test.clock.advance(30 * MINUTE_MS);
      expect((await busy.get('/v1/session')).status).toBe(200);
    }
    test.clock.advance(31 * MINUTE_MS);
    expect((await busy.get('/v1/session')).status).toBe(401);
  });
  it('stores neither cookies nor tokens nor passwords', async () => {
    const client = await test.admin();
    const token = await test.token('read');
    const secret = client.cookie.split('=')[1] ?? '?';
    const dump = JSON.stringify([await test.accounts.users.list(), await test.accounts.tokens.list()]);
    for (const text of [secret, token, test.adminPassword]) expect(dump).not.toContain(text);
    expect(await test.accounts.sessions.findValid(secret, 0, 0)).toBeUndefined();
  });
});

describe('requests that the person did not mean', () => {
  it('are refused without the CSRF token of the session, and with that of another', async () => {
    const client = await test.as('admin');
    const other = await test.as('admin');
    const mine = client.csrf;
    for (const csrf of ['', 'x', other.csrf]) {
      client.csrf = csrf;
      expect(await problem(await client.send('POST', '/v1/tokens', { name: 'x', scopes: ['read'] }))).toMatchObject({
        status: 403,
        code: 'auth.csrf',
      });
    }
    client.csrf = mine;
    expect((await client.send('POST', '/v1/tokens', { name: 'x', scopes: ['read'] })).status).toBe(201);
  });
  it('are refused when the browser says that another site sent them', async () => {
    const client = await test.as('analyst');
    const answer = await client.send('POST', '/v1/alerts/actions', { uids: ['a'], status: 'resolved' }, { 'sec-fetch-site': 'cross-site' });
    expect((await problem(answer)).code).toBe('auth.csrf');
    const login = await test
      .client()
      .send('POST', '/v1/session', { user: 'admin', password: test.adminPassword }, { 'sec-fetch-site': 'cross-site' });
    expect(login.status).toBe(403);
  });
  it('are refused as a form post', async () => {
    const answer = await test
      .client()
      .send('POST', '/v1/session', 'user=admin&password=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(await problem(answer)).toMatchObject({ status: 415, code: 'request.unsupported_media_type' });
  });
});

describe('guessing passwords', () => {
  it('has to wait after five failures, ever longer, and is free again later', async () => {
    const user = 'somebody.else';
    for (let attempt = 0; attempt < 5; attempt += 1) expect((await test.client().login(user, `guess ${attempt}`)).status).toBe(401);
    const blocked = await test.client().login(user, 'guess');
    expect(await problem(blocked.clone())).toMatchObject({ status: 429, code: 'auth.too_many_attempts' });
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
    test.clock.advance(2_000);
    expect((await test.client().login(user, 'guess')).status).toBe(401);
    test.clock.advance(1_500);
    expect((await test.client().login(user, 'guess')).status).toBe(429);
    test.clock.advance(16 * MINUTE_MS);
    expect((await test.client().login(user, 'guess')).status).toBe(401);
    test.clock.advance(16 * MINUTE_MS);
  });
  it('gains nothing from trying in parallel', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => test.client().login('parallel.victim', `guess ${n}`)));
    // Five are free; while they are checked a second or two may pass, which allows one or two more.
    expect(answers.filter((answer) => answer.status === 401).length).toBeLessThanOrEqual(7);
    test.clock.advance(16 * MINUTE_MS);
  });
  it('slows down an address that tries many users', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1) statuses.push((await test.client().login(`user${n}`, 'spring2026')).status);
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(21);
    expect(statuses.at(-1)).toBe(429);
    test.clock.advance(16 * MINUTE_MS);
  });
});

const PARAMS = { uid: 'none', id: 'none', name: 'nobody', source: 'okta', file: 'groups' };
const fill = (path: string): string => path.replace(/:([a-z]+)/gi, (_, name: string) => Reflect.get(PARAMS, name) as string);

/** Whether each kind of caller gets past the guard. */
const ALLOWED: Readonly<Record<RouteAccess, readonly string[]>> = {
  public: ['nobody', ...ROLES, 'read', 'respond', 'ingest:okta', 'ingest:entra', 'scim:okta'],
  // These tests run on loopback.
  local: ['nobody', ...ROLES, 'read', 'respond', 'ingest:okta', 'ingest:entra', 'scim:okta'],
  signed_in: [...ROLES],
  viewer: [...ROLES, 'read', 'respond'],
  analyst: ['analyst', 'responder', 'admin', 'respond'],
  responder: ['responder', 'admin', 'respond'],
  admin: ['admin'],
  ingest: ['ingest:okta'],
  scim: ['scim:okta'],
};

describe('every route for every caller', () => {
  const callers = new Map<string, Client>();
  beforeAll(async () => {
    callers.set('nobody', test.client());
    for (const role of ROLES) callers.set(role, await test.as(role));
    for (const scope of ['read', 'respond', 'ingest:okta', 'ingest:entra', 'scim:okta']) callers.set(scope, await test.bearer(scope));
  });

  it.each(ROUTE_LIST.map(([name, route]) => ({ name, route })))('$name', async ({ name, route }) => {
    // Signing out would end the session for the routes after; a stream does not end.
    if (name === 'session.logout' || name === 'stream.open') return;
    for (const [who, client] of callers) {
      const body = route.consumes ? '' : route.method === 'GET' || route.method === 'DELETE' ? undefined : { nonsense: true };
      const answer = await client.send(
        route.method,
        fill(route.path),
        body,
        route.consumes ? { 'content-type': 'application/x-ndjson' } : {},
      );
      const text = await answer.text();
      const refused = answer.status === 401 ? !text.includes('auth.wrong_credentials') : answer.status === 403;
      expect(refused, `${who} at ${name}: ${answer.status} ${text.slice(0, 200)}`).toBe(!ALLOWED[route.access].includes(who));
      if (refused) expect(answer.status, who).toBe(who === 'nobody' ? 401 : 403);
      expect(answer.status, text.slice(0, 300)).toBeLessThan(500);
    }
  });

  it('the live stream is for those who may read', async () => {
    for (const [who, client] of callers) {
      const answer = await client.get('/v1/stream');
      expect(answer.status === 200, who).toBe(ALLOWED.viewer.includes(who));
      await answer.body?.cancel();
    }
  });
  it('health and metrics are for this machine only, also behind a proxy on it', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    expect((await test.client().get('/readyz', forwarded)).status).toBe(401);
    expect((await test.client().get('/metrics', forwarded)).status).toBe(401);
    expect((await (await test.bearer('read')).get('/metrics', forwarded)).status).toBe(200);
    expect((await test.client().get('/healthz', forwarded)).status).toBe(200);
  });
});

describe('users and tokens', () => {
  it('a password made by an administrator has to be changed before anything else', async () => {
    const admin = await test.admin();
    const made = await admin.send('POST', '/v1/users', { name: 'newcomer', role: 'analyst' });
    expect(made.status).toBe(201);
    const { password = '' } = await answerOf('users.create', made);
    const client = test.client();
    await client.login('newcomer', password);
    expect((await problem(await client.get('/v1/alerts'))).code).toBe('auth.password_change_required');
    const weak = await client.send('PUT', '/v1/session/password', { current: password, next: 'newcomer-2026' });
    expect((await problem(weak)).code).toBe('auth.weak_password');
    const wrong = await problem(
      await client.send('PUT', '/v1/session/password', { current: 'not this one', next: 'a long enough sentence' }),
    );
    expect(wrong).toMatchObject({ status: 401, code: 'auth.wrong_credentials', detail: 'The current password is wrong.' });
    const before = client.cookie;
    const changed = await client.send('PUT', '/v1/session/password', { current: password, next: 'a long enough sentence' });
    expect(changed.status).toBe(200);
    expect(client.cookie).not.toBe(before);
    expect((await client.get('/v1/alerts')).status).toBe(200);
    const old = test.client();
    old.cookie = before;
    expect((await old.get('/v1/session')).status).toBe(401);
  });
  it('a change of role or state ends the sessions at once', async () => {
    const admin = await test.admin();
    const victim = await test.as('responder');
    const { user } = SessionInfo.parse(await (await victim.get('/v1/session')).json());
    expect((await admin.send('PATCH', `/v1/users/${user}`, { role: 'viewer' })).status).toBe(200);
    expect((await victim.get('/v1/session')).status).toBe(401);
  });
  it('the last administrator stays', async () => {
    const admin = await test.admin();
    for (const user of (await answerOf('users.list', await admin.get('/v1/users'))).items) {
      if (user.role === 'admin' && user.name !== 'admin') await admin.send('DELETE', `/v1/users/${user.name}`);
    }
    expect((await problem(await admin.send('PATCH', '/v1/users/admin', { role: 'viewer' }))).status).toBe(409);
    expect((await problem(await admin.send('DELETE', '/v1/users/admin'))).status).toBe(403);
  });
  it('a revoked or expired token is refused, and the list never shows it', async () => {
    const admin = await test.admin();
    const created = await answerOf('tokens.create', await admin.send('POST', '/v1/tokens', { name: 'siem', scopes: ['read'] }));
    const client = test.client({ authorization: `Bearer ${created.token}` });
    expect((await client.get('/v1/alerts')).status).toBe(200);
    expect(await (await admin.get('/v1/tokens')).text()).not.toContain(created.token);
    expect((await admin.send('DELETE', `/v1/tokens/${created.record.id}`)).status).toBe(204);
    expect((await client.get('/v1/alerts')).status).toBe(401);
    const expiresAt = new Date(test.clock.now() + HOUR_MS).toISOString();
    const short = await answerOf('tokens.create', await admin.send('POST', '/v1/tokens', { name: 'short', scopes: ['read'], expiresAt }));
    const shortLived = test.client({ authorization: `Bearer ${short.token}` });
    expect((await shortLived.get('/v1/alerts')).status).toBe(200);
    test.clock.advance(2 * HOUR_MS);
    expect((await shortLived.get('/v1/alerts')).status).toBe(401);
  });
  it('all of this stands in the audit log, newest first, page by page', async () => {
    const admin = await test.admin();
    const seen: string[] = [];
    let cursor: string | null = '';
    const actions = new Set<string>();
    while (cursor !== null) {
      const page: AuditPage = await answerOf(
        'audit.list',
        await admin.get(`/v1/audit?limit=7${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`),
      );
      seen.push(...page.items.map((entry) => entry.id));
      page.items.forEach((entry) => actions.add(entry.action));
      cursor = page.nextCursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect([...actions]).toEqual(
      expect.arrayContaining(['session.login', 'session.logout', 'user.create', 'user.change', 'token.create', 'token.revoke']),
    );
  });
});

describe('answers', () => {
  it('carry the security headers, also when they are problems', async () => {
    for (const path of ['/v1/session', '/healthz', '/nowhere']) {
      const { headers } = await test.client().get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });
  it('are problems with a stable code for what does not exist or is not right', async () => {
    const client = await test.as('viewer');
    expect(await problem(await client.get('/v1/nothing'))).toMatchObject({ status: 404, code: 'not_found' });
    expect(await problem(await client.get('/v1/alerts?status=gone'))).toMatchObject({ status: 400, code: 'request.invalid' });
    expect(await problem(await client.get('/v1/alerts?cursor=xyz'))).toMatchObject({ status: 400, code: 'cursor.invalid' });
    expect(await problem(await client.get('/v1/alerts/none'))).toMatchObject({ status: 404, code: 'not_found' });
    const analyst = await test.as('analyst');
    const broken = await analyst.send('POST', '/v1/alerts/actions', '{"uids": [', { 'content-type': 'application/json' });
    expect(await problem(broken)).toMatchObject({ status: 400, code: 'request.invalid' });
    const large = await analyst.send('POST', '/v1/alerts/actions', JSON.stringify({ note: 'x'.repeat(300_000) }), {
      'content-type': 'application/json',
    });
    expect(await problem(large)).toMatchObject({ status: 413, code: 'request.too_large' });
    const poisoned = await analyst.send('POST', '/v1/alerts/actions', '{"__proto__": {"role": "admin"}, "uids": ["a"], "status": "new"}', {
      'content-type': 'application/json',
    });
    expect(poisoned.status).toBe(400);
  });
});
