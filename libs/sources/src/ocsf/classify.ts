import { EVENT_CLASSES, type EventClass } from '@keyward/events';
import { number, text, type JsonObject } from '../json.js';
import { ACTIVITIES, CLASSES } from '../ocsf-export/activities.js';

const CLASS_OF_UID: ReadonlyMap<number, EventClass> = new Map(EVENT_CLASSES.map((name) => [CLASSES[name].uid, name]));
const CLASS_OF_NAME: ReadonlyMap<string, EventClass> = new Map(EVENT_CLASSES.map((name) => [CLASSES[name].name.toLowerCase(), name]));
const WORDS: ReadonlyMap<EventClass, ReadonlyMap<number, string>> = new Map(
  EVENT_CLASSES.map((name) => [name, new Map(Object.entries(ACTIVITIES[name]).map(([word, id]) => [id, word]))]),
);

/** Why a class says nothing about access, by its category (`class_uid` / 1000). */
const IGNORED = [
  'unknown_class',
  'system_activity',
  'finding',
  'other_identity_class',
  'network_activity',
  'discovery',
  'application_activity',
] as const;

export type Classified =
  { readonly kind: 'access'; readonly class: EventClass; readonly activity: string } | { readonly kind: 'other'; readonly reason: string };

/**
 * What a record is: by `class_uid`, or else by `type_uid` (class x 100 + activity), or by `class_name`. Numbers may be written as text.
 *
 * @returns undefined when the record has none of them: then it is no OCSF
 */
export function classify(record: JsonObject): Classified | undefined {
  const typeUid = number(record['type_uid']);
  const uid = number(record['class_uid']) ?? (typeUid === undefined ? undefined : Math.floor(typeUid / 100));
  const name = text(record['class_name'])?.toLowerCase();
  if (uid === undefined && name === undefined) return undefined;
  const found = uid === undefined ? CLASS_OF_NAME.get(name ?? '') : CLASS_OF_UID.get(uid);
  if (found === undefined) return { kind: 'other', reason: IGNORED[Math.floor((uid ?? 0) / 1_000)] ?? 'unknown_class' };
  return { kind: 'access', class: found, activity: activityOf(record, found, typeUid) };
}

function activityOf(record: JsonObject, found: EventClass, typeUid: number | undefined): string {
  const id = number(record['activity_id']) ?? (typeUid === undefined ? undefined : typeUid % 100);
  if (id !== undefined) return WORDS.get(found)?.get(id) ?? 'other';
  const word = text(record['activity_name'])?.toLowerCase().replace(/\W+/g, '_');
  return word !== undefined && Object.hasOwn(ACTIVITIES[found], word) ? word : 'unknown';
}
