import fc from 'fast-check';
import type { AccessEvent, Part, Privilege } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { advanceFacts, emptyFacts, factsFromOrganisation } from './advance-facts.js';
import { buildOrganisation } from './build-organisation.js';
import type { Grant, IdentityFacts } from './facts.js';
import { grantEndedAt, grantStateAt } from './grants.js';
import { IdentityRecord } from './organisation-records.js';

const MONDAY = Date.UTC(2026, 0, 5, 9);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const anna = { system: 'okta', name: 'anna', identity: 'p-anna' };
const ben = { system: 'okta', name: 'ben', identity: 'p-ben' };
const ROLE = 'okta:role:admin';

function anEvent(time: number, more: Partial<AccessEvent> = {}): AccessEvent {
  const uid = `${more.code ?? 'x'}@${time}`;
  return {
    uid,
    nativeId: uid,
    source: 'okta',
    time,
    class: 'user_access',
    activity: 'assign_role',
    code: 'x',
    outcome: 'success',
    actor: anna,
    ...more,
  };
}
const change = (
  kind: Privilege['change'],
  time: number,
  privilege: Partial<Privilege> = {},
  more: Partial<AccessEvent> = {},
): AccessEvent => anEvent(time, { code: kind, ...more, privilege: { change: kind, entitlement: ROLE, jit: true, ...privilege } });

function fold(events: readonly AccessEvent[], part: Part = 'actor', identity = 'p-anna'): IdentityFacts {
  const facts = emptyFacts();
  for (const event of events) advanceFacts(facts, event, part, identity);
  return facts;
}
const grants = (facts: IdentityFacts): Grant[] => Object.values(facts.grants);

describe('a JIT grant', () => {
  const r1 = { requestId: 'r1' };
  const life = [
    change('requested', MONDAY, { ...r1, justification: 'disk full' }),
    change('approved', MONDAY + 1, r1, { actor: ben, target: anna }),
    change('activated', MONDAY + 2, { ...r1, endsAt: MONDAY + HOUR }),
  ];
  it('is one record from request to activation, with who asked and who approved', () => {
    const [grant, ...more] = grants(
      fold(
        life.map((event) => ({ ...event, target: anna })),
        'target',
      ),
    );
    expect(more).toEqual([]);
    expect(grant).toMatchObject({
      state: 'active',
      requester: 'anna',
      approver: 'ben',
      justification: 'disk full',
      requestedAt: MONDAY,
      startsAt: MONDAY + 2,
      endsAt: MONDAY + HOUR,
    });
    expect(grant?.eventUids).toHaveLength(3);
  });
  it('gives the entitlement until its end', () => {
    expect(fold([life[2]!]).entitlements).toEqual({ [ROLE]: { since: MONDAY + 2, until: MONDAY + HOUR, via: life[2]!.uid } });
  });
  it.each(['expired', 'revoked'] as const)('ends when it is %s, and the entitlement with it', (end) => {
    const facts = fold([life[2]!, change(end, MONDAY + 10, r1)]);
    expect(grants(facts)[0]).toMatchObject({ state: end, endedAt: MONDAY + 10 });
    expect(facts.entitlements).toEqual({});
  });
  it('is found by its right when the end carries no request id', () => {
    const facts = fold([life[2]!, change('expired', MONDAY + HOUR)]);
    expect(grants(facts).map(({ state }) => state)).toEqual(['expired']);
  });
  it('does not come back to life by a late or repeated record', () => {
    const revoked = change('revoked', MONDAY + 10, r1);
    for (const late of [life[2]!, { ...life[2]!, uid: 'copy' }, { ...life[0]!, uid: 'copy' }, change('activated', MONDAY + 5)]) {
      const facts = fold([life[2]!, revoked, late]);
      expect(grants(facts).map(({ state }) => state)).toEqual(['revoked']);
      expect(facts.entitlements).toEqual({});
    }
  });
  it('can be activated again, under the same request, after its end', () => {
    const facts = fold([life[2]!, change('revoked', MONDAY + 10, r1), change('activated', MONDAY + DAY, r1)]);
    expect(grants(facts)[0]?.state).toBe('active');
    expect(grants(facts)[0]?.endedAt).toBeUndefined();
  });
  it('ends though the record of its end arrives before that of its beginning', () => {
    expect(grants(fold([change('revoked', MONDAY + 10, r1), life[2]!])).map(({ state }) => state)).toEqual(['revoked']);
  });
  it('that was denied, cancelled or failed gives nothing', () => {
    expect(grants(fold([life[0]!, change('denied', MONDAY + 1, r1)]))[0]?.state).toBe('denied');
    expect(grants(fold([life[0]!, change('cancelled', MONDAY + 1, r1)]))[0]?.state).toBe('denied');
    const failed = fold([change('activated', MONDAY, r1, { outcome: 'failure' })]);
    expect(failed.grants).toEqual({});
    expect(failed.entitlements).toEqual({});
  });
  it('lasts longer when it is extended', () => {
    expect(grants(fold([life[2]!, change('extended', MONDAY + 5, { ...r1, endsAt: MONDAY + DAY })]))[0]?.endsAt).toBe(MONDAY + DAY);
  });
  it('reports each change once, and no change of a repeated event', () => {
    const facts = emptyFacts();
    expect(advanceFacts(facts, life[2]!, 'actor', 'p-anna').changedGrants).toHaveLength(1);
    expect(advanceFacts(facts, life[2]!, 'actor', 'p-anna').changedGrants).toEqual([]);
  });
  it('expires by event time, record or not', () => {
    const grant = { state: 'active' as const, endsAt: MONDAY };
    expect([grantStateAt(grant, MONDAY), grantStateAt(grant, MONDAY + 1), grantStateAt({ state: 'active' }, Infinity)]).toEqual([
      'active',
      'expired',
      'active',
    ]);
    const [revoked] = grants(fold([life[2]!, change('revoked', MONDAY + 10, r1)]));
    expect(grantEndedAt(revoked!, MONDAY + DAY)).toBe(MONDAY + 10);
  });
  it('is forgotten 90 days after its end', () => {
    const facts = fold([life[2]!, change('revoked', MONDAY + 10, r1), change('activated', MONDAY + 91 * DAY, { requestId: 'r2' })]);
    expect(grants(facts).map(({ requestId }) => requestId)).toEqual(['r2']);
  });
});

describe('entitlements', () => {
  const standing = { jit: false };
  it('of a standing membership outlive a JIT grant of the same right', () => {
    const facts = fold([
      change('granted', MONDAY, standing),
      change('activated', MONDAY + 1, { requestId: 'r' }),
      change('expired', MONDAY + 2, { requestId: 'r' }),
    ]);
    expect(facts.entitlements[ROLE]).toMatchObject({ since: MONDAY });
  });
  it('of two grants last as long as the longer one', () => {
    const grant = (id: string, hours: number) =>
      change('activated', MONDAY, { requestId: id, endsAt: MONDAY + hours * HOUR }, { code: id });
    const facts = fold([grant('a', 1), grant('b', 8), change('revoked', MONDAY + 9, { requestId: 'b' })]);
    expect(facts.entitlements[ROLE]?.until).toBe(MONDAY + HOUR);
  });
  it('are not given by an eligibility', () => {
    const facts = fold([change('granted', MONDAY, { eligible: true })]);
    expect(facts.entitlements).toEqual({});
    expect(grants(facts)[0]?.state).toBe('eligible');
  });
  it('belong to the target, not to whoever gave them', () => {
    const give = change('granted', MONDAY, {}, { actor: ben, target: anna });
    expect(fold([give], 'actor', 'p-ben').grants).toEqual({});
    expect(grants(fold([give], 'target'))[0]).toMatchObject({ principal: 'anna', identity: 'p-anna' });
  });
  it('begin with the groups of the context folder, nested ones too', () => {
    const organisation = buildOrganisation({
      identities: [
        IdentityRecord.parse({
          id: 'p',
          groups: ['entra:group:ops', 'dba'],
          accounts: [
            { system: 'okta', name: 'p' },
            { system: 'ad', name: 'p' },
          ],
        }),
      ],
      assets: [],
      groups: [{ group: 'dba', memberOf: ['it'] }],
      roles: [],
      tickets: [],
    });
    const facts = factsFromOrganisation(organisation, 'p');
    expect(Object.keys(facts.entitlements).toSorted()).toEqual([
      'ad:group:dba',
      'ad:group:it',
      'entra:group:ops',
      'okta:group:dba',
      'okta:group:it',
    ]);
    advanceFacts(facts, change('revoked', MONDAY, { entitlement: 'okta:group:dba', jit: false }), 'actor', 'p');
    expect(Object.keys(facts.entitlements).toSorted()).toEqual(['ad:group:it', 'entra:group:ops', 'okta:group:it']);
  });
});

describe('accounts', () => {
  it('are remembered by who used them', () => {
    expect(fold([anEvent(MONDAY), anEvent(MONDAY - 5)]).accounts).toEqual({ 'okta:anna': { lastSeen: MONDAY } });
    expect(fold([anEvent(MONDAY, { outcome: 'failure' })]).accounts).toEqual({});
  });
  it('are disabled by a deletion and enabled again by a later record only', () => {
    const account = (activity: string, time: number) => anEvent(time, { class: 'account_change', activity, actor: ben, target: anna });
    expect(fold([account('disable', MONDAY)], 'target').disabledAt).toEqual({ 'okta:anna': MONDAY });
    expect(fold([account('delete', MONDAY), account('enable', MONDAY + 1)], 'target').disabledAt).toEqual({});
    expect(fold([account('disable', MONDAY), account('enable', MONDAY - 1)], 'target').disabledAt).toEqual({ 'okta:anna': MONDAY });
  });
});

describe('the fold', () => {
  const anyChange = fc.record({
    kind: fc.constantFrom<Privilege['change'][]>(
      'requested',
      'approved',
      'denied',
      'cancelled',
      'granted',
      'activated',
      'expired',
      'revoked',
      'extended',
    ),
    hours: fc.integer({ min: 0, max: 4000 }),
    requestId: fc.option(fc.constantFrom('r1', 'r2'), { nil: undefined }),
    jit: fc.boolean(),
  });
  const events = fc.array(anyChange, { maxLength: 40 }).map((changes) =>
    changes.map(({ kind, hours, requestId, jit }, i) => ({
      ...change(kind, MONDAY + hours * HOUR, { jit, ...(requestId !== undefined && { requestId }) }),
      uid: `e${i}`,
    })),
  );
  it('is deterministic, and each event again at once changes nothing', () => {
    fc.assert(
      fc.property(events, (list) => {
        const once = fold(list);
        expect(fold(list)).toEqual(once);
        expect(fold(list.flatMap((event) => [event, event]))).toEqual(once);
      }),
      { numRuns: 500 },
    );
  });
  it('never leaves an entitlement that no open grant gives', () => {
    fc.assert(
      fc.property(events, (list) => {
        const facts = fold(list);
        const open = grants(facts).filter(({ state }) => state === 'active');
        for (const entitlement of Object.keys(facts.entitlements)) expect(open.map((grant) => grant.entitlement)).toContain(entitlement);
      }),
    );
  });
});
