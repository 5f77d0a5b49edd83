import {
  deterministicUid,
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseAddress, parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { defined, firstText } from '../json.js';
import { vaultEvent, type VaultAct } from '../vault-event.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from '../vault-kinds.js';
import { managedOf, readServerMessage, rightIn, ticketIn, type ServerMessage } from './server-message.js';
import { serverMeaning } from './server-operations.js';

export const SYSTEM = 'delinea';

/** One event of Secret Server, whatever form it came in. */
export interface ServerEvent {
  /** The vendor's own id, where the form has one. */
  readonly id?: string | undefined;
  /** Name of the operation, when the form has another than object and verb. */
  readonly code?: string | undefined;
  readonly object: string;
  readonly verb: string;
  readonly time: number | undefined;
  readonly actor: Account | undefined;
  /** The user that was viewed or changed. */
  readonly user: string | undefined;
  readonly userId?: string | undefined;
  readonly address: string | undefined;
  readonly message: ServerMessage;
  readonly group?: string | undefined;
  readonly role?: string | undefined;
  readonly session?: string | undefined;
  readonly detail: string | undefined;
  readonly failed?: boolean | undefined;
  readonly device?: VaultAct['device'];
  readonly application?: string | undefined;
}

const NAME = /^(.{1,80}?)\s+[-\u2013\u2014]\s+(.{1,120})$/;

/** CEF of Secret Server or Password Reset Server: header and extension, read or decoded by a collector. */
export function fromServerCef(
  name: string,
  product: string,
  extension: Readonly<Record<string, string>>,
  headerTime: number | undefined,
): ServerEvent {
  const message = readServerMessage(extension['msg'] ?? '');
  const named = NAME.exec(name);
  const object = named?.[1] ?? message.object ?? name;
  const verb = named?.[2] ?? message.verb ?? '';
  const login = firstText(extension['suser'], message.byUser);
  return {
    object,
    verb,
    time: parseInstant(extension['rt'], headerTime) ?? headerTime,
    actor: serverAccount(login, extension['suid'], extension['cs4']),
    user: firstText(extension['duser'], labelled(extension, /group or user|^user$/i)),
    userId: extension['duid'],
    address: extension['src'],
    message: {
      ...message,
      item: firstText(extension['fname'], message.item),
      itemId: firstText(extension['fileId'], message.itemId),
      container: firstText(labelled(extension, /folder/i), message.container),
    },
    role: labelled(extension, /^role/i),
    detail: message.details ?? extension['msg'],
    application: product,
  };
}

function labelled(extension: Readonly<Record<string, string>>, label: RegExp): string | undefined {
  for (const key of ['cs1', 'cs2', 'cs3', 'cs5', 'cs6']) if (label.test(extension[`${key}Label`] ?? '')) return extension[key];
  return undefined;
}

/** Accounts under which Secret Server itself works. */
const OWN = /^(?:thycoticsystem|delineasystem|system|secret ?server|thycotic ?system)$/;

export function serverAccount(login: string | undefined, id: string | undefined, display: string | undefined): Account | undefined {
  const name = accountName(login);
  if (name === undefined) return undefined;
  return defined({
    system: SYSTEM,
    name,
    id: id === '0' ? undefined : id,
    displayName: display === undefined || display === login || display === '' ? undefined : display,
    email: /^[^@\s\\]+@[^@\s]+\.[^@\s]+$/.test(name) ? name : undefined,
    kind: OWN.test(name) ? ('system' as const) : undefined,
  });
}

export function parseServerEvent(event: ServerEvent): ParseResult {
  const meaning = serverMeaning(event.object, event.verb);
  if ('ignore' in meaning) return ignored(meaning.ignore);
  if (event.time === undefined) return rejected('bad_time', 'rt: no readable time, and none in a syslog header');
  const { message } = event;
  const right = rightIn(message.details);
  const kind =
    right !== undefined && (meaning.kind === 'right_change' || meaning.kind === 'secret_update')
      ? right.granted
        ? 'right_grant'
        : 'right_revoke'
      : meaning.kind;
  const { about, change }: VaultMapping = VAULT_KINDS[kind];
  const failed = event.failed === true || meaning.failed;
  const user = userOf(event, kind, right?.who);
  // Secret Server writes a failed login under the name that was tried.
  const actor = about === 'login' && user !== undefined && user.name !== event.actor?.name ? user : event.actor;
  const address = parseAddress(event.address);
  const ip = parseIp(event.address);
  const code = event.code ?? (event.verb === '' ? event.object : `${event.object}:${event.verb}`);
  const isCredential = about === 'secret' || about === 'session' || about === 'request';
  const asks = change === 'requested' || change === 'cancelled';
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId:
        event.id ??
        deterministicUid(
          code,
          event.time,
          ...[actor?.name, user?.name, event.address, message.item, message.itemId, message.container, message.details, event.role].map(
            (one) => one ?? '',
          ),
        ),
      time: event.time,
      code,
      kind,
      failed,
      detail: event.detail,
      actor,
      src: ip === undefined ? undefined : defined({ ip, port: address?.port }),
      device: event.device,
      session: event.session === undefined ? undefined : { uid: event.session, kind: about === 'session' ? 'privileged' : 'sign_in' },
      auth: authOf(event, about, failed),
      managed: isCredential ? managedOf(message.details, message.item, message.itemId, message.container) : undefined,
      user,
      object: objectOf(event, kind),
      request: about === 'request' ? { requester: asks ? actor?.name : user?.name, approver: asks ? undefined : actor?.name } : undefined,
      ticket: ticketIn(message.details),
    }),
  );
}

function userOf(event: ServerEvent, kind: VaultKind, granted: string | undefined): Account | undefined {
  const { about }: VaultMapping = VAULT_KINDS[kind];
  if (about === 'secret' || about === 'session' || about === 'object') return undefined;
  if (granted !== undefined) return serverAccount(granted, undefined, undefined);
  if (event.object.toUpperCase().startsWith('UNLIMITED')) return event.actor;
  const item =
    event.object.toUpperCase() === 'USER'
      ? event.message.item
      : about === 'group' || about === 'grant'
        ? event.message.container
        : undefined;
  const id = event.userId ?? (event.object.toUpperCase() === 'USER' ? event.message.itemId : undefined);
  return serverAccount(event.user ?? item, id, undefined);
}

function authOf({ application, detail }: ServerEvent, about: VaultMapping['about'], failed: boolean): Authentication | undefined {
  if (about !== 'login' && about !== 'session') return undefined;
  const words = detail?.toLowerCase() ?? '';
  const protocol = /\b(?:remote desktop|rdp)\b/.test(words) ? 'rdp' : /\b(?:putty|ssh)\b/.test(words) ? 'ssh' : undefined;
  return defined<Authentication>({
    step: about === 'session' ? 'session' : 'primary',
    application: application ?? 'Secret Server',
    protocol: about === 'session' ? protocol : undefined,
    failure: failed ? failureIn(words) : undefined,
  });
}

function failureIn(words: string): Authentication['failure'] {
  if (/lock/.test(words)) return 'locked';
  if (/disabled|inactive/.test(words)) return 'disabled';
  if (/two.?factor|2fa|mfa|pin code|one.?time|otp|duo|radius/.test(words)) return 'bad_factor';
  if (/does not exist|unknown user|no such|not found/.test(words)) return 'unknown_user';
  if (/expired/.test(words)) return 'expired';
  if (/ip address|restrict|not allowed|permission/.test(words)) return 'policy';
  return /password|credential|login failed/.test(words) ? 'bad_password' : 'other';
}

function objectOf({ object, verb, message, group, role }: ServerEvent, kind: VaultKind): Resource | undefined {
  const { about }: VaultMapping = VAULT_KINDS[kind];
  const family = object.toUpperCase().replace(/[^A-Z]/g, '');
  switch (about) {
    case 'group': {
      const name = group ?? (family === 'GROUP' ? message.item : message.container);
      return name === undefined
        ? undefined
        : defined({ kind: 'group', name, id: family === 'GROUP' ? message.itemId : message.containerId } as const);
    }
    case 'grant': {
      if (family.startsWith('UNLIMITED')) return { kind: 'role', name: 'Unlimited Admin' };
      const isSecret = family === 'SECRET' || family === 'FOLDER';
      const name = isSecret ? message.item : (role ?? message.item);
      return name === undefined
        ? undefined
        : defined({ kind: family === 'SECRET' ? 'secret' : family === 'FOLDER' ? 'safe' : 'role', name, id: message.itemId } as const);
    }
    case 'object': {
      const name = message.item ?? message.details?.slice(0, 200);
      const what = family === 'FOLDER' ? 'safe' : family === 'ROLE' ? 'role' : /POLICY/.test(family) ? 'policy' : 'other';
      return defined({
        kind: what,
        name: name === undefined || name === '' ? `${object} ${verb}`.trim() : name,
        id: message.itemId,
      } as const);
    }
    case 'login':
    case 'session':
    case 'secret':
    case 'request':
    case 'user':
      return undefined;
  }
}
