import type { EventRule } from '../described-record.js';

/** Why an event is no event of ours: a metric label, so a closed set. */
export const MYCENA_IGNORED = ['notice', 'report', 'housekeeping'] as const;

/** The fortress is opened level by level: PIN, lock pattern, passphrase; the console by a code beside the password. */
const second = { step: 'second_factor', mfa: true } as const;

/** What people do in the application, the extension and the console, by the words of its manual. First match decides. */
export const EVENTS: readonly EventRule[] = [
  { when: /inactivity report|report (?:sent|generated)/, ignore: 'report' },
  { when: /reminder|notification (?:sent|email)|will expire/, ignore: 'notice' },
  { when: /sync (?:start|end|run)|application (?:update|version)|local update|backup/, ignore: 'housekeeping' },
  // What is refused because of where or with what somebody came.
  {
    when: /(?:ip|device|location).*(?:block|den|refus|reject|not allowed|violat)|(?:block|den|refus)\w* .*(?:ip|device)/,
    kind: 'logon',
    failed: true,
    auth: { failure: 'policy' },
  },
  { when: /(?:device|phone).*(?:register|enrol|pair|added|activat)|new device/, kind: 'user_factor_add' },
  { when: /device.*(?:unregister|removed|deleted|reset)/, kind: 'user_factor_remove' },
  // Settings of the console.
  { when: /(?:ip|device) restriction|contingency plan|general settings|setting|parameter|credential rule/, kind: 'object_update' },
  // Credentials: nobody knows them; they are used, sometimes shown, given out and taken back.
  {
    when: /revo(?:ke|cation).*(?:all|access|user|credential|access key|password)?|credential\w* revoked|access (?:revoked|removed|withdrawn)/,
    kind: 'right_revoke',
  },
  {
    when: /(?:credential|access ?key|password|secret).*(?:distribut|issue|assign|share|grant)|(?:distribut|issue|assign|share|grant)\w* .*(?:credential|access ?key|password|access)/,
    kind: 'right_grant',
  },
  {
    when: /(?:credential|access ?key|password|secret).*(?:view|show|reveal|cop(?:y|ied)|display|export)|(?:view|show|reveal|copy|copied|display|export)\w* .*(?:credential|access ?key|password)/,
    kind: 'secret_retrieve',
  },
  {
    when: /(?:credential|access ?key|password).*(?:use|used|auto ?fill|inject|connect)|auto ?fill|(?:use|used|inject)\w* .*(?:credential|access ?key|password)|credential use/,
    kind: 'secret_use',
  },
  {
    when: /(?:credential|access ?key|password|secret).*(?:change|rotat|regenerat|renew|update)|(?:rotate|regenerate|renew)\w* .*(?:credential|access ?key|password)/,
    kind: 'secret_change',
  },
  {
    when: /(?:credential|access ?key|password|secret).*(?:create|generate|upload|add|import)|(?:create|generate|upload)\w* .*(?:credential|access ?key|password)/,
    kind: 'secret_create',
  },
  {
    when: /(?:credential|access ?key|password|secret).*(?:delete|remove)|(?:delete|remove)\w* .*(?:credential|access ?key|password)/,
    kind: 'secret_delete',
  },
  // Requests, where access is asked for.
  { when: /request.*(?:approve|allow|accept|grant)|approv\w* .*request/, kind: 'request_approve' },
  { when: /request.*(?:reject|den(?:y|ied)|refuse)|(?:reject|den)\w* .*request/, kind: 'request_deny' },
  { when: /request.*(?:cancel|withdraw|delete)/, kind: 'request_cancel' },
  { when: /access request|request\w* access|(?:send|create[d]?|new) .*request|request (?:sent|created)/, kind: 'request_create' },
  // Signing in.
  {
    when: /(?:2 ?fa|mfa|totp|code|pin|pattern|passphrase|security question|otp|token).*(?:sent|requested)/,
    kind: 'login_other',
    auth: { ...second, factorResult: 'challenged' },
  },
  {
    when: /(?:2 ?fa|mfa|totp|code|pin|pattern|passphrase|security question|otp).*(?:fail|wrong|invalid|reject|incorrect)/,
    kind: 'logon',
    failed: true,
    auth: { ...second, failure: 'bad_factor' },
  },
  { when: /(?:pin|pattern|passphrase|security question).*(?:change|set|reset|create|updat)/, kind: 'user_factor_add' },
  {
    when: /(?:2 ?fa|mfa|totp|code|pin|pattern|passphrase|security question|otp).*(?:verif|accept|success|ok|enter)/,
    kind: 'logon',
    auth: second,
  },
  { when: /(?:log|sign) ?in.*(?:fail|reject|den|block)|fail\w* (?:log|sign) ?in|authentication fail/, kind: 'logon', failed: true },
  { when: /(?:log|sign) ?(?:out|off)|session\w* (?:end|clos|expire|terminat|stop)/, kind: 'logoff' },
  {
    when: /(?:log|sign)(?:ged|ned)? ?in|log ?on|authenticat|^auth|fortress (?:open|unlock)|session\w* (?:start|open|creat|begin)|connected/,
    kind: 'logon',
  },
  // Roles, kits, users, systems.
  { when: /role.*(?:assign|grant|give)|permission.*(?:grant|add)|(?:assign|grant).*(?:role|permission)/, kind: 'role_assign' },
  { when: /role.*(?:unassign|remove|revoke|withdraw)|permission.*(?:remove|revoke)/, kind: 'role_remove' },
  {
    when: /access kit.*(?:match|assign|distribut|add (?:user|employee))|(?:user|employee)\w* .*(?:match|add)\w* .*kit/,
    kind: 'member_add',
  },
  { when: /access kit.*(?:remove (?:user|employee)|unassign)/, kind: 'member_remove' },
  { when: /access kit.*(?:create|add|new)|create\w* .*kit/, kind: 'group_create' },
  { when: /access kit.*delete|delete\w* .*kit/, kind: 'group_delete' },
  { when: /access kit|group/, kind: 'group_update' },
  { when: /user.*(?:unlock)|unlock.*user/, kind: 'user_unlock' },
  { when: /user.*lock|lock.*user|account locked/, kind: 'user_lock' },
  { when: /(?:user|employee).*(?:disable|deactivat|suspend|block)|(?:disable|deactivate)\w* .*user/, kind: 'user_disable' },
  { when: /(?:user|employee).*(?:enable|activat)|(?:enable|activate)\w* .*user/, kind: 'user_enable' },
  { when: /(?:user|employee).*delete|delete\w* .*(?:user|employee)/, kind: 'user_delete' },
  {
    when: /(?:user|employee).*(?:create|add|upload|import|invite)|(?:create|add|upload|invite)\w* .*(?:user|employee)/,
    kind: 'user_create',
  },
  { when: /(?:user|employee).*(?:update|change|edit)/, kind: 'user_update' },
  { when: /create|add|upload|import|new/, kind: 'object_create' },
  { when: /delete|remove/, kind: 'object_delete' },
  { when: /disable|deactivate/, kind: 'object_disable' },
  { when: /enable|activate/, kind: 'object_enable' },
  { when: /update|change|edit|\bset\b/, kind: 'object_update' },
  { when: /view|read|export|download|list/, kind: 'object_read' },
];
