import { CODES, type IgnoreReason, type Kind, type Meaning } from './codes.js';

/** Descriptions of what the Vault and its components do by themselves. */
const TECHNICAL: readonly (readonly [RegExp, IgnoreReason])[] = [
  [/\(cont\.?\)|detailed information/, 'continuation'],
  [/^auto[ -]?clear|history (?:start|end)$|^compress|^defragment|^purge|^remove expired/, 'vault_housekeeping'],
  [
    /^monitor(?!.*session)|licen[sc]e|security warning|^(?:vault|server|firewall|service) (?:start|stop|shutdown)|disk space|certificate .*(?:expir|sha1)/,
    'vault_health',
  ],
  [/replicat|^dr\b|disaster|backup|metadata|synchroni[sz]|^ntp\b|^time sync/, 'vault_housekeeping'],
  [/auto-?detection|upload recording|^cpm (?:start|stop|alive)|heart ?beat|keep ?alive|general audit/, 'component_task'],
];

/** First match decides, so what is more special stands first. */
const DESCRIPTIONS: readonly (readonly [RegExp, Kind])[] = [
  [/monitor (?:session|live)|session monitor|(?:suspend|resume|pause) (?:live )?session|session (?:suspend|resume)/, 'session_watch'],
  [/terminate (?:live )?session|session terminat/, 'session_close'],
  [/(?:safe )?access through gateway|impersonation/, 'gateway_logon'],
  [/time limit|user has expired|user is disabled|ownership (?:expired|not yet active)|unsecured station|cannot use station/, 'logon'],
  [
    /unlock (?:file|object|password|account|ssh key|secret)|(?:check|checked)[ -]?in\b|(?:cpm )?release (?:password|account|file|object|ssh key)/,
    'secret_check_in',
  ],
  [/^lock (?:file|object|password|account)/, 'secret_lock'],
  [/(?:add|create|import|upload|set|update) .*ssh public key/, 'user_key_add'],
  [/(?:delete|remove|revoke) .*ssh public key/, 'user_key_remove'],
  [/(?:get|list|view) .*ssh public key/, 'user_read'],
  [/forg[eo]t (?:my )?password|reset password .*user/, 'user_password'],
  [/process .*(?:elevated|execution|blocked|start|launch)|elevated? (?:process|rights)|opm .*command/, 'command_start'],
  [/process .*(?:stopped|ended)/, 'command_end'],
  [/(?:add|update|delete|remove|edit) privileged command/, 'owner_update'],
  [/privileged group modif/, 'group_update'],
  [/(?:add\/update|add|update) owners?\b/, 'owner_add'],
  [/^(?:psm )?(?:secure )?connect\b.*end$|psm .*\b(?:disconnect|session end)|^psm disconnect/, 'session_close'],
  [/psm .*\b(?:connect|session start)|^psm connect/, 'session_open'],
  [/window(?:s)? title/, 'session_window'],
  [/keystroke|sql command|ssh command|scp command|powershell command/, 'session_command'],
  [/command (?:completed|ended)/, 'command_end'],
  [/command (?:initiated|started)|privileged command/, 'command_start'],
  [/log ?off|log ?out/, 'logoff'],
  [/gateway connection/, 'gateway_logon'],
  [/log ?on|log ?in|authenticat/, 'logon'],
  [/\b(?:create|add|new|submit)\b.*\brequest/, 'request_create'],
  [/\b(?:confirm|approve|accept)\b.*\brequest|request .*\b(?:confirmed|approved)/, 'request_confirm'],
  [/\b(?:reject|deny)\b.*\brequest|request .*\b(?:rejected|denied)/, 'request_reject'],
  [/\b(?:expire)\w*\b.*\brequest|request .*\bexpired/, 'request_expire'],
  [/\b(?:delete|remove|cancel|withdraw)\b.*\brequest|request .*\b(?:deleted|cancel)/, 'request_cancel'],
  [/^cpm (?:change|reconcile)|(?:change|reconcile) (?:password|ssh key)$/, 'secret_change'],
  [/^cpm verify|verify (?:password|ssh key)/, 'secret_verify'],
  [/cpm disable/, 'secret_disable'],
  [/reset user password|(?:change|set|update|reset) .*user.*password|user password/, 'user_password'],
  [/(?:retrieve|show|copy|get|view) (?:password|ssh key|secret|file password)/, 'secret_retrieve'],
  [/use (?:password|ssh key|account)/, 'secret_use'],
  [/(?:store|set|update|change) (?:password|ssh key|secret)/, 'secret_store'],
  [/(?:add|insert) .*(?:group|location) member|add member|add user to group/, 'member_add'],
  [/(?:remove|delete) .*(?:group|location) member|remove member|remove user from group/, 'member_remove'],
  [/(?:add|create) (?:owner|safe member|rule|permission)|grant\b/, 'owner_add'],
  [/(?:update|change) (?:owner|safe member|rule|permission)/, 'owner_update'],
  [/(?:remove|delete) (?:owner|safe member|rule|permission)|revoke\b/, 'owner_remove'],
  [/(?:delete|remove) (?:external )?group/, 'group_delete'],
  [/(?:add|create)(?:\/update)? (?:external )?group/, 'group_create'],
  [/(?:update|rename) (?:external )?group/, 'group_update'],
  [/(?:add|create) (?:external )?user|import user/, 'user_create'],
  [/(?:delete|remove) (?:external )?user/, 'user_delete'],
  [/(?:activate|unlock|unsuspend) .*user|user (?:activated|unlocked)|clear user.*(?:lock|suspen)/, 'user_unlock'],
  [/(?:suspend|lock) .*user|user (?:suspended|locked)/, 'user_lock'],
  [/enable (?:external )?user/, 'user_enable'],
  [/disable (?:external )?user|deactivate .*user/, 'user_disable'],
  [/(?:update|rename|move) (?:external )?user(?!.*history)/, 'user_update'],
  [/(?:get|list|view|find) user/, 'user_read'],
  [/^(?:add|create|new|store|upload|import|insert|undelete)\b/, 'object_create'],
  [/^(?:get|retrieve|open|view|list|find|read|copy|print|download|export|external audit|action on)\b/, 'object_read'],
  [/^(?:delete|remove|clear)\b/, 'object_delete'],
  [/^(?:move|rename)\b/, 'object_move'],
  [/^(?:enable|activate|unlock|release)\b/, 'object_enable'],
  [/^(?:disable|deactivate|lock)\b/, 'object_disable'],
  [/^(?:update|change|set|edit|modify|reset)\b|updated$|changed$/, 'object_update'],
  [/succeeded|created|added/, 'object_create'],
];

const FAILED =
  /\bfail|unauthori[sz]ed|not authori[sz]ed|non authori[sz]ed|\bdenied\b|not allowed|\berror\b|\bundefined user|\bblocked\b|wrong key|more secured than|unsecured station|has (?:unexpired|locked) files|time limit|user has expired|user is disabled|not yet active|ownership expired|\bcannot\b|not by an agent|unsuccessful/;
/** In these the word tells what became of a request, not of the act. */
const REQUEST = /\brequest\b/;

const remembered = new Map<string, Meaning>();
/** More than the Vault has codes; a bound, since the description comes from outside. */
const MAX_REMEMBERED = 2_000;

/**
 * What a record means, by its code and, where the code is not in the table, by its description. A pure function that remembers its answers.
 *
 * @param code the Vault's number of the action
 * @param name its description, as the Vault sends it: `Add Safe`, `Add Safe (Unauthorized)`, `CPM Verify Password Failed`
 */
export function meaningOf(code: string, name: string): Meaning {
  const key = `${code}\u0000${name}`;
  const known = remembered.get(key);
  if (known) return known;
  const meaning = find(code, name.toLowerCase());
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(key, meaning);
  return meaning;
}

function find(code: string, name: string): Meaning {
  const listed = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const didFail = FAILED.test(REQUEST.test(name) ? name.replace(/\bdenied\b/g, '') : name);
  if (listed) return 'kind' in listed && didFail ? { kind: listed.kind, failed: true } : listed;
  // Some translators write the outcome before the action: `Failure: User Authentication`.
  const action = name.replace(/^(?:failure|success|error) ?: ?/, '');
  const technical = TECHNICAL.find(([pattern]) => pattern.test(action));
  if (technical) return { ignore: technical[1] };
  const plain = action.replace(/[\s-]*\(?(?:unauthori[sz]ed[^)]*|failed|failure|succeeded)\)?\s*$/, '');
  const kind = DESCRIPTIONS.find(([pattern]) => pattern.test(plain))?.[1] ?? 'object_other';
  return didFail ? { kind, failed: true } : { kind };
}
