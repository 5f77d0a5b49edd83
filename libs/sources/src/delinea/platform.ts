import {
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type Endpoint,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, flag, isObject, list, number, object, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { vaultEvent, type ManagedAccount, type VaultAct } from '../vault-event.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from '../vault-kinds.js';
import { managedOf, ticketIn } from './server-message.js';
import { serverMeaning } from './server-operations.js';
import { SYSTEM, serverAccount } from './server.js';

/** What only the engine and its clients do: sites that are asked, workloads that start. */
const TECHNICAL = /\.(?:Site|Engine|Workload|Health|Heartbeat)\.(?:Queried|Connected|Disconnected|Started|Stopped|Updated|Reported)$/;

/** `Delinea.Identity.AuthSession.SessionStart` and the like: service, things, verb. First match decides. */
const NAMES: readonly (readonly [RegExp, VaultKind])[] = [
  [/AuthSession\.SessionEnd|\.(?:Logout|LoggedOut|SignedOut|SignOut|Logoff)/i, 'logoff'],
  [/AuthSession\.SessionStart|\.(?:Login|LoggedIn|SignedIn|SignIn|Logon|Authenticated|LoginSucceeded)/i, 'logon'],
  [/(?:Login|Auth\w*|SignIn|Challenge|Mfa)\w*\.?(?:Fail\w*|Denied|Rejected|Timeout)/i, 'logon'],
  [
    /(?:Mfa|Factor|Fido|Passkey|Authenticator|Otp|SecurityQuestion|Radius).*(?:Reset|Removed|Deleted|Disabled|Unenrolled|Revoked)$/i,
    'user_factor_remove',
  ],
  [
    /(?:Mfa|Factor|Fido|Passkey|Authenticator|Otp|SecurityQuestion).*(?:Added|Created|Enrolled|Registered|Enabled|Updated)$/i,
    'user_factor_add',
  ],
  [/(?:Mfa|Challenge|Factor)/i, 'login_other'],
  [/(?:Request|Approval)\w*\.(?:Approved|Granted)/i, 'request_approve'],
  [/(?:Request|Approval)\w*\.(?:Denied|Rejected)/i, 'request_deny'],
  [/(?:Request|Approval)\w*\.(?:Cancel\w*|Withdrawn)/i, 'request_cancel'],
  [/(?:Request|Approval|Grant|Entitlement|Elevation)\w*\.(?:Expired|TimedOut)/i, 'request_expire'],
  [/(?:Request|Approval)\w*\.(?:Created|Submitted|Requested|Added)/i, 'request_create'],
  [/Session\w*\.(?:Recording|Replay)\w*\.?|Recording\.(?:Viewed|Played|Downloaded)/i, 'object_read'],
  [/Session\.(?:Clipboard|File|Sftp)|(?:Clipboard|FileTransfer|Sftp)\./i, 'session_other'],
  [/Session\.Command|Command\.(?:Executed|Run|Launched)/i, 'command_start'],
  [/Session\w*\.(?:Closed\w*|Ended|Terminated|Disconnected|Stopped|TimedOut)|RemoteSession\.(?:Closed|Ended)/i, 'session_close'],
  [/RemoteSession\.Launched|Session\.(?:Secret\.)?(?:Launched|Started|Opened|Connected|Established)/i, 'session_open'],
  [/Secret\.(?:Checkin|CheckedIn)|\.ForceCheckIn/i, 'secret_check_in'],
  [
    /Secret\.(?:Checkout|CheckedOut|Viewed|Password\w*(?:Displayed|Copied|Viewed)|Copied\w*|Exported|Downloaded|Retrieved|Revealed)/i,
    'secret_retrieve',
  ],
  [/Secret\.(?:Password\w*(?:Changed|Rotated)|Rotated|RemotePasswordChange\w*|KeyRotated)/i, 'secret_change'],
  [/Secret\.(?:Heartbeat\w*)/i, 'secret_verify'],
  [/Secret\w*\.(?:Permission\w*|Share\w*)/i, 'right_change'],
  [/Group\w*\.(?:Member\w*\.?(?:Added|Assigned)|UserAdded|AddedMember|AddMember)|Member\w*\.Added/i, 'member_add'],
  [/Group\w*\.(?:Member\w*\.?(?:Removed|Deleted)|UserRemoved|RemovedMember|RemoveMember)|Member\w*\.Removed/i, 'member_remove'],
  [/Role\w*\.(?:Unassigned|(?:User|Group|Member|Principal)\w*Removed|Revoked|Removed\w+)/i, 'role_remove'],
  [/Role\w*\.(?:Assigned|(?:User|Group|Member|Principal)\w*Added|Granted|Added\w+)/i, 'role_assign'],
  [/(?:Permission|Privilege|Entitlement|Policy\.Assignment)\w*\.(?:Granted|Added|Assigned|Elevated)/i, 'right_grant'],
  [/(?:Permission|Privilege|Entitlement)\w*\.(?:Revoked|Removed|Unassigned)/i, 'right_revoke'],
  [/User\w*\.(?:Password\w*Reset|ResetPassword)/i, 'user_password_reset'],
  [/User\w*\.(?:Password\w*|ChangePassword)/i, 'user_password'],
  [/User\w*\.(?:Locked\w*)/i, 'user_lock'],
  [/User\w*\.(?:Unlocked)/i, 'user_unlock'],
  [/User\w*\.(?:Disabled|Suspended|Deactivated)/i, 'user_disable'],
  [/User\w*\.(?:Enabled|Activated|Resumed)/i, 'user_enable'],
  [/User\w*\.(?:Created|Added|Invited|Imported|Provisioned)/i, 'user_create'],
  [/User\w*\.(?:Deleted|Removed|Deprovisioned)/i, 'user_delete'],
  [/User\w*\.(?:Viewed|Queried|Listed)/i, 'user_read'],
  [/User\w*\.\w+$/i, 'user_update'],
  [/Group\w*\.(?:Created|Added)/i, 'group_create'],
  [/Group\w*\.(?:Deleted|Removed)/i, 'group_delete'],
  [/Group\w*\.(?:Viewed|Queried|Listed)/i, 'object_read'],
  [/Group\w*\.\w+$/i, 'group_update'],
  [/Secret\w*\.(?:Created|Added|Imported)/i, 'secret_create'],
  [/Secret\w*\.(?:Deleted|Removed)/i, 'secret_delete'],
  [/Secret\w*\.(?:Undeleted|Restored|Enabled)/i, 'secret_enable'],
  [/Secret\w*\.(?:Moved)/i, 'secret_move'],
  [/Secret\w*\.\w+$/i, 'secret_update'],
  [/\.(?:Created|Added|Registered|Imported|Installed)$/i, 'object_create'],
  [/\.(?:Deleted|Removed|Unregistered|Uninstalled)$/i, 'object_delete'],
  [/\.(?:Viewed|Queried|Listed|Exported|Downloaded|Read)$/i, 'object_read'],
  [/\.(?:Enabled|Activated)$/i, 'object_enable'],
  [/\.(?:Disabled|Deactivated)$/i, 'object_disable'],
  [/\.(?:Updated|Changed|Modified|Edited|Set|Renamed)$/i, 'object_update'],
];
const FAILED = /fail|denied|rejected|invalid|blocked|unauthori[sz]ed|timedout$/i;

interface Named {
  readonly kind: VaultKind;
  readonly failed: boolean;
}
const remembered = new Map<string, Named>();
const MAX_REMEMBERED = 2_000;

/** What an event's name means. A pure function that remembers its answers; unknown names are `object_other`. */
export function platformKind(name: string): Named {
  const known = remembered.get(name);
  if (known) return known;
  const short = name.slice(0, 200);
  const kind = NAMES.find(([pattern]) => pattern.test(short))?.[1] ?? 'object_other';
  const last = short.slice(short.lastIndexOf('.') + 1);
  const { change }: VaultMapping = VAULT_KINDS[kind];
  const found = { kind, failed: FAILED.test(last) && change === undefined };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(name, found);
  return found;
}

/** One audit event of the Delinea Platform, from its API or a webhook. `notes` is JSON in a text: what Secret Server itself wrote. */
export function parsePlatformEvent(value: JsonObject): ParseResult {
  const name = firstText(at(value, 'eventType', 'name'), value['eventTypeName'], value['eventType'], value['Event type']);
  if (name === undefined) return rejected('schema_mismatch', 'eventType: expected the name of the event');
  if (TECHNICAL.test(name)) return ignored('component_task');
  const time = parseInstant(value['eventDateTime']) ?? parseInstant(value['Date']) ?? parseInstant(value['processedTime']);
  if (time === undefined) return rejected('bad_time', 'eventDateTime: no readable time');
  const notes = notesOf(value['notes']);
  const entity = text(notes['eventEntityType']);
  const action = text(notes['eventAction']);
  const own = entity !== undefined && action !== undefined ? serverMeaning(entity, action) : undefined;
  if (own !== undefined && 'ignore' in own) return ignored(own.ignore);
  const named = platformKind(name);
  const kind = named.kind === 'object_other' && own !== undefined ? own.kind : named.kind;
  const { about, change }: VaultMapping = VAULT_KINDS[kind];
  const words = firstText(value['displayMessage'], value['Action']);
  const outcome = firstText(at(value, 'outcome', 'result'), value['outcome'], value['result'], value['status']);
  const failed =
    named.failed || own?.failed === true || (outcome !== undefined && FAILED.test(outcome)) || flag(value['success']) === false;
  const actor = actorOf(value, notes);
  const session = text(value['sessionId']);
  const asks = change === 'requested' || change === 'cancelled';
  const user = about === 'secret' || about === 'session' || about === 'login' || about === 'object' ? undefined : targetUser(value, notes);
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId:
        firstText(value['eventMessageId'], value['eventMessageGuid'], value['id']) ??
        `${name}/${String(time)}/${actor?.name ?? ''}/${words ?? ''}`,
      time,
      code: name === '' ? 'event' : name,
      kind,
      failed,
      detail: firstText(notes['eventDetails'], words),
      actor,
      src: sourceOf(value, notes),
      device: deviceIn(value),
      session: session === undefined ? undefined : { uid: session, kind: about === 'session' ? 'privileged' : 'sign_in' },
      auth: authOf(value, about, words),
      managed: about === 'secret' || about === 'session' || about === 'request' ? managedIn(value, notes, words) : undefined,
      user: user ?? (about === 'user' ? actor : undefined),
      object: objectOf(value, notes, kind, name),
      request:
        about === 'request'
          ? { id: text(at(value, 'target', 'id')), requester: asks ? actor?.name : user?.name, approver: asks ? undefined : actor?.name }
          : undefined,
      ticket: ticketIn(text(notes['eventDetails'])),
    }),
  );
}

function notesOf(value: unknown): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string' || !value.startsWith('{')) return object(undefined);
  try {
    return object(JSON.parse(value));
  } catch {
    return object(undefined);
  }
}

function actorOf(value: JsonObject, notes: JsonObject): Account | undefined {
  const actor = object(value['actor']);
  const login = firstText(actor['name'], actor['email'], notes['byUser'], value['Initiated by'], actor['displayName']);
  const account = serverAccount(
    login,
    firstText(actor['id'], actor['platformId']),
    firstText(actor['displayName'], notes['byUserDisplayName']),
  );
  if (account === undefined) return undefined;
  const kind = value['isSystem'] === true ? 'system' : /service/i.test(text(actor['type']) ?? '') ? 'service' : account.kind;
  return defined({ ...account, email: accountName(actor['email']) ?? account.email, kind });
}

function sourceOf(value: JsonObject, notes: JsonObject): Endpoint | undefined {
  const host = object(at(value, 'source', 'host'));
  const network = object(host['network']);
  const ip =
    parseIp(network['ipAddress']) ??
    parseIp(list(at(value, 'additionalAttributes', 'ClientIPAddress'))[0]) ??
    parseIp(at(value, 'source', 'name')) ??
    parseIp(notes['ipAddress']) ??
    parseIp(value['Source']);
  const geo = defined({
    city: text(at(network, 'geo', 'cityName')),
    country: text(at(network, 'geo', 'countryIsoCode')),
    lat: within(number(network['lat']), 90),
    lon: within(number(network['lon']), 180),
  });
  const hostname = firstText(host['machineName'], typeof value['Source'] === 'string' && ip === undefined ? value['Source'] : undefined);
  return defined<Endpoint>({ ip, hostname: hostname?.toLowerCase(), geo, geoFrom: geo && 'vendor' });
}

const within = (degrees: number | undefined, limit: number): number | undefined =>
  degrees === undefined || Math.abs(degrees) > limit ? undefined : degrees;

function deviceIn(value: JsonObject): VaultAct['device'] {
  const agent = text(at(value, 'source', 'host', 'client', 'userAgent'));
  return agent === undefined ? undefined : deviceOf(agent);
}

function authOf(value: JsonObject, about: VaultMapping['about'], words: string | undefined): Authentication | undefined {
  if (about === 'session') {
    const protocol = /\busing (\w{2,10})\b/.exec(words ?? '')?.[1];
    return defined<Authentication>({
      step: 'session',
      application: text(at(value, 'service', 'type')) ?? text(value['Service']),
      protocol: protocol?.toLowerCase(),
    });
  }
  if (about !== 'login') return undefined;
  const method = text(list(at(value, 'additionalAttributes', 'AuthMethod'))[0]);
  const factors = text(list(at(value, 'additionalAttributes', 'AuthFactors'))[0]);
  return defined<Authentication>({
    application: 'Delinea Platform',
    method: method === undefined || method === 'None' ? undefined : method.toLowerCase(),
    mfa: factors === undefined ? undefined : factors.includes(',') || undefined,
  });
}

/** `Launched by user anna@example.com from secret db1 (...) as root to db1.example.com:22 at Site using ssh.` */
const LAUNCHED = /\bas (\S{1,200}) to ([^\s:]{1,255})(?::\d{1,5})?(?=[\s.]|$)/;

function managedIn(value: JsonObject, notes: JsonObject, words: string | undefined): ManagedAccount | undefined {
  const target = object(value['target']);
  const isSecret = /secret/i.test(text(target['type']) ?? 'secret');
  const secret = firstText(
    notes['itemNameForDisplay'],
    notes['itemName'],
    isSecret ? target['displayName'] : undefined,
    target['name'],
    value['Target'],
  );
  const id = firstText(notes['itemId'], target['id']);
  const launched = LAUNCHED.exec(words ?? '');
  const details = launched === null ? text(notes['eventDetails']) : `Username: [${launched[1] ?? ''}] Host: [${launched[2] ?? ''}]`;
  const found = managedOf(details, secret, id, firstText(notes['containerName'], target['containerName']));
  const host = found?.host ?? firstText(at(target, 'host', 'machineName'))?.toLowerCase();
  return found && defined({ ...found, host });
}

function targetUser(value: JsonObject, notes: JsonObject): Account | undefined {
  const target = object(value['target']);
  const isUser = /user|account|principal|member/i.test(text(target['type']) ?? '');
  const login = firstText(notes['targetUserName'], isUser ? target['name'] : undefined, isUser ? target['displayName'] : undefined);
  return serverAccount(login, firstText(notes['targetUserPlatformId'], isUser ? target['id'] : undefined), undefined);
}

function objectOf(value: JsonObject, notes: JsonObject, kind: VaultKind, name: string): Resource | undefined {
  const { about }: VaultMapping = VAULT_KINDS[kind];
  if (about === 'login' || about === 'user') return undefined;
  const target = object(value['target']);
  const isUser = /user|principal|member/i.test(text(target['type']) ?? '');
  const named = isUser
    ? firstText(target['containerName'], notes['containerName'])
    : firstText(notes['itemNameForDisplay'], notes['itemName'], target['displayName'], target['name'], value['Target']);
  const id = isUser ? text(target['containerId']) : text(target['id']);
  if (named === undefined) return about === 'object' ? { kind: 'other', name: name === '' ? 'event' : name } : undefined;
  const what =
    about === 'group' ? 'group' : about === 'grant' ? 'role' : about === 'session' ? 'host' : /policy/i.test(name) ? 'policy' : 'other';
  return defined({ kind: what, name: named, id } as const);
}
