import type { VaultKind } from '../vault-kinds.js';

/** Why an event says nothing about access. */
export type IgnoreReason = 'system_log' | 'reminder' | 'engine_log' | 'component_task' | 'file_inventory';

export type Meaning = { readonly kind: VaultKind; readonly failed: boolean } | { readonly ignore: IgnoreReason };

/**
 * Secret Server's events, `SECRET - PASSWORD_DISPLAYED`, without spaces, hyphens and underscores: versions and manuals spell them differently.
 * A view shows the secret's page, and is all that the REST API logs when it hands a password out.
 *
 * @see Delinea docs, "Secret Server event list"; Password Reset Server and Privilege Manager write the same form
 */
const LISTED: Readonly<Record<string, VaultKind>> = {
  'USER:LOGIN': 'logon',
  'USER:LOGINFAILURE': 'logon',
  'USER:LOGOUT': 'logoff',
  'USER:CREATE': 'user_create',
  'USER:DISABLE': 'user_disable',
  'USER:ENABLE': 'user_enable',
  'USER:LOCKOUT': 'user_lock',
  'USER:UNLOCK': 'user_unlock',
  'USER:ADDEDTOGROUP': 'member_add',
  'USER:REMOVEDFROMGROUP': 'member_remove',
  'USER:PASSWORDCHANGE': 'user_password',
  'USER:STARTRESET': 'user_password_reset',
  'USER:TWOFACTORCHANGED': 'user_factor_add',
  'USER:TWOFACTORRESET': 'user_factor_remove',
  'USER:CHALLENGED': 'login_other',
  'GROUP:OWNERSMODIFIED': 'group_update',
  'GROUP:CREATE': 'group_create',
  'GROUP:DELETE': 'group_delete',
  'ROLE:CREATE': 'object_create',
  'ROLE:ASSIGNUSERORGROUP': 'role_assign',
  'ROLE:UNASSIGNUSERORGROUP': 'role_remove',
  'ROLEPERMISSION:ADDEDTOROLE': 'right_change',
  'ROLEPERMISSION:REMOVEDFROMROLE': 'right_change',
  'FOLDER:EDITPERMISSIONS': 'right_change',
  'SECRET:VIEW': 'secret_retrieve',
  'SECRET:LAUNCH': 'session_open',
  'SECRET:SESSIONRECORDINGVIEW': 'object_read',
  'SECRET:COPY': 'secret_create',
  'SECRET:CHECKOUT': 'secret_retrieve',
  'SECRET:CHECKIN': 'secret_check_in',
  'SECRET:FORCECHECKIN': 'secret_check_in',
  'SECRET:UNDELETE': 'secret_enable',
  'SECRET:PASSWORDDISPLAYED': 'secret_retrieve',
  'SECRET:PASSWORDCOPIEDTOCLIPBOARD': 'secret_retrieve',
  'SECRET:ACCESSAPPROVED': 'request_approve',
  'SECRET:ACCESSDENIED': 'request_deny',
  'SECRET:ACCESSREQUESTED': 'request_create',
  'SECRET:EDITVIEW': 'secret_update',
  'SECRET:EDITPERMISSIONS': 'right_change',
  'SECRET:SECRETPOLICYCHANGE': 'secret_update',
  'SECRET:CUSTOMAUDIT': 'secret_other',
  'UNLIMITEDADMIN:ENABLE': 'right_grant',
  'UNLIMITEDADMIN:DISABLE': 'right_revoke',
  'EXPORTSECRETS:EXPORTED': 'secret_retrieve',
  'IMPORTSECRETS:IMPORTED': 'secret_create',
  'USERAUDIT:EXPIRENOW': 'object_update',
  'SITECONNECTOR:CREDENTIALVIEW': 'object_read',
};

/** Of objects that are no secret and no user: by the verb alone. First match decides. */
const VERBS: readonly (readonly [RegExp, 'create' | 'read' | 'update' | 'delete' | 'move' | 'enable' | 'disable'])[] = [
  [/deactivat|disabl|suspend/, 'disable'],
  [/activat|enabl|undelet|restor/, 'enable'],
  [/delet|remov|purg/, 'delete'],
  [/creat|add|copied|copy|import|register|upload/, 'create'],
  [/move/, 'move'],
  [/view|read|export|download|display|get|run|report/, 'read'],
  [/edit|chang|updat|modif|renam|set|expos|encrypt|rotat|sync/, 'update'],
];

/** What is left, by words of object and verb. First match decides. */
const PHRASES: readonly (readonly [RegExp, VaultKind])[] = [
  [/^SECRET:.*(?:APPROVALREQUEST|ACCESSREQUEST|REQUESTACCESS)/, 'request_create'],
  [/^(?:SECRET|ACCESSREQUEST|REQUEST|WORKFLOW):.*(?:APPROVED|GRANTED)/, 'request_approve'],
  [/^(?:SECRET|ACCESSREQUEST|REQUEST|WORKFLOW):.*(?:DENIED|REJECTED)/, 'request_deny'],
  [/^(?:SECRET|ACCESSREQUEST|REQUEST|WORKFLOW):.*(?:CANCEL)/, 'request_cancel'],
  [/^(?:ACCESSREQUEST|REQUEST):.*EXPIR/, 'request_expire'],
  [/^(?:ACCESSREQUEST|REQUEST):/, 'request_create'],
  [/^SECRET:.*CHECKEDIN/, 'secret_check_in'],
  [/^SECRET:.*(?:CHECKEDOUT|DISPLAYED|COPIED|VIEWED|DOWNLOAD|RETRIEV|WEBPASSWORDFILL|EXPORT|PRINT)/, 'secret_retrieve'],
  [/^SECRET:(?:HEARTBEAT|TEST)/, 'secret_verify'],
  [/^SECRET:.*(?:PASSWORDCHANG|PASSWORDROTAT|KEYROTAT|RPC|REMOTEPASSWORD)/, 'secret_change'],
  [/^SECRET:SESSION.*(?:END|TERMINAT|STOP|CLOSE)/, 'session_close'],
  [/^SECRET:(?:SESSION|PROXY|LAUNCH)/, 'session_open'],
  [/^SECRET:(?:HOOK|DEPENDENCY)/, 'secret_update'],
  [/^USER:.*(?:LOGIN|LOGGEDIN|AUTHENTICAT)/, 'logon'],
  [/^USER:.*(?:LOGOUT|LOGGEDOUT)/, 'logoff'],
  [/^USER:.*(?:TWOFACTOR|2FA|MFA|FIDO|TOTP|DUO|OTP).*(?:RESET|REMOV|DISABL|DELET|CLEAR)/, 'user_factor_remove'],
  [/^USER:.*(?:TWOFACTOR|2FA|MFA|FIDO|TOTP|DUO|OTP)/, 'user_factor_add'],
  [/^USER:.*UNLOCK/, 'user_unlock'],
  [/^USER:.*LOCK/, 'user_lock'],
  [/^USER:.*RESET/, 'user_password_reset'],
  [/^USER:.*PASSWORD/, 'user_password'],
  [/^USER:.*DELET/, 'user_delete'],
  [/^USER:.*(?:OWNER|PERMISSION|ROLE)/, 'right_change'],
  [/^GROUP:.*(?:ADD|ASSIGN).*(?:USER|MEMBER)|^GROUP:(?:USER|MEMBER).*ADD/, 'member_add'],
  [/^GROUP:.*(?:REMOV|UNASSIGN).*(?:USER|MEMBER)|^GROUP:(?:USER|MEMBER).*REMOV/, 'member_remove'],
  [/^ROLE:.*UNASSIGN/, 'role_remove'],
  [/^ROLE:.*ASSIGN/, 'role_assign'],
  [/PERMISSION/, 'right_change'],
];

const IGNORED: readonly (readonly [RegExp, IgnoreReason])[] = [
  [/^SYSTEMLOG:?$/, 'system_log'],
  [/^(?:SECRET|LICEN[SC]\w*):EXPIR(?:ES|ED)/, 'reminder'],
  [/^LICENSING:/, 'reminder'],
];

const FAMILIES: Readonly<Record<string, 'secret' | 'user' | 'group'>> = { SECRET: 'secret', USER: 'user', GROUP: 'group' };
const FAILED = /FAIL|INVALID|MAXATTEMPT|DENIED|ERROR|UNSUCCESSFUL|REJECTED/;

const remembered = new Map<string, Meaning>();
const MAX_REMEMBERED = 2_000;

/** What `SECRET` with `CHECKOUT` is. A pure function that remembers its answers. */
export function serverMeaning(object: string, verb: string): Meaning {
  const key = `${object}\u0000${verb}`;
  const known = remembered.get(key);
  if (known) return known;
  const meaning = find(bare(object), bare(verb));
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, meaning);
  return meaning;
}

const bare = (words: string): string => words.toUpperCase().replace(/[^A-Z0-9]/g, '');

function find(object: string, verb: string): Meaning {
  const name = `${object}:${verb}`;
  const ignore = IGNORED.find(([pattern]) => pattern.test(name))?.[1];
  if (ignore !== undefined) return { ignore };
  return { kind: LISTED[name] ?? PHRASES.find(([pattern]) => pattern.test(name))?.[1] ?? byVerb(object, verb), failed: FAILED.test(verb) };
}

function byVerb(object: string, verb: string): VaultKind {
  const act = VERBS.find(([pattern]) => pattern.test(verb.toLowerCase()))?.[1];
  const family = (Object.hasOwn(FAMILIES, object) ? FAMILIES[object] : undefined) ?? 'object';
  if (act === undefined) return family === 'user' ? 'user_update' : `${family}_other`;
  switch (family) {
    case 'secret':
      return `secret_${act}`;
    case 'user':
      return act === 'move' ? 'user_update' : `user_${act}`;
    case 'group':
      return act === 'create' || act === 'delete' ? `group_${act}` : act === 'read' ? 'object_read' : 'group_update';
    case 'object':
      return `object_${act}`;
  }
}
