import type { Authentication } from '@keyward/events';
import { firstRule, ignore, type Meaning, type Rule, type Told } from './message.js';

const LOGON = { class: 'authentication', activity: 'logon' } as const;
const LOGOFF = { class: 'authentication', activity: 'logoff' } as const;

const login = (failure?: Authentication['failure']): Omit<Told, 'user'> => ({
  as: LOGON,
  code: 'login',
  outcome: failure === undefined ? 'success' : 'failure',
  auth: { application: 'login', interactive: true, step: 'primary', ...(failure && { failure }) },
});

/** `login` of util-linux and shadow, also the names that telnetd, rlogind and agetty run it under. */
const LOGIN_RULES: readonly Rule[] = [
  [/^ROOT LOGIN \((?<user>[^)]*)\) ON \S+(?: FROM (?<from>\S+))?/, login()],
  [/^ROOT LOGIN (?:on|ON) '?[^'\s]+'?(?: FROM (?<from>\S+))?/, { ...login(), detail: 'ROOT LOGIN' }],
  [/^(?:DIALUP AT \S+ BY|LOGIN ON \S+ BY) (?<user>\S+)(?: FROM (?<from>\S+))?$/, login()],
  [
    /^FAILED LOGIN(?: SESSION)? \(?\d+\)? (?:on '[^']*'|FROM (?<from>\S+))(?: from '[^']*')? FOR '?(?<user>[^',]*)'?, User not known.*$/,
    login('unknown_user'),
  ],
  [
    /^FAILED LOGIN(?: SESSION)? \(?\d+\)? (?:on '[^']*'|FROM (?<from>\S+))(?: from '[^']*')? FOR '?(?<user>[^',]*)'?.*$/,
    login('bad_password'),
  ],
  [/^login on \S+ as (?<user>\S+)$/, login()],
  [/^\d+ LOGIN FAILURES? (?:ON \S+|FROM (?<from>\S+))(?:, (?<user>\S+))?/, login('bad_password')],
  [/^(?:TOO MANY LOGIN TRIES|exceeded failure limit).*? FOR '?(?<user>[^',]*)'?.*$/, login('policy')],
  [/^(?:LOGIN FAILURE|REPEATED LOGIN FAILURES) (?:FROM|ON) (?<from>\S+?),? (?:FOR )?(?<user>\S+)$/i, login('bad_password')],
  [/^invalid password for (?:'(?<user>[^']*)'|UNKNOWN) /, login('bad_password')],
  [/^(?:login )?unknown user /i, login('unknown_user')],
];

/** The name of the login of which only `ROOT LOGIN` is said. */
const isRoot = (body: string): boolean => /^ROOT LOGIN/.test(body);

export function loginMeaning(body: string): Meaning {
  const meaning = firstRule(LOGIN_RULES, body) ?? ignore('service_message');
  return 'ignore' in meaning || !isRoot(body) ? meaning : { ...meaning, user: meaning.user ?? 'root' };
}

/** systemd-logind counts the machine's sessions; what it says at the end names the session only. */
const LOGIND_RULES: readonly Rule[] = [
  [
    /^New session '?(?<session>[^\s']+)'? of user '?(?<user>[^\s']+?)'?(?: with class .*)?\.?$/,
    { as: LOGON, code: 'session_new', outcome: 'success', auth: { step: 'session', application: 'systemd-logind' } },
  ],
  [/^Removed session '?(?<session>[^\s'.]+)'?\.?$/, { as: LOGOFF, code: 'session_removed', outcome: 'success' }],
  [
    /^Session '?(?<session>[^\s'.]+)'? logged out\.(?: Waiting for processes to exit\.)?$/,
    { as: LOGOFF, code: 'session_logged_out', outcome: 'success' },
  ],
];
export const logindMeaning = (body: string): Meaning => firstRule(LOGIND_RULES, body) ?? ignore('service_message');

/** Daemons that only PAM speaks for, and what a few of them add themselves. */
const DAEMON_RULES: readonly Rule[] = [
  [
    /^FAIL LOGIN: Client "(?<from>[^"]+)"/,
    { ...login('bad_password'), code: 'ftp_login', auth: { application: 'ftp', step: 'primary', failure: 'bad_password' } },
  ],
  [
    /^\[(?<user>[^\]]*)\] FAIL LOGIN: Client "(?<from>[^"]+)"/,
    { ...login('bad_password'), code: 'ftp_login', auth: { application: 'ftp', step: 'primary', failure: 'bad_password' } },
  ],
  [
    /^\[(?<user>[^\]]*)\] OK LOGIN: Client "(?<from>[^"]+)"/,
    { ...login(), code: 'ftp_login', auth: { application: 'ftp', step: 'primary' } },
  ],
  [
    /^Exit before auth(?: from <[^>]*>)?:? \(user '(?<user>[^']*)', [1-9]\d* fails\): (?:.* from (?<from>[\d.a-fA-F]+):(?<port>\d+)$)?/,
    { ...login('policy'), code: 'ssh_login', auth: { application: 'dropbear', protocol: 'ssh', step: 'primary', failure: 'policy' } },
  ],
  [
    /^(?:imap|pop3|managesieve|submission)-login: Login: user=<(?<user>[^>]+)>.*?, rip=(?<from>[^,\s]+)/,
    { ...login(), code: 'mail_login', auth: { application: 'dovecot', step: 'primary' } },
  ],
  [
    /^(?:imap|pop3|managesieve|submission)-login: (?:Aborted login|Disconnected|Login aborted)[^(]*\(auth failed[^)]*\): user=<(?<user>[^>]+)>.*?, rip=(?<from>[^,\s]+)/,
    { ...login('bad_password'), code: 'mail_login', auth: { application: 'dovecot', step: 'primary', failure: 'bad_password' } },
  ],
  [
    /^\S+ \((?:[^[)]*)\[(?<from>[^\]]+)\]\) - USER (?<user>\S+): Login successful\.?$/,
    { ...login(), code: 'ftp_login', auth: { application: 'ftp', step: 'primary' } },
  ],
  [
    /^\S+ \((?:[^[)]*)\[(?<from>[^\]]+)\]\) - USER (?<user>\S+): no such user found/,
    { ...login('unknown_user'), code: 'ftp_login', auth: { application: 'ftp', step: 'primary', failure: 'unknown_user' } },
  ],
  [
    /^\S+ \((?:[^[)]*)\[(?<from>[^\]]+)\]\) - USER (?<user>\S+) \(Login failed\)/,
    { ...login('bad_password'), code: 'ftp_login', auth: { application: 'ftp', step: 'primary', failure: 'bad_password' } },
  ],
  [
    /^(?:\[INFO ?\] ?)?Access permitted for user: (?<user>\S+)$/,
    { ...login(), code: 'desktop_login', auth: { application: 'xrdp', protocol: 'rdp', step: 'primary' } },
  ],
  [
    /^(?:\[(?:INFO|ERROR) ?\] ?)?(?:Username or password error|Access denied) for user: (?<user>\S+)$/,
    {
      ...login('bad_password'),
      code: 'desktop_login',
      auth: { application: 'xrdp', protocol: 'rdp', step: 'primary', failure: 'bad_password' },
    },
  ],
  [
    /^login attempt for nonexistent user(?: '(?<user>[^']*)')? from (?<from>[\d.a-fA-F]+):(?<port>\d+)$/i,
    {
      ...login('unknown_user'),
      code: 'ssh_login',
      auth: { application: 'dropbear', protocol: 'ssh', step: 'primary', failure: 'unknown_user' },
    },
  ],
  [
    /^bad password attempt(?: for '(?<user>[^']*)')? from (?<from>[\d.a-fA-F]+):(?<port>\d+)$/i,
    {
      ...login('bad_password'),
      code: 'ssh_login',
      auth: { application: 'dropbear', protocol: 'ssh', step: 'primary', failure: 'bad_password' },
    },
  ],
  [
    /^(?:Password|Pubkey) auth succeeded for '(?<user>[^']*)' (?:with key .* )?from (?<from>[\d.a-fA-F]+):(?<port>\d+)$/,
    { ...login(), code: 'ssh_login', auth: { application: 'dropbear', protocol: 'ssh', step: 'primary' } },
  ],
  [
    /^Exit \((?<user>[^)]+)\)(?: from <(?<from>[\d.a-fA-F]+):(?<port>\d+)>)?: (?:Disconnect received|Exited normally|Error reading).*$/,
    { as: LOGOFF, code: 'ssh_logout', outcome: 'success' },
  ],
  [
    /^Successful login as (?<user>\S+) from (?<from>\S+)/,
    { ...login(), code: 'webmin_login', auth: { application: 'webmin', step: 'primary' } },
  ],
  [
    /^(?:Invalid login as|Non-existent login as) (?<user>\S+) from (?<from>\S+)/,
    { ...login('bad_password'), code: 'webmin_login', auth: { application: 'webmin', step: 'primary', failure: 'bad_password' } },
  ],
  [/^user (?<user>\S+) logged out\.?$/, { as: LOGOFF, code: 'session_closed', outcome: 'success' }],
];
export const daemonMeaning = (body: string): Meaning | undefined => firstRule(DAEMON_RULES, body);
