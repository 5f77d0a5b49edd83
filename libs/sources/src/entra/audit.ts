import type { AccessEvent, Account, Outcome, Privilege, Resource } from '@keyward/events';
import { sameAccount } from '../account-name.js';
import { firstText, object, objects, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { classify } from './activities.js';
import type { EntraIgnored, EntraMapping, EntraPrivilege } from './mapping.js';
import { originOf } from './origin.js';
import { pimAssignment, pimSetting } from './pim.js';
import { initiator, targetAccount, targetResource, type TargetResource } from './principal.js';
import type { EntraRecord } from './record.js';
import { nested } from './shape.js';
import { firstInstant } from './when.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

/** An audit record's parts, read once. */
interface Audit {
  readonly name: string;
  readonly body: JsonObject;
  readonly category: string;
  readonly pim: boolean;
  readonly targets: readonly TargetResource[];
  readonly details: ReadonlyMap<string, string>;
  readonly actor: Account | undefined;
}

function read(record: EntraRecord): Audit {
  const { body } = record;
  const details = new Map<string, string>();
  for (const one of objects(nested(body['additionalDetails']))) {
    const key = firstText(one['key'], one['Key'])?.toLowerCase();
    const value = firstText(one['value'], one['Value']);
    if (key !== undefined && value !== undefined && value !== 'null') details.set(key, value);
  }
  const targets = objects(nested(body['targetResources'])).map(targetResource);
  const name = firstText(body['activityDisplayName'], record.operation, body['operationType']) ?? 'unknown';
  const by = object(nested(body['initiatedBy']));
  const category = text(body['category']) ?? '';
  const actor = initiator({ user: nested(by['user']), app: nested(by['app']) }, firstText(body['identity'], record.identity));
  return {
    name,
    body,
    category,
    pim: text(body['loggedByService'])?.toUpperCase() === 'PIM' || /\bPIM\b/.test(name),
    targets,
    details,
    actor,
  };
}

const ofType = (targets: readonly TargetResource[], type: RegExp): TargetResource | undefined => targets.find((one) => type.test(one.type));

/** A modified property of any target, new value first: `Role.DisplayName`, `Group.DisplayName`. */
function property(targets: readonly TargetResource[], name: string): string | undefined {
  for (const { properties } of targets) {
    const found = properties.get(name);
    if (found) return found.after ?? found.before;
  }
  return undefined;
}

/** PIM for Groups calls membership and ownership roles of the group: the group is the entitlement. */
const isGroupPim = (audit: Audit): boolean =>
  audit.pim && (audit.category === 'GroupManagement' || ofType(audit.targets, /^group$/i) !== undefined);

const isPimItself = (actor: Account | undefined): boolean => actor?.kind === 'service' && /(?:^|\W)(?:ms-)?pim$/.test(actor.name);

/** The policy as JSON, before and after: enforced, and from now on not. */
function isSwitchedOff(targets: readonly TargetResource[]): boolean {
  return targets.some(({ properties }) => {
    const { before = '', after = '' } = properties.get('ConditionalAccessPolicy') ?? {};
    return /"state"\s*:\s*"enabled"/i.test(before) && /"state"\s*:\s*"(?:disabled|enabledForReportingButNotEnforced)"/i.test(after);
  });
}

function mappingOf(audit: Audit): EntraMapping | { readonly ignored: EntraIgnored } {
  const name = audit.name.toLowerCase().replace(/\.$/, '').trim();
  if (audit.pim) {
    const owner = ofType(audit.targets, /^role$/i)?.name?.toLowerCase() === 'owner';
    const of = isGroupPim(audit) ? (owner ? 'group_owner' : 'group') : 'role';
    const known = pimSetting(name) ?? pimAssignment(name, of, isPimItself(audit.actor));
    if (known) return known;
  }
  const classified = classify(name);
  if ('ignored' in classified) return classified;
  const { mapping } = classified;
  if (mapping.class === 'account_change' && mapping.activity === 'other') {
    const enabled = property(audit.targets, 'AccountEnabled');
    if (enabled !== undefined) return { class: 'account_change', activity: /true/i.test(enabled) ? 'enable' : 'disable' };
  }
  if (mapping.class === 'entity_management' && /^update conditional access policy/.test(name) && isSwitchedOff(audit.targets))
    return { ...mapping, activity: 'disable' };
  if (!mapping.privilege || !isPimItself(audit.actor)) return mapping;
  // PIM carries its decisions out in the directory under its own name, seconds before or after its own record of the same act. That one says whether a
  // time ran out or somebody took the right back; here the giving is for a time, and the taking stays without a privilege.
  const { privilege, ...rest } = mapping;
  return privilege.change === 'granted' ? { ...mapping, privilege: { ...privilege, jit: true } } : rest;
}

interface Named {
  readonly name: string;
  readonly id?: string;
}
const named = (name: string | undefined, id: string | undefined): Named | undefined => {
  const known = name ?? id;
  return known === undefined ? undefined : { name: known, ...(id && { id }) };
};

function roleOf({ name, targets, details }: Audit): Named | undefined {
  const role = ofType(targets, /^role(?:definition)?$/i);
  const id =
    details.get('roledefinitionoriginid') ??
    property(targets, 'RoleDefinitionOriginId') ??
    details.get('templateid') ??
    property(targets, 'Role.TemplateId') ??
    details.get('roledefinitionid') ??
    property(targets, 'Role.ObjectID') ??
    role?.id;
  const given = role?.name ?? property(targets, 'Role.DisplayName') ?? details.get('rolename') ?? details.get('roledisplayname');
  return named(given ?? (ELEVATION.test(name) ? 'User Access Administrator' : undefined), id);
}

/** Elevating one's access gives one this role over all of Azure; the record names it in its title at most. */
const ELEVATION = /^(?:user has )?elevate.* access/i;

function groupOf({ targets, pim, details }: Audit): Named | undefined {
  // The directory names the group in the member's modified properties, and by its id alone as a target.
  const found = ofType(targets, /^group$/i);
  const known = named(found?.name ?? property(targets, 'Group.DisplayName'), found?.id ?? property(targets, 'Group.ObjectID'));
  // In PIM for Groups the group may be a target of type `Other`: it is the one that has a name and is neither role, request nor person.
  const other = pim ? targets.find((one) => /^(?:other|resource|directory)?$/i.test(one.type) && one.name !== undefined) : undefined;
  return known ?? named(other?.name ?? details.get('groupname'), other?.id ?? details.get('groupid'));
}

const appOf = ({ targets }: Audit): Named | undefined => {
  const found = ofType(targets, /^application$/i) ?? ofType(targets, /^service ?principal$/i);
  return (
    named(found?.name ?? property(targets, 'ServicePrincipal.DisplayName'), found?.id) ??
    named(targets.find((one) => one.name && !/^user$/i.test(one.type))?.name, undefined)
  );
};

function entitled(audit: Audit, of: EntraPrivilege['of']): Named | undefined {
  switch (of) {
    case 'role':
      return roleOf(audit);
    case 'group':
    case 'group_owner':
      return groupOf(audit);
    case 'app':
      return appOf(audit);
    case 'access_package': {
      const found = ofType(audit.targets, /access ?package(?!.*(?:request|assignment|policy))/i);
      return (
        named(found?.name ?? audit.details.get('accesspackagename'), found?.id) ??
        named(audit.targets.find((one) => one.name && !/^user$/i.test(one.type))?.name, undefined)
      );
    }
  }
}

/** Where the role counts: the whole directory, an administrative unit, or an Azure resource. */
function scopeOf(audit: Audit, of: EntraPrivilege['of']): string | undefined {
  if (of !== 'role') return undefined;
  const unit = property(audit.targets, 'AdministrativeUnit.ObjectID') ?? property(audit.targets, 'Role.AdministrativeUnit.ObjectID');
  if (unit !== undefined) return `/administrativeUnits/${unit}`;
  const given =
    audit.details.get('directoryscopeid') ??
    audit.details.get('scopeid') ??
    audit.details.get('resourceoriginid') ??
    audit.details.get('scope');
  if (given?.startsWith('/')) return given;
  if (audit.category === 'ResourceManagement') {
    const resource =
      ofType(audit.targets, /resource|subscription|managementgroup/i) ??
      audit.targets.find((one) => one.type.toLowerCase() === 'other' && one.name);
    return given ?? resource?.id ?? resource?.name;
  }
  return '/';
}

const ticketOf = ({ details }: Audit): string | undefined =>
  details.get('ticketnumber') ?? details.get('ticketid') ?? details.get('ticket');

function privilegeOf(audit: Audit, rule: EntraPrivilege, beneficiary: Account | undefined): Privilege | undefined {
  const { actor, details, targets, body } = audit;
  const what = entitled(audit, rule.of);
  if (!what || !(beneficiary ?? actor)) return undefined;
  const person = beneficiary ?? actor;
  const startsAt = firstInstant(details.get('starttime'), details.get('startdatetime'));
  const endsAt = firstInstant(
    details.get('expirationtime'),
    details.get('endtime'),
    details.get('enddatetime'),
    details.get('expirationdatetime'),
  );
  const requestId =
    details.get('requestid') ??
    details.get('roleassignmentrequestid') ??
    ofType(targets, /request/i)?.id ??
    (audit.pim ? text(body['correlationId']) : undefined);
  const decided = rule.change === 'approved' || rule.change === 'denied';
  const asked = rule.change === 'requested' || rule.change === 'activated';
  const requester = decided ? person?.name : asked && actor?.kind === 'human' ? actor.name : undefined;
  const justification =
    details.get('justification') ??
    details.get('requestjustification') ??
    (audit.pim ? text(body['resultReason'])?.replace(/^success$/i, '') : undefined);
  const scopeId = scopeOf(audit, rule.of);
  const ticket = ticketOf(audit);
  return {
    change: rule.change,
    entitlement: `entra:${rule.of}:${what.name}`,
    jit: rule.jit === true,
    ...(what.id && { entitlementId: what.id }),
    ...(scopeId && { scopeId }),
    ...(rule.eligible && { eligible: true }),
    ...(requestId && { requestId }),
    ...(requester && { requester }),
    ...(decided && actor?.kind === 'human' && { approver: actor.name }),
    ...(startsAt !== undefined && { startsAt }),
    ...(endsAt !== undefined && { endsAt }),
    ...(justification && { justification }),
    ...(ticket && { ticket }),
  };
}

function resourceOf(audit: Audit, kind: Resource['kind'], privilege: EntraPrivilege | undefined): Resource | undefined {
  const found = privilege
    ? entitled(audit, privilege.of)
    : kind === 'role'
      ? roleOf(audit)
      : kind === 'group'
        ? groupOf(audit)
        : kind === 'application'
          ? appOf(audit)
          : undefined;
  const first = audit.targets.find((one) => one.name !== undefined || one.upn !== undefined || one.id !== undefined);
  const other = named(first?.name ?? first?.upn, first?.id);
  const resource = found ?? other;
  return resource && { kind, ...resource };
}

const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Whom the act is about: a user; else a service principal, but not the one whose role or permission is given. */
function beneficiaryOf(audit: Audit, mapping: EntraMapping): Account | undefined {
  const person = ofType(audit.targets, /^user$/i);
  if (person) return targetAccount(person);
  const principals = audit.targets.filter((one) => /^(?:service ?principal|managed ?identity)$/i.test(one.type));
  if (mapping.privilege?.of === 'app') {
    // Targets of an app role assignment: the resource first, then the principal that gets it; a consent names only the application.
    const gets = principals[1] ?? (mapping.resource === 'application' && principals.length === 1 ? principals[0] : undefined);
    // Its name may be its id over again; what was assigned names it.
    const shown = gets?.name !== undefined && GUID.test(gets.name) ? property(audit.targets, 'ServicePrincipal.DisplayName') : undefined;
    return gets && targetAccount(shown === undefined ? gets : { ...gets, name: shown });
  }
  return principals[0] && targetAccount(principals[0]);
}

function outcomeOf(record: EntraRecord): Outcome {
  const result = firstText(record.body['result'], record.resultType, record.body['resultSignature'])?.toLowerCase() ?? 'success';
  return result === 'success' || result === 'succeeded' || result === '0' || result === 'none' || result === 'partialsuccess'
    ? 'success'
    : 'failure';
}

/** A directory audit record, PIM's included. */
export function audit(record: EntraRecord): Body | { readonly ignored: EntraIgnored } {
  const parts = read(record);
  const mapping = mappingOf(parts);
  if ('ignored' in mapping) return mapping;
  const { body, details, actor } = parts;
  const outcome = outcomeOf(record);
  const beneficiary = beneficiaryOf(parts, mapping);
  const target = beneficiary && actor && sameAccount(actor, beneficiary) ? undefined : beneficiary;
  const userAgent = firstText(body['userAgent'], details.get('user-agent'));
  const src = originOf(
    {},
    object(nested(object(nested(body['initiatedBy']))['user']))['ipAddress'],
    record.callerIp,
    details.get('ipaddr'),
    details.get('ipaddress'),
    details.get('client ip'),
  );
  const privilege =
    mapping.privilege && !groupOnly(parts, mapping, beneficiary) ? privilegeOf(parts, mapping.privilege, beneficiary) : undefined;
  const resource = mapping.resource && resourceOf(parts, mapping.resource, mapping.privilege);
  const reason = firstText(body['resultReason'], body['resultDescription'], record.resultDescription);
  const ticket = ticketOf(parts);
  const detections = mapping.detection === undefined ? [] : [mapping.detection];
  return {
    class: mapping.class,
    activity: mapping.activity,
    code: parts.name,
    outcome,
    ...(reason && { detail: reason.replace(/\s+/g, ' ') }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(src && { src }),
    ...(userAgent && { device: { ...deviceOf(userAgent) } }),
    ...(resource && { resource }),
    ...(privilege && { privilege }),
    ...(ticket && { ticket }),
    ...(detections.length > 0 && { vendorRisk: { detections } }),
  };
}

/** Given to a group, and to no account: `privilege` always concerns an account, so there is none. What one asks for or activates, one does for oneself. */
function groupOnly(audit: Audit, mapping: EntraMapping, beneficiary: Account | undefined): boolean {
  if (beneficiary) return false;
  if (ELEVATION.test(audit.name)) return audit.actor === undefined;
  const { change, jit } = mapping.privilege ?? {};
  const forOneself = change === 'requested' || change === 'cancelled' || change === 'activated' || (change === 'revoked' && jit === true);
  return !(forOneself && audit.actor?.kind === 'human');
}
