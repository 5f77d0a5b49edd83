import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AlertQuery, EventQuery, GrantQuery, NewDecision, Role, ROLES, roleAtLeast, ROUTE_LIST, routePath, TokenScope } from './index.js';

describe('the table of routes', () => {
  it('has no two routes with the same method and path', () => {
    const keys = ROUTE_LIST.map(([, route]) => `${route.method} ${route.path.replace(/:[a-z]+/gi, ':x')}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('says for each unsafe route who may call it, and only signing in is public', () => {
    const open = ROUTE_LIST.filter(([, route]) => route.method !== 'GET' && route.access === 'public').map(([name]) => name);
    expect(open).toEqual(['session.login']);
  });
  it('can be described as JSON Schema, request and answer', () => {
    for (const [name, route] of ROUTE_LIST) {
      for (const schema of [route.query, route.body])
        if (schema)
          expect(Object.keys(z.toJSONSchema(schema, { io: 'input' })), name).toEqual(
            expect.arrayContaining([expect.stringMatching(/^(type|oneOf)$/)]),
          );
      if (route.response) expect(z.toJSONSchema(route.response, { io: 'output' }), name).toHaveProperty('type');
    }
  });
  it('escapes parameters of a path', () => {
    expect(routePath('identities.show', { id: 'okta:a/b?c' })).toBe('/v1/identities/okta%3Aa%2Fb%3Fc');
    expect(() => routePath('identities.show')).toThrow('needs the parameter id');
  });
});

describe('queries', () => {
  it('read comma separated lists and numbers, and fill in defaults', () => {
    expect(AlertQuery.parse({ status: 'new,in_progress', minScore: '40' })).toEqual({
      status: ['new', 'in_progress'],
      minScore: 40,
      sort: 'newest',
      limit: 50,
    });
    expect(GrantQuery.parse({ jit: 'true' }).jit).toBe(true);
  });
  it('refuse what a filter does not know', () => {
    expect(AlertQuery.safeParse({ status: 'gone' }).success).toBe(false);
    expect(EventQuery.safeParse({ limit: '1000' }).success).toBe(false);
    expect(EventQuery.safeParse({ from: 'yesterday' }).success).toBe(false);
  });
});

describe('decisions, roles and scopes', () => {
  it('refuse a decision without a reason', () => {
    expect(NewDecision.safeParse({ kind: 'approve', effectUid: 'e1', reason: '  ' }).success).toBe(false);
    expect(NewDecision.safeParse({ kind: 'approve', effectUid: 'e1', reason: 'Asked the owner' }).success).toBe(true);
  });
  it('order the roles', () => {
    expect(ROLES.map((role) => roleAtLeast(role, 'responder'))).toEqual([false, false, true, true]);
    expect(Role.safeParse('root').success).toBe(false);
  });
  it('take only known scopes', () => {
    expect(
      ['ingest:okta', 'ingest:*', 'read', 'respond', 'scim', 'scim:okta', 'admin', 'ingest:', 'ingest:a b', 'scim:*'].map(
        (scope) => TokenScope.safeParse(scope).success,
      ),
    ).toEqual([true, true, true, true, true, true, false, false, false, false]);
  });
});
