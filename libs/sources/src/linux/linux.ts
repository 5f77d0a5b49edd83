import {
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Account,
  type Endpoint,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { accountName, managedAccount } from '../account-name.js';
import { parseIp } from '../address.js';
import { defined, isObject, list } from '../json.js';
import type { Source } from '../source.js';
import { accountToolMeaning } from './account-tools.js';
import { auditMeaning } from './audit.js';
import { doasMeaning, pkexecMeaning, polkitMeaning, sudoMeaning, suMeaning } from './elevation.js';
import { readLogLine, recordOf, type LogRecord } from './log-record.js';
import { firstRule, ignore, type Meaning, type Told } from './message.js';
import { isScheduler, pamMeaning, pamPlace } from './pam.js';
import { daemonMeaning, loginMeaning, logindMeaning } from './sessions.js';
import { sudoJsonMeaning } from './sudo-json.js';
import { SSHD_RULES } from './sshd.js';

const REPEATED = /^message repeated \d+ times: \[\s?(.*?)\s?\]$/;
/** Solaris puts an id, facility and severity before each message. */
const SOLARIS_ID = /^\[ID \d{1,10} [\w.]{1,32}\] /;
const ACCOUNT_TOOLS =
  /^(?:user(?:add|mod|del)|group(?:add|mod|del|mems)|gpasswd|passwd|chage|chfn|chsh|chpasswd|chgpasswd|newusers|adduser|addgroup|deluser|delgroup|shadow|vipw|pw)$/;

/** What each program's sentences mean, where PAM has not spoken. */
function sentenceMeaning(app: string, body: string): Meaning {
  if (ACCOUNT_TOOLS.test(app)) return accountToolMeaning(body);
  if (isScheduler(app) || app === 'crontab') return ignore('scheduled_job');
  switch (app) {
    case 'sshd':
      return firstRule(SSHD_RULES, body) ?? ignore('service_message');
    case 'sudo':
      return sudoJsonMeaning(body) ?? sudoMeaning(body);
    case 'su':
      return suMeaning(body);
    case 'doas':
      return doasMeaning(body);
    case 'pkexec':
      return pkexecMeaning(body);
    case 'polkitd':
    case 'polkitd(authority=local)':
      return polkitMeaning(body);
    case 'systemd-logind':
      return logindMeaning(body);
    case 'unix_chkpwd':
      return pamMeaning({ module: 'pam_unix', service: 'unix_chkpwd', phase: 'auth' }, body);
    case 'login':
    case 'remote':
    case 'rlogind':
    case 'telnetd':
      return loginMeaning(body);
    default:
      return daemonMeaning(body) ?? ignore('other_program');
  }
}

function meaningOf(record: LogRecord): Meaning {
  if (record.audit) return auditMeaning(record.audit);
  const repeated = REPEATED.exec(record.body);
  const body = (repeated?.[1] ?? record.body).replace(SOLARIS_ID, '');
  if (/^last message repeated \d+ times$/.test(body)) return ignore('repeated_detail');
  const spoken = pamPlace(record.app, body);
  // OpenSSH reports what PAM told it in words of its own.
  if (spoken && !(spoken.place.module === 'pam' && body.startsWith('PAM: '))) return pamMeaning(spoken.place, spoken.rest);
  return sentenceMeaning(record.app, body);
}

/** Accounts under which the machine itself works: nobody logs in as these. */
const SYSTEM_ACCOUNTS: ReadonlySet<string> = new Set([
  'daemon',
  'bin',
  'sys',
  'sync',
  'nobody',
  'systemd-network',
  'systemd-resolve',
  'systemd-timesync',
  'messagebus',
  'dbus',
  'polkitd',
  'sshd',
  'gdm',
  'lightdm',
  'sddm',
  'rtkit',
  'avahi',
  'chrony',
]);

function accountOf(name: string | undefined, host: string | undefined): Account | undefined {
  const login = accountName(name);
  if (login === undefined) return undefined;
  // A directory's account is the same on every machine; a login without a domain is the machine's.
  const account = { system: 'linux', name: login.includes('\\') ? login : managedAccount(login, host) };
  return SYSTEM_ACCOUNTS.has(login) ? { ...account, kind: 'system' } : account;
}

function originOf({ from, port }: Told): Endpoint | undefined {
  if (from === undefined || from === '' || /^(?:UNKNOWN|unknown|\?|tty\S*|pts\S*)$/.test(from)) return undefined;
  const ip = parseIp(from);
  if (ip === undefined) return /^[\d.:]+$/.test(from) ? undefined : { hostname: from.toLowerCase() };
  return port === undefined || port > 65_535 ? { ip } : { ip, port };
}

/** The process is the session where the machine counts none; a switch that names no process has the program's, so that its end is found. */
function sessionOf(told: Told, { app, pid, host, session }: LogRecord): AccessEvent['session'] {
  const machine = host ?? 'localhost';
  const kind = told.privileged ? ('privileged' as const) : ('sign_in' as const);
  if (told.session === undefined) return undefined;
  if (told.session !== 'process') return { uid: `${told.session}@${machine}`, kind };
  if (!told.privileged && session !== undefined) return { uid: `${session}@${machine}`, kind };
  if (pid !== undefined) return { uid: `${app || 'process'}[${pid}]@${machine}`, kind };
  return told.privileged && told.as.class === 'authentication' ? { uid: `${app}@${machine}`, kind } : undefined;
}

function resourceOf(told: Told, host: string | undefined): Resource | undefined {
  if (told.group !== undefined && told.group !== '') return { kind: 'group', name: told.group, ...(host !== undefined && { host }) };
  return host === undefined ? undefined : { kind: 'host', name: host, host };
}

function eventOf(record: LogRecord, told: Told, time: number): AccessEvent {
  const { host, nativeId } = record;
  const actor = accountOf(told.user, host);
  const target = accountOf(told.target, host);
  const isProof = told.as.class === 'authentication' && told.as.activity !== 'logoff';
  const event: AccessEvent = {
    uid: eventUid('linux', record.key),
    nativeId,
    source: 'linux',
    time,
    class: told.as.class,
    activity: told.as.activity,
    code: told.code,
    outcome: told.outcome,
    detail: (record.audit ? (told.detail ?? told.code) : record.body).replace(/\s+/g, ' ').slice(0, 1_000),
    actor,
    target: target !== undefined && target.name === actor?.name ? undefined : target,
    src: originOf(told),
    session: told.outcome === 'success' ? sessionOf(told, record) : undefined,
    auth: isProof || told.auth?.failure !== undefined ? defined({ ...told.auth }) : undefined,
    resource: resourceOf(told, host),
    privilege:
      told.change === undefined || told.group === undefined || told.outcome === 'failure'
        ? undefined
        : { change: told.change, entitlement: `linux:group:${host === undefined ? told.group : `${told.group}@${host}`}`, jit: false },
    // A vault's copy of the password is wrong from now on, and whoever was given it holds the account no longer.
    credential:
      told.code === 'password_changed' && told.outcome === 'success' && target !== undefined
        ? { act: 'changed', account: target.name }
        : undefined,
    command: told.command === '' ? undefined : told.command,
  };
  return defined(event) ?? event;
}

function parse(value: unknown, receivedAt?: number): ParseResult {
  if (!isObject(value)) return rejected('not_an_object', 'a record is a JSON object');
  const record = recordOf(value, receivedAt);
  if (!record) return rejected('unknown_shape', 'no message');
  const meaning = meaningOf(record);
  if ('ignore' in meaning) return ignored(meaning.ignore);
  if (record.time === undefined) return rejected('bad_time', 'no readable time');
  return kept(eventOf(record, meaning, record.time));
}

/** Linux logins and elevation: `auth.log`, `secure`, the journal, the audit daemon. */
export const linux: Source = {
  id: 'linux',
  product: { vendor: 'Linux', name: 'Linux' },
  readLine: readLogLine,
  unwrap: (value) => (Array.isArray(value) ? list(value) : [value]),
  parse,
};
