import { isObject, type JsonObject } from '../json.js';

/** CloudTrail's own spelling of its members: tables write them in lower case, or with a capital. */
const MEMBERS: ReadonlyMap<string, string> = new Map(
  [
    'eventID',
    'eventName',
    'eventSource',
    'eventTime',
    'eventType',
    'eventCategory',
    'readOnly',
    'sourceIPAddress',
    'userAgent',
    'errorCode',
    'errorMessage',
    'requestParameters',
    'responseElements',
    'additionalEventData',
    'serviceEventDetails',
    'insightDetails',
    'resources',
    'userIdentity',
    'principalId',
    'arn',
    'accountId',
    'accessKeyId',
    'userName',
    'invokedBy',
    'identityProvider',
    'onBehalfOf',
    'userId',
    'credentialId',
    'sessionContext',
    'attributes',
    'mfaAuthenticated',
    'creationDate',
    'sessionIssuer',
    'type',
  ].map((name) => [name.toLowerCase(), name]),
);

/** Columns of Sentinel's `AWSCloudTrail` that are named otherwise. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({ awseventid: 'eventID', eventtypename: 'eventType', timegenerated: 'eventTime', category: 'eventCategory' }),
);
/** Members that tables keep as JSON in text. */
const TEXTS = ['userIdentity', 'requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails', 'resources'] as const;

/**
 * The record as CloudTrail writes it: from a row of Athena, Splunk or the LookupEvents API (other capitals), from Sentinel's `AWSCloudTrail`
 * (`UserIdentityArn`, `SessionIssuerUserName`), from a flat table (`userIdentity.userName`), or with members that a table keeps as JSON in text.
 */
export function recordOfRow(row: JsonObject): JsonObject {
  const record = row['eventName'] === undefined || row['userIdentity'] === undefined ? respelled(row) : row;
  return TEXTS.some((name) => typeof record[name] === 'string') ? opened(record) : record;
}

function opened(record: JsonObject): JsonObject {
  const whole: Record<string, unknown> = { ...record };
  for (const name of TEXTS) {
    const written = record[name];
    if (typeof written !== 'string' || !/^\s*[[{]/.test(written)) continue;
    try {
      whole[name] = JSON.parse(written);
    } catch {
      // As it was: text that only looks like JSON.
    }
  }
  return whole;
}

function respelled(row: JsonObject): JsonObject {
  if (!Object.keys(row).some((key) => /^event_?name$/i.test(key))) return row;
  const record: Record<string, unknown> = {};
  const identity: Record<string, unknown> = {};
  const issuer: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  const inside: Record<string, Record<string, unknown>> = {};
  for (const [key, value] of Object.entries(row)) {
    if (value === '' || value === null) continue;
    const [first = '', ...rest] = key.split('.', 9);
    const outer = MEMBERS.get(first.toLowerCase());
    if (rest.length > 0 && outer !== undefined && outer !== 'userIdentity') {
      (inside[outer] ??= {})[rest.join('.')] = value;
      continue;
    }
    const name = key.toLowerCase().replaceAll(/[._]/g, '');
    const member = MEMBERS.get(name) ?? RENAMED.get(name);
    const said = name.replace(/^useridentity/, '').replace(/^sessioncontext/, '');
    const attribute = /^(?:attributes|session)(creationdate|mfaauthenticated)$/.exec(said)?.[1];
    if (member === 'userIdentity') record[member] = isObject(value) ? spelled(value) : value;
    else if (member === 'userName') identity[member] = value;
    else if (member !== undefined) record[member] ??= value;
    else if (attribute !== undefined) attributes[MEMBERS.get(attribute) ?? attribute] = value;
    else if (said.startsWith('sessionissuer')) issuer[spelling(said.slice('sessionissuer'.length))] = value;
    else if (said !== name) identity[spelling(said)] = value;
    else record[key] = value;
  }
  if (Object.keys(identity).length > 0) record['userIdentity'] ??= { ...identity, sessionContext: { sessionIssuer: issuer, attributes } };
  for (const name in inside) record[name] ??= inside[name];
  return record;
}

const spelling = (name: string): string => MEMBERS.get(name) ?? name;

function spelled(value: JsonObject): JsonObject {
  const record: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value))
    record[MEMBERS.get(key.toLowerCase()) ?? key] = isObject(inner) ? spelled(inner) : inner;
  return record;
}
