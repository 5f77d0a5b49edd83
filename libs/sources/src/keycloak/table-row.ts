import { isObject, type JsonObject } from '../json.js';

/** Columns of `EVENT_ENTITY` and `ADMIN_EVENT_ENTITY`, in which Keycloak keeps its events, and what they are called in an event. */
const COLUMNS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    event_time: 'time',
    admin_event_time: 'time',
    realm_id: 'realmId',
    realm_name: 'realmName',
    client_id: 'clientId',
    user_id: 'userId',
    session_id: 'sessionId',
    ip_address: 'ipAddress',
    operation_type: 'operationType',
    resource_type: 'resourceType',
    resource_path: 'resourcePath',
    auth_realm_id: 'authRealmId',
    auth_client_id: 'clientId',
    auth_user_id: 'userId',
    details_json: 'details',
    details_json_long_value: 'details',
  }),
);

/** @returns the row of Keycloak's database as an event; any other record as it is */
export function eventOfRow(row: JsonObject): JsonObject {
  const spelt = Object.hasOwn(row, 'event_time') || Object.hasOwn(row, 'admin_event_time') || Object.hasOwn(row, 'realm_id');
  if (!spelt && !Object.hasOwn(row, 'EVENT_TIME') && !Object.hasOwn(row, 'ADMIN_EVENT_TIME')) return row;
  const event: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(row)) {
    const lower = key.toLowerCase();
    const name = COLUMNS.get(lower) ?? (key === key.toUpperCase() ? lower : key);
    if (value !== null && value !== '') event[name] ??= name === 'details' ? opened(value) : value;
  }
  return event;
}

function opened(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const details: unknown = JSON.parse(value);
    return isObject(details) ? details : undefined;
  } catch {
    return undefined;
  }
}
