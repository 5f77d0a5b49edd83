import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesAny } from './pattern.js';
import { parsePolicy } from './parse-policy.js';
import { DEFAULT_POLICY } from './policy.js';

const FULL = `
version: 1
rules:
  - id: contain-admins
    who: { privileged: true, groups: ['grp-admins*'] }
    when: { detections: [impossible_travel, mfa_fatigue], minScore: 70, minSeverity: high }
    grants: { entitlements: ['entra:role:*'], take: named }
    mode: approve
    approvals: 2
connectors:
  - id: entra-main
    product: entra_pim
    grants: ['entra:*']
    settings: { tenantId: example.com, clientSecretEnv: ENTRA_SECRET }
guardRails:
  maxRevocationsPerHour: 3
  protected: { identities: [p-ceo] }
sinks:
  - { id: siem, product: webhook, settings: { url: 'https://siem.example.com', secretEnvs: [SIEM_SECRET] } }
`;
const problemsOf = (text: string) => {
  const parsed = parsePolicy(text);
  return parsed.ok ? [] : parsed.problems.map(({ line, path }) => `${line} ${path}`);
};

describe('policy file', () => {
  it('observes everything and takes only JIT grants, unless told otherwise', () => {
    expect(DEFAULT_POLICY.rules).toMatchObject([{ mode: 'observe', grants: { jitOnly: true, entitlements: ['*'] } }]);
    expect(DEFAULT_POLICY.guardRails).toMatchObject({ maxRevocationsPerHour: 10, coolDownMinutes: 60 });
    expect(parsePolicy('version: 1\nrules: [{ id: a }]')).toMatchObject({ ok: true, policy: { rules: [{ id: 'a', mode: 'observe' }] } });
  });

  it('is read with its defaults filled in', () => {
    expect(parsePolicy(FULL)).toMatchObject({
      ok: true,
      policy: {
        rules: [{ mode: 'approve', approvals: 2, grants: { jitOnly: true, systems: ['*'] }, when: { minEntityRisk: 0 } }],
        guardRails: { maxRevocationsPerHour: 3, coolDownMinutes: 60, protected: { identities: ['p-ceo'], kinds: [] } },
        sinks: [{ minSeverity: 'low' }],
      },
    });
  });

  it.each([
    ['a mode that does not exist', 'mode: approve', 'mode: kill', ['8 rules.0.mode']],
    ['a misspelt key', 'maxRevocationsPerHour: 3', 'maxRevocationPerHour: 3', ['16 guardRails']],
    ['a score beyond 100', 'minScore: 70', 'minScore: 170', ['6 rules.0.when.minScore']],
    ['an inline secret', 'clientSecretEnv: ENTRA_SECRET', 'clientSecret: hunter2', ['14 connectors.0.settings.clientSecret']],
    [
      'a secret in place of its name',
      'clientSecretEnv: ENTRA_SECRET',
      'clientSecretEnv: hunter2',
      ['14 connectors.0.settings.clientSecretEnv'],
    ],
    ['a webhook secret among names', 'secretEnvs: [SIEM_SECRET]', 'secretEnvs: [whsec_abc]', ['19 sinks.0.settings.secretEnvs.0']],
    ['a password in an address', 'https://siem.example.com', 'https://u:pw@siem.example.com', ['19 sinks.0.settings.url']],
    [
      'a second connector of one id',
      '\nguardRails:',
      "\n  - { id: entra-main, product: webhook, grants: ['*'] }\nguardRails:",
      ['11 connectors'],
    ],
  ])('names line and path of %s', (_what, from, to, expected) => {
    expect(FULL).toContain(from);
    expect(problemsOf(FULL.replace(from, to))).toEqual(expected);
  });

  it('takes the name of an entitlement for no secret, whatever word is in it', () => {
    const settings = "settings: { roles: { 'entra:group:Password admins': pw_admin }, clientSecretEnv: ENTRA_SECRET }";
    expect(problemsOf(FULL.replace('settings: { tenantId: example.com, clientSecretEnv: ENTRA_SECRET }', settings))).toEqual([]);
  });

  it('never repeats a secret in its message', () => {
    const parsed = parsePolicy(FULL.replace('clientSecretEnv: ENTRA_SECRET', 'clientSecret: hunter2'));
    expect(parsed.ok ? '' : parsed.message).toMatch(/line 14, connectors\.0\.settings\.clientSecret/);
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });

  it('says where YAML itself is wrong', () => {
    expect(parsePolicy('version: 1\nrules: [{ id: a }')).toMatchObject({ ok: false });
    expect(problemsOf('version: 1\nversion: 1')).toEqual(['2 ']);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'b', ':', '-', '[', ']', '{', '}', '*', '&', '!', '|', '>', '\n', '\t', ' ', '"', "'", '0', '?'),
        }),
        (text) => typeof parsePolicy(text).ok === 'boolean',
      ),
    );
    const laughs = `a: &a [x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c,*c,*c]`;
    expect(parsePolicy(laughs).ok).toBe(false);
  });
});

describe('patterns', () => {
  it.each([
    ['entra:role:*', 'entra:role:Global Administrator', true],
    ['entra:role:*', 'okta:role:Admin', false],
    ['*:role:*admin*', 'entra:role:Global Administrator', true],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'acb', false],
    ['.*', 'x', false],
  ])('%s against %s is %s', (pattern, text, expected) => {
    expect(matchesAny([pattern], text)).toBe(expected);
  });

  it('agree with a regular expression, in linear time', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(
        letters,
        plain,
        (pattern, text) => matchesAny([pattern], text) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text),
      ),
    );
    const started = performance.now();
    matchesAny([`${'a*'.repeat(50)}b`], 'a'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(200);
  });
});
