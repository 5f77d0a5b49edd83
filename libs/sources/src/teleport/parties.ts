import type { AccessEvent, Account, Resource } from '@keyward/events';
import { accountName, managedAccount } from '../account-name.js';
import { at, defined, firstText, list, number, object, objects, text, type JsonObject } from '../json.js';
import type { TeleportMapping } from './mapping.js';

/** Teleport's own services sign in as `<uuid>.<cluster>`. */
const COMPONENT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\./i;
const KINDS = new Map<number, NonNullable<Account['kind']>>([
  [1, 'human'],
  [2, 'service'],
]);

function named(value: unknown, kind?: Account['kind']): Account | undefined {
  const name = accountName(value);
  if (name === undefined) return undefined;
  const isComponent = COMPONENT.test(name) || name === 'system';
  const known = isComponent ? 'system' : kind;
  return { system: 'teleport', name, ...(known && { kind: known }) };
}

/** Who acted: `user`, and where an event has none, who it says changed, reviewed, joined, or whose certificate it is. */
export function actorOf(record: JsonObject): Account | undefined {
  const identity = object(record['identity']);
  const kind = KINDS.get(number(record['user_kind']) ?? number(at(record, 'user', 'user_kind')) ?? 0);
  const user = named(text(record['user']) ?? at(record, 'user', 'user'), kind);
  if (user && record['event'] !== 'access_request.update') return user;
  const certified = named(identity['impersonator'] ?? identity['user'], text(identity['bot_name']) === undefined ? undefined : 'service');
  if (certified) return certified;
  for (const key of ['reviewer', 'updated_by', 'delegator']) {
    const found = named(record[key], kind);
    if (found) return found;
  }
  if (user) return user;
  const bot = named(record['bot_name'], 'service') ?? named(record['requester']);
  return bot ?? named(record['node_name'], 'system');
}

/** The machine, database, application that a session goes to. */
export interface Place {
  readonly kind: Resource['kind'];
  readonly name: string;
  readonly id?: string | undefined;
  readonly host?: string | undefined;
}

export function placeOf(record: JsonObject, mapping: TeleportMapping): Place | undefined {
  const cluster = text(record['kubernetes_cluster']);
  switch (mapping.resource) {
    case 'host': {
      const named =
        cluster ??
        firstText(record['server_hostname'], record['desktop_name'], record['instance_id'], record['desktop_addr'], record['name']);
      const host = named?.toLowerCase();
      const id = cluster === undefined ? text(record['server_id']) : undefined;
      const name = host ?? id;
      return name === undefined ? undefined : { kind: 'host', name, id, host: host ?? id };
    }
    case 'database': {
      const name = firstText(record['db_service'], record['name']);
      return name === undefined
        ? undefined
        : { kind: 'database', name, host: record['db_service'] === undefined ? undefined : name.toLowerCase() };
    }
    case 'application': {
      const name = firstText(
        record['app_name'],
        record['service_provider_entity_id'],
        record['service_provider_shortcut'],
        record['name'],
        record['app_public_addr'],
      );
      return name === undefined ? undefined : { kind: 'application', name };
    }
    case 'device': {
      const device = object(record['device']);
      const id = text(device['device_id']);
      const name = firstText(device['asset_tag'], id, record['name']);
      return name === undefined ? undefined : { kind: 'device', name, id };
    }
    case 'api': {
      const name = firstText(record['request_path'], record['resource_name']);
      return name === undefined ? undefined : { kind: 'api', name, host: cluster?.toLowerCase() };
    }
    case 'group': {
      const name = firstText(record['access_list_name'], record['access_list_title'], record['name']);
      return name === undefined ? undefined : { kind: 'group', name };
    }
    case undefined:
      return undefined;
    default: {
      const name = firstText(record['name'], record['sid']);
      return name === undefined ? undefined : { kind: mapping.resource, name };
    }
  }
}

/**
 * The account that a session takes on the other side: `root@web1`, `app@orders-db`, `administrator@corp.example.com`, an AWS role.
 *
 * @returns undefined where the event names none
 */
export function takenAccount(record: JsonObject, place: Place | undefined): string | undefined {
  const cloud = firstText(record['aws_role_arn'], record['azure_identity'], record['gcp_service_account']);
  if (cloud !== undefined) return cloud.toLowerCase();
  const windows = text(record['windows_user']);
  if (windows !== undefined) return managedAccount(windows, text(record['windows_domain']) ?? place?.host);
  const user = firstText(record['db_user'], list(record['kubernetes_users'])[0], record['login']);
  return user === undefined || place?.host === undefined ? undefined : managedAccount(user, place.host);
}

/** Whom it was done to. */
export function targetOf(record: JsonObject, mapping: TeleportMapping, taken: string | undefined): Account | undefined {
  switch (mapping.about) {
    case 'name':
      return named(record['name']);
    case 'login':
      return taken === undefined ? undefined : { system: 'teleport', name: taken };
    case 'lock':
      return named(firstText(at(record, 'target', 'user'), at(record, 'target', 'login')));
    case 'member':
      return named(firstText(objects(record['members'])[0]?.['member_name'], record['member_name']));
    case 'database_user': {
      const name = firstText(record['username'], record['db_user']);
      const database = text(record['db_service'])?.toLowerCase();
      return name === undefined ? undefined : { system: 'teleport', name: managedAccount(name, database) };
    }
    default:
      return undefined;
  }
}

/** The registered device, or the factor's device. */
export function deviceIn(record: JsonObject): AccessEvent['device'] {
  const device = object(record['device'] ?? record['trusted_device']);
  const id = text(device['device_id']);
  return defined({ id, name: text(device['asset_tag']), managed: id === undefined ? undefined : true });
}
