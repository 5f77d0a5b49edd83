import { grantStateAt, type IdentityFacts, type Organisation } from '@keyward/identity';
import type { HeldEntitlement } from '@keyward/sod';

/** What an identity has at an instant as the policy is asked about it: what it holds, and what it may activate. */
export function heldEntitlements(facts: IdentityFacts, organisation: Organisation, identity: string, at: number): HeldEntitlement[] {
  const held = Object.entries(facts.entitlements).map(([entitlement, { since, until, via }]): HeldEntitlement => ({
    entitlement,
    since,
    via,
    ...(until !== undefined && { until }),
  }));
  const eligible = Object.values(facts.grants)
    .filter((grant) => grantStateAt(grant, at) === 'eligible')
    .map((grant): HeldEntitlement => ({
      entitlement: grant.entitlement,
      since: grant.startsAt ?? 0,
      via: grant.eventUids[0] ?? 'context',
      eligible: true,
      ...(grant.endsAt !== undefined && { until: grant.endsAt }),
    }));
  return [...held, ...eligible, ...eligibleByContext(organisation, identity)];
}

/** `eligibleRoles` of the context folder; a bare name is a role of each system in which the identity has an account. */
function eligibleByContext(organisation: Organisation, identity: string): HeldEntitlement[] {
  const record = organisation.identity(identity);
  if (!record) return [];
  const systems = [...new Set(record.accounts.map(({ system }) => system))];
  return record.eligibleRoles
    .flatMap((role) => (/^[^:]+:[^:]+:./.test(role) ? [role] : systems.map((system) => `${system}:role:${role}`)))
    .map((entitlement) => ({ entitlement, since: 0, via: 'context', eligible: true }));
}
