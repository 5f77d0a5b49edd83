import { at, firstText, isObject, object, text, type JsonObject } from '../json.js';
import { pimRequestOf } from './pim-request.js';
import type { EntraRecord, Family } from './record.js';
import { fromUnified, isUnified, unifiedInside } from './unified.js';

const FAMILIES: readonly (readonly [RegExp, Family])[] = [
  [/SignIn(?:Logs|Events)?$/i, 'sign_in'],
  [/^AuditLogs$/i, 'audit'],
  [/RiskEvents$/i, 'risk_detection'],
  [/^(?:AAD)?Risky(?:Users|ServicePrincipals|Agents)$/i, 'risky_account'],
  [/ProvisioningLogs$/i, 'provisioning'],
  [/^(?:Administrative|Action|Write|Delete|AzureActivity)$/i, 'azure_activity'],
];

const familyOf = (category: string): Family | undefined => FAMILIES.find(([pattern]) => pattern.test(category))?.[1];

/** Log Analytics columns whose Graph name is more than a small first letter away. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    IPAddress: 'ipAddress',
    IpAddress: 'ipAddress',
    LocationDetails: 'location',
    RiskEventTypes_V2: 'riskEventTypes_v2',
    ResourceIdentity: 'resourceId',
    ConditionalAccessPolicies: 'appliedConditionalAccessPolicies',
    AADOperationType: 'operationType',
  }),
);
/** Columns that mean the envelope, and whose small-letter name would hide a field of the record. */
const ENVELOPE_COLUMNS = new Set(['Location', 'ResourceId', 'Resource', 'TenantId', 'Category', 'Level']);

/** Columns hold JSON as text; a record that went through a pipeline may hold it as JSON already. */
export function nested(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    return value;
  }
}

/** Column -> field; empty for columns of the envelope. Tables have some 80 columns, and a sender who invents names must not grow this for ever. */
const FIELD_NAMES = new Map<string, string>();
const MAX_FIELD_NAMES = 1_000;

/** Exported tables say in the column's name that its times are UTC: `TimeGenerated [UTC]`. */
const UTC_COLUMN = / \[UTC\]$/;
const EXPORTED_TIME = 'TimeGenerated [UTC]';

function fieldName(written: string): string {
  const known = FIELD_NAMES.get(written);
  if (known !== undefined) return known;
  const column = written.replace(UTC_COLUMN, '');
  const name = ENVELOPE_COLUMNS.has(column) ? '' : (RENAMED.get(column) ?? column.charAt(0).toLowerCase() + column.slice(1));
  if (FIELD_NAMES.size < MAX_FIELD_NAMES) FIELD_NAMES.set(written, name);
  return name;
}

/** The same values under Graph's names. JSON in text stays text: each reader opens what it needs with `nested`. */
function columnsToFields(record: JsonObject): JsonObject {
  const fields: Record<string, unknown> = {};
  for (const column of Object.keys(record)) {
    const name = fieldName(column);
    if (name !== '' && name !== '__proto__') fields[name] = record[column];
  }
  return fields;
}

/** A record of Log Analytics or Sentinel: columns in capitals, the table's name in `Type` or told by `Category`. */
function fromColumns(record: JsonObject): EntraRecord | undefined {
  const category = text(record['Category']) ?? '';
  const table = text(record['Type']) ?? text(record['SourceTable']);
  const body = columnsToFields(record);
  const family =
    (table === undefined ? undefined : familyOf(table)) ??
    familyOf(category) ??
    (familyOfFields(body) === 'other' ? undefined : familyOfFields(body)) ??
    familyOfOperation(firstText(record['OperationNameValue'], record['OperationName']));
  return {
    family,
    category: table ?? category,
    operation: firstText(record['OperationName'], record['OperationNameValue']),
    body: family === 'audit' ? { ...body, category } : body,
    sentAt: record['TimeGenerated'] ?? record[EXPORTED_TIME],
    callerIp: record['CallerIpAddress'],
    resultType: firstText(record['ResultType'], record['ActivityStatusValue'], record['ActivityStatus']),
    resultDescription: text(record['ResultDescription']),
  };
}

/** Which Graph resource an object without an envelope is. */
function familyOfFields(body: JsonObject): Family {
  if ('provisioningAction' in body || 'provisioningStatusInfo' in body) return 'provisioning';
  const about = ['initiatedBy', 'targetResources', 'activityDateTime'].filter((field) => field in body).length;
  if (about > 1 || (about === 1 && 'activityDisplayName' in body)) return 'audit';
  if ('riskEventType' in body || 'riskType' in body || 'detectedDateTime' in body) return 'risk_detection';
  if ('riskLastUpdatedDateTime' in body) return 'risky_account';
  if ('createdDateTime' in body && SIGN_IN_FIELDS.some((field) => field in body)) return 'sign_in';
  return 'other';
}
const SIGN_IN_FIELDS = [
  'status',
  'appDisplayName',
  'appId',
  'ipAddress',
  'clientAppUsed',
  'conditionalAccessStatus',
  'resourceDisplayName',
];

/**
 * One of the four shapes: the diagnostic-settings envelope (`{time, category, properties}`), Log Analytics columns, the Graph resource itself, or a
 * record of the unified audit log.
 *
 * @returns undefined when it is none of them
 */
export function shapeOf(record: JsonObject): EntraRecord | undefined {
  if (isUnified(record)) return fromUnified(record) ?? OTHER_WORKLOAD;
  const request = pimRequestOf(record);
  if (request) return request;
  const category = text(record['category']);
  const properties = nested(record['properties']);
  if (isObject(properties) && (category !== undefined || 'operationName' in record)) {
    return {
      family:
        familyOf(category ?? '') ??
        (familyOfFields(properties) === 'other' ? familyOfOperation(worded(record['operationName'])) : familyOfFields(properties)),
      category: category ?? '',
      operation: worded(record['operationName']),
      body: properties,
      sentAt: record['time'] ?? record['eventTimestamp'],
      callerIp: record['callerIpAddress'] ?? at(record['httpRequest'], 'clientIpAddress'),
      identity: record['identity'],
      resultType: worded(record['resultType']) ?? worded(record['status']) ?? worded(record['result']),
      resultDescription: firstText(record['resultDescription']),
    };
  }
  // A relay's row of the `Syslog` table carries the record as text.
  if ('SyslogMessage' in record) return undefined;
  if ('TimeGenerated' in record || EXPORTED_TIME in record || 'OperationName' in record || 'CreatedDateTime' in record)
    return fromColumns(record);
  const family = familyOfFields(record);
  if (family === 'other') {
    // Diagnostic settings may send a resource's metrics to the hub that its logs go to.
    if (text(record['metricName']) !== undefined) return OTHER_WORKLOAD;
    const operation = worded(record['operationName']);
    const named = category ?? worded(record['category']);
    const isAzure = familyOfOperation(operation) === 'azure_activity';
    if (operation === undefined || (named === undefined && !isAzure)) return undefined;
    return { ...bare(record, familyOfOperation(operation)), category: named ?? '' };
  }
  return bare(record, family);
}

const bare = (record: JsonObject, family: Family): EntraRecord => ({
  family,
  category: '',
  operation: worded(record['operationName']),
  body: record,
  sentAt: record['time'] ?? record['eventTimestamp'],
  callerIp: record['callerIpAddress'] ?? at(record['httpRequest'], 'clientIpAddress'),
  resultType: worded(record['resultType']) ?? worded(family === 'azure_activity' ? record['status'] : undefined),
  resultDescription: text(record['resultDescription']),
});

/** Azure resource operations are paths: `MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE`. */
const familyOfOperation = (operation: string | undefined): Family =>
  /^microsoft\.[\w.]+\//i.test(operation ?? '') ? 'azure_activity' : 'other';

/** Azure's REST API writes words as `{value, localizedValue}`. */
const worded = (value: unknown): string | undefined => firstText(value, at(value, 'value'));

/** Exchange, SharePoint, Teams and the rest of the unified audit log. */
const OTHER_WORKLOAD: EntraRecord = {
  family: 'other_workload',
  category: 'UnifiedAuditLog',
  operation: undefined,
  body: {},
  sentAt: undefined,
  callerIp: undefined,
  resultType: undefined,
  resultDescription: undefined,
};

/** The records in one JSON value: a list, `{"records": [...]}` from Event Hubs and storage, `{"value": [...]}` from Graph. */
export function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  const { records, value: page, events } = object(value);
  if (Array.isArray(records)) return records.flatMap(unwrap);
  if (Array.isArray(events) && !('id' in value)) return events.flatMap(unwrap);
  return Array.isArray(page) && !('activityDateTime' in value) ? page.flatMap(unwrap) : [unifiedInside(value)];
}
