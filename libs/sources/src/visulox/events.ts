import type { EventRule } from '../described-record.js';

/** Why an event is no event of ours: a metric label, so a closed set. */
export const VISULOX_IGNORED = ['notice', 'recording_state', 'housekeeping'] as const;

const second = { step: 'second_factor', mfa: true } as const;

/**
 * VISULOX's service events by their type, name and variable (`Login`, `Access PIN rejected`, `2faPinRejected`), and the families of
 * its manual: command guard, keyword detection, file transfer, in-time access, dual control, policies. First match decides.
 *
 * @see https://wiki.visulox.com "VISULOX4_ReferenceCard"
 */
export const EVENTS: readonly EventRule[] = [
  // What tells people something, and what cameras do.
  {
    when: /will (?:soon )?expire|expire soon|script ?send|notification sent|message sent|\bmessage$|\bannotation|\bremark/,
    ignore: 'notice',
  },
  { when: /recording (?:started|stopped|ended|paused)|chapter|film|\brecorder\b/, ignore: 'recording_state' },
  { when: /housekeeping|archiv(?:e|ed|ing) (?:job|run|done)|heart ?beat|licen[cs]e|backup|service (?:start|stop)/, ignore: 'housekeeping' },
  // A secret that is shown.
  {
    when: /(?:password|credential|secret).*(?:view|show|reveal|cop(?:y|ied)|display|retriev|check(?:ed)? ?out)/,
    kind: 'secret_retrieve',
  },
  { when: /(?:password|credential|secret).*check(?:ed)? ?in/, kind: 'secret_check_in' },
  { when: /(?:account|user)\b.*\bunlocked/, kind: 'user_unlock' },
  { when: /(?:account|user)\b.*\blocked/, kind: 'user_lock' },
  // Signing in. A PIN or passcode that was sent is no sign-in yet.
  {
    when: /(?:pin|otp|totp|mfa|2 ?fa|second factor|two factor|passcode|token).*(?:requested|sent|challenge)/,
    kind: 'login_other',
    auth: { ...second, factorResult: 'challenged' },
  },
  {
    when: /(?:pin|otp|totp|mfa|2 ?fa|second factor|two factor|passcode|token).*(?:reject|fail|invalid|wrong|den)/,
    kind: 'logon',
    failed: true,
    auth: { ...second, failure: 'bad_factor', factorResult: 'denied' },
  },
  {
    when: /(?:pin|otp|totp|mfa|2 ?fa|second factor|two factor|passcode|token).*(?:accept|succe|approv|verif|passed)/,
    kind: 'logon',
    auth: { ...second, factorResult: 'approved' },
  },
  // Access for a time.
  { when: /(?:in ?time|spontan\w*|temporary|on demand) access.*(?:revoke|withdraw|end|expire|remove)/, kind: 'jit_revoke' },
  { when: /(?:in ?time|spontan\w*|temporary|on demand) access|grant access|access granted/, kind: 'jit_grant' },
  { when: /request.*(?:approve|allow|accept|grant)/, kind: 'request_approve' },
  { when: /request.*(?:reject|den(?:y|ied)|refuse)/, kind: 'request_deny' },
  { when: /request.*(?:cancel|withdraw|delete)/, kind: 'request_cancel' },
  { when: /request.*expire|access (?:has )?(?:expired|ended)/, kind: 'request_expire' },
  { when: /(?:send|access|create[d]?|new).*request|request (?:sent|created)/, kind: 'request_create' },
  { when: /multiple ?login ?failures|log ?in.*(?:fail|reject|den)|fail\w* log ?in/, kind: 'logon', failed: true },
  { when: /^abmeld|log(?:ged)? ?out|log ?off|sign ?out|webtop session ended|webtop.*(?:end|close)/, kind: 'logoff' },
  { when: /password.*(?:change|set|reset)/, kind: 'user_password' },
  // Commands: guard rules and detected keywords. A command that was blocked was not run.
  { when: /command.*(?:den|block|reject|refuse|forbid)|(?:den|block)\w* command/, kind: 'command_start', failed: true },
  { when: /command|keyword|key ?board|keystroke|input line/, kind: 'command_start' },
  // Files.
  { when: /(?:file|transfer).*(?:download|check ?out|get|to client)|download/, kind: 'object_read' },
  { when: /(?:file|transfer).*(?:upload|check ?in|put|to server)|upload/, kind: 'object_create' },
  { when: /file|transfer/, kind: 'object_other' },
  // Cooperation: somebody joins or watches a session.
  { when: /(?:dual control|cooperation|assist\w*|observ\w*|four ?eye).*(?:start|join|accept|acknowledg)/, kind: 'session_join' },
  { when: /(?:dual control|cooperation|assist\w*|observ\w*).*(?:end|stop|close|leave|left)/, kind: 'session_leave' },
  { when: /dual control|cooperation|assist/, kind: 'session_other' },
  // Application sessions.
  { when: /access denied|denied by policy|no access policy/, kind: 'session_open', failed: true },
  { when: /locked? ?by ?admin|session (?:un)?locked|\b(?:un)?lock$|block session/, kind: 'session_other' },
  { when: /(?:application|session|connection|host).*(?:end(?:ed|s)?\b|close|stop|terminat|disconnect)/, kind: 'session_close' },
  { when: /(?:application|session|connection|host|connect).*(?:start|open|establish|connect|launch)/, kind: 'session_open' },
  { when: /application accept|accepted by user/, kind: 'session_other' },
  { when: /application reject|rejected$|recording rejected/, kind: 'session_other', failed: true },
  { when: /^anmeld|einloggen|^log ?in|log(?:ged)? ?in|log ?on|^auth|sign ?in/, kind: 'logon' },
  // Administration.
  { when: /\b(?:member|user).*(?:add|assign)\w* .*group|group.*(?:member|user).*add/, kind: 'member_add' },
  { when: /\b(?:member|user).*remove\w* .*group|group.*(?:member|user).*remove/, kind: 'member_remove' },
  { when: /role.*(?:assign|grant|add)|(?:assign|grant).*role/, kind: 'role_assign' },
  { when: /role.*(?:remove|revoke|withdraw)/, kind: 'role_remove' },
  { when: /user.*(?:create|add|new|import)|(?:create|add).*user/, kind: 'user_create' },
  { when: /user.*delete|delete.*user/, kind: 'user_delete' },
  { when: /user.*(?:disable|deactivate|suspend|block)/, kind: 'user_disable' },
  { when: /user.*(?:enable|activate)/, kind: 'user_enable' },
  { when: /user.*(?:change|update|edit|modif)/, kind: 'user_update' },
  { when: /create|add|new|import/, kind: 'object_create' },
  { when: /delete|remove/, kind: 'object_delete' },
  { when: /disable|deactivate/, kind: 'object_disable' },
  { when: /enable|activate/, kind: 'object_enable' },
  { when: /update|change|edit|modif|\bset\b/, kind: 'object_update' },
  { when: /view|read|export|report|list|show|play/, kind: 'object_read' },
];
