import { firstRule, ignore, type Meaning, type Rule, type Told } from './message.js';

type AccountActivity = 'create' | 'delete' | 'other' | 'lock' | 'unlock' | 'password_change' | 'password_reset' | 'disable' | 'enable';
type GroupActivity = 'create' | 'delete' | 'update' | 'add_user' | 'remove_user' | 'assign_privileges';
const account = (activity: AccountActivity, code: string, outcome: Told['outcome'] = 'success'): Omit<Told, 'user'> => ({
  as: { class: 'account_change', activity },
  code,
  outcome,
});
const group = (
  activity: GroupActivity,
  code: string,
  change?: Told['change'],
  outcome: Told['outcome'] = 'success',
): Omit<Told, 'user'> => ({
  as: { class: 'group_management', activity },
  code,
  outcome,
  ...(change && { change }),
});

/**
 * Sentences of shadow-utils (useradd, usermod, userdel, groupadd, groupmod, groupdel, gpasswd, passwd, chage, chsh, chfn, chpasswd, newusers),
 * of busybox and of Debian's adduser.
 *
 * @see https://github.com/shadow-maint/shadow src/*.c
 */
const RULES: readonly Rule[] = [
  [/^new user: name=(?<target>[^,\s]+)/, account('create', 'user_created')],
  [/^(?:new user|add user) '(?<target>[^']*)'/, account('create', 'user_created')],
  [/^failed adding user '(?<target>[^']*)'/, account('create', 'user_created', 'failure')],
  [/^delete user '(?<target>[^']*)'/, account('delete', 'user_deleted')],
  [/^failed (?:deleting|removing|to delete) user '(?<target>[^']*)'/, account('delete', 'user_deleted', 'failure')],
  [/^delete '(?<target>[^']*)' from (?:shadow )?group '(?<group>[^']*)'/, group('remove_user', 'group_member_removed', 'revoked')],
  [/^add '(?<target>[^']*)' to (?:shadow )?group '(?<group>[^']*)'/, group('add_user', 'group_member_added', 'granted')],
  [/^(?:user|account) (?<target>\S+) added by (?<user>\S+) to group (?<group>\S+)/, group('add_user', 'group_member_added', 'granted')],
  [
    /^(?:user|account) (?<target>\S+) removed by (?<user>\S+) from group (?<group>\S+)/,
    group('remove_user', 'group_member_removed', 'revoked'),
  ],
  [/^set members of (?<group>\S+) to /, group('update', 'group_members_set')],
  [/^members of group (?<group>\S+) set by (?<user>\S+)/, group('update', 'group_members_set')],
  [
    /^(?:set )?administrators of (?:group )?(?<group>\S+) (?:set by (?<user>\S+) )?to/,
    group('assign_privileges', 'group_administrators_set'),
  ],
  [
    /^(?:the )?password (?:of|for) group '?(?<group>[^'\s]+)'? (?:changed|removed)(?: by '?(?<user>[^'\s]+)'?)?/,
    group('update', 'group_password_changed'),
  ],
  [/^add member (?<target>\S+) to group (?<group>\S+?)(?: by (?<user>\S+))?$/, group('add_user', 'group_member_added', 'granted')],
  [
    /^remove member (?<target>\S+) from group (?<group>\S+?)(?: by (?<user>\S+))?$/,
    group('remove_user', 'group_member_removed', 'revoked'),
  ],
  [/^change group '(?<group>[^']*)'/, group('update', 'group_changed')],
  [/^new group: name=(?<group>[^,\s]+)/, group('create', 'group_created')],
  [/^group added to \S+ name=(?<group>[^,\s]+)/, group('create', 'group_created')],
  [/^failed adding group '?(?<group>[^',\s]+)/, group('create', 'group_created', undefined, 'failure')],
  [/^removed (?:shadow )?group '(?<group>[^']*)' owned by '(?<target>[^']*)'/, group('delete', 'group_deleted')],
  [/^(?:delete |remove )?(?:shadow )?group '(?<group>[^']*)'(?: removed(?: from \S+)?)?$/, group('delete', 'group_deleted')],
  [/^failed (?:to remove|deleting|removing) group '?(?<group>[^',\s]+)/, group('delete', 'group_deleted', undefined, 'failure')],
  [/^group changed in \S+ \(group (?<group>[^/\s)]+)/, group('update', 'group_changed')],
  [/^(?:change|changed) (?:GID|name|password) of group '?(?<group>[^'\s]+)/i, group('update', 'group_changed')],
  [/^(?:lock) user '(?<target>[^']*)' password/, account('lock', 'user_locked')],
  [/^(?:unlock) user '(?<target>[^']*)' password/, account('unlock', 'user_unlocked')],
  [/^change user '(?<target>[^']*)' password/, account('password_reset', 'password_changed')],
  [/^changed? user '(?<target>[^']*)'/, account('other', 'user_changed')],
  [/^changed user (?<target>\S+)/, account('other', 'user_changed')],
  [
    /^failed (?:changing|to change|modifying) (?:user|password for user)? ?'?(?<target>[^',\s]+)/,
    account('other', 'user_changed', 'failure'),
  ],
  [
    /^(?:changed )?password expiry (?:information )?(?:changed )?(?:for|of) '?(?<target>[^'\s]+)/,
    account('other', 'password_expiry_changed'),
  ],
  [/^password for '(?<target>[^']*)' changed by '(?<user>[^']*)'/, account('password_change', 'password_changed')],
  [
    /^password (?:changed for|for) '?(?<target>[^'\s]+)'?(?: changed)?(?: by '?(?<user>[^'\s]+)'?)?$/i,
    account('password_change', 'password_changed'),
  ],
  [
    /^(?:password for|account) '?(?<target>[^'\s]+)'? (?:is |was )?(?:locked|disabled)(?: by '?(?<user>[^'\s]+)'?)?/,
    account('lock', 'user_locked'),
  ],
  [
    /^(?:password for|account) '?(?<target>[^'\s]+)'? (?:is |was )?(?:unlocked|enabled)(?: by '?(?<user>[^'\s]+)'?)?/,
    account('unlock', 'user_unlocked'),
  ],
  [
    /^(?:can't view or modify password information for|incorrect password for|password locked for) '?(?<target>[^'\s]+)/i,
    account('password_change', 'password_changed', 'failure'),
  ],
  [
    /^(?:authentication failure|failed authentication) for '?(?<target>[^'\s]+)/i,
    account('password_change', 'password_changed', 'failure'),
  ],
  [/^unable to (?:change|set) password for '?(?<target>[^'\s]+)/i, account('password_change', 'password_changed', 'failure')],
  [/^(?<target>\S+): (?:password changed|changed password)/, account('password_change', 'password_changed')],
];

/** What only root can do: such a line need not name who did it, and whoever holds root at that time answers for it. */
const ROOTS_ALONE: ReadonlySet<string> = new Set([
  ...['user_created', 'user_deleted', 'user_locked', 'user_unlocked'],
  ...['group_created', 'group_deleted', 'group_changed', 'group_member_added', 'group_member_removed'],
]);

/** @returns what a tool that changes accounts says it did */
export function accountToolMeaning(body: string): Meaning {
  // Older versions quote `so'.
  const meaning = firstRule(RULES, body.replaceAll('`', "'")) ?? ignore('service_message');
  return 'code' in meaning && meaning.user === undefined && ROOTS_ALONE.has(meaning.code) ? { ...meaning, user: 'root' } : meaning;
}
