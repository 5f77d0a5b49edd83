import type { Authentication } from '@keyward/events';
import { firstRule, ignore, type Meaning, type Rule, type Told } from './message.js';

/** Where a PAM sentence comes from: `pam_unix(sshd:auth)`. */
export interface PamPlace {
  readonly module: string;
  readonly service: string;
  readonly phase: string;
}

const PREFIX = /^(pam_\w{1,40})[([]([^:()[\]]{0,64}):(\w{0,20})[)\]]: ?/;
const BARE_PREFIX = /^(pam_\w{1,40}): /;
const OLD_PREFIX = /^\((pam_\w{1,40})\) /;
/** Duo's module and its login shell log under their own names, not under the service's. */
const OWN_TAG = /^(?:pam_duo|login_duo)$/;
const OLD_TAG = /^([^()]{1,60})\((pam_\w{1,40})\)$/;

/** @returns the sentence behind the module's prefix, and where it comes from; undefined when no PAM module speaks */
export function pamPlace(app: string, body: string): { readonly place: PamPlace; readonly rest: string } | undefined {
  const prefix = PREFIX.exec(body);
  if (prefix) {
    const [whole, module = '', service = '', phase = ''] = prefix;
    return { place: { module, service: service || app, phase }, rest: body.slice(whole.length) };
  }
  // Before Linux-PAM 0.99: `sshd(pam_unix)[123]: ...` and `(pam_unix) ...`.
  const tag = OLD_TAG.exec(app);
  if (tag) return { place: { module: tag[2] ?? '', service: tag[1] ?? '', phase: '' }, rest: body };
  if (OWN_TAG.test(app)) return { place: { module: app, service: app, phase: 'auth' }, rest: body };
  const old = OLD_PREFIX.exec(body) ?? BARE_PREFIX.exec(body);
  if (old) return { place: { module: old[1] ?? '', service: app, phase: '' }, rest: body.slice(old[0].length) };
  return /^PAM \d+ more authentication failure|^PAM: /.test(body)
    ? { place: { module: 'pam', service: app, phase: 'auth' }, rest: body }
    : undefined;
}

/** Services in which somebody becomes another account. */
const SWITCHES = /^(?:su(?:-l)?|sudo(?:-i)?|doas|runuser(?:-l)?|polkit-1|pkexec|ksu|systemd-run0|run0|sudo-rs)$/;
const SCHEDULERS = /^(?:cron|crond|atd|anacron|fcron|systemd-tmpfiles)$/i;

export const isSwitchService = (service: string): boolean => SWITCHES.test(service);
export const isScheduler = (service: string): boolean => SCHEDULERS.test(service);

const OPENED = /^session opened for user ([^\s(]{1,128})(?:\(uid=\d+\))?(?: by (.*))?$/;
const CLOSED = /^session closed for user ([^\s(]{1,128})/;
const AUTH_FAILED = /^(?:(?:PAM )?(\d+) more )?authentication failures?(?:; | \()/;
const AUTH_SUCCEEDED = /^authentication success(?:;|$)/;
/** `logname=anna uid=1000 ... rhost=192.0.2.1  user=root`: values hold no spaces, and may be empty. */
const FIELD = /\b(logname|uid|euid|tty|ruser|rhost|user)=(\S*)/g;

const LOGON = { class: 'authentication', activity: 'logon' } as const;
const LOGOFF = { class: 'authentication', activity: 'logoff' } as const;
const SWITCH = { class: 'authentication', activity: 'account_switch' } as const;
const told = (code: string, failure?: Authentication['failure']): Omit<Told, 'user'> => ({
  as: LOGON,
  code,
  outcome: failure === undefined ? 'success' : 'failure',
  auth: { step: 'primary', ...(failure && { failure }) },
});
const second = (code: string, failure?: Authentication['failure'], factorResult?: Authentication['factorResult']): Omit<Told, 'user'> => ({
  ...told(code, failure),
  ...(failure === undefined && { as: { class: 'authentication', activity: 'preauth' } as const }),
  auth: { step: 'second_factor', mfa: true, ...(failure && { failure }), ...(factorResult && { factorResult }) },
});

/** `Failed Duo login for 'anna' from 192.0.2.4: Login request denied.`; quoted or not by version. */
const duoLogin = (words: string): RegExp =>
  new RegExp(String.raw`^(?:${words}) Duo login for '?(?<user>[^':\s]+)'?(?: from (?<from>[^\s:]\S*?):?(?:\s|$))?`, 'i');

const RULES: readonly Rule[] = [
  [
    /^password changed for (?<target>\S+)/,
    { as: { class: 'account_change', activity: 'password_change' }, code: 'password_changed', outcome: 'success' },
  ],
  [/^(?:user "?(?<user>[^"\s]+)"? )?(?:does not exist|not known)/, told('authentication_failure', 'unknown_user')],
  [/^(?:bad username \[(?<user>[^\]]*)\]|check pass; user unknown$)/, told('authentication_failure', 'unknown_user')],
  [/^account (?<user>\S+) has (?:expired|password changed in future)/, told('account_expired', 'expired')],
  [
    /^(?:expired password for user|password expired for|User password has expired for user) ?(?<user>\S+)/,
    told('password_expired', 'expired'),
  ],
  [/^(?:auth could not identify password for|couldn't identify password for) \[(?<user>[^\]]*)\]/, told('authentication_failure', 'other')],
  [/^could not identify user \(from getpwnam\((?<user>[^)]*)\)\)/, told('authentication_failure', 'unknown_user')],
  [/^received for user (?<user>[^:]+): (?:6|13) \(/, told('access_denied', 'policy')],
  [/^received for user (?<user>[^:]+): 10 \(/, told('authentication_failure', 'unknown_user')],
  [/^received for user (?<user>[^:]+): [1-9]\d* \(/, told('authentication_failure', 'bad_password')],
  [/^Access denied for user (?<user>[^:]+): \d+ \(/, told('access_denied', 'policy')],
  [
    /^Consecutive login failures for user (?<target>\S+) account temporarily locked/,
    { as: { class: 'account_change', activity: 'lock' }, code: 'account_locked', outcome: 'success' },
  ],
  [/^Account temporarily locked|^user (?<user>\S+) \(\d+\)(?: has .*)? tally \d+, deny \d+/, told('account_locked', 'locked')],
  [/^(?:The )?account (?:for user )?(?<user>\S+)? ?(?:is )?(?:temporarily )?locked/i, told('account_locked', 'locked')],
  [/^access denied for user [`'"](?<user>[^'"`]*)['"](?: from [`'"](?<from>[^'"`]*)['"])?/, told('access_denied', 'policy')],
  [
    /^(?:Accepted google_authenticator(?: code)? for|Accepted (?:TOTP|HOTP) code for|accepted one-time password for) (?<user>\S+)/i,
    second('second_factor', undefined, 'approved'),
  ],
  [
    /^(?:Invalid verification code|Did not receive verification code from user|Dry run|Trying to reuse)(?: for)? ?(?<user>\S+)?/i,
    second('second_factor', 'bad_factor', 'denied'),
  ],
  [duoLogin('Successful'), second('second_factor', undefined, 'approved')],
  // No factor was asked for: by a policy, or because Duo could not be reached.
  [duoLogin('Skipped|Failsafe|Allowed'), { ...second('second_factor'), auth: { step: 'second_factor', mfa: false } }],
  [duoLogin('Failed|Aborted'), second('second_factor', 'bad_factor', 'denied')],
  [duoLogin('Error in|Failsecure'), second('second_factor', 'other')],
  [/^error trying to bind as user "?(?:uid|cn)=(?<user>[^,"\s]+).*invalid credentials/i, told('authentication_failure', 'bad_password')],
  [/^user (?<user>\S+) \(\d+\) has time limit/, told('account_locked', 'locked')],
  [/^Refused user (?<user>\S+) for service/, told('access_denied', 'policy')],
  [/^password check failed for user \((?<user>[^)]*)\)/, told('authentication_failure', 'bad_password')],
  [/^user (?<user>\S+) authenticated as \S+/, { ...told('authentication_success'), as: { class: 'authentication', activity: 'preauth' } }],
  [/^user '(?<user>[^']*)' granted access/, { ...told('authentication_success'), as: { class: 'authentication', activity: 'preauth' } }],
  [/^user '(?<user>[^']*)' denied access.*/, told('access_denied', 'policy')],
  [/^request (?:wbcLogonUser )?failed: .*(?:wrong|password)/i, told('authentication_failure', 'bad_password')],
  [/^(?:root login |root )?(?:access|login) (?:was )?(?:denied|refused)/i, told('access_denied', 'policy')],
  [/^user (?:logged out|logged off)|^user (?<user>\S+) logged (?:out|off)/, { as: LOGOFF, code: 'session_closed', outcome: 'success' }],
  [
    /^(?:requirement ".*" (?:was )?(?:not )?met by user|conversation failed|(?:pam_)?tally|unable to|cannot|error |could ?n.t open|Failed to (?:create|release|open)|couldn't open|gkr-pam|unlocked login keyring|Reading directory|module is unknown|adding faulty|warning|username \[|Creating directory|.* credentials)/i,
    ignore('repeated_detail'),
  ],
];

/** What a PAM sentence means: sessions and proofs of every service that asks PAM. */
export function pamMeaning(place: PamPlace, rest: string): Meaning {
  const { service } = place;
  if (SCHEDULERS.test(service)) return ignore('scheduled_job');
  const opened = OPENED.exec(rest);
  if (opened) return openedBy(service, opened[1] ?? '', opened[2]);
  const closed = CLOSED.exec(rest);
  if (closed) {
    const isSwitch = isSwitchService(service);
    return {
      as: LOGOFF,
      code: 'session_closed',
      outcome: 'success',
      ...(isSwitch ? { target: closed[1], privileged: true as const } : { user: closed[1] }),
      session: 'process',
      auth: { application: service },
    };
  }
  if (AUTH_FAILED.test(rest)) return proof(place, rest, 'failure');
  if (AUTH_SUCCEEDED.test(rest)) return proof(place, rest, 'success');
  const found = firstRule(RULES, rest);
  if (!found) return ignore('service_message');
  if ('ignore' in found) return found;
  return { ...found, ...(found.as.class === 'authentication' && { auth: { ...found.auth, application: service } }) };
}

/** `by anna(uid=1000)`, `by (uid=0)`, `by anna`. Who has no name there is whoever started the service. */
function openedBy(service: string, user: string, by: string | undefined): Meaning {
  const uid = /\(uid=(\d{1,10})\)/.exec(by ?? '')?.[1];
  // Root without a name is the program itself, which runs as root.
  const actor = /^([^\s(]{1,128})/.exec(by ?? '')?.[1] ?? (uid === undefined || uid === '0' ? undefined : `#${uid}`);
  const isSwitch = isSwitchService(service);
  return {
    as: isSwitch ? SWITCH : LOGON,
    code: 'session_opened',
    outcome: 'success',
    session: 'process',
    auth: { step: 'session', application: service, ...(service === 'systemd-user' && { interactive: false }) },
    ...(isSwitch ? { user: actor, target: user, privileged: true as const } : { user }),
  };
}

function proof({ module, service, phase }: PamPlace, rest: string, outcome: Told['outcome']): Told {
  const fields: Record<string, string> = {};
  for (const [, name = '', value = ''] of rest.matchAll(FIELD)) if (value !== '') fields[name] = value;
  const isSwitch = isSwitchService(service);
  const success = outcome === 'success';
  // The Kerberos module names the user as the login, servers that ask for a name of their own (FTP) as the remote user.
  const wanted = fields['user'] ?? (module === 'pam_krb5' ? fields['logname'] : undefined);
  const actor = isSwitch ? (fields['ruser'] ?? fields['logname'] ?? wanted) : (wanted ?? fields['ruser']);
  if (phase === 'chauthtok') {
    return {
      as: { class: 'account_change', activity: 'password_change' },
      code: 'password_changed',
      outcome,
      target: wanted,
      from: fields['rhost'],
    };
  }
  return {
    as: isSwitch ? SWITCH : success ? { class: 'authentication', activity: 'preauth' } : LOGON,
    code: success ? 'authentication_success' : 'authentication_failure',
    outcome,
    user: actor,
    target: isSwitch && wanted !== actor ? wanted : undefined,
    from: fields['rhost'],
    auth: {
      step: 'primary',
      application: service,
      ...(service === 'sshd' && { protocol: 'ssh' }),
      ...(!success && { failure: wanted === undefined && !isSwitch ? ('unknown_user' as const) : ('bad_password' as const) }),
    },
  };
}
