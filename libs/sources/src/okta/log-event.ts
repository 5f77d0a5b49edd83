import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { at, isObject, object, objects, text, type JsonObject } from '../json.js';

/** Okta writes what it does not know as `unknown`, `null`, `UNKNOWN` or empty. */
export function known(value: unknown): string | undefined {
  const found = text(value);
  return found === undefined || /^(?:unknown|null|none|undefined)$/i.test(found) ? undefined : found;
}

/** One entity of `actor` or `target[]`. */
export interface Entity {
  readonly type: string;
  readonly id?: string;
  readonly alternateId?: string;
  readonly displayName?: string;
  readonly detail: JsonObject;
}

function entity(value: JsonObject): Entity {
  const id = known(value['id']);
  const alternateId = known(value['alternateId']);
  const displayName = known(value['displayName']);
  return {
    type: text(value['type']) ?? '',
    detail: object(value['detailEntry']),
    ...(id && { id }),
    ...(alternateId && { alternateId }),
    ...(displayName && { displayName }),
  };
}

/** The parts of a LogEvent that several readers need, taken out once. */
export interface LogEvent {
  readonly type: string;
  readonly record: JsonObject;
  readonly actor: Entity | undefined;
  readonly targets: readonly Entity[];
  readonly debug: JsonObject;
}

/** @returns undefined when it is no System Log event: none without an `eventType` */
export function logEvent(record: JsonObject): LogEvent | undefined {
  const type = text(record['eventType']);
  if (type === undefined || type === EVENT_HOOK) return undefined;
  const actor = record['actor'];
  return {
    type,
    record,
    actor: isObject(actor) ? entity(actor) : undefined,
    // One target is no list in exports that undo lists of one.
    targets: objects(isObject(record['target']) ? [record['target']] : record['target']).map(entity),
    debug: object(at(record, 'debugContext', 'debugData')),
  };
}

/** `eventType` of an event hook's envelope, which holds events and is none. */
export const EVENT_HOOK = 'com.okta.event_hook';

const HUMAN = /^(?:User|AppUser|Admin|SupportUser)$/i;
const SYSTEM = /SystemPrincipal|OktaSystem|^System$/i;
const CLIENT = /Client|App(?!User)|Agent|Service|Server|Api|Token|Integration|Workload/i;

const ofType = (entities: readonly Entity[], type: RegExp): Entity | undefined => entities.find((one) => type.test(one.type));

/** @returns the account an entity stands for, or undefined when it is no account or has no name */
function account(one: Entity): Account | undefined {
  const kind =
    HUMAN.test(one.type) || one.type === '' ? 'human' : SYSTEM.test(one.type) ? 'system' : CLIENT.test(one.type) ? 'service' : undefined;
  const name = accountName(one.alternateId) ?? accountName(one.displayName) ?? accountName(one.id);
  if (name === undefined) return undefined;
  return {
    system: 'okta',
    name,
    ...(one.id && { id: one.id }),
    ...(one.displayName && { displayName: one.displayName }),
    ...(name.includes('@') && kind === 'human' && { email: name }),
    ...(kind && { kind }),
  };
}

/** ThreatInsight names an address as the actor: that is nobody's account. */
export const actorOf = (event: LogEvent): Account | undefined =>
  event.actor && !/^IP\b|^IpAddress$/i.test(event.actor.type) ? account(event.actor) : undefined;

/**
 * The account that was acted on: a `User`, else the application's account, else (for OAuth clients) the client.
 * Old and hand-made records leave the type of a target out: then what looks like a login is one.
 */
export function targetOf(event: LogEvent): Account | undefined {
  const { targets, type } = event;
  const found =
    ofType(targets, /^User$/i) ??
    ofType(targets, /^AppUser$/i) ??
    targets.find((one) => one.type === '' && one.alternateId?.includes('@') === true) ??
    (/oauth2\.client\.|api_service/.test(type) || type.startsWith('iam.resourceset.bindings') ? ofType(targets, CLIENT) : undefined);
  return found && account({ ...found, type: found.type === '' ? 'User' : found.type });
}

export const groupTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /group/i);
export const appTarget = (event: LogEvent): Entity | undefined =>
  ofType(event.targets, /^App(?:Instance|lication)?$|ClientApp|OAuth2?Client/i);
export const roleTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /role/i);
export const policyTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /policy|zone|rule/i);
export const requestTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /request/i);
export const hostTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /server(?!.?account)|host|gateway/i);
export const deviceTarget = (event: LogEvent): Entity | undefined => ofType(event.targets, /device/i);
/** An account or secret that Okta Privileged Access keeps. */
export const vaultedTarget = (event: LogEvent): Entity | undefined =>
  ofType(event.targets, /server.?account|service.?account|secret(?!.?folder)|vault|credential/i);
/** The first target that is neither a person nor a person's account; not the team, which every event of Okta Privileged Access names. */
export const otherTarget = (event: LogEvent): Entity | undefined =>
  event.targets.find((one) => !HUMAN.test(one.type) && !/^Team$/i.test(one.type));
