import {
  deterministicUid,
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type Endpoint,
  type ParseResult,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseIp } from '../address.js';
import { defined, text, type JsonObject } from '../json.js';
import { vaultEvent, type ManagedAccount, type VaultAct } from '../vault-event.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from '../vault-kinds.js';
import { fieldsOf, hasFailed, insightInstant, pick, type Fields } from './insight-fields.js';
import { insightKind } from './insight-operations.js';
import { account, managedIn } from './target.js';

export const SYSTEM = 'beyondtrust';

/** Agents whose events are inventory, scans and the appliance's health. */
const NOT_ACCESS = /^(?:retina|useries|u-series|uvm|scanner|performance|hardware|service|discovery|patch|vulnerab)/i;
/** Endpoint privilege management, as BeyondInsight names it: PowerBroker for Windows and for Mac. A program is run with more rights, or is not. */
const ENDPOINT = /^(?:pbw|pbmac|pbwd|epm(?:-?w|-?m)?)$/i;
const INTERNAL = /^(?:internal process|system|service account|pmm service|local system)$/;

/** @returns true for what BeyondInsight and Password Safe write: events of the forwarder in any form, and rows of their REST API */
export function isInsight(value: JsonObject): boolean {
  if ('nvps' in value || 'AuditID' in value) return true;
  if ('SessionID' in value && ('ManagedAccountName' in value || 'ManagedAccountID' in value)) return true;
  const fields = fieldsOf(value);
  const made = pick(fields, 'vendor', 'product', 'devicevendor');
  if (made !== undefined && /beyond/i.test(made)) return true;
  if (ENDPOINT.test(pick(fields, 'category', 'cat') ?? '') && fields['eventmessage'] !== undefined) return true;
  return fields['agentid'] !== undefined && (fields['eventname'] !== undefined || fields['eventdesc'] !== undefined);
}

/** One event of the event forwarder, or one row of `UserAudits` or `Sessions`. */
export function parseInsight(value: JsonObject): ParseResult {
  const fields = fieldsOf(value);
  if (
    fields['sessionid'] !== undefined &&
    pick(fields, 'managedaccountname', 'managedaccountid') !== undefined &&
    fields['operation'] === undefined
  )
    return parseSessionRow(fields);
  const agent = pick(fields, 'agentid', 'eventid', 'agentdesc') ?? '';
  if (NOT_ACCESS.test(agent)) return ignored('inventory_or_health');
  const isEndpoint = ENDPOINT.test(pick(fields, 'category', 'cat', 'deviceexternalid', 'agentid') ?? '');
  const command = pick(fields, 'runcommand', 'commandline', 'cmdline', 'command') ?? (isEndpoint ? fields['path'] : undefined);
  const operation = isEndpoint && command !== undefined ? undefined : operationOf(fields);
  if (operation === undefined && command === undefined) {
    return pick(fields, 'username', 'user') === undefined || agent === '' ? ignored('inventory_or_health') : ignored('no_operation');
  }
  const time = timeOf(fields);
  if (time === undefined) return rejected('bad_time', 'EventDate, LogTime, CreateDate: no readable time');
  return kept(vaultEvent(actOf(fields, time, operation, command)));
}

/** Event date is UTC by the manual; the log's own time and the row's creation say the same in other spellings. */
const timeOf = (fields: Fields): number | undefined => {
  for (const name of [
    'eventdate',
    'createdate',
    'logtime',
    'start',
    'devtime',
    'rt',
    'changedt',
    'timecreated',
    'serverdate',
    'syslogtime',
  ]) {
    const time = insightInstant(fields[name]);
    if (time !== undefined) return time;
  }
  return undefined;
};

interface Operation {
  readonly object: string;
  readonly verb: string;
}

const ABOUT_ACCESS = /account|user|password|credential|session|request|role|group|polic|permission|log(?:in|on|out)/i;
/** CEF's name, where it is not the operation over again: `RequestorApprover` of an `Approve`. */
const otherName = (fields: Fields, verb: string): string | undefined => (fields['eventname'] === verb ? undefined : fields['eventname']);

/** Password Safe names object type and operation; the user audit section and action; a password change only its category. */
function operationOf(fields: Fields): Operation | undefined {
  const verb = pick(fields, 'operation', 'actiontype', 'act');
  const object = pick(fields, 'objecttype', 'section', 'systemname', 'filetype');
  if (verb !== undefined) return { verb, object: object ?? pick(fields, 'cat', 'category') ?? otherName(fields, verb) ?? 'System' };
  const category = pick(fields, 'btcategory', 'category', 'cat');
  if (fields['managedaccountid'] !== undefined || fields['changereasoncd'] !== undefined)
    return { object: fields['eventname'] ?? 'Managed', verb: category ?? 'Change' };
  const name = fields['eventname'];
  const isAudit = /audit/i.test(pick(fields, 'agentid', 'eventid') ?? '') || fields['eventtype'] === '1' || fields['eventtype'] === '2';
  if (name !== undefined && (isAudit || /^log(?:in|out)$/i.test(name))) return { object: object ?? category ?? name, verb: name };
  // LEEF names what was touched only as its category, and the act as its event.
  const act = name ?? fields['eventid'];
  if (category !== undefined && act !== undefined && ABOUT_ACCESS.test(category)) return { object: category, verb: act };
  // Older forwarders name object and verb in the description alone: `Password Retrieve`.
  const told = /^([A-Z][\w -]{1,60}?) ([A-Z]\w{1,30})(?: (?:Failed|Failure|Success\w*))?$/.exec(fields['eventdesc'] ?? '');
  return told?.[1] !== undefined && told[2] !== undefined && ABOUT_ACCESS.test(told[1]) ? { object: told[1], verb: told[2] } : undefined;
}

function actOf(fields: Fields, time: number, operation: Operation | undefined, command: string | undefined): VaultAct {
  const kind = kindOf(fields, operation);
  const mapping: VaultMapping = VAULT_KINDS[kind];
  const vault = pick(fields, 'workgroupdesc', 'workgroupid', 'safe', 'foldername');
  const managed = managedOf(fields, vault, mapping);
  const actor = accountOf(pick(fields, 'username', 'submituser', 'user', 'suser', 'usrname'), pick(fields, 'userid', 'suid'), fields);
  const id = pick(fields, 'logid', 'auditid', 'logsystemid', 'externalid', 'eventguid', 'guid');
  const code = operation === undefined ? (pick(fields, 'eventname', 'eventdesc') ?? 'Command') : `${operation.object}:${operation.verb}`;
  const session = mapping.about === 'session' ? pick(fields, 'sessionid', 'objectid') : undefined;
  return {
    source: SYSTEM,
    nativeId: id ?? deterministicUid(...Object.entries(fields).flat()),
    // Each table of Password Safe counts from 1.
    idSpace:
      id === undefined
        ? undefined
        : `${fields['auditid'] === undefined ? (pick(fields, 'btcategory', 'agentid') ?? '') : 'audit'}/${String(time)}`,
    time,
    code,
    kind,
    failed: hasFailed(fields),
    detail: detailOf(fields),
    actor,
    src: sourceOf(fields),
    session: session === undefined ? undefined : { uid: session, kind: 'privileged' },
    auth: authOf(fields, mapping, operation),
    managed,
    user: userOf(fields, mapping, actor),
    object: objectOf(fields, mapping, operation),
    request: requestOf(fields, kind, actor),
    command,
    ticket: pick(fields, 'ticketnumber', 'ticketid', 'ticketno') ?? /\bTicket #([\w-]{1,40})/.exec(fields['details'] ?? '')?.[1],
  };
}

function kindOf(fields: Fields, operation: Operation | undefined): VaultKind {
  if (operation === undefined) return 'command_start';
  if (fields['operation'] === undefined && fields['actiontype'] === undefined && fields['managedaccountid'] !== undefined)
    return /test|check|verif/i.test(operation.verb) ? 'secret_verify' : 'secret_change';
  return insightKind(operation.object, operation.verb);
}

function managedOf(fields: Fields, vault: string | undefined, { about }: VaultMapping): ManagedAccount | undefined {
  if (about !== 'secret' && about !== 'session' && about !== 'request') return undefined;
  const secretId = pick(fields, 'managedaccountid', 'accountid');
  const named =
    managedIn(pick(fields, 'target', 'dhost'), vault) ??
    account(
      pick(fields, 'managedaccountname', 'accountname', 'runuser', 'duser'),
      pick(fields, 'managedsystemname', 'assetname', 'systemhost', 'runhost'),
      vault,
      secretId,
    );
  if (named) return { ...named, secretId: named.secretId ?? secretId };
  const name = pick(fields, 'secretname', 'title', 'objectname', 'name') ?? fields['target'];
  return name === undefined
    ? undefined
    : { account: name.toLowerCase().slice(0, 300), name: name.slice(0, 300), vault, secretId: secretId ?? fields['objectid'] };
}

function accountOf(name: string | undefined, id: string | undefined, fields: Fields): Account | undefined {
  const login = accountName(name);
  if (login === undefined) return id === undefined || id === '0' ? undefined : { system: SYSTEM, name: id, id };
  const internal = INTERNAL.test(login) || fields['roleused'] === 'System';
  return defined({ system: SYSTEM, name: login, id: id === '0' ? undefined : id, kind: internal ? ('system' as const) : undefined });
}

/** `eventsubject` is the browser that began it by the manual; `sourceip` is BeyondInsight itself and says nothing. */
function sourceOf(fields: Fields): Endpoint | undefined {
  const ip = parseIp(pick(fields, 'ipaddress', 'clientip')) ?? parseIp(fields['eventsubject']) ?? parseIp(fields['src']);
  if (ip !== undefined) return { ip };
  const host = fields['submithost'];
  return host === undefined ? undefined : { hostname: host.toLowerCase() };
}

function authOf(fields: Fields, { as, about }: VaultMapping, operation: Operation | undefined): Authentication | undefined {
  if (as.class !== 'authentication') return undefined;
  if (about === 'session') {
    const protocol = /\bType=(\w{1,20})/.exec(fields['details'] ?? '')?.[1] ?? fields['protocol'];
    return defined<Authentication>({ step: 'session', application: 'Password Safe', protocol: protocol?.toLowerCase() });
  }
  const isApi = /\bapi\b/i.test(operation?.object ?? '');
  const message = fields['message']?.toLowerCase() ?? '';
  return defined<Authentication>({
    application: isApi ? 'BeyondInsight API' : 'BeyondInsight',
    interactive: isApi ? false : undefined,
    failure: /lock/.test(message)
      ? 'locked'
      : /disabled/.test(message)
        ? 'disabled'
        : /password|credential/.test(message)
          ? 'bad_password'
          : /two.?factor|mfa|token/.test(message)
            ? 'bad_factor'
            : undefined,
  });
}

/** The user that was added or changed stands in `target` or in the details, as `UserName=...`, or alone. */
function userOf(fields: Fields, { about }: VaultMapping, actor: Account | undefined): Account | undefined {
  if (about !== 'user' && about !== 'group' && about !== 'grant' && about !== 'request') return undefined;
  const words = `${fields['target'] ?? ''} ${fields['details'] ?? ''}`;
  const named = /\bUser(?: ?name)?\s?[=:]\s?([^\s,;=]{1,200})/i.exec(words)?.[1] ?? pick(fields, 'targetusername', 'targetuser', 'duser');
  const plain = about === 'user' && fields['target'] !== undefined && !/[=:]/.test(fields['target']) ? fields['target'] : undefined;
  const login = accountName(named ?? plain);
  if (login !== undefined) return { system: SYSTEM, name: login };
  // Who enrols a factor does it for himself.
  return about === 'user' && actor !== undefined && /factor|totp|fido|mfa/i.test(pick(fields, 'section', 'objecttype') ?? '')
    ? actor
    : undefined;
}

function objectOf(fields: Fields, { about }: VaultMapping, operation: Operation | undefined): VaultAct['object'] {
  const name =
    pick(fields, 'target', 'objectname', 'groupname', 'rolename', 'name', 'assetname') ??
    (about === 'object' ? operation?.object : undefined);
  if (name === undefined || about === 'login') return undefined;
  const words = (operation?.object ?? '').toLowerCase();
  const kind =
    about === 'group'
      ? 'group'
      : about === 'grant'
        ? 'role'
        : /policy|rule/.test(words)
          ? 'policy'
          : /system|asset/.test(words)
            ? 'host'
            : 'other';
  const named = /(?:Asset|Group|Role|ManagedSystem)(?: ?Name)?\s?[=:]\s?(.{1,200}?)(?=\s\w+\s?[=:]|,|$)/i.exec(name)?.[1] ?? name;
  return defined({
    kind,
    name: named.trim().slice(0, 300) || 'unknown',
    id: fields['objectid'],
    host: kind === 'host' ? named.trim().toLowerCase() : undefined,
  } as const);
}

function requestOf(fields: Fields, kind: VaultKind, actor: Account | undefined): VaultAct['request'] {
  const { about, change }: VaultMapping = VAULT_KINDS[kind];
  if (about !== 'request') return undefined;
  const isPerson = actor !== undefined && actor.kind !== 'system';
  const asks = change === 'requested' || change === 'cancelled' || change === 'revoked';
  return {
    id: fields['objectid'] ?? /Request ?#(\d{1,12})/i.exec(fields['details'] ?? '')?.[1],
    requester: asks && isPerson ? actor.name : undefined,
    approver: (change === 'approved' || change === 'denied') && isPerson ? actor.name : undefined,
    justification: fields['reason'],
  };
}

function detailOf(fields: Fields): string | undefined {
  const words = [fields['message'], fields['details'], fields['reason'], fields['eventdesc']].filter(
    (one) => one !== undefined && one !== 'System',
  );
  return words.length === 0 ? undefined : [...new Set(words)].join('; ');
}

/** `GET Sessions`: one row a session, seen while it runs and once more when it has ended. */
function parseSessionRow(fields: Fields): ParseResult {
  const ended = insightInstant(fields['endtime']);
  const time = ended ?? insightInstant(fields['starttime']);
  if (time === undefined)
    return fields['status'] === '0' ? ignored('session_not_started') : rejected('bad_time', 'StartTime, EndTime: no readable time');
  const uid = text(fields['sessionid']) ?? '';
  const userId = fields['userid'];
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: uid,
      idSpace: ended === undefined ? 'session/start' : 'session/end',
      time,
      code: ended === undefined ? 'Session:Start' : 'Session:End',
      kind: ended === undefined ? 'session_open' : 'session_close',
      failed: false,
      actor: accountOf(fields['username'], userId, fields),
      src: undefined,
      session: { uid, kind: 'privileged' },
      auth: defined<Authentication>({
        step: 'session',
        application: 'Password Safe',
        protocol: fields['protocol'] === '0' ? 'rdp' : fields['protocol'] === '1' ? 'ssh' : undefined,
      }),
      managed: account(fields['managedaccountname'], fields['assetname'], undefined, fields['managedaccountid']),
    }),
  );
}
