import { AccessEvent, Credential, Privilege, Resource, type Account, type EventClass } from '@keyward/events';
import { at, defined, firstText, list, number, object, objects, text, type JsonObject } from '../json.js';

/** What a record says beyond who, when and from where. */
export type Meaning = Pick<AccessEvent, 'resource' | 'privilege' | 'credential' | 'ticket' | 'vendorRisk' | 'quantity'>;

export interface Told {
  readonly class: EventClass;
  readonly activity: string;
  readonly code: string;
  readonly failed: boolean;
  readonly system: string;
  readonly target: Account | undefined;
}

const VendorRisk = AccessEvent.shape.vendorRisk.unwrap();

/** Keyward's own words under `unmapped` first (its export puts there what OCSF has no attribute for), else what the class itself says. */
export function meaningOf(record: JsonObject, unmapped: JsonObject, told: Told): Meaning {
  const credential = own(Credential, unmapped['credential']);
  const privilege = own(Privilege, unmapped['privilege']);
  const resource = own(Resource, unmapped['resource']);
  const quantity = number(unmapped['quantity']);
  const known = resource ?? resourceOf(record, told, privilege !== undefined || credential !== undefined);
  return {
    resource: known,
    // Keyward's export without a privilege says that there was none.
    privilege: privilege ?? (resource ? undefined : privilegeOf(record, told, known)),
    credential,
    ticket: text(unmapped['ticket']),
    vendorRisk: own(VendorRisk, unmapped['vendor_risk']),
    quantity: quantity !== undefined && quantity >= 0 ? quantity : undefined,
  };
}

interface Schema<T> {
  safeParse(value: unknown): { readonly success: true; readonly data: T } | { readonly success: false };
}

/** Nearly no record has them, and a schema that refuses costs more than the rest of the record. */
export function own<T>(schema: Schema<T>, value: unknown): T | undefined {
  if (value === undefined) return undefined;
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function resourceOf(record: JsonObject, { class: of, code, target }: Told, isTold: boolean): Resource | undefined {
  switch (of) {
    case 'authentication':
      return hostOf(object(record['dst_endpoint']));
    case 'process_activity':
      return hostOf(object(record['device']));
    case 'authorize_session':
    case 'account_change':
      return undefined;
    case 'group_management':
    case 'entity_management': {
      const found = of === 'group_management' ? namedResource(object(record['group']), 'group') : managedEntity(record);
      // Where the record named nothing, the export wrote what the class demands: the operation, the account.
      return isTold || found?.name === code || (found?.kind === 'other' && found.name === target?.name) ? undefined : found;
    }
    case 'user_access':
    case 'api_activity':
      return (
        namedResource(roleIn(record), 'role') ??
        namedResource(object(record['resource']), 'other') ??
        namedResource(object(objects(record['resources'])[0]), 'other')
      );
  }
}

/** 1.9: the role that is given, or managed. */
const roleIn = (record: JsonObject): JsonObject => {
  const one = object(record['iam_role']);
  return one['name'] === undefined && one['uid'] === undefined ? object(objects(record['iam_roles'])[0]) : one;
};

/** The managed entity; what it is may stand in an object of its own kind. */
function managedEntity(record: JsonObject): Resource | undefined {
  const role = namedResource(roleIn(record), 'role');
  if (role) return role;
  const entity = object(record['entity']);
  for (const [key, kind] of ENTITIES) {
    const found = namedResource(object(entity[key]), kind);
    if (found) return found;
  }
  return namedResource(entity, 'other');
}
const ENTITIES: readonly (readonly [string, Resource['kind']])[] = [
  ['user', 'account'],
  ['group', 'group'],
  ['policy', 'policy'],
  ['device', 'device'],
];

/** The machine itself: `hostname`, or else its address. */
function hostOf(endpoint: JsonObject): Resource | undefined {
  const host = firstText(endpoint['hostname'], endpoint['ip'], endpoint['name'])?.toLowerCase();
  return host === undefined ? undefined : { kind: 'host', name: host, host };
}

const KINDS: ReadonlySet<string> = new Set(Resource.shape.kind.options);
const isKind = (word: string): word is Resource['kind'] => KINDS.has(word);

function namedResource(value: JsonObject, usual: Resource['kind']): Resource | undefined {
  const id = text(value['uid']);
  const name = text(value['name']) ?? id;
  if (name === undefined) return undefined;
  const type = text(value['type'])?.toLowerCase() ?? '';
  return defined<Resource>({ kind: isKind(type) ? type : type === 'user' ? 'account' : usual, name, id });
}

const GIVES: ReadonlySet<string> = new Set([
  'user_access assign_privileges',
  'user_access assign_role',
  'group_management add_user',
  'account_change attach_policy',
]);
const TAKES: ReadonlySet<string> = new Set([
  'user_access revoke_privileges',
  'user_access remove_role',
  'group_management remove_user',
  'account_change detach_policy',
]);

/** A right that was given or taken. A failed attempt changed nothing, so it has none. */
function privilegeOf(
  record: JsonObject,
  { class: of, activity, failed, system }: Told,
  resource: Resource | undefined,
): Privilege | undefined {
  const change = GIVES.has(`${of} ${activity}`) ? 'granted' : TAKES.has(`${of} ${activity}`) ? 'revoked' : undefined;
  if (failed || change === undefined) return undefined;
  const policy = of === 'account_change' ? firstText(at(record, 'policy', 'name'), objects(record['policies'])[0]?.['name']) : undefined;
  const name = of === 'group_management' ? resource?.name : (policy ?? text(list(record['privileges'])[0]) ?? resource?.name);
  if (name === undefined) return undefined;
  const kind = of === 'group_management' ? 'group' : policy !== undefined ? 'policy' : activity.endsWith('role') ? 'role' : 'permission';
  // `<system>:<kind>:<name>` already, as Keyward writes them.
  const entitlement = /^[\w.-]+:[\w.-]+:./.test(name) ? name : `${system}:${kind}:${name}`;
  return defined<Privilege>({ change, entitlement, entitlementId: of === 'group_management' ? resource?.id : undefined, jit: false });
}
