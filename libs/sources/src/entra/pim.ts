import { access, entity, type EntitlementKind, type EntraMapping, type EntraPrivilege } from './mapping.js';

/**
 * What a Privileged Identity Management activity means, read from its name as Microsoft's reference lists it: `<Add|Remove|Update|Restore> [eligible]
 * member ... <requested|completed|canceled|approved|denied> (<PIM activation|permanent|timebound|renew|extend>)`.
 *
 * An activation is `activated`, its end `expired` (ran out) or `revoked` (given back or taken). A request for a *removal* takes nothing and has no
 * privilege. A request that expired unanswered is `cancelled`: no grant ever was.
 *
 * @param name `activityDisplayName`, lower case
 * @param of role, or group for PIM for Groups
 * @param bySystem true when PIM itself acted, as it does when a time runs out
 * @returns undefined when it is no PIM activity about an assignment
 */
export function pimAssignment(name: string, of: EntitlementKind, bySystem: boolean): EntraMapping | undefined {
  const eligible = /\beligible\b/.test(name);
  const activation = /pim activation|activat(?:e|ion)\b/.test(name);
  const timed = activation || /timebound|deactivate|renew|extend/.test(name);
  const because = (change: EntraPrivilege['change'], jit: boolean): EntraPrivilege => ({ change, of, jit, ...(eligible && { eligible }) });

  if (/activation request expired/.test(name))
    return access('other', { privilege: because('cancelled', true), resource: of === 'role' ? 'role' : 'group' });
  if (/^remove (?:eligible )?member|^remove permanent|activation expired/.test(name)) return removal(name, of, because, timed, bySystem);
  if (/^cancel request for role (?:removal|update)/.test(name)) return access('other');
  if (
    /^(?:add|assign|update|restore) (?:eligible )?member|^restore permanent|^approve request|^deny request|^(?:cancel|remove) request/.test(
      name,
    )
  ) {
    const change = changeOf(name, activation);
    const given = change === 'granted' || change === 'activated' || change === 'extended';
    const standing = /\(permanent\)|permanent|outside of pim/.test(name);
    return access(given ? 'assign_role' : 'other', {
      privilege: because(change, timed && !standing),
      resource: of === 'role' ? 'role' : 'group',
    });
  }
  return undefined;
}

function changeOf(name: string, activation: boolean): EntraPrivilege['change'] {
  if (/cancell?ed|^cancel request|^remove request/.test(name)) return 'cancelled';
  if (/denied|^deny/.test(name)) return 'denied';
  if (/approval requested|requested/.test(name)) return 'requested';
  if (/approved by admin/.test(name)) return 'extended';
  if (/request approved|approved|^approve/.test(name)) return 'approved';
  if (/extend/.test(name)) return 'extended';
  return activation ? 'activated' : 'granted';
}

function removal(
  name: string,
  of: EntitlementKind,
  because: (change: EntraPrivilege['change'], jit: boolean) => EntraPrivilege,
  timed: boolean,
  bySystem: boolean,
): EntraMapping {
  const resource = of === 'role' ? 'role' : 'group';
  if (/requested|cancell?ed/.test(name)) return access('other', { resource });
  const ranOut = /expired/.test(name) || (bySystem && /timebound/.test(name));
  return access('remove_role', { privilege: because(ranOut ? 'expired' : 'revoked', timed), resource });
}

/** PIM's own settings, policies and alerts. */
export function pimSetting(name: string): EntraMapping | undefined {
  if (/triggered pim alert/.test(name)) return entity('other', { resource: 'policy', detection: 'pim_alert' });
  if (/pim alert|role setting in pim|pim policy|update pim/.test(name)) {
    const disabled = /^disable|^deactivate/.test(name);
    return entity(disabled ? 'disable' : /^enable/.test(name) ? 'enable' : /removed/.test(name) ? 'delete' : 'update', {
      resource: 'policy',
    });
  }
  if (/boarded/.test(name)) return entity(/offboarded/.test(name) ? 'unenroll' : 'enroll', { resource: 'other' });
  if (/role definition created/.test(name)) return entity('create', { resource: 'role' });
  if (/resource updated|process (?:request|role)/.test(name)) return entity('update', { resource: 'role' });
  return undefined;
}
