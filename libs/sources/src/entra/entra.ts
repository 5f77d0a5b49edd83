import { deterministicUid, eventUid, ignored, kept, rejected, type AccessEvent, type ParseResult } from '@keyward/events';
import { firstText, isObject, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { audit } from './audit.js';
import { azureActivity } from './azure-activity.js';
import type { EntraIgnored } from './mapping.js';
import { pimRequest } from './pim-request.js';
import { provisioning, riskDetection, riskyAccount } from './risk.js';
import type { EntraRecord } from './record.js';
import { shapeOf, unwrap } from './shape.js';
import { undotted } from '../spelling.js';
import { vendorsSpelling } from './spelling.js';
import { signIn } from './sign-in.js';
import { firstInstant, happenedAt } from './when.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

/** When it happened. A risk detection is an event when it is found out, which may be days after the sign-in that it is about. */
function timeOf({ family, body, sentAt }: EntraRecord): number | undefined {
  switch (family) {
    case 'sign_in':
      return happenedAt(body['createdDateTime'], sentAt);
    case 'audit':
    case 'provisioning':
      return happenedAt(body['activityDateTime'] ?? body['createdDateTime'], sentAt);
    case 'pim_request':
      return firstInstant(sentAt, body['createdDateTime'], body['createdOn'], body['completedDateTime']);
    case 'risk_detection':
      return firstInstant(sentAt, body['detectedDateTime'], body['lastUpdatedDateTime'], body['activityDateTime']);
    case 'risky_account':
      return firstInstant(sentAt, body['riskLastUpdatedDateTime']);
    case 'azure_activity':
    case 'other_workload':
    case 'other':
      return firstInstant(sentAt, body['eventTimestamp'], body['activityDateTime'], body['createdDateTime']);
  }
}

function bodyOf(record: EntraRecord, envelope: Readonly<Record<string, unknown>>): Body | { readonly ignored: EntraIgnored } {
  switch (record.family) {
    case 'sign_in':
      return signIn(record);
    case 'audit':
      return audit(record);
    case 'risk_detection':
      return riskDetection(record);
    case 'risky_account':
      return riskyAccount(record);
    case 'provisioning':
      return provisioning(record);
    case 'pim_request':
      return pimRequest(record);
    case 'azure_activity':
      return azureActivity(record, {
        identity: envelope['identity'] ?? (envelope['claims'] === undefined ? record.body['authorization'] : envelope),
        resourceId: envelope['resourceId'],
      });
    case 'other_workload':
      return { ignored: record.family };
    case 'other':
      return { ignored: record.category === '' ? 'resource_activity' : 'request_log' };
  }
}

/** Families whose id is the account's or is used again when the state changes: the uid then needs the time as well. */
const REUSED_ID = new Set<EntraRecord['family']>(['risk_detection', 'risky_account']);

/** What every record of a lake has one of, in small letters. */
const MISSPELT = ['operationname', 'createddatetime', 'activitydatetime', 'created_date_time', 'activity_date_time', 'operation_name'];
const isMisspelt = (value: JsonObject): boolean => MISSPELT.some((key) => value[key] !== undefined);

function parse(value: unknown): ParseResult {
  if (!isObject(value)) return rejected('not_an_object', 'an Entra record is a JSON object');
  const plain = undotted(value);
  const written = isMisspelt(plain) ? (vendorsSpelling(plain) ?? plain) : plain;
  const record = shapeOf(written);
  if (!record) return rejected('unknown_shape', 'expected a Graph resource, a diagnostic-settings envelope or Log Analytics columns');
  if (record.family === 'other_workload') return ignored('other_workload');
  const time = timeOf(record);
  if (time === undefined) return rejected('bad_time', 'time, createdDateTime or activityDateTime: expected an instant');
  const body = bodyOf(record, written);
  if ('ignored' in body) return ignored(body.ignored);
  const nativeId =
    firstText(record.body['id'], record.body['eventDataId'], written['eventDataId']) ?? deterministicUid(JSON.stringify(value));
  const uid = REUSED_ID.has(record.family) ? eventUid('entra', `${nativeId}@${String(time)}`) : eventUid('entra', nativeId);
  return kept({ uid, nativeId, source: 'entra', time, ...body });
}

/** Microsoft Entra ID: sign-ins of every kind, directory audit, PIM, ID Protection, provisioning; from Graph, diagnostic settings, Log Analytics or the unified audit log. */
export const entra: Source = { id: 'entra', product: { vendor: 'Microsoft', name: 'Microsoft Entra ID' }, unwrap, parse };
