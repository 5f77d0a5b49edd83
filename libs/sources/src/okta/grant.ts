import type { Account, Credential, Privilege, Resource } from '@keyward/events';
import { managedAccount } from '../account-name.js';
import { parseInstant } from '../instant.js';
import { firstText } from '../json.js';
import {
  appTarget,
  deviceTarget,
  groupTarget,
  hostTarget,
  known,
  otherTarget,
  policyTarget,
  requestTarget,
  roleTarget,
  vaultedTarget,
  type Entity,
  type LogEvent,
} from './log-event.js';
import type { OktaMapping, OktaPrivilege } from './mapping.js';

interface Named {
  readonly name: string;
  readonly id?: string;
}

/** Groups and roles often have `unknown` as alternate id: the display name is the name. */
const named = (one: Entity | undefined): Named | undefined => {
  const name = one?.displayName ?? one?.alternateId ?? one?.id;
  return name === undefined ? undefined : { name, ...(one?.id && { id: one.id }) };
};

/** `Super administrator, Read only administrator`: Okta names all roles of one grant; the one that can do most stands for it. */
function roleName(event: LogEvent): Named | undefined {
  const role = named(roleTarget(event));
  const all = firstText(event.debug['privilegeGranted'], event.debug['privilegeRevoked']);
  if (all === undefined) return role;
  const names = all.split(/\s*,\s*/).filter((name) => name !== '');
  const name = names.find((one) => /super/i.test(one)) ?? names.find((one) => /org/i.test(one)) ?? names[0];
  return name === undefined ? role : { name, ...(role?.id && { id: role.id }) };
}

function entitled(event: LogEvent, of: OktaPrivilege['of']): (Named & { readonly kind: string }) | undefined {
  const app = named(appTarget(event));
  const group = named(groupTarget(event));
  const role = roleName(event);
  const request = named(requestTarget(event)) ?? named(otherTarget(event));
  const found = {
    role: role && { ...role, kind: 'role' },
    group: group && { ...group, kind: 'group' },
    app: app && { ...app, kind: 'app' },
    request: request && { ...request, kind: 'request' },
  };
  return of === 'request' ? (found.app ?? found.group ?? found.role ?? found.request) : found[of];
}

/**
 * What the event says about who may do what. It always concerns `target ?? actor`: so there is none when the event names no beneficiary that is an
 * account (a role given to a group, an application assigned to a group). Whether anything was given says `outcome`.
 */
export function privilegeOf(
  event: LogEvent,
  rule: OktaPrivilege | undefined,
  actor: Account | undefined,
  beneficiary: Account | undefined,
): Privilege | undefined {
  if (!rule) return undefined;
  const asks = rule.change === 'requested' || rule.change === 'cancelled' || rule.of === 'request';
  if (!beneficiary && !(asks && actor)) return undefined;
  const what = entitled(event, rule.of);
  if (!what) return undefined;
  const change = rule.change === 'approved' && deniedInWords(event) ? 'denied' : rule.change;
  const request = requestTarget(event);
  const requestId = request?.id ?? known(event.debug['requestId_access']) ?? known(event.debug['accessRequestId']);
  const decided = change === 'approved' || change === 'denied';
  const requester = decided ? beneficiary?.name : change === 'requested' ? actor?.name : undefined;
  const endsAt = endOf(event);
  const justification = firstText(event.debug['justification'], event.debug['requestReason'], request?.detail['justification']);
  return {
    change,
    entitlement: `okta:${what.kind}:${what.name}`,
    jit: rule.jit === true || endsAt !== undefined,
    ...(what.id && { entitlementId: what.id }),
    ...(requestId && { requestId }),
    ...(requester && { requester }),
    ...(decided && actor?.kind === 'human' && { approver: actor.name }),
    ...(endsAt !== undefined && { endsAt }),
    ...(justification && { justification }),
  };
}

/** `access.request.resolve` is logged for a request that was answered, yes or no. */
const deniedInWords = (event: LogEvent): boolean =>
  /\b(?:denied|rejected|declined)\b/i.test(
    [event.debug['resolution'], event.debug['requestStatus'], event.debug['status'], ...event.targets.map((one) => one.detail['status'])]
      .map((value) => (typeof value === 'string' ? value : ''))
      .join(' '),
  );

function endOf(event: LogEvent): number | undefined {
  for (const source of [event.debug, ...event.targets.map((one) => one.detail)]) {
    for (const key of ['expires', 'expiresAt', 'expiration', 'expirationTime', 'expirationDate', 'accessExpirationDate', 'endTime']) {
      const at = parseInstant(source[key]);
      if (at !== undefined) return at;
    }
  }
  return undefined;
}

/** What was reached for, by the kind that the event type says. */
export function resourceOf(event: LogEvent, kind: Resource['kind'] | undefined): Resource | undefined {
  const found = kind === undefined ? undefined : resourceTarget(event, kind);
  return found && { kind: kind ?? 'other', ...found };
}

function resourceTarget(event: LogEvent, kind: Resource['kind']): (Named & { readonly host?: string }) | undefined {
  switch (kind) {
    case 'application':
      return named(appTarget(event)) ?? named(otherTarget(event));
    case 'group':
      return named(groupTarget(event)) ?? named(otherTarget(event));
    case 'role':
      return roleName(event) ?? named(otherTarget(event));
    case 'policy':
      return named(policyTarget(event)) ?? named(otherTarget(event));
    case 'host': {
      const host = hostOf(event) ?? named(otherTarget(event));
      return host && { ...host, host: host.name.toLowerCase() };
    }
    case 'device':
      return named(deviceTarget(event)) ?? named(otherTarget(event));
    case 'secret':
      return named(vaultedTarget(event)) ?? named(otherTarget(event));
    case 'account':
      return named(vaultedTarget(event)) ?? named(event.targets[0]);
    case 'safe':
    case 'api':
    case 'database':
    case 'other':
      return named(otherTarget(event)) ?? named(event.targets[0]);
  }
}

/** The server by its target, else by the names that credentials were issued for. */
function hostOf(event: LogEvent): Named | undefined {
  const names = known(event.debug['serverHostnames']) ?? known(event.debug['serverHostname']) ?? known(event.debug['hostname']);
  const name = names?.split(',', 1)[0]?.trim();
  return named(hostTarget(event)) ?? named(name === undefined ? undefined : { type: 'Server', displayName: name, detail: {} });
}

/** Use of what Okta Privileged Access keeps: `root@db1` for a server's account, the name alone for a secret or a cloud account. */
export function credentialOf(event: LogEvent, act: OktaMapping['credential']): Credential | undefined {
  if (!act) return undefined;
  const kept = vaultedTarget(event);
  const host = hostOf(event)?.name;
  const login = kept?.displayName ?? kept?.alternateId ?? known(event.debug['serverUserName']) ?? known(event.debug['username']);
  const account = login ?? (act === 'session_opened' || act === 'used' ? undefined : named(otherTarget(event))?.name);
  if (account === undefined) return undefined;
  const vault = named(event.targets.find((one) => /folder|project|resource.?group/i.test(one.type)))?.name;
  return {
    act,
    account: managedAccount(account, host),
    ...(vault && { vault }),
    ...(kept?.id && { secretId: kept.id }),
  };
}
