import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { firstText, isObject, object, objects, text, type JsonObject } from '../json.js';

/** Microsoft writes an absent id as zeros. */
const NO_ID = '00000000-0000-0000-0000-000000000000';
const idOf = (value: unknown): string | undefined => {
  const id = text(value);
  return id === NO_ID ? undefined : id;
};

/** @param names in order of preference; the first that is a name becomes `name` */
function account(
  kind: Account['kind'],
  id: string | undefined,
  displayName: string | undefined,
  ...names: readonly unknown[]
): Account | undefined {
  for (const candidate of [...names, displayName, id]) {
    const name = accountName(candidate);
    if (name === undefined) continue;
    return {
      system: 'entra',
      name,
      ...(id && { id }),
      ...(displayName && { displayName }),
      ...(kind === 'human' && name.includes('@') && { email: name }),
      ...(kind && { kind }),
    };
  }
  return undefined;
}

/** A person by his user principal name; the name shown only where Microsoft hides the other. */
export const user = (id: unknown, displayName: unknown, ...names: readonly unknown[]): Account | undefined =>
  account('human', idOf(id), text(displayName), ...names);

/** An application or managed identity by the name of its service principal, else its application id. */
export const service = (id: unknown, displayName: unknown, ...names: readonly unknown[]): Account | undefined =>
  account('service', idOf(id), text(displayName), ...names);

const OWN_SERVICES = /\bPIM\b|^(?:Azure AD|Microsoft|Windows Azure|Device Registration|Entra)\b|\b(?:Service|Synchronization|Sync)$/i;

/** `initiatedBy` of an audit record: a user or an application. `identity` is the envelope's name for it. */
export function initiator(value: unknown, identity: unknown): Account | undefined {
  const by = object(value);
  const person = by['user'];
  if (isObject(person)) {
    // Microsoft's own services stand under `user` too, with a display name and no user principal name: PIM when a time runs out.
    const name = text(person['displayName']);
    const isService = text(person['userPrincipalName']) === undefined && name !== undefined && OWN_SERVICES.test(name);
    const found = isService ? service(person['id'], name) : user(person['id'], name, person['userPrincipalName']);
    if (found) return found;
  }
  const app = by['app'];
  if (isObject(app)) {
    const id = firstText(app['servicePrincipalId'], app['appId']);
    const found = service(id, app['displayName'], app['displayName'], app['servicePrincipalName'], app['appId']);
    if (found) return found;
  }
  return service(undefined, undefined, identity);
}

/** One of `targetResources`. */
export interface TargetResource {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly upn?: string;
  readonly properties: ReadonlyMap<string, ModifiedProperty>;
}
export interface ModifiedProperty {
  readonly before?: string;
  readonly after?: string;
}

/** Values of modified properties are JSON in text: `"\"Global Administrator\""`. */
function bareText(value: unknown): string | undefined {
  const written = text(value);
  if (written === undefined || written === 'null') return undefined;
  if (!written.startsWith('"')) return written === '[]' ? undefined : written;
  try {
    return text(JSON.parse(written));
  } catch {
    return text(written.replace(/^"|"$/g, ''));
  }
}

export function targetResource(value: JsonObject): TargetResource {
  const id = idOf(value['id']);
  const name = text(value['displayName']);
  const upn = text(value['userPrincipalName']);
  const properties = new Map<string, ModifiedProperty>();
  for (const one of objects(value['modifiedProperties'])) {
    const key = text(one['displayName']) ?? text(one['name']);
    const before = bareText(one['oldValue']);
    const after = bareText(one['newValue']);
    if (key !== undefined) properties.set(key, { ...(before !== undefined && { before }), ...(after !== undefined && { after }) });
  }
  return {
    type: text(value['type']) ?? (upn === undefined ? '' : 'User'),
    ...(id && { id }),
    ...(name && { name }),
    ...(upn && { upn }),
    properties,
  };
}

/** @returns the account a target is: a user, or a service principal; undefined for roles, groups, policies, devices */
export function targetAccount(target: TargetResource): Account | undefined {
  if (/^user$/i.test(target.type)) return user(target.id, target.name, target.upn);
  return /^(?:service ?principal|managed ?identity)$/i.test(target.type) ? service(target.id, target.name) : undefined;
}
