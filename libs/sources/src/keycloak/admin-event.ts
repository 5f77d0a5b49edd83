import type { AccessEvent, Account, Privilege, Resource } from '@keyward/events';
import { firstText, isObject, list, object, text } from '../json.js';
import { adminMapping, roleNames, strongest } from './admin-types.js';
import type { KeycloakMapping } from './mapping.js';
import type { AdminEvent } from './records.js';
import { account } from './user-event.js';

/** What an administrator did, to whom, and what it gave or took. */
export interface AdminAct {
  readonly mapping: KeycloakMapping;
  readonly target?: Account;
  readonly resource?: Resource;
  readonly privilege?: Privilege;
}

export function adminAct(event: AdminEvent): AdminAct {
  const mapping = adminMapping(event.resourceType, event.operation, event.path, event.representation);
  const target = targetOf(event, mapping);
  const entitled = mapping.change === undefined ? undefined : entitledTo(event, mapping);
  const resource = resourceOf(event, mapping, entitled);
  const privilege: Privilege | undefined =
    target && entitled && mapping.change
      ? {
          change: mapping.change,
          entitlement: `keycloak:${entitled.kind}:${entitled.name}`,
          jit: false,
          ...(entitled.id && { entitlementId: entitled.id }),
        }
      : undefined;
  return { mapping, ...(target && { target }), ...(resource && { resource }), ...(privilege && { privilege }) };
}

const after = (path: string, collection: string): string | undefined => {
  const segments = path.split('/', 40);
  const at = segments.indexOf(collection);
  return at < 0 ? undefined : text(segments[at + 1]);
};

/** The account by its id in the path; its login where the representation is the account. */
function targetOf(event: AdminEvent, mapping: KeycloakMapping): Account | undefined {
  const sent = object(event.representation);
  const about = event.resourceType === 'USER' ? firstText(sent['username'], sent['email']) : undefined;
  const details = firstText(event.details['username'], event.details['userName']);
  const member = event.resourceType === 'ORGANIZATION_MEMBERSHIP' ? after(event.path, 'members') : undefined;
  const id = after(event.path, 'users') ?? member;
  const invited = mapping.as.class === 'group_management' && id === undefined ? firstText(sent['email']) : undefined;
  return account(id, about ?? details ?? invited);
}

interface Entitled {
  readonly kind: 'role' | 'group' | 'organization';
  readonly name: string;
  readonly id?: string;
}

/** Role mappings name their roles in the representation; memberships the group. Without it a group has its id, a role nothing. */
function entitledTo(event: AdminEvent, mapping: KeycloakMapping): Entitled | undefined {
  const sent = object(event.representation);
  if (mapping.resource === 'role') {
    const name = strongest(roleNames(event.representation));
    if (name === undefined) return undefined;
    const role = list(event.representation).find((one) => isObject(one) && one['name'] === name);
    const id = text(object(role)['id']);
    return { kind: 'role', name, ...(id && { id }) };
  }
  const organization = after(event.path, 'organizations');
  const id = firstText(sent['id'], after(event.path, 'groups'), organization);
  const written = firstText(sent['path'], sent['name'])?.replace(/^\//, '') ?? id;
  return written === undefined
    ? undefined
    : { kind: organization === undefined ? 'group' : 'organization', name: written, ...(id && { id }) };
}

function resourceOf(event: AdminEvent, mapping: KeycloakMapping, entitled: Entitled | undefined): Resource | undefined {
  const kind = mapping.resource;
  if (kind === undefined) return undefined;
  if (entitled) return { kind, name: entitled.name, ...(entitled.id && { id: entitled.id }) };
  const sent = object(Array.isArray(event.representation) ? event.representation[0] : event.representation);
  const id = text(event.path.split('/', 40)[1]);
  const name = firstText(
    sent['clientId'],
    sent['name'],
    sent['alias'],
    sent['displayName'],
    sent['realm'],
    sent['providerId'],
    id,
    event.path,
    event.resourceType,
  );
  return name === undefined ? undefined : { kind, name, ...(id && id !== name && { id }) };
}

/** @returns the session that an administrator ended, or the one he took over */
export const sessionOf = (event: AdminEvent): AccessEvent['session'] => {
  const ended = event.resourceType === 'USER_SESSION' ? after(event.path, 'sessions') : undefined;
  const uid = ended ?? event.sessionId;
  return uid === undefined ? undefined : { uid, kind: 'sign_in' };
};
