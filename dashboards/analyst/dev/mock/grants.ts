import type { EffectStep, EffectView, GrantView, IdentityCard } from '@keyward/contract';
import type { Random } from './random.js';

const ENTITLEMENTS = [
  'entra:role:Global Administrator',
  'entra:role:Privileged Role Administrator',
  'cyberark:safe:DB-Payments',
  'okta:group:Super admins',
  'postgresql:role:payments_admin',
] as const;
const HOUR = 3_600_000;

export function makeGrants(random: Random, people: readonly IdentityCard[], now: number, count: number): GrantView[] {
  return Array.from({ length: count }, (_, i) => {
    const who = people[i % 20] ?? people[0];
    if (!who) throw new Error('nobody');
    const active = i < 14;
    const starts = active ? now - random.int(5, 200) * 60_000 : now - random.int(10, 700) * HOUR;
    const ends = active ? now + random.int(4, 400) * 60_000 : starts + 4 * HOUR;
    const self = i === 3;
    const entitlement = ENTITLEMENTS[i % ENTITLEMENTS.length] ?? ENTITLEMENTS[0];
    return {
      uid: random.hex(32),
      identity: { id: who.id, displayName: who.displayName },
      system: entitlement.split(':')[0] ?? 'entra',
      principal: who.email ?? who.id,
      entitlement,
      scopeId: entitlement.startsWith('entra') ? '/' : null,
      jit: i !== 9,
      state: active ? 'active' : random.chance(0.8) ? 'expired' : 'revoked',
      requester: who.email,
      approver: self ? who.email : i % 4 === 0 ? null : 'mira.kowalski@example.com',
      justification: i % 3 === 0 ? 'Rotate the replication password before the maintenance window' : null,
      ticket: i % 2 === 0 ? `CHG-${40_100 + i}` : null,
      requestedAt: new Date(starts - 600_000).toISOString(),
      startsAt: new Date(starts).toISOString(),
      endsAt: i === 9 ? null : new Date(ends).toISOString(),
      endedAt: active ? null : new Date(ends).toISOString(),
      eventUids: [],
      risk: who.risk,
      openAlerts: who.openAlerts,
      effect: null,
    } satisfies GrantView;
  });
}

export function makeEffects(
  random: Random,
  grants: readonly GrantView[],
  alerts: readonly { uid: string; title: string }[],
  now: number,
): EffectView[] {
  const states = [
    'awaiting_approval',
    'awaiting_approval',
    'awaiting_approval',
    'observed',
    'held',
    'verified',
    'verified',
    'failed',
    'denied',
    'already_absent',
    'not_verified',
    'revoking',
  ] as const;
  return states.map((state, i) => {
    const grant = grants[i];
    const alert = alerts[i];
    if (!grant || !alert) throw new Error('too few grants');
    const at = new Date(now - i * 47 * 60_000 - 90_000).toISOString();
    return {
      uid: random.hex(32),
      state,
      mode: state === 'observed' ? 'observe' : state === 'verified' ? 'enforce' : 'approve',
      rule: 'critical-on-privileged-role',
      alertUid: alert.uid,
      alertTitle: alert.title,
      identity: grant.identity,
      grantUid: grant.uid,
      entitlement: grant.entitlement,
      connector: grant.system === 'postgresql' ? 'pg-payments' : 'entra-pim',
      reason: 'Alert of severity critical while the grant was active',
      guard: state === 'held' ? 'revocations_per_hour' : null,
      actor: 'keyward',
      approvals: i === 0 ? ['jonas'] : [],
      approvalsNeeded: i === 2 ? 1 : 2,
      mayDecide: i !== 1,
      whyNot: i === 1 ? 'You asked for this revocation yourself; somebody else has to approve it.' : null,
      detail:
        state === 'verified'
          ? 'Role membership is gone; 2 sessions ended.'
          : state === 'failed'
            ? 'Graph answered 403 Authorization_RequestDenied.'
            : state === 'not_verified'
              ? 'pg_auth_members still lists the role.'
              : null,
      firstAt: at,
      at,
    } satisfies EffectView;
  });
}

export function stepsOf(effect: EffectView): EffectStep[] {
  const step = (seq: number, state: EffectStep['state'], actor: string, detail: string | null): EffectStep => ({
    chain: 'access.alerts-0',
    seq,
    at: effect.firstAt,
    state,
    guard: state === 'held' ? effect.guard : null,
    actor,
    reason: effect.reason,
    detail,
    hash: `${effect.uid}${effect.uid}`.slice(0, 60) + String(1000 + seq),
  });
  const first = step(1, effect.mode === 'observe' ? 'observed' : 'awaiting_approval', 'keyward', null);
  return first.state === effect.state ? [first] : [first, step(2, effect.state, effect.approvals[0] ?? 'keyward', effect.detail)];
}
