import {
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Account,
  type Authentication,
  type Endpoint,
  type ParseResult,
  type Privilege,
  type Resource,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseIp } from '../address.js';
import { at, defined, isObject, object, type JsonObject } from '../json.js';
import { isAuditService, isIdentityRow, parseAuditService, parseIdentityRow, vaultRecordOf } from './audit-service.js';
import { fromDecodedCef } from './cef-fields.js';
import { auditRecordOf, HEADER_KEY, nativeIdOf, readAuditRecord, type AuditRecord } from './audit-record.js';
import type { Kind } from './codes.js';
import { KINDS, type KindMapping } from './kinds.js';
import { managedObjectOf, type ManagedObject } from './managed.js';
import { meaningOf } from './meaning.js';
import { parsePta, PTA_KEY } from './pta.js';
import { SYSTEM } from './system.js';

/** One audit record of the Vault, of the platform's Audit service, of Identity, or one event of Threat Analytics, in any form, to an event. */
export function parseVaultRecord(value: unknown, receivedAt?: number): ParseResult {
  if (!isObject(value)) return rejected('not_an_object', 'a record is a JSON object');
  const decoded = isObject(value[PTA_KEY]) ? value : (fromDecodedCef(value) ?? value);
  if (isObject(decoded[PTA_KEY])) return parsePta(decoded, receivedAt);
  if (isMonitorRecord(decoded)) return ignored('vault_health');
  if (isIdentityRow(decoded)) return parseIdentityRow(decoded);
  const isService = isAuditService(decoded);
  const plain = isService ? vaultRecordOf(decoded) : decoded;
  if (plain === undefined) return parseAuditService(decoded);
  const found = auditRecordOf(plain);
  const record = found && readAuditRecord(found, object(plain[HEADER_KEY]), receivedAt);
  if (!record) return rejected('unknown_shape', 'no audit_record and no MessageID');
  const meaning = meaningOf(record.code, record.name);
  if ('ignore' in meaning) return ignored(meaning.ignore);
  if (record.time === undefined) return rejected('bad_time', 'IsoTimestamp, Timestamp: no readable time, and none in a syslog header');
  return kept(
    eventOf(
      record,
      record.time,
      isOwnPassword(record, meaning.kind) ? OWN_PASSWORD : KINDS[meaning.kind],
      meaning.failed === true || isError(record.severity),
    ),
  );
}

/** `Set Password` outside any safe: the issuer gave himself a new password for the Vault. */
const isOwnPassword = (record: AuditRecord, kind: Kind): boolean =>
  kind === 'secret_store' && record.safe === undefined && record.file === undefined && /password/i.test(record.name);
const OWN_PASSWORD: KindMapping = { as: { class: 'account_change', activity: 'password_change' }, about: 'user' };

/** The Vault's own monitor: memory, disks, services. */
const isMonitorRecord = (value: JsonObject): boolean =>
  at(value, 'syslog', 'monitor_record') !== undefined ||
  value['Product'] === 'VaultMonitor' ||
  at(value, 'syslog', 'audit_record', 'Product') === 'VaultMonitor';

/** The Vault marks what was refused or went wrong as Error or Critical. CEF and LEEF write these as 7 and 10. */
const isError = (severity: string | undefined): boolean => severity !== undefined && /^(?:error|critical|7|8|9|10)$/i.test(severity);

function eventOf(record: AuditRecord, time: number, mapping: KindMapping, didFail: boolean): AccessEvent {
  const nativeId = nativeIdOf(record);
  const managed = managedObjectOf(record);
  const inSession = mapping.about === 'session';
  const event: AccessEvent = {
    uid: eventUid(SYSTEM, nativeId),
    nativeId,
    source: SYSTEM,
    time,
    class: mapping.as.class,
    activity: mapping.as.activity,
    code: record.auditCode ?? record.code,
    outcome: didFail ? 'failure' : 'success',
    detail: oneLine(record.reason === undefined ? record.name : `${record.name}: ${record.reason}`),
    actor: accountOf(record.issuer),
    target: targetOf(record, mapping, managed),
    src: sourceOf(record, inSession),
    session: sessionOf(record, inSession),
    auth: mapping.as.class === 'authentication' ? authenticationOf(record, inSession, didFail) : undefined,
    resource: resourceOf(record, mapping, managed),
    privilege: didFail ? undefined : privilegeOf(record, mapping, managed),
    credential: credentialOf(record, mapping, managed, didFail),
    command: inSession ? record.extra['command'] : undefined,
    ticket: record.ticket ?? ticketIn(record),
  };
  return defined(event) ?? event;
}

/** Change, incident, request and task numbers of the common systems: `CHG0012345`, `INC-4471`, `OPS-117`. */
const TICKET =
  /\b(?:CHG|CHR|INC|REQ|RITM|SCTASK|TASK|PRB|CRQ)[-_#]?\d{3,12}\b|\b(?!(?:UTF|SHA|AES|RSA|RFC|ISO)-)[A-Z][A-Z0-9]{1,9}-\d{1,8}\b/;

/** Components write reasons of their own, full of codes that are no tickets. */
const ticketIn = ({ reason, issuer }: AuditRecord): string | undefined =>
  reason === undefined || COMPONENT.test(issuer?.toLowerCase() ?? '') ? undefined : TICKET.exec(reason)?.[0];

const oneLine = (words: string): string => words.replace(/\s+/g, ' ').trim().slice(0, 1_000);

/** Accounts under which the Vault's own components work. */
const COMPONENT = /^(?:passwordmanager|psmp?_?(?:app|gw|adb)|pvwa(?:app|gw)user|prov_|aimwebservice|cpm_|opm_|backup$|dr$|dr_?user)/;
const BUILT_IN = /^(?:batch|builtin|notificationengine|auditor)$/;

function accountOf(name: string | undefined): Account | undefined {
  const login = accountName(name);
  if (login === undefined) return undefined;
  const kind = BUILT_IN.test(login) ? 'system' : COMPONENT.test(login) ? 'service' : undefined;
  return kind === undefined ? { system: SYSTEM, name: login } : { system: SYSTEM, name: login, kind };
}

function targetOf(record: AuditRecord, mapping: KindMapping, managed: ManagedObject): Account | undefined {
  switch (mapping.about) {
    case 'secret':
    case 'session':
      return managed.user === undefined || managed.account === undefined ? undefined : { system: SYSTEM, name: managed.account };
    case 'user':
    case 'owner':
      return accountOf(record.sourceUser ?? record.targetUser);
    case 'group':
      // Of a membership the group stands in SourceUser and the member in TargetUser.
      return mapping.change === undefined ? undefined : accountOf(record.targetUser);
    case 'request':
      return mapping.change === 'requested' ? undefined : accountOf(record.sourceUser ?? record.targetUser);
    case 'vault':
    case 'object':
      return undefined;
  }
}

/** Where the person sat: PSM's records name his machine apart, since their station is the PSM server. */
function sourceOf(record: AuditRecord, inSession: boolean): Endpoint | undefined {
  const written = (inSession ? record.extra['srchost'] : undefined) ?? record.station;
  if (written === undefined) return undefined;
  const ip = parseIp(written);
  return ip === undefined ? (/^[\d.:]+$/.test(written) ? undefined : { hostname: written.toLowerCase() }) : { ip };
}

function sessionOf(record: AuditRecord, inSession: boolean): AccessEvent['session'] {
  const uid = record.extra['sessionid'];
  if (uid === undefined) return undefined;
  return inSession ? { uid, kind: 'privileged' } : { uid };
}

function authenticationOf(record: AuditRecord, inSession: boolean, didFail: boolean): Authentication | undefined {
  const { extra } = record;
  const gateway = record.code === '19' || record.code === '20' ? record.sourceUser : undefined;
  return defined<Authentication>({
    step: inSession ? 'session' : 'primary',
    protocol: extra['protocol']?.toLowerCase(),
    application: inSession
      ? (extra['connectioncomponentid'] ?? extra['applicationtype'] ?? 'PSM')
      : (gateway ?? (record.gateway ? 'PVWA' : 'Vault')),
    failure: didFail ? failureOf(record) : undefined,
  });
}

function failureOf(record: AuditRecord): Authentication['failure'] {
  const words = `${record.name} ${record.reason ?? ''}`.toLowerCase();
  if (record.code === '309' || words.includes('undefined user') || words.includes('does not exist')) return 'unknown_user';
  if (record.code === '5' || words.includes('unauthorized station')) return 'policy';
  if (words.includes('suspend') || words.includes('locked')) return 'locked';
  if (words.includes('disabled')) return 'disabled';
  if (words.includes('expired')) return 'expired';
  return record.code === '4' && !words.includes('radius') ? 'bad_password' : 'other';
}

function resourceOf(record: AuditRecord, mapping: KindMapping, managed: ManagedObject): Resource | undefined {
  const safe: Resource | undefined = record.safe === undefined ? undefined : { kind: 'safe', name: record.safe };
  switch (mapping.about) {
    case 'vault':
      return undefined;
    case 'session': {
      const host = (record.extra['dsthost'] ?? managed.host)?.toLowerCase();
      return host === undefined ? safe : { kind: 'host', name: host, host };
    }
    case 'secret':
    case 'request':
      if (managed.object === undefined) return safe;
      return managed.host === undefined
        ? { kind: 'secret', name: managed.object }
        : { kind: 'secret', name: managed.object, host: managed.host };
    case 'group':
      return record.sourceUser === undefined ? undefined : { kind: 'group', name: record.sourceUser };
    case 'user': {
      const user = record.sourceUser ?? record.targetUser;
      return user === undefined ? undefined : { kind: 'account', name: user };
    }
    case 'owner':
      return safe;
    case 'object':
      if (managed.object === undefined) return safe ?? { kind: 'other', name: record.name };
      return managed.host === undefined
        ? { kind: 'other', name: managed.object }
        : { kind: 'secret', name: managed.object, host: managed.host };
  }
}

function credentialOf(record: AuditRecord, mapping: KindMapping, managed: ManagedObject, didFail: boolean): AccessEvent['credential'] {
  if (mapping.act === undefined || managed.account === undefined || didFail) return undefined;
  return defined({ act: mapping.act, account: managed.account, vault: record.safe, secretId: managed.object });
}

/** A failed attempt changed nothing, so it has no privilege. */
function privilegeOf(record: AuditRecord, mapping: KindMapping, managed: ManagedObject): Privilege | undefined {
  if (mapping.change === undefined) return undefined;
  const base = { change: mapping.change, ticket: record.ticket };
  if (mapping.about === 'group') {
    return record.sourceUser === undefined
      ? undefined
      : defined<Privilege>({ ...base, entitlement: `cyberark:group:${record.sourceUser}`, jit: false });
  }
  if (mapping.about === 'owner') {
    return record.safe === undefined ? undefined : defined<Privilege>({ ...base, entitlement: `cyberark:safe:${record.safe}`, jit: false });
  }
  const issuer = accountName(record.issuer);
  const asks = mapping.change === 'requested' || mapping.change === 'cancelled';
  const entitlement = managed.account === undefined ? record.safe && `cyberark:safe:${record.safe}` : `cyberark:account:${managed.account}`;
  return defined<Privilege>({
    ...base,
    entitlement: entitlement ?? 'cyberark:account:unknown',
    jit: true,
    requestId: record.requestId,
    requester: asks ? issuer : accountName(record.sourceUser ?? record.targetUser),
    approver: mapping.change === 'approved' || mapping.change === 'denied' ? issuer : undefined,
    justification: record.reason,
  });
}
