import { EVENT_CLASSES, type EventClass } from '@keyward/events';
import { number, text, type JsonObject } from '../json.js';
import { ACTIVITIES, CLASSES, type ActivityOf, type ClassifiedActivity } from '../ocsf-export/activities.js';

const CLASS_OF_UID: ReadonlyMap<number, EventClass> = new Map(EVENT_CLASSES.map((name) => [CLASSES[name].uid, name]));
/** By caption (`User Access Management`), by the schema's own name (`user_access`), and as producers shorten them. */
const UID_OF_NAME: ReadonlyMap<string, number> = new Map([
  ...EVENT_CLASSES.flatMap((name): readonly (readonly [string, number])[] => [
    [CLASSES[name].name.toLowerCase(), CLASSES[name].uid],
    [name.replaceAll('_', ' '), CLASSES[name].uid],
  ]),
  ['user management', 3007],
  ['role management', 3008],
]);
const WORDS: ReadonlyMap<EventClass, ReadonlyMap<number, string>> = new Map(
  EVENT_CLASSES.map((name) => [name, new Map(Object.entries(ACTIVITIES[name]).map(([word, id]) => [id, word]))]),
);

/** Why a class says nothing about access, by its category (`class_uid` / 1000). */
const IGNORED: readonly (string | undefined)[] = [
  'unknown_class',
  'system_activity',
  'finding',
  undefined,
  'network_activity',
  'discovery',
  'application_activity',
  'remediation',
  'unmanned_systems',
];

const account = (activity: ActivityOf<'account_change'>): ClassifiedActivity => ({ class: 'account_change', activity });
const access = (activity: ActivityOf<'user_access'>): ClassifiedActivity => ({ class: 'user_access', activity });
const entity = (activity: ActivityOf<'entity_management'>): ClassifiedActivity => ({ class: 'entity_management', activity });

/** Classes of OCSF 1.9 by the order of their activities (the first has id 1): 3007 takes the place of 3001 and 3005, 3008 is new. */
const LATER: Readonly<Record<number, readonly (readonly [string, ClassifiedActivity])[]>> = {
  3007: [
    ['create', account('create')],
    ['update', account('other')],
    ['delete', account('delete')],
    ['enable', account('enable')],
    ['disable', account('disable')],
    ['lock', account('lock')],
    ['unlock', account('unlock')],
    ['password_change', account('password_change')],
    ['password_reset', account('password_reset')],
    ['attach_policies', account('attach_policy')],
    ['detach_policies', account('detach_policy')],
    ['enable_mfa_factors', account('mfa_factor_enable')],
    ['disable_mfa_factors', account('mfa_factor_disable')],
    ['assign_privileges', access('assign_privileges')],
    ['remove_privileges', access('revoke_privileges')],
    ['assign_roles', access('assign_role')],
    ['remove_roles', access('remove_role')],
    ['add_programmatic_credentials', account('other')],
    ['remove_programmatic_credentials', account('other')],
  ],
  3008: [
    ['create', entity('create')],
    ['update', entity('update')],
    ['delete', entity('delete')],
    ['assign_privileges', entity('update')],
    ['remove_privileges', entity('update')],
    ['assign_resources', entity('update')],
    ['remove_resources', entity('update')],
    ['attach_policies', entity('update')],
    ['detach_policies', entity('update')],
    ['add_programmatic_credentials', entity('update')],
    ['remove_programmatic_credentials', entity('update')],
  ],
};

/** Classes that had another number before OCSF 1.0 (`5001 cloud api` of 0.2x, `3005 api activity` of the release candidates): now API Activity. */
const API_BEFORE: ReadonlySet<string> = new Set(['5001 cloud api', '3005 api activity']);
/** The activities of 0.2x: user data, administrative, operational. */
const OF_CLOUD_API = 'cloud api';

export type Classified =
  { readonly kind: 'access'; readonly class: EventClass; readonly activity: string } | { readonly kind: 'other'; readonly reason: string };

/**
 * What a record is: by `class_uid`, or else by `type_uid` (class x 100 + activity), or by a name of the class. Numbers may be written as text, a name
 * may stand where the number belongs. A class of identity and access that a later version adds is Entity Management: kept, never lost.
 *
 * @returns undefined when the record has none of them: then it is no OCSF
 */
export function classify(record: JsonObject): Classified | undefined {
  const typeUid = number(record['type_uid']);
  const uid =
    number(record['class_uid']) ??
    (typeUid === undefined ? undefined : Math.floor(typeUid / 100)) ??
    uidOfName(record['class_name']) ??
    uidOfName(record['class_uid']) ??
    uidOfName(record['class']) ??
    uidOfName(text(record['type_name'])?.split(':', 1)[0]);
  if (uid === undefined) return text(record['class_name']) === undefined ? undefined : { kind: 'other', reason: 'unknown_class' };
  const name = plainName(record['class_name']) ?? '';
  if (API_BEFORE.has(`${uid} ${name}`)) {
    const known = name === OF_CLOUD_API ? 99 : (number(record['activity_id']) ?? 99);
    return { kind: 'access', class: 'api_activity', activity: activityOf(record, 'api_activity', known) };
  }
  const id = number(record['activity_id']) ?? (typeUid === undefined ? undefined : typeUid % 100);
  const later = LATER[uid];
  if (later) return { kind: 'access', ...laterActivity(later, record, id) };
  const found = CLASS_OF_UID.get(uid) ?? (Math.floor(uid / 1_000) === IDENTITY ? 'entity_management' : undefined);
  if (found === undefined) return { kind: 'other', reason: IGNORED[Math.floor(uid / 1_000)] ?? 'unknown_class' };
  const known = CLASS_OF_UID.get(uid) === undefined ? undefined : id;
  return { kind: 'access', class: found, activity: activityOf(record, found, known) };
}

/** Category of identity and access. */
const IDENTITY = 3;
const plainName = (written: unknown): string | undefined =>
  text(written)
    ?.toLowerCase()
    .replace(/[_\s]+/g, ' ')
    .replace(/ class$/, '');
function uidOfName(written: unknown): number | undefined {
  const name = plainName(written);
  return name === undefined ? undefined : UID_OF_NAME.get(name);
}

function activityOf(record: JsonObject, found: EventClass, id: number | undefined): string {
  if (id !== undefined) return WORDS.get(found)?.get(id) ?? 'other';
  const word = wordOf(record);
  return word !== undefined && Object.hasOwn(ACTIVITIES[found], word) ? word : 'unknown';
}
const wordOf = (record: JsonObject): string | undefined => text(record['activity_name'])?.toLowerCase().replace(/\W+/g, '_');

function laterActivity(
  table: readonly (readonly [string, ClassifiedActivity])[],
  record: JsonObject,
  id: number | undefined,
): ClassifiedActivity {
  const word = wordOf(record);
  const found = id === undefined ? table.find(([name]) => name === word) : table[id - 1];
  return found?.[1] ?? { class: 'entity_management', activity: 'other' };
}
