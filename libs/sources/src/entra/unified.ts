import { at, firstText, isObject, list, number, object, objects, text, type JsonObject } from '../json.js';
import { meaningOf } from './error-codes.js';
import type { EntraRecord } from './record.js';

/** Records of the unified audit log whose type is a sign-in: `RecordType` as number or word. */
const SIGN_IN_TYPES: ReadonlySet<string> = new Set(['9', '15', 'AzureActiveDirectoryAccountLogon', 'AzureActiveDirectoryStsLogon']);
const DIRECTORY_TYPES: ReadonlySet<string> = new Set(['8', 'AzureActiveDirectory', '173', 'AzureActiveDirectoryIdentityProtection']);

/** `LogonError` of records that carry no number, as the sign-in log's code of the same failure. */
const LOGON_ERRORS: ReadonlyMap<string, number> = new Map(
  Object.entries<number>({
    invalidusernameorpassword: 50126,
    useraccountnotfound: 50034,
    usernotfound: 50034,
    idslocked: 50053,
    userdisabled: 50057,
    invalidpasswordexpiredpassword: 50055,
    blockedbyconditionalaccess: 53003,
    proofupblockedduetorisk: 53004,
    userstrongauthclientauthnrequiredinterrupt: 50076,
    userstrongauthclientauthnrequired: 50074,
    userstrongauthenrollmentrequired: 50079,
    userstrongauthenrollmentrequiredinterrupt: 50072,
    authenticationfailedsasstrongauth: 500121,
    authenticationfailedduringstrongauthenticationrequest: 500121,
    ssoartifactinvalidorexpired: 50089,
    ssoartifactrevoked: 50132,
    ssouseraccountnotfoundinresourcetenant: 50020,
    devicenotdomainjoined: 53001,
    devicenotcompliant: 53000,
    deviceauthenticationfailed: 50155,
    flowtokenexpired: 50089,
    noassignedroles: 50105,
  }),
);

/** Members under which exports and collectors keep the record: PowerShell and CSV as text, Defender and Graph as an object. */
const WRAPPERS = ['AuditData', 'auditData', 'RawEventData', 'o365audit', 'o365'] as const;

/** @returns the record inside an export's row, or the value itself */
export function unifiedInside(value: JsonObject): JsonObject {
  for (const wrapper of WRAPPERS) {
    const inside = value[wrapper];
    const read = typeof inside === 'string' ? jsonObject(inside) : inside;
    if (isObject(read) && text(read['Operation']) !== undefined) return read;
  }
  return value;
}

function jsonObject(written: string): unknown {
  if (!written.startsWith('{')) return undefined;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Every record of the unified audit log has these, whatever workload it is of. */
export const isUnified = (value: JsonObject): boolean =>
  text(value['Operation']) !== undefined && text(value['CreationTime']) !== undefined && value['OperationName'] === undefined;

/** `[{Name, Value}]` by name in lower case. */
function namedValues(value: unknown): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const one of objects(value)) {
    const name = text(one['Name']);
    const found = text(one['Value']);
    if (name !== undefined && found !== undefined && found !== '<null>') values.set(name.toLowerCase(), found);
  }
  return values;
}

const ABSENT = /^(?:not available|unknown|n\/a|anonymous)$/i;
const given = (value: unknown): string | undefined => {
  const found = text(value);
  return found === undefined || ABSENT.test(found) ? undefined : found;
};
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const CLASS =
  /^(?:User|Group|Role|ServicePrincipal|Application|Device|Policy|Directory|Company|Contact|ManagedIdentity|AdministrativeUnit|Other)$/;

/** `Actor` and `Target` are lists of ids: the kind of thing, its id, its name (1), its user principal name (5). */
interface Identifiers {
  readonly kind?: string | undefined;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly upn?: string | undefined;
}

function identifiers(value: unknown): Identifiers {
  let kind: string | undefined;
  let id: string | undefined;
  let name: string | undefined;
  let upn: string | undefined;
  for (const one of objects(value)) {
    const written = given(one['ID']);
    if (written === undefined) continue;
    const type = text(one['Type']);
    const joined = /^([A-Za-z]+)_([0-9a-f-]{36})$/.exec(written);
    if (joined) {
      kind ??= joined[1];
      id ??= joined[2];
    } else if (CLASS.test(written)) kind ??= written;
    else if (type === '5') upn ??= written;
    else if (type === '1') name ??= written;
    else if (GUID.test(written) && (type === '0' || type === '2')) id ??= written;
  }
  // Among several ids of an actor the one that stands with its kind is his own; the others are applications that he used.
  return { kind, id: ownId(value) ?? id, name, upn };
}

function ownId(value: unknown): string | undefined {
  for (const one of objects(value)) {
    const joined = /^[A-Za-z]+_([0-9a-f-]{36})$/.exec(text(one['ID']) ?? '');
    if (joined) return joined[1];
  }
  return undefined;
}

/** Values of one element stand as a list in JSON: `["Global Administrator"]`, over several lines. */
function plain(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) return value;
  try {
    const read = list(JSON.parse(value));
    return read.length === 1 && typeof read[0] === 'string' ? read[0] : value;
  } catch {
    return value;
  }
}

const failed = (record: JsonObject): boolean => /^(?:fail(?:ed|ure)?|false|error)$/i.test(text(record['ResultStatus']) ?? '');

/**
 * A record of Microsoft 365's unified audit log under the names that Graph uses, so that sign-ins and directory changes are read by the same rules.
 *
 * @returns undefined for records of other workloads
 */
export function fromUnified(record: JsonObject): EntraRecord | undefined {
  const type = text(record['RecordType']) ?? '';
  const operation = text(record['Operation']) ?? '';
  const isSignIn = SIGN_IN_TYPES.has(type) || /^User(?:LoggedIn|LoginFailed)$/.test(operation);
  const isDirectory = DIRECTORY_TYPES.has(type) || /^AzureActiveDirectory/.test(text(record['Workload']) ?? '');
  if (!isSignIn && !isDirectory) {
    // Shortened records say neither type nor workload; directory operations end with a full stop.
    if (type !== '' || record['Workload'] !== undefined || !operation.endsWith('.')) return undefined;
  }
  return {
    family: isSignIn ? 'sign_in' : 'audit',
    category: 'UnifiedAuditLog',
    operation,
    body: isSignIn ? signInBody(record, operation) : auditBody(record, operation),
    sentAt: undefined,
    callerIp: record['ClientIP'],
    resultType: undefined,
    resultDescription: undefined,
  };
}

function signInBody(record: JsonObject, operation: string): JsonObject {
  const extended = namedValues(record['ExtendedProperties']);
  const device = namedValues(record['DeviceProperties']);
  const actor = identifiers(record['Actor']);
  const userKey = text(record['UserKey']);
  const logonError = given(record['LogonError']);
  const request = extended.get('requesttype') ?? '';
  return {
    id: record['Id'],
    createdDateTime: record['CreationTime'],
    userPrincipalName: given(record['UserId']) ?? actor.upn,
    userId: actor.id ?? (userKey !== undefined && GUID.test(userKey) ? userKey : undefined),
    ipAddress: firstText(record['ClientIP'], record['ActorIpAddress']),
    appId: given(record['ApplicationId']),
    appDisplayName: given(record['ApplicationDisplayName']),
    resourceId: given(record['ObjectId']),
    status: { errorCode: errorCode(record, operation, logonError), failureReason: logonError },
    userAgent: extended.get('useragent'),
    sessionId: firstText(device.get('sessionid'), record['SessionId'], at(record, 'AppAccessContext', 'AADSessionId')),
    uniqueTokenIdentifier: firstText(record['IntraSystemId'], at(record, 'AppAccessContext', 'UniqueTokenId')),
    // A refresh of a token is nobody at a keyboard.
    isInteractive: !/^OAuth2:Token$/i.test(request),
    deviceDetail: {
      deviceId: device.get('id'),
      displayName: device.get('displayname'),
      operatingSystem: device.get('os'),
      browser: device.get('browsertype'),
      isManaged: device.get('iscompliantandmanaged'),
      isCompliant: device.get('iscompliant'),
    },
  };
}

/** 0 for success. A `UserLoggedIn` may carry the number of a page that was shown on the way (keep me signed in): that is no failure of the sign-in. */
function errorCode(record: JsonObject, operation: string, logonError: string | undefined): number {
  const written = number(record['ErrorNumber']) ?? 0;
  const known = logonError === undefined ? undefined : LOGON_ERRORS.get(logonError.toLowerCase());
  const isFailure = failed(record) || /fail/i.test(operation);
  if (isFailure) return written !== 0 ? written : (known ?? -1);
  const passes = written === 0 || meaningOf(written, logonError ?? '').failure === 'interrupted';
  return passes ? 0 : written;
}

function auditBody(record: JsonObject, operation: string): JsonObject {
  const extended = namedValues(record['ExtendedProperties']);
  const actor = identifiers(record['Actor']);
  const target = identifiers(record['Target']);
  const userId = given(record['UserId']);
  const isApp =
    /^(?:ServicePrincipal|ManagedIdentity)/.test(actor.kind ?? extended.get('actorobjectclass') ?? '') ||
    /^ServicePrincipal_/.test(userId ?? '');
  const id = actor.id ?? extended.get('actorobjectid');
  const ipAddress = firstText(record['ActorIpAddress'], record['ClientIP']);
  const about = given(record['ObjectId']);
  const upn = target.upn ?? extended.get('targetupn') ?? (about?.includes('@') ? about : undefined);
  const name =
    target.name ?? extended.get('targetname') ?? (about !== undefined && !GUID.test(about) && !about.includes('@') ? about : undefined);
  const targetId = target.id ?? extended.get('targetobjectid') ?? (about !== undefined && GUID.test(about) ? about : undefined);
  const kind = target.kind ?? (upn === undefined ? extended.get('extendedauditeventcategory') : 'User');
  const detailText = extended.get('additionaldetails');
  const details = detailText === undefined ? undefined : jsonObject(detailText);
  return {
    id: record['Id'],
    activityDisplayName: operation,
    // Both are UTC, and do not say so.
    activityDateTime: record['CreationTime'],
    category: extended.get('auditeventcategory'),
    result: failed(record) ? 'failure' : 'success',
    initiatedBy: isApp
      ? {
          app: {
            displayName: actor.name ?? (userId !== undefined && !/^ServicePrincipal_/.test(userId) ? userId : undefined),
            servicePrincipalId: id,
          },
        }
      : { user: { userPrincipalName: userId ?? actor.upn, id, displayName: actor.name, ipAddress } },
    targetResources:
      kind === undefined && upn === undefined && name === undefined && targetId === undefined
        ? []
        : [
            {
              type: kind,
              id: targetId,
              displayName: name,
              userPrincipalName: upn,
              modifiedProperties: objects(record['ModifiedProperties']).map((one) => ({
                displayName: one['Name'],
                oldValue: plain(one['OldValue']),
                newValue: plain(one['NewValue']),
              })),
            },
          ],
    additionalDetails: Object.entries(object(details)).map(([key, value]) => ({ key, value })),
    userAgent: extended.get('useragent'),
  };
}
