import type { VaultKind } from '../vault-kinds.js';

/**
 * What an action of CyberArk Identity and of the platform's other services is, by its name: `cloud.core.login`, `add-user`,
 * `Cloud.Saas.Application.AppLaunch`, `Elevate access`. First match decides: the more special stands first.
 *
 * @see CyberArk docs, "Audit service: Identity events"; "Event type reference" of CyberArk Identity
 */
const NAMES: readonly (readonly [RegExp, VaultKind])[] = [
  // Sessions on machines are none of Identity's own.
  [
    /\b(?:rdp|ssh|linux|windows|database|db|kubernetes|privileged|vaulted)\b.*\bsession\b.*\b(?:end|ended|clos|terminat|disconnect|stop)/,
    'session_close',
  ],
  [
    /\b(?:rdp|ssh|linux|windows|database|db|kubernetes|privileged|vaulted)\b.*\bsession\b.*\b(?:start|open|establish|fail|den|refus|reject)/,
    'session_open',
  ],
  [/log ?out|log ?off|sign ?out|session ?end/, 'logoff'],
  [/applaunch|app launch|launch.*app|saml.*(?:token|response)|sso/, 'logon'],
  [
    /(?:mfa|factor|otp|fido|security ?question|authenticator|phone ?pin|passkey|u2f|qr).*(?:remov|delet|reset|disabl|clear|unenrol|revok)/,
    'user_factor_remove',
  ],
  [
    /(?:mfa|factor|otp|fido|security ?question|authenticator|phone ?pin|passkey|u2f|oath).*(?:add|set|enrol|regist|creat|enabl|updat|chang)/,
    'user_factor_add',
  ],
  [/mfa ?summary|mfa|challenge|advance ?auth|startauth|start ?authentication/, 'login_other'],
  [/(?:reset|set|force).*password|password.*reset|forgot/, 'user_password_reset'],
  [/password.*(?:chang|updat)|chang.*password|set ?own ?password/, 'user_password'],
  [/unlock/, 'user_unlock'],
  [/lock(?!er)/, 'user_lock'],
  [/request.*(?:approv|grant)|approv.*request|access.*approved/, 'request_approve'],
  [/request.*(?:den|reject)|(?:den|reject).*request/, 'request_deny'],
  [/request.*(?:cancel|withdr)|(?:cancel|withdr).*request/, 'request_cancel'],
  [/(?:request|elevat|access|grant).*expir/, 'request_expire'],
  [/(?:creat|add|submit|new|open).*request|request.*(?:creat|add|submit|new)|^request access/, 'request_create'],
  [/(?:end|stop|drop|revok|terminat).*(?:elevat|privilege|just)|elevat.*(?:end|stop|drop|revok)|de-?elevat/, 'jit_revoke'],
  [/elevat|assume|just.?in.?time|jit/, 'jit_grant'],
  [/session.*(?:clos|stop|terminat|disconnect|end)|disconnect/, 'session_close'],
  [/(?:connect|session).*(?:start|open|establish|launch|begin|connect|creat)|^connect|connection/, 'session_open'],
  [/command|keystroke|query|execut/, 'command_start'],
  [/log ?in|log ?on|sign ?in|authenticat|interactive|token ?(?:issu|grant|creat)/, 'logon'],
  [
    /(?:add|assign|grant).*(?:to.*role|role ?member)|role.*(?:member.*add|add.*member|assign|grant)|add.*role.*(?:member|user|group)/,
    'role_assign',
  ],
  [
    /(?:remov|delet|revok|unassign).*(?:from.*role|role ?member)|role.*(?:member.*(?:remov|delet)|remov.*member|unassign|revok)/,
    'role_remove',
  ],
  [/(?:add|assign).*(?:to.*group|group ?member)|group.*(?:member.*add|add.*member)/, 'member_add'],
  [/(?:remov|delet).*(?:from.*group|group ?member)|group.*(?:member.*(?:remov|delet)|remov.*member)/, 'member_remove'],
  [
    /(?:add|assign|grant|set).*(?:permission|right|entitlement|privilege)|(?:permission|right|entitlement).*(?:add|grant|assign)/,
    'right_grant',
  ],
  [
    /(?:remov|delet|revok).*(?:permission|right|entitlement|privilege)|(?:permission|right|entitlement).*(?:remov|revok|delet)/,
    'right_revoke',
  ],
  [/permission|right|entitlement/, 'right_change'],
  [/retriev|checkout|check.?out|show.*(?:password|secret)|copy.*(?:password|secret)|get.*secret/, 'secret_retrieve'],
  [/check.?in/, 'secret_check_in'],
  [/rotat|(?:chang|reconcil).*(?:secret|credential)/, 'secret_change'],
  [/(?:disabl|suspend|deactivat).*user|user.*(?:disabl|suspend|deactivat)/, 'user_disable'],
  [/(?:enabl|activat).*user|user.*(?:enabl|activat)/, 'user_enable'],
  [/(?:add|creat|import|invit|provision).*user|user.*(?:add|creat|import|invit|provision)/, 'user_create'],
  [/(?:delet|remov|deprovision).*user|user.*(?:delet|remov|deprovision)/, 'user_delete'],
  [/(?:get|view|read|list|find).*user/, 'user_read'],
  [/user/, 'user_update'],
  [/(?:add|creat).*group|group.*(?:add|creat)/, 'group_create'],
  [/(?:delet|remov).*group|group.*(?:delet|remov)/, 'group_delete'],
  [/group/, 'group_update'],
  [/disabl|deactivat|suspend/, 'object_disable'],
  [/enabl|(?<!de)activat|resum/, 'object_enable'],
  [/delet|remov/, 'object_delete'],
  [/add|creat|new|import|regist|upload|deploy/, 'object_create'],
  [/move|rename/, 'object_move'],
  [/get|view|read|list|find|download|export|open|report/, 'object_read'],
  [/updat|chang|edit|modif|set|sav|publish/, 'object_update'],
];
const FAILED = /fail|denied|unsuccess|unauthori[sz]ed|invalid|reject|blocked|error/;
/** A request that was denied is a denied request, and no failure. */
const REQUEST = /request|approv/;

/** Where the name says nothing: `actionType` of the Audit service. */
const TYPES: Readonly<Record<string, VaultKind>> = {
  login: 'logon',
  logon: 'logon',
  logout: 'logoff',
  authentication: 'logon',
  create: 'object_create',
  add: 'object_create',
  delete: 'object_delete',
  update: 'object_update',
  edit: 'object_update',
  read: 'object_read',
  view: 'object_read',
  retrieve: 'secret_retrieve',
  connect: 'session_open',
  disconnect: 'session_close',
  execute: 'command_start',
};

export interface NamedAction {
  readonly kind: VaultKind;
  readonly failed: boolean;
}

const remembered = new Map<string, NamedAction>();
const MAX_REMEMBERED = 2_000;

/** A pure function that remembers its answers. */
export function identityAction(name: string, actionType: string | undefined): NamedAction {
  const key = `${name}\u0000${actionType ?? ''}`;
  const known = remembered.get(key);
  if (known) return known;
  const words = name
    .slice(0, 200)
    .toLowerCase()
    .replace(/[._-]+/g, ' ');
  const kind = NAMES.find(([pattern]) => pattern.test(words))?.[1] ?? TYPES[actionType?.toLowerCase() ?? ''] ?? 'object_other';
  const found = { kind, failed: FAILED.test(words) && !(REQUEST.test(words) && /denied|reject/.test(words)) };
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, found);
  return found;
}
