import type { Authentication } from '@keyward/events';
import { ignore, type Rule, type Told } from './message.js';

const LOGON = { class: 'authentication', activity: 'logon' } as const;
const LOGOFF = { class: 'authentication', activity: 'logoff' } as const;
const SSH: Authentication = { protocol: 'ssh', application: 'sshd', interactive: true };

const login = (failure?: Authentication['failure'], step: Authentication['step'] = 'primary'): Omit<Told, 'user'> => ({
  as: LOGON,
  code: 'ssh_login',
  outcome: failure === undefined ? 'success' : 'failure',
  ...(failure === undefined && { session: 'process' }),
  auth: { ...SSH, step, ...(failure && { failure }) },
});

const WHERE = String.raw`(?<from>\S+)(?: port (?<port>\d{1,5}))?`;

const ENDS = String.raw`(?<from>\S+) port (?<port>\d{1,5})`;

/** A client that gave up, or was given up, before it had proved anything. The last `from` is the daemon's own: names may contain the word. */
const beforeProof = (who: string): RegExp =>
  new RegExp(
    String.raw`^(?:error: |ssh_dispatch_run_fatal: )?(?:Connection (?:closed by|reset by|from)|Disconnected from|Disconnecting|Connection to|Received disconnect from) ${who} user (?<user>.*) ${ENDS}(?:: .*)?(?: \[preauth\])?$`,
  );

/**
 * Sentences of OpenSSH's server, 5 to 10 (also as `sshd-session` and `sshd-auth`), portable and BSD.
 *
 * @see https://github.com/openssh/openssh-portable auth.c, auth2.c, packet.c, session.c, monitor.c
 */
export const SSHD_RULES: readonly Rule[] = [
  [new RegExp(String.raw`^Accepted (?<method>\S+) for (?<user>.*) from ${WHERE}(?: ssh\d?)?(?:: .*)?$`), login()],
  [
    new RegExp(String.raw`^Partial (?<method>\S+) for (?<user>.*) from ${WHERE}(?: ssh\d?)?(?:: .*)?$`),
    { ...login(), as: { class: 'authentication', activity: 'preauth' }, code: 'ssh_partial_login' },
  ],
  [/^Postponed \S+ for /, ignore('interim_step')],
  [
    new RegExp(String.raw`^Failed (?<method>\S+) for (?:invalid|illegal) user (?<user>.*) from ${WHERE}(?: ssh\d?)?(?:: .*)?$`),
    login('unknown_user'),
  ],
  [
    new RegExp(String.raw`^Failed (?<method>publickey|hostbased|none|gssapi\S*) for (?<user>.*) from ${WHERE}(?: ssh\d?)?(?:: .*)?$`),
    login('other'),
  ],
  [new RegExp(String.raw`^Failed (?<method>\S+) for (?<user>.*) from ${WHERE}(?: ssh\d?)?(?:: .*)?$`), login('bad_password')],
  [new RegExp(String.raw`^(?:Invalid|Illegal) user (?<user>.*) from ${WHERE}$`), login('unknown_user')],
  [
    new RegExp(
      String.raw`^error: maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from ${WHERE}(?: ssh\d?)?(?: \[preauth\])?$`,
    ),
    login('policy'),
  ],
  [
    new RegExp(
      String.raw`^(?:error: )?PAM: (?:User not known to the underlying authentication module|User not known) for (?:illegal user |invalid user )?(?<user>.*) from ${WHERE}$`,
    ),
    login('unknown_user'),
  ],
  [
    new RegExp(
      String.raw`^(?:error: )?PAM: (?:[Aa]uthentication (?:failure|error)|Permission denied|[Uu]nknown user) for (?:illegal|invalid) user (?<user>.*) from ${WHERE}$`,
    ),
    login('unknown_user'),
  ],
  [
    new RegExp(
      String.raw`^(?:error: )?PAM: (?:Maximum number of tries exceeded|Have exhausted maximum number of retries for service).* for (?:illegal user |invalid user )?(?<user>.*) from ${WHERE}$`,
    ),
    login('policy'),
  ],
  [
    new RegExp(
      String.raw`^(?:error: )?PAM: (?:User account has expired|Account expired).* for (?:illegal user |invalid user )?(?<user>.*) from ${WHERE}$`,
    ),
    login('expired'),
  ],
  [
    new RegExp(String.raw`^(?:error: )?PAM: [\w ]{1,80} for (?:illegal user |invalid user )?(?<user>.*) from ${WHERE}$`),
    login('bad_password'),
  ],
  [new RegExp(String.raw`^(?:fatal: )?Access denied for user (?<user>.*) by PAM account configuration(?: \[preauth\])?$`), login('policy')],
  [
    new RegExp(
      String.raw`^(?:error: )?(?:Disconnecting: )?Too many authentication failures for (?:invalid user )?(?<user>\S+)(?: from ${WHERE}(?: ssh\d?)?)?(?: \[preauth\])?$`,
    ),
    login('policy'),
  ],
  [new RegExp(String.raw`^Disconnecting: Too many authentication failures for (?:invalid user )?(?<user>\S*).*$`), login('policy')],
  [/^(?:fatal: )?Too many authentication failures(?: \[preauth\])?$/, login('policy')],
  [new RegExp(String.raw`^User (?<user>.*) from ${WHERE} not allowed because (?:account is locked|.*locked).*$`), login('locked')],
  [new RegExp(String.raw`^User (?<user>.*) from ${WHERE} not allowed because .*$`), login('policy')],
  [/^User (?<user>.*) not allowed because account is locked.*$/, login('locked')],
  [/^User (?<user>.*) not allowed because .*$/, login('policy')],
  [/^Account (?<user>\S+) has expired$/, login('expired')],
  [/^Login restricted for (?<user>\S+):.*$/, login('policy')],
  [new RegExp(String.raw`^ROOT LOGIN REFUSED FROM ${WHERE}(?: \[preauth\])?$`), { ...login('policy'), detail: 'ROOT LOGIN REFUSED' }],
  [
    new RegExp(
      String.raw`^Authentication tried for (?<user>.*) with correct key but not from a permitted host \(host=\S+, ip=(?<from>[^)\s]+).*$`,
    ),
    login('policy'),
  ],
  [
    new RegExp(
      String.raw`^(?:error: )?(?:Certificate|Refusing certificate|User certificate|cert) .*(?:expired|not yet valid|revoked|not authorized).*$`,
      'i',
    ),
    login('policy'),
  ],
  [/^(?:error: )?Authentication key \S+ \S+ revoked by file .*$/, login('policy')],
  [/^Authentication refused: .*$/, login('policy')],
  [/^Authorized to (?<user>\S+), krb5 principal .*$/, ignore('repeated_detail')],
  [/^refused connect from (?<from>\S+)(?: \(.*\))?$/, login('policy')],
  [beforeProof('invalid'), login('unknown_user')],
  [beforeProof('authenticating'), login('interrupted')],
  [new RegExp(String.raw`^Disconnected from user (?<user>.*) ${ENDS}$`), { as: LOGOFF, code: 'ssh_logout', outcome: 'success' }],
  [
    new RegExp(String.raw`^Connection (?:closed|reset) by user (?<user>.*) ${ENDS}$`),
    { as: LOGOFF, code: 'ssh_logout', outcome: 'success' },
  ],
  [
    new RegExp(String.raw`^(?:Starting session|Start session): .*? for (?<user>.*) from ${WHERE}(?: id \d+)?$`),
    { ...login(undefined, 'session'), code: 'ssh_session_start' },
  ],
  [
    new RegExp(String.raw`^Close session: user (?<user>.*) from ${WHERE}(?: id \d+)?$`),
    { as: LOGOFF, code: 'ssh_session_close', outcome: 'success' },
  ],
  [
    /^(?:Timeout, client not responding|Timeout before authentication)(?: from user (?<user>.*))? (?<from>\S+)(?: port (?<port>\d+))?$/,
    ignore('connection'),
  ],
  [/^(?:forced-command|User (?<user>\S+) forced command).*$/, ignore('repeated_detail')],
  [
    /^(?<command>subsystem request for \S+)(?: by user (?<user>\S+?))?(?:, \S+)?$/,
    { as: { class: 'process_activity', activity: 'launch' }, code: 'ssh_subsystem', outcome: 'success' },
  ],
  [
    /^(?:debug\d: )?(?:input_userauth_request: (?:invalid|illegal) user|Found matching|Accepted (?:key|certificate)|userauth_|matching key found|Postponed|restore_uid|temporarily_use_uid|trying public key)/,
    ignore('repeated_detail'),
  ],
  [/^(?:PAM service\(\S+\) ignoring max retries|error: Could not get shadow information)/, ignore('repeated_detail')],
  [
    /^(?:error: |fatal: |ssh_dispatch_run_fatal: )?(?:Did not receive identification|Bad protocol version|Connection (?:closed|reset|from|timed|lost)|Received disconnect|Disconnected|Disconnecting|Unable to negotiate|Read from socket|Write failed|kex_|Protocol major|no matching|banner exchange|beginning MaxStartups|drop connection|exited MaxStartups|reverse mapping|Address \S+ maps to|Bad packet|Bad remote protocol|message authentication code|Corrupted MAC|invalid format|Timeout|client sent|dispatch_protocol|scanned from|Invalid (?:ssh|protocol)|Nasty PTR|padding error|buffer_get|ssh_|srclimit)/i,
    ignore('connection'),
  ],
];
