import type { VaultKind } from '../vault-kinds.js';

/** What an operation is about; BeyondInsight writes `Managed Account`, `PMM Managed Account`, `ManagedAccount`. */
type Thing = 'login' | 'request' | 'session' | 'secret' | 'managed' | 'user' | 'group' | 'member' | 'role' | 'command' | 'object';

/** First match decides: the more special stands first. Object types of Password Safe and sections of the user audit, without spaces. */
const THINGS: readonly (readonly [RegExp, Thing])[] = [
  [/smartrule|passwordrule|passwordpolicy|accesspolicy|policy|template|configuration|setting|option/, 'object'],
  [/releaserequest|isarelease|isarequest|accessrequest|^request|approval/, 'request'],
  [/keystroke|sessionreplay|recording|sessionmonitor/, 'object'],
  [/session|rdpproxy|sshproxy/, 'session'],
  [/membership|groupmember|groupuser|usergroupuser|usersingroup/, 'member'],
  [/role|permission|accesslevel|privilege|entitlement/, 'role'],
  [/usergroup|^group|quickgroup|addressgroup$|accountgroup/, 'group'],
  [/functionalaccount|managedaccount|^account$|linkedaccount|syncedaccount/, 'managed'],
  [/credential|^password|teampassword|dsskey|passphrase|secretssafe(?:secret|credential|file|text|note)|^secret$/, 'secret'],
  [/login|logon|signin|signapp|signout|logout|authent|mfa|twofactor|totp|fido/, 'login'],
  [/^user|applicationuser|directoryuser|^person|pmmuser/, 'user'],
  [/command/, 'command'],
];

type Verb =
  | 'login'
  | 'logout'
  | 'create'
  | 'update'
  | 'delete'
  | 'read'
  | 'retrieve'
  | 'check_in'
  | 'change'
  | 'test'
  | 'approve'
  | 'deny'
  | 'cancel'
  | 'expire'
  | 'extend'
  | 'lock'
  | 'unlock'
  | 'enable'
  | 'disable'
  | 'assign'
  | 'remove'
  | 'end'
  | 'other';

const VERBS: readonly (readonly [RegExp, Verb])[] = [
  [/log ?out|log ?off|sign ?out/, 'logout'],
  [/log ?in|log ?on|sign ?in|authenticate/, 'login'],
  [/check ?-?in|release password|return/, 'check_in'],
  [/retriev|check ?-?out|show|copy|reveal/, 'retrieve'],
  [/approv|grant(?!or)|accept/, 'approve'],
  [/den(?:y|ied)|reject|refuse/, 'deny'],
  [/cancel|withdraw|abort/, 'cancel'],
  [/expir|timeout|timed out/, 'expire'],
  [/extend|renew/, 'extend'],
  [/unlock/, 'unlock'],
  [/lock|quarantine/, 'lock'],
  [/disable|deactivate|suspend/, 'disable'],
  [/enable|activate|resume/, 'enable'],
  [/terminat|end|stop|complet|close|disconnect|finish/, 'end'],
  [/unassign|revoke|remove|detach/, 'remove'],
  [/delet|purge|destroy/, 'delete'],
  [/assign|attach/, 'assign'],
  [/rotat|change|reset|set password/, 'change'],
  [/test|verif|check/, 'test'],
  [/add|creat|new|insert|start|connect|import|upload|request|launch|begin|initiat|open/, 'create'],
  [/read|view|list|get|export|download|print|play|search|scan|query/, 'read'],
  [/update|edit|modif|rename|move|schedul|generate|set|link|sync/, 'update'],
];

const OF_THING: Readonly<Record<Thing, Partial<Record<Verb, VaultKind>> & { readonly other: VaultKind }>> = {
  login: {
    login: 'logon',
    logout: 'logoff',
    create: 'user_factor_add',
    assign: 'user_factor_add',
    enable: 'user_factor_add',
    delete: 'user_factor_remove',
    remove: 'user_factor_remove',
    disable: 'user_factor_remove',
    change: 'user_password_reset',
    other: 'login_other',
  },
  request: {
    create: 'request_create',
    approve: 'request_approve',
    deny: 'request_deny',
    cancel: 'request_cancel',
    expire: 'request_expire',
    extend: 'request_extend',
    check_in: 'request_check_in',
    end: 'request_check_in',
    remove: 'jit_revoke',
    delete: 'jit_revoke',
    retrieve: 'secret_retrieve',
    read: 'object_read',
    other: 'request_other',
  },
  session: {
    create: 'session_open',
    login: 'session_open',
    enable: 'session_other',
    end: 'session_close',
    logout: 'session_close',
    expire: 'session_close',
    delete: 'session_close',
    cancel: 'session_close',
    read: 'object_read',
    retrieve: 'object_read',
    other: 'session_other',
  },
  secret: {
    retrieve: 'secret_retrieve',
    read: 'secret_retrieve',
    check_in: 'secret_check_in',
    expire: 'secret_check_in',
    change: 'secret_change',
    test: 'secret_verify',
    create: 'secret_create',
    update: 'secret_update',
    assign: 'secret_update',
    delete: 'secret_delete',
    remove: 'secret_delete',
    enable: 'secret_enable',
    unlock: 'secret_enable',
    disable: 'secret_disable',
    lock: 'secret_disable',
    other: 'secret_other',
  },
  managed: {
    create: 'managed_create',
    update: 'managed_update',
    assign: 'managed_update',
    remove: 'managed_update',
    delete: 'managed_delete',
    retrieve: 'secret_retrieve',
    check_in: 'secret_check_in',
    change: 'secret_change',
    test: 'secret_verify',
    read: 'secret_read',
    lock: 'managed_lock',
    unlock: 'managed_unlock',
    enable: 'managed_enable',
    disable: 'managed_disable',
    other: 'managed_update',
  },
  user: {
    login: 'logon',
    logout: 'logoff',
    create: 'user_create',
    update: 'user_update',
    delete: 'user_delete',
    remove: 'user_delete',
    change: 'user_password_reset',
    enable: 'user_enable',
    disable: 'user_disable',
    lock: 'user_lock',
    unlock: 'user_unlock',
    read: 'user_read',
    assign: 'user_update',
    other: 'user_update',
  },
  group: {
    create: 'group_create',
    update: 'group_update',
    change: 'group_update',
    delete: 'group_delete',
    remove: 'group_delete',
    assign: 'member_add',
    read: 'object_read',
    other: 'group_other',
  },
  member: {
    create: 'member_add',
    assign: 'member_add',
    delete: 'member_remove',
    remove: 'member_remove',
    read: 'object_read',
    other: 'group_update',
  },
  role: {
    create: 'right_grant',
    assign: 'right_grant',
    approve: 'right_grant',
    enable: 'right_grant',
    delete: 'right_revoke',
    remove: 'right_revoke',
    disable: 'right_revoke',
    read: 'object_read',
    other: 'right_change',
  },
  command: { other: 'command_start', end: 'command_end' },
  object: {
    login: 'logon',
    logout: 'logoff',
    create: 'object_create',
    read: 'object_read',
    retrieve: 'object_read',
    update: 'object_update',
    change: 'object_update',
    assign: 'object_update',
    remove: 'object_update',
    delete: 'object_delete',
    enable: 'object_enable',
    disable: 'object_disable',
    other: 'object_other',
  },
};

const remembered = new Map<string, VaultKind>();
const MAX_REMEMBERED = 2_000;

/** What `Release Request` with `Approve` is. A pure function that remembers its answers; words that nobody knows are `other` of their thing. */
export function insightKind(object: string, operation: string): VaultKind {
  const key = `${object}\u0000${operation}`;
  const known = remembered.get(key);
  if (known) return known;
  const words = object.toLowerCase().replace(/[^a-z0-9]|^pmm\b/g, '');
  const thing = THINGS.find(([pattern]) => pattern.test(words.replace(/^pmm/, '')))?.[1] ?? 'object';
  const verb = VERBS.find(([pattern]) => pattern.test(operation.toLowerCase()))?.[1] ?? 'other';
  const kind = OF_THING[thing][verb] ?? OF_THING[thing].other;
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, kind);
  return kind;
}
