import { describe, expect, it } from 'vitest';
import type { AccessEvent, Privilege } from '@keyward/events';
import { DAY, HOUR, MINUTE, MONDAY, anAccount, anEvent, anOrganisation, play } from '../../test/builders.js';
import { jitSelfApproval } from './jit-self-approval.detection.js';

const scenario = { detection: jitSelfApproval, organisation: anOrganisation() };
const anna = anAccount('anna@example.com');
const annaAdmin = anAccount('anna.admin@example.com', 'entra');
const ben = anAccount('ben@example.com');
const pim = (change: Privilege['change'], at: number, more: Partial<AccessEvent> = {}, privilege: Partial<Privilege> = {}): AccessEvent =>
  anEvent({
    at,
    source: 'entra',
    class: 'user_access',
    activity: 'assign_role',
    code: `role ${change}`,
    target: anna,
    ...more,
    privilege: { change, entitlement: 'entra:role:db-admin', jit: true, requestId: 'r1', ...privilege },
  });
const requested = (at = MONDAY, actor = anna): AccessEvent => pim('requested', at, { actor });

describe('JIT self-approval', () => {
  it('fires when one identity asks and approves with two accounts', () => {
    const findings = play(scenario, [requested(), pim('approved', MONDAY + MINUTE, { actor: annaAdmin })]);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      identity: 'p-anna',
      severity: 'critical',
      observed: { requester: 'anna@example.com', approver: 'anna.admin@example.com', approvedAfterMinutes: 1 },
    });
    expect(findings[0]?.grantUids).toHaveLength(1);
    expect(findings[0]?.sentence).toBe(
      'Anna Berg (p-anna) asked for db-admin and approved the request too, as anna@example.com and then as anna.admin@example.com.',
    );
  });
  it('fires when somebody approves what another asked for on his behalf', () => {
    const findings = play(scenario, [requested(MONDAY, ben), pim('approved', MONDAY + MINUTE, { actor: anna })]);
    expect(findings.map(({ identity }) => identity)).toEqual(['p-anna']);
  });
  it('fires when the approval names nobody else, and the request stands in the same ledger', () => {
    const { target: _target, ...approval } = pim('approved', MONDAY + MINUTE, { actor: annaAdmin });
    expect(play(scenario, [requested(), approval])).toHaveLength(1);
  });
  it('blames the approver when he asked for somebody else and approved it himself', () => {
    const findings = play(scenario, [requested(MONDAY, ben), pim('approved', MONDAY + MINUTE, { actor: ben })]);
    expect(findings.map(({ identity }) => identity)).toEqual(['p-ben']);
  });
  it('fires on one record that tells of both, and not again on the activation', () => {
    const both = pim('approved', MONDAY, { actor: anna }, { requester: 'anna@example.com', approver: 'anna.admin@example.com' });
    const entra = { ...both, target: annaAdmin, actor: annaAdmin };
    expect(play(scenario, [entra, pim('activated', MONDAY + MINUTE, { actor: annaAdmin, target: annaAdmin })])).toHaveLength(1);
  });
  it('fires when a role that asks for an approval is activated without one', () => {
    const [finding] = play(scenario, [requested(), pim('activated', MONDAY + HOUR, { actor: anna })]);
    expect(finding).toMatchObject({ severity: 'high', dedupeKey: 'jit_without_approval:entra:role:db-admin' });
    expect(finding?.sentence).toContain('nobody is on record as having approved it since it was asked for 60 minutes earlier');
  });
  it.each([
    [
      'a second person approves',
      [requested(), pim('approved', MONDAY + MINUTE, { actor: ben }), pim('activated', MONDAY + HOUR, { actor: anna })],
    ],
    [
      'the approval has an id of its own',
      [
        requested(),
        pim('approved', MONDAY + MINUTE, { actor: ben }, { requestId: 'other' }),
        pim('activated', MONDAY + HOUR, { actor: anna }, { requestId: 'third' }),
      ],
    ],
    ['an administrator gives the role to another', [pim('granted', MONDAY, { actor: ben })]],
    [
      'the approval names who approved, and not whose request it was',
      [requested(), { ...pim('approved', MONDAY + MINUTE, { actor: ben }), target: undefined }],
    ],
    ['the role asks for no approval', [pim('activated', MONDAY, { actor: anna }, { entitlement: 'entra:role:Reader' })]],
    ['the activation failed', [pim('activated', MONDAY, { actor: anna, outcome: 'failure' })]],
    ['a standing membership is added', [pim('granted', MONDAY, { actor: anna }, { jit: false })]],
    ['somebody becomes eligible', [pim('granted', MONDAY, { actor: anna }, { eligible: true })]],
    ['the right is taken back', [pim('revoked', MONDAY, { actor: anna })]],
  ])('is silent when %s', (_what, events) => {
    expect(play(scenario, events)).toEqual([]);
  });
  it('does not take an approval of another week for this activation', () => {
    const events = [
      requested(),
      pim('approved', MONDAY + MINUTE, { actor: ben }),
      pim('activated', MONDAY + 8 * DAY, { actor: anna }, { requestId: 'r2' }),
    ];
    expect(play(scenario, events)).toHaveLength(1);
  });
});
