import { deterministicUid, kept, rejected, type Account, type Authentication, type Endpoint, type ParseResult } from '@keyward/events';
import { accountName, managedAccount } from '../account-name.js';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, flag, isObject, number, object, objects, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { vaultEvent, type VaultAct } from '../vault-event.js';
import { VAULT_KINDS, type VaultMapping } from '../vault-kinds.js';
import { identityAction } from './identity-names.js';
import { SYSTEM } from './system.js';

/** @returns true for an event of the platform's Audit service: `{uuid, auditCode, applicationCode, action, username ...}` */
export const isAuditService = (value: JsonObject): boolean =>
  value['auditCode'] !== undefined || (value['applicationCode'] !== undefined && value['uuid'] !== undefined);

/** @returns true for a row of CyberArk Identity's event table, as its query API gives it */
export const isIdentityRow = (value: JsonObject): boolean => value['EventType'] !== undefined && value['WhenOccurred'] !== undefined;

const PAM_CODE = /^PAM0*(\d{1,5})$/;

/**
 * An event of Privilege Cloud that the Audit service carries, in the shape of the Vault's own audit record; undefined for other services.
 * `auditCode` is the Vault's number with five digits, and what the Vault calls file and details stands in `customData`.
 */
export function vaultRecordOf(value: JsonObject): JsonObject | undefined {
  const code = PAM_CODE.exec(text(value['auditCode']) ?? '')?.[1];
  if (code === undefined) return undefined;
  const custom = customOf(value['customData']);
  const pam = isObject(custom['PAM']) ? custom['PAM'] : custom;
  const details = text(pam['new_target']);
  const named = firstText(pam['target'], value['accountName']);
  // Some events name the machine where others name the object in the safe.
  const file = named === text(value['target']) ? undefined : named;
  const isFailure = /fail|error|denied/i.test(text(value['auditType']) ?? '');
  return {
    MessageID: code,
    Desc: value['action'],
    Severity: isFailure ? 'Error' : 'Info',
    IsoTimestamp: value['timestamp'],
    Issuer: value['username'],
    // A component's name where no address is known.
    Station: parseIp(value['source']) ?? parseIp(pam['station_ip']),
    Safe: value['safe'],
    File: file,
    SourceUser: file?.includes('\\') === true ? undefined : file,
    TargetUser: details?.includes('=') === true ? undefined : details,
    Reason: value['message'],
    ExtraDetails: details?.includes('=') === true ? details : { SessionID: value['sessionId'], Command: value['command'] },
    CAProperties: { UserName: value['targetAccount'], Address: value['target'], PolicyID: value['targetPlatform'] },
    AuditUuid: value['uuid'],
    AuditCode: value['auditCode'],
  };
}

/** An event of another service than Privilege Cloud: Identity, Secure Infrastructure Access, Secure Cloud Access, threat detection. */
export function parseAuditService(value: JsonObject): ParseResult {
  const time = parseInstant(value['timestamp']);
  if (time === undefined) return rejected('bad_time', 'timestamp: expected epoch milliseconds');
  const custom = customOf(value['customData']);
  const name = firstText(value['action'], value['message'], value['auditCode']);
  const place = placeOf(text(value['target']));
  if (name === undefined) return rejected('schema_mismatch', 'action, auditCode: expected what was done');
  return kept(
    eventOf({
      id: text(value['uuid']),
      time,
      name,
      code: firstText(value['auditCode'], value['action']) ?? name,
      actionType: text(value['actionType']),
      failed: /fail|error|denied/i.test(text(value['auditType']) ?? '') || flag(custom['success']) === false,
      login: text(value['username']),
      userId: text(value['userId']),
      isService: /service|machine|workload|bot|^non/i.test(text(value['identityType']) ?? ''),
      address: firstText(parseIp(value['source']), custom['client_ip_address'], custom['from_ip_address']),
      session: firstText(value['sessionId'], custom['internal_session_id'], custom['session_guid']),
      detail: firstText(custom['failure_reason'], value['message'], name),
      command: text(value['command']),
      workstation: firstText(custom['source_hostname'], /[\w-]\.[a-z]/i.test(text(value['source']) ?? '') ? value['source'] : undefined),
      machine: place?.host,
      managedUser: firstText(value['targetAccount'], place?.user, custom['ephemeral_user']),
      vault: text(value['safe']),
      accountId: text(value['accountId']),
      custom,
      isAlert: /^ITDR|threat/i.test(`${text(value['applicationCode']) ?? ''} ${text(value['serviceName']) ?? ''}`),
      component: firstText(value['component'], value['serviceName']),
    }),
  );
}

/** A row of Identity's event table: `EventType`, `WhenOccurred`, `NormalizedUser`, `FromIPAddress`. */
export function parseIdentityRow(value: JsonObject): ParseResult {
  const time = parseInstant(value['WhenOccurred']) ?? parseInstant(value['WhenLogged']);
  if (time === undefined) return rejected('bad_time', 'WhenOccurred: no readable time');
  const custom: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) custom[key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase()] = member;
  const name = text(value['EventType']);
  if (name === undefined) return rejected('schema_mismatch', 'EventType: expected the name of the event');
  return kept(
    eventOf({
      id: firstText(value['ID'], value['_RowKey'], value['InternalTrackingID']),
      time,
      name,
      code: name,
      actionType: undefined,
      failed: value['FailReason'] !== undefined && text(value['FailReason']) !== undefined,
      login: firstText(value['NormalizedUser'], value['UserName'], value['AuthUser']),
      userId: firstText(value['UserGuid'], value['UserId']),
      isService: false,
      address: firstText(value['FromIPAddress'], value['ClientIPAddress']),
      session: firstText(value['InternalSessionId'], value['SessionGuid']),
      detail: firstText(value['FailReason'], value['EventMessage'], name),
      command: undefined,
      workstation: undefined,
      machine: undefined,
      managedUser: undefined,
      vault: undefined,
      accountId: undefined,
      custom,
      isAlert: false,
      component: 'Identity',
    }),
  );
}

/** An object, also as text; Privilege Cloud may write it as a list, `{nested_items: [{name, value}]}`. */
function customOf(value: unknown): JsonObject {
  const custom = typeof value === 'string' && value.trimStart().startsWith('{') ? parsed(value) : object(value);
  const items = custom['nested_items'];
  return Array.isArray(items) ? Object.fromEntries(objects(items).map((one) => [text(one['name']) ?? '', one['value']])) : custom;
}

function parsed(written: string): JsonObject {
  try {
    return object(JSON.parse(written));
  } catch {
    return object(undefined);
  }
}

/** Secure Infrastructure Access names account and network with the machine: `root@db1.example.com#default_network`. */
function placeOf(target: string | undefined): { readonly user?: string | undefined; readonly host: string } | undefined {
  if (target === undefined) return undefined;
  const found = /^(?:([^@#\s]{1,120})@)?([^@#\s]{1,255})#[\w.-]{1,120}$/.exec(target);
  return found?.[2] === undefined ? { host: target } : { user: found[1], host: found[2] };
}

interface Told {
  readonly id: string | undefined;
  readonly time: number;
  readonly name: string;
  readonly code: string;
  readonly actionType: string | undefined;
  readonly failed: boolean;
  readonly login: string | undefined;
  readonly userId: string | undefined;
  readonly isService: boolean;
  readonly address: string | undefined;
  readonly session: string | undefined;
  readonly detail: string | undefined;
  readonly command: string | undefined;
  /** Name of the machine that the person sat at, where its address is not known. */
  readonly workstation: string | undefined;
  readonly machine: string | undefined;
  readonly managedUser: string | undefined;
  readonly vault: string | undefined;
  readonly accountId: string | undefined;
  readonly custom: JsonObject;
  readonly isAlert: boolean;
  readonly component: string | undefined;
}

function eventOf(told: Told): ReturnType<typeof vaultEvent> {
  const { custom } = told;
  const named = identityAction(told.name, told.actionType);
  const kind = told.isAlert ? 'object_other' : named.kind;
  const { about }: VaultMapping = VAULT_KINDS[kind];
  const actor = accountOf(told.login, told.userId, told.isService);
  const host = told.machine?.toLowerCase();
  const managedUser = told.managedUser;
  const user = accountOf(
    firstText(custom['user_name'], custom['target_user_name'], custom['principal_name'], custom['member_name'], custom['target_user']),
    firstText(custom['user_id'], custom['target_user_id']),
    false,
  );
  const objectName = firstText(
    custom['role_name'],
    custom['group_name'],
    custom['app_display_name'],
    custom['name'],
    custom['policy_name'],
    custom['entity_name'],
    custom['target_name'],
  );
  const failed = !told.isAlert && (told.failed || named.failed);
  const event = vaultEvent({
    source: SYSTEM,
    nativeId: told.id ?? deterministicUid(told.code, told.time, told.login ?? '', told.detail ?? ''),
    time: told.time,
    code: told.code,
    kind,
    failed,
    detail: told.detail,
    actor,
    src: sourceOf(told.address, told.workstation, custom),
    device: deviceIn(custom),
    session: told.session === undefined ? undefined : { uid: told.session, kind: about === 'session' ? 'privileged' : 'sign_in' },
    auth: authOf(told, about, failed),
    managed:
      managedUser === undefined
        ? undefined
        : { account: managedAccount(managedUser, host), user: managedUser, host, vault: told.vault, secretId: told.accountId },
    user: user ?? (about === 'user' ? actor : undefined),
    object:
      objectName === undefined
        ? host === undefined
          ? undefined
          : { kind: 'host', name: host, host }
        : resourceOf(about, objectName, custom),
    request: about === 'request' ? { id: firstText(custom['request_id'], told.session), requester: actor?.name } : undefined,
    command: told.command,
  });
  const severity = text(custom['Severity'])?.toLowerCase();
  if (!told.isAlert) return event;
  const level =
    severity === 'critical' || severity === 'high' ? 'high' : severity === 'medium' ? 'medium' : severity === 'low' ? 'low' : undefined;
  return { ...event, vendorRisk: { ...(level && { level }), ...(told.component !== undefined && { detections: [told.component] }) } };
}

function accountOf(login: string | undefined, id: string | undefined, isService: boolean): Account | undefined {
  const name = accountName(login);
  if (name === undefined) return undefined;
  return defined({ system: SYSTEM, name, id: id === login ? undefined : id, kind: isService ? ('service' as const) : undefined });
}

function resourceOf(about: VaultMapping['about'], name: string, custom: JsonObject): VaultAct['object'] {
  const kind =
    about === 'group'
      ? 'group'
      : about === 'grant' || custom['role_name'] !== undefined
        ? 'role'
        : custom['policy_name'] !== undefined
          ? 'policy'
          : 'application';
  return defined({ kind, name, id: firstText(custom['role_id'], custom['group_id'], custom['id'], custom['entity_id']) } as const);
}

function sourceOf(address: string | undefined, workstation: string | undefined, custom: JsonObject): Endpoint | undefined {
  const ip = parseIp(address);
  const hostname = ip === undefined && parseIp(workstation) === undefined ? workstation?.toLowerCase() : undefined;
  const geo = defined({
    city: text(custom['geoip_city_name']),
    country: text(custom['geoip_country_code']),
    lat: degrees(custom['geoip_latitude'], 90),
    lon: degrees(custom['geoip_longitude'], 180),
  });
  return defined<Endpoint>({ ip, hostname, geo, geoFrom: geo && 'vendor' });
}

function degrees(value: unknown, limit: number): number | undefined {
  const found = number(value);
  return found === undefined || Math.abs(found) > limit ? undefined : found;
}

function deviceIn(custom: JsonObject): VaultAct['device'] {
  const agent = firstText(custom['user_agent'], custom['request_user_agent']);
  if (agent !== undefined) return deviceOf(agent);
  const browser = firstText(custom['request_browser_name'], custom['browser_name'], custom['request_device_browser_name']);
  const os = firstText(custom['request_device_os'], custom['device_os']);
  return defined({ browser, os, id: text(custom['device_id']), name: firstText(custom['endpoint_device_name'], custom['host_name']) });
}

function authOf({ custom, name, detail, component }: Told, about: VaultMapping['about'], failed: boolean): Authentication | undefined {
  if (about !== 'login' && about !== 'session') return undefined;
  const factors = firstText(custom['factors'], custom['mechanism']);
  const reason = `${detail ?? ''} ${name}`.toLowerCase();
  const failure = /lock/.test(reason)
    ? 'locked'
    : /disabled|suspend/.test(reason)
      ? 'disabled'
      : /unknown|not found|no such/.test(reason)
        ? 'unknown_user'
        : /mfa|factor|otp|challenge/.test(reason)
          ? 'bad_factor'
          : /policy|denied|not allowed/.test(reason)
            ? 'policy'
            : /password|credential/.test(reason)
              ? 'bad_password'
              : 'other';
  return defined<Authentication>({
    step: about === 'session' ? 'session' : /mfa|challenge/i.test(name) ? 'second_factor' : 'primary',
    method: firstText(custom['auth_method'], custom['authentication_method'])?.toLowerCase(),
    mfa: factors === undefined ? undefined : factors.includes(',') || undefined,
    application: firstText(custom['app_display_name'], custom['application_name']) ?? component,
    protocol: text(at(custom, 'protocol'))?.toLowerCase(),
    failure: failed ? failure : undefined,
  });
}
