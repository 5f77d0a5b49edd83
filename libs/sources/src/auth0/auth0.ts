import {
  deterministicUid,
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Account,
  type Outcome,
  type ParseResult,
} from '@keyward/events';
import { sameAccount } from '../account-name.js';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import { parseInstant } from '../instant.js';
import { at, firstText, isObject, list, number, text, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { readLogLine } from '../syslog/line.js';
import { classify } from './classify.js';
import { managementAct, type Act } from './management.js';
import type { Auth0Mapping } from './mapping.js';
import { clientDevice, originOf, vendorRiskOf } from './origin.js';
import { proofOf } from './proof.js';
import { scimAct } from './scim.js';
import { actorOf, isAdministration, tenantLog, type TenantLog } from './tenant-log.js';

/** A call that was answered with an error changed nothing, whatever the type says. */
function outcomeOf(log: TenantLog, mapping: Auth0Mapping): Outcome {
  const status = number(at(log.details, 'response', 'statusCode'));
  return status !== undefined && status >= 400 ? 'failure' : mapping.outcome;
}

/** What types that hold many operations did: the Management API, SCIM, a factor of one's own. */
function actOf(log: TenantLog, mapping: Auth0Mapping): Act | undefined {
  if (isAdministration(log.type)) return managementAct(log);
  if (log.type === 'sscim' || log.type === 'fscim') return scimAct(log);
  if (log.type.startsWith('my_account_authentication_method')) {
    const words = `${firstText(log.details['operation']) ?? ''} ${text(at(log.request, 'method')) ?? ''}`;
    return { as: { class: 'account_change', activity: /delete|remove/i.test(words) ? 'mfa_factor_disable' : 'mfa_factor_enable' } };
  }
  return ownAct(log, mapping);
}

/** An invitation that was accepted, a member that was added: the record names organization and roles. */
function ownAct(log: TenantLog, mapping: Auth0Mapping): Act | undefined {
  const as: ClassifiedActivity = mapping;
  const organization = firstText(
    log.record['organization_name'],
    log.record['organization_id'],
    at(log.details, 'invitation', 'inviter', 'organization_id'),
  );
  if (organization === undefined) return undefined;
  const id = text(log.record['organization_id']);
  const resource = { kind: 'group' as const, name: organization, ...(id && { id }) };
  if (mapping.class === 'group_management' || mapping.class === 'user_access') {
    const role = text(list(at(log.details, 'invitation', 'roles'))[0]);
    const change = mapping.activity === 'remove_user' ? ('revoked' as const) : ('granted' as const);
    return {
      as,
      resource,
      privilege: {
        change,
        entitlement: role === undefined ? `auth0:organization:${organization}` : `auth0:role:${role}`,
        jit: false,
        ...((role ?? id) && { entitlementId: role ?? id }),
      },
    };
  }
  return undefined;
}

function eventOf(log: TenantLog, mapping: Auth0Mapping, time: number): AccessEvent {
  const { record, details } = log;
  const nativeId = firstText(record['log_id'], record['_id']) ?? deterministicUid(JSON.stringify(record));
  const outcome = outcomeOf(log, mapping);
  const act = actOf(log, mapping);
  const as: ClassifiedActivity = act?.as ?? mapping;
  const actor = actorOf(log);
  const target = act?.target && !(actor && sameAccount(actor, act.target)) ? act.target : undefined;
  const src = originOf(log);
  const device = clientDevice(log);
  const auth = mapping.class === 'authentication' && mapping.activity !== 'logoff' ? proofOf(log, mapping, outcome) : undefined;
  const session = firstText(details['session_id'], at(details, 'refresh_token', 'session_id'));
  const tokenId = text(at(log.request, 'auth', 'credentials', 'jti'));
  const resource = act?.resource ?? applicationOf(log, mapping);
  const vendorRisk = vendorRiskOf(log, mapping.detection);
  const detail = firstText(record['description'], at(details, 'error', 'message'), details['error']);
  return {
    uid: eventUid('auth0', nativeId),
    nativeId,
    source: 'auth0',
    time,
    class: as.class,
    activity: as.activity,
    code: log.type,
    outcome,
    ...(detail && { detail: detail.slice(0, 1_000).replace(/\s+/g, ' ') }),
    ...(actor && { actor: named(actor, log) }),
    ...(target && { target }),
    ...(src && { src }),
    ...(device && { device }),
    ...((session ?? tokenId) && { session: { uid: session ?? tokenId ?? '', ...(tokenId && { tokenId }), kind: 'sign_in' as const } }),
    ...(auth && { auth }),
    ...(resource && { resource }),
    ...(act?.privilege && { privilege: act.privilege }),
    ...(vendorRisk && { vendorRisk }),
  };
}

/** The Management API names the administrator also by his name. */
function named(actor: Account, log: TenantLog): Account {
  const name = text(at(log.request, 'auth', 'user', 'name'));
  return name === undefined || name.toLowerCase() === actor.name ? actor : { ...actor, displayName: name };
}

function applicationOf(log: TenantLog, mapping: Auth0Mapping): AccessEvent['resource'] {
  const id = text(log.record['client_id']);
  const name = text(log.record['client_name']) ?? id;
  if (mapping.class === 'authentication' && name !== undefined) return { kind: 'application', name, ...(id && { id }) };
  const shown = firstText(at(log.details, 'id'), log.details['connection_name'], log.record['connection']);
  return mapping.resource === undefined ? undefined : { kind: mapping.resource, name: shown ?? log.type };
}

/** `90020260105090000123…`: Auth0's ids begin with the time at which the log was stored. */
const TIMED_ID = /^900(20\d\d)([01]\d)([0-3]\d)([0-2]\d)([0-5]\d)([0-5]\d)(\d{3})\d/;

function timeOf(record: JsonObject, receivedAt: number | undefined): number | undefined {
  if (record['date'] !== undefined && record['date'] !== null && record['date'] !== '') return parseInstant(record['date']);
  const id = TIMED_ID.exec(text(record['log_id']) ?? '');
  if (id) return parseInstant(`${id[1] ?? ''}-${id[2] ?? ''}-${id[3] ?? ''}T${id[4] ?? ''}:${id[5] ?? ''}:${id[6] ?? ''}.${id[7] ?? ''}Z`);
  return parseInstant(record['time']) ?? receivedAt;
}

function parse(record: unknown, receivedAt?: number): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a tenant log is a JSON object');
  const log = tenantLog(record);
  if (!log) return rejected('unknown_shape', 'type: expected the code of a tenant log');
  const classified = classify(log.type, text(record['description']));
  if ('ignored' in classified) return ignored(classified.ignored);
  const time = timeOf(record, receivedAt);
  return time === undefined ? rejected('bad_time', 'date: expected an ISO 8601 instant') : kept(eventOf(log, classified.mapping, time));
}

/** Wrappers from the outside in: EventBridge `detail`, Event Grid and CloudEvents `data`, HTTP collectors `event` and `json`, the stream's own `data`. */
const WRAPPERS = ['detail', 'data', 'event', 'json', 'log'] as const;
const isLog = (value: JsonObject): boolean =>
  typeof value['type'] === 'string' &&
  (value['date'] !== undefined ||
    value['details'] !== undefined ||
    value['tenant_name'] !== undefined ||
    !WRAPPERS.some((key) => isObject(value[key])));

const carriesLog = (value: JsonObject): boolean => WRAPPERS.some((key) => isObject(value[key]));

function bare(value: unknown): unknown {
  let current = value;
  let id: string | undefined;
  let time: string | undefined;
  for (let depth = 0; depth < 5 && isObject(current) && !isLog(current); depth += 1) {
    const outer: JsonObject = current;
    const inside = WRAPPERS.map((key) => outer[key]).filter(isObject);
    // Agents have an `event` of their own beside the member that carries the log.
    const inner = inside.find((one) => isLog(one) && typeof one['type'] === 'string') ?? inside.find(carriesLog) ?? inside[0];
    // A shipper's `event` and `log` tell of the file; the text beside them is the log.
    if (!inner) return depth > 0 && typeof current['type'] !== 'string' ? value : current;
    id ??= text(outer['log_id']);
    time ??= firstText(outer['time'], outer['eventTime']);
    current = inner;
  }
  if (!isObject(current) || (id === undefined && time === undefined)) return current;
  if (current['log_id'] !== undefined && current['date'] !== undefined) return current;
  return { ...(id && { log_id: id }), ...(time && { date: time }), ...current };
}

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  const records = typeof value['type'] === 'string' ? undefined : (value['logs'] ?? value['records'] ?? value['events']);
  return Array.isArray(records) ? records.map(bare) : [bare(value)];
}

/** A collector that forwards logs as syslog puts them behind a header. */
function readLine(line: string, receivedAt?: number): unknown {
  const { body } = readLogLine(line, receivedAt);
  return body.form === 'json' ? body.value : undefined;
}

/** Auth0 tenant logs: log streams (HTTP, EventBridge, Event Grid), `GET /api/v2/logs`. */
export const auth0: Source = { id: 'auth0', product: { vendor: 'Okta', name: 'Auth0' }, envelopeKeys: ['logs'], readLine, unwrap, parse };
