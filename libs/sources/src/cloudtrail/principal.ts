import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { at, firstText, object, text, type JsonObject } from '../json.js';

/** Last part of an ARN: `arn:aws:iam::111122223333:role/path/Admin` is `Admin`. */
export const lastOfArn = (arn: string): string =>
  arn.startsWith('arn:') ? arn.slice(Math.max(arn.lastIndexOf('/'), arn.lastIndexOf(':')) + 1) : arn;

const HIDDEN = 'hidden_due_to_security_reasons';

function named(name: string | undefined, more: Omit<Account, 'system' | 'name'> = {}): Account | undefined {
  const login = accountName(name);
  return login === undefined || login === HIDDEN ? undefined : { system: 'cloudtrail', name: login, ...more };
}

/**
 * Who called. An IAM user by name; a person of Identity Center, or of a federation that names its sessions after people, by the session's name; any
 * other role by the role's name, since its sessions are called whatever a program likes; a service by its domain name.
 *
 * @param event the whole record: Identity Center names the person outside `userIdentity`
 */
export function actorOf(event: JsonObject): Account | undefined {
  const identity = object(event['userIdentity']);
  const id = text(identity['principalId']);
  const withId = id === undefined ? {} : { id };
  const arn = text(identity['arn']) ?? '';
  const type = text(identity['type']) ?? '';
  switch (type) {
    case 'Root':
      return named('root', { ...withId, kind: 'admin' });
    case 'AWSService':
      return named(firstText(identity['invokedBy'], identity['userName']), { kind: 'service' });
    case 'AssumedRole':
    case 'Role':
      return ofRole(identity, arn, id);
    case 'AWSAccount':
      return named(firstText(identity['userName'], sessionName(id), identity['accountId'], id), withId);
    case 'FederatedUser':
      return named(firstText(identity['userName'], lastOfArn(arn), at(identity, 'sessionContext', 'sessionIssuer', 'userName')), withId);
    case 'IdentityCenterUser':
    case 'Unknown':
    case '':
      return named(portalUser(event, identity) ?? firstText(identity['userName'], lastOfArn(arn)), ofPortal(identity) ?? withId);
    default: {
      const name = firstText(identity['userName'], lastOfArn(arn), id);
      return named(name, withId);
    }
  }
}

const ofPortal = (identity: JsonObject): { id: string } | undefined => {
  const id = firstText(at(identity, 'onBehalfOf', 'userId'), identity['principalId']);
  return id === undefined ? undefined : { id };
};

const portalUser = (event: JsonObject, identity: JsonObject): string | undefined =>
  firstText(
    at(event, 'additionalEventData', 'UserName'),
    at(event, 'additionalEventData', 'userName'),
    identity['userName'],
    at(identity, 'onBehalfOf', 'userId'),
  );

/** `AROAEXAMPLE:anna@example.com`: what stands behind the colon. */
function sessionName(principalId: string | undefined): string | undefined {
  const colon = principalId?.indexOf(':') ?? -1;
  return colon < 0 ? undefined : principalId?.slice(colon + 1);
}

function ofRole(identity: JsonObject, arn: string, principalId: string | undefined): Account | undefined {
  const session = firstText(sessionName(principalId), lastOfArn(arn));
  const issuer = firstText(at(identity, 'sessionContext', 'sessionIssuer', 'userName'));
  const role = issuer ?? (arn.includes(':assumed-role/') ? arn.split('/').at(-2) : undefined);
  const isPerson = session !== undefined && (/^AWSReservedSSO_/.test(role ?? '') || /^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$/.test(session));
  const id = principalId?.split(':', 1)[0];
  if (isPerson) return named(session, session.includes('@') ? { email: session, kind: 'human' } : { kind: 'human' });
  const account = named(firstText(identity['userName'], role, session), id === undefined ? {} : { id });
  return account && session !== undefined && session !== account.name
    ? { ...account, displayName: `${role ?? account.name}/${session}` }
    : account;
}

/** The account that a request parameter names: a user, a role, an Identity Center principal. */
export function targetOf(parameters: JsonObject, names: readonly string[] | undefined): Account | undefined {
  for (const name of names ?? []) {
    const value = parameters[name];
    const found = firstText(value, at(value, 'userId'), at(value, 'UserId'));
    if (found !== undefined) return named(lastOfArn(found));
  }
  return undefined;
}
