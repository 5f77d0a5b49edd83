import { aGrant } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { fillTemplate } from './fill-template.js';
import { PostgresqlSettings } from './postgresql/settings.js';

describe('mapping of a grant to its target', () => {
  const grant = aGrant({ entitlement: 'cyberark:safe:PROD:db', principal: 'Anna.Berg@example.com' });
  it.each([
    ['{entitlement.name}', 'PROD:db'],
    ['{entitlement.system}_{entitlement.kind}', 'cyberark_safe'],
    ['{principal.local}', 'Anna.Berg'],
    ['pg-{principalId}', 'pg-principal-anna'],
    ['fixed', 'fixed'],
  ])('%s is %s', (template, expected) => {
    expect(fillTemplate(template, grant)).toBe(expected);
  });

  it('fails when the grant lacks what the template needs, instead of leaving a hole', () => {
    const { entitlementId: _id, ...bare } = grant;
    expect(() => fillTemplate('{entitlementId}', bare)).toThrow(/entitlementId/);
  });

  it('puts text of the grant in as it is: a placeholder in a name is not filled again', () => {
    expect(fillTemplate('{principal}', aGrant({ principal: '{principalId}$&' }))).toBe('{principalId}$&');
  });

  it('turns an unknown placeholder down when the policy is read', () => {
    expect(PostgresqlSettings.safeParse({ urlEnv: 'PG_URL', role: '{constructor}' }).success).toBe(false);
    expect(PostgresqlSettings.safeParse({ urlEnv: 'PG_URL', role: '{entitlement.name}' }).success).toBe(true);
  });
});
