import type { EventClass } from '@keyward/events';

/** OCSF `class_uid` of each class, and the `category_uid` it belongs to. The only place where these numbers stand: 1.9 replaces 3001 and 3005 by 3007. */
export const CLASSES = {
  authentication: { uid: 3002, category: 3, name: 'Authentication' },
  authorize_session: { uid: 3003, category: 3, name: 'Authorize Session' },
  account_change: { uid: 3001, category: 3, name: 'Account Change' },
  user_access: { uid: 3005, category: 3, name: 'User Access Management' },
  group_management: { uid: 3006, category: 3, name: 'Group Management' },
  entity_management: { uid: 3004, category: 3, name: 'Entity Management' },
  api_activity: { uid: 6003, category: 6, name: 'API Activity' },
  process_activity: { uid: 1007, category: 1, name: 'Process Activity' },
} as const satisfies Readonly<Record<EventClass, { readonly uid: number; readonly category: number; readonly name: string }>>;

/**
 * Every word that `AccessEvent.activity` may hold, by class, with its OCSF `activity_id`. Parsers use these words and no others.
 * `other` is for what the class covers but OCSF has no word for: the vendor's own name stands in `code`.
 *
 * @see OCSF 1.8 schema, classes of category 3, 6003 and 1007
 */
export const ACTIVITIES = {
  authentication: {
    unknown: 0,
    logon: 1,
    logoff: 2,
    authentication_ticket: 3,
    service_ticket_request: 4,
    service_ticket_renew: 5,
    preauth: 6,
    account_switch: 7,
    other: 99,
  },
  authorize_session: { unknown: 0, assign_privileges: 1, assign_groups: 2, assign_roles: 3, other: 99 },
  account_change: {
    unknown: 0,
    create: 1,
    enable: 2,
    password_change: 3,
    password_reset: 4,
    disable: 5,
    delete: 6,
    attach_policy: 7,
    detach_policy: 8,
    lock: 9,
    mfa_factor_enable: 10,
    mfa_factor_disable: 11,
    unlock: 12,
    other: 99,
  },
  user_access: { unknown: 0, assign_privileges: 1, revoke_privileges: 2, assign_role: 3, remove_role: 4, other: 99 },
  group_management: {
    unknown: 0,
    assign_privileges: 1,
    revoke_privileges: 2,
    add_user: 3,
    remove_user: 4,
    delete: 5,
    create: 6,
    add_subgroup: 7,
    remove_subgroup: 8,
    update: 9,
    attach_policies: 10,
    detach_policies: 11,
    assign_roles: 12,
    remove_roles: 13,
    other: 99,
  },
  entity_management: {
    unknown: 0,
    create: 1,
    read: 2,
    update: 3,
    delete: 4,
    move: 5,
    enroll: 6,
    unenroll: 7,
    enable: 8,
    disable: 9,
    activate: 10,
    deactivate: 11,
    suspend: 12,
    resume: 13,
    other: 99,
  },
  api_activity: { unknown: 0, create: 1, read: 2, update: 3, delete: 4, other: 99 },
  process_activity: { unknown: 0, launch: 1, terminate: 2, open: 3, inject: 4, set_user_id: 5, other: 99 },
} as const satisfies Readonly<Record<EventClass, Readonly<Record<string, number>>>>;

/** Words of one class. */
export type ActivityOf<C extends EventClass> = keyof (typeof ACTIVITIES)[C] & string;

/** What a parser's table says an operation is: a class with one of its own words. `{ class: 'authentication', activity: 'logon' }`. */
export type ClassifiedActivity = { readonly [C in EventClass]: { readonly class: C; readonly activity: ActivityOf<C> } }[EventClass];

/** @returns the OCSF `activity_id`; 99 (other) for a word that the class doesn't have */
export function activityId(eventClass: EventClass, activity: string): number {
  const words: Readonly<Record<string, number>> = ACTIVITIES[eventClass];
  return Object.hasOwn(words, activity) ? (words[activity] ?? 99) : 99;
}
