import type { Authentication } from '@keyward/events';
import { ignore, type LinuxIgnored, type Meaning, type Told } from './message.js';
import { isScheduler, isSwitchService } from './pam.js';

/** One record of the audit daemon, its fields by name. */
export interface AuditRecord {
  /** `USER_AUTH`; a kernel's number is translated. */
  readonly type: string;
  /** Epoch ms. */
  readonly time: number | undefined;
  /** `<seconds>.<ms>:<serial>`, one event of the machine. */
  readonly stamp: string | undefined;
  readonly node: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** @see linux/include/uapi/linux/audit.h, audit-userspace/lib/audit-records.h */
const NUMBERS: Readonly<Record<string, string>> = {
  '1006': 'LOGIN',
  '1100': 'USER_AUTH',
  '1101': 'USER_ACCT',
  '1102': 'USER_MGMT',
  '1103': 'CRED_ACQ',
  '1104': 'CRED_DISP',
  '1105': 'USER_START',
  '1106': 'USER_END',
  '1108': 'USER_CHAUTHTOK',
  '1109': 'USER_ERR',
  '1110': 'CRED_REFR',
  '1112': 'USER_LOGIN',
  '1113': 'USER_LOGOUT',
  '1114': 'ADD_USER',
  '1115': 'DEL_USER',
  '1116': 'ADD_GROUP',
  '1117': 'DEL_GROUP',
  '1123': 'USER_CMD',
  '1132': 'GRP_MGMT',
  '1133': 'GRP_CHAUTHTOK',
  '1134': 'ACCT_LOCK',
  '1135': 'ACCT_UNLOCK',
  '2100': 'ANOM_LOGIN_FAILURES',
  '2101': 'ANOM_LOGIN_TIME',
  '2102': 'ANOM_LOGIN_SESSIONS',
  '2103': 'ANOM_LOGIN_ACCT',
  '2104': 'ANOM_LOGIN_LOCATION',
  '2207': 'RESP_ACCT_LOCK',
  '2209': 'RESP_ACCT_UNLOCK_TIMED',
  '2300': 'USER_ROLE_CHANGE',
  '2301': 'ROLE_ASSIGN',
  '2302': 'ROLE_REMOVE',
};

const STAMP = /audit\((\d{9,11}\.\d{1,6}):(\d{1,12})\):?/;
const FIELD = /([A-Za-z_][\w-]{0,63})=(?:"([^"]*)"|([^\s"',\p{Cc}]+))/gu;

/** @returns undefined when the text is no audit record. `type=USER_AUTH msg=audit(...): ...`, the kernel's `audit: type=1100 audit(...)`, journald's `USER_AUTH pid=...` */
export function readAudit(text: string): AuditRecord | undefined {
  const written =
    /(?:^|\s)type=([A-Z0-9_]{2,40})\b/.exec(text.slice(0, 300))?.[1] ??
    /^([A-Z]{3,12}(?:_[A-Z]{2,20}){0,3}) (?=pid=|op=|login )/.exec(text)?.[1];
  if (written === undefined) return undefined;
  const stamp = STAMP.exec(text);
  if (!stamp && text.startsWith('type=')) return undefined;
  const from = stamp ? stamp.index + stamp[0].length : 0;
  const fields: Record<string, string> = {};
  for (const [, key = '', quoted, bare = ''] of text.slice(from).matchAll(FIELD)) {
    if (key !== 'msg' && !Object.hasOwn(fields, key)) fields[key] = quoted ?? decoded(key, bare);
  }
  return {
    type: NUMBERS[written] ?? written,
    time: stamp ? Math.round(Number(stamp[1]) * 1_000) : undefined,
    stamp: stamp ? `${stamp[1] ?? ''}:${stamp[2] ?? ''}` : undefined,
    node: /(?:^|\s)node=(\S{1,255})/.exec(text.slice(0, from))?.[1],
    fields,
  };
}

/** Values that hold a space, a quote or a control character are written in hex, without quotes. */
const HEX_FIELDS: ReadonlySet<string> = new Set(['acct', 'cmd', 'exe', 'comm', 'cwd', 'data', 'grp', 'new_group']);
function decoded(key: string, value: string): string {
  if (!HEX_FIELDS.has(key) || value.length < 4 || value.length % 2 === 1 || !/^[0-9A-F]+$/.test(value)) return value;
  return Buffer.from(value, 'hex').toString('utf8').replaceAll('\u0000', ' ');
}

type As = Pick<Told, 'as'> & { readonly of: 'actor' | 'target' | 'group' | 'member'; readonly change?: Told['change'] };
const as = (told: Told['as'], of: As['of'], change?: Told['change']): As => ({ as: told, of, ...(change && { change }) });

const MEANINGS: Readonly<Record<string, As>> = {
  USER_LOGIN: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  USER_LOGOUT: as({ class: 'authentication', activity: 'logoff' }, 'actor'),
  USER_START: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  USER_END: as({ class: 'authentication', activity: 'logoff' }, 'actor'),
  USER_AUTH: as({ class: 'authentication', activity: 'preauth' }, 'actor'),
  USER_ERR: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  USER_ACCT: as({ class: 'authorize_session', activity: 'other' }, 'actor'),
  ANOM_LOGIN_FAILURES: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  ANOM_LOGIN_TIME: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  ANOM_LOGIN_SESSIONS: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  ANOM_LOGIN_ACCT: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  ANOM_LOGIN_LOCATION: as({ class: 'authentication', activity: 'logon' }, 'actor'),
  USER_CMD: as({ class: 'process_activity', activity: 'launch' }, 'actor'),
  USER_CHAUTHTOK: as({ class: 'account_change', activity: 'password_change' }, 'target'),
  USER_MGMT: as({ class: 'account_change', activity: 'other' }, 'target'),
  ADD_USER: as({ class: 'account_change', activity: 'create' }, 'target'),
  DEL_USER: as({ class: 'account_change', activity: 'delete' }, 'target'),
  ACCT_LOCK: as({ class: 'account_change', activity: 'lock' }, 'target'),
  ACCT_UNLOCK: as({ class: 'account_change', activity: 'unlock' }, 'target'),
  RESP_ACCT_LOCK: as({ class: 'account_change', activity: 'lock' }, 'target'),
  RESP_ACCT_UNLOCK_TIMED: as({ class: 'account_change', activity: 'unlock' }, 'target'),
  ADD_GROUP: as({ class: 'group_management', activity: 'create' }, 'group'),
  DEL_GROUP: as({ class: 'group_management', activity: 'delete' }, 'group'),
  GRP_MGMT: as({ class: 'group_management', activity: 'update' }, 'group'),
  GRP_CHAUTHTOK: as({ class: 'group_management', activity: 'update' }, 'group'),
  USER_ROLE_CHANGE: as({ class: 'user_access', activity: 'assign_role' }, 'target'),
  ROLE_ASSIGN: as({ class: 'user_access', activity: 'assign_role' }, 'target'),
  ROLE_REMOVE: as({ class: 'user_access', activity: 'remove_role' }, 'target'),
};

const IGNORED: Readonly<Record<string, LinuxIgnored>> = {
  LOGIN: 'repeated_detail',
  CRED_ACQ: 'credential_cache',
  CRED_DISP: 'credential_cache',
  CRED_REFR: 'credential_cache',
};
const UNSET = new Set(['4294967295', '-1', 'unset', '?']);

export function auditMeaning({ type, fields }: AuditRecord): Meaning {
  const meaning = MEANINGS[type];
  const program = (fields['exe'] ?? '').slice((fields['exe'] ?? '').lastIndexOf('/') + 1);
  if (!meaning) return ignore(IGNORED[type] ?? 'other_audit_record');
  if (isScheduler(program)) return ignore('scheduled_job');
  const failed = /^(?:failed|fail|no|0)$/.test(fields['res'] ?? fields['result'] ?? '') || type.startsWith('ANOM_');
  const login = name(fields['AUID'], fields['auid']);
  const acct = name(fields['acct'], undefined) ?? name(fields['ID'], fields['id']);
  const base: Told = { as: meaning.as, code: type, outcome: failed ? 'failure' : 'success', detail: fields['op'], from: from(fields) };
  switch (meaning.of) {
    case 'actor':
      return acted(base, program, { login, acct, failed, fields });
    case 'target':
      return changed(base, { login, acct, fields });
    case 'group':
    case 'member':
      return { ...base, user: login, group: fields['grp'] ?? fields['acct'] ?? fields['ID'] ?? fields['id'] };
  }
}

interface Who {
  readonly login: string | undefined;
  readonly acct: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

function acted(base: Told, program: string, { login, acct, failed, fields }: Who & { readonly failed: boolean }): Told {
  if (base.code === 'USER_CMD') {
    const target = name(fields['UID'], fields['uid']);
    return {
      ...base,
      user: login,
      target: target === login ? undefined : target,
      command: fields['cmd'],
      session: 'process',
      privileged: true,
    };
  }
  const isSwitch = isSwitchService(program);
  const failure: Authentication['failure'] = failed
    ? base.code === 'USER_ACCT'
      ? 'policy'
      : unknown(fields)
        ? 'unknown_user'
        : 'bad_password'
    : undefined;
  const isLogoff = base.as.activity === 'logoff';
  const auth: Authentication = {
    application: program || 'audit',
    ...(!isLogoff && { step: base.code === 'USER_START' ? ('session' as const) : ('primary' as const) }),
    ...(program.startsWith('sshd') && { protocol: 'ssh' }),
    ...(failure && { failure }),
  };
  if (isSwitch && login !== undefined) {
    const activity = isLogoff ? 'logoff' : 'account_switch';
    const classified: Told['as'] = base.as.class === 'authentication' ? { class: 'authentication', activity } : base.as;
    return { ...base, as: classified, user: login, target: acct === login ? undefined : acct, auth, session: 'process', privileged: true };
  }
  const session = fields['ses'];
  return {
    ...base,
    ...(base.code === 'USER_AUTH' && failed && { as: { class: 'authentication', activity: 'logon' } as const }),
    user: unknown(fields) ? undefined : acct,
    auth,
    session: session === undefined || UNSET.has(session) ? undefined : session,
  };
}

function changed(base: Told, { login, acct, fields }: Who): Told {
  const op = (fields['op'] ?? '').toLowerCase();
  const group = fields['grp'] ?? fields['new_group'];
  const target = acct;
  if (base.code === 'USER_MGMT' && group !== undefined && /add.*(?:to|-)[- ]?(?:shadow[- ])?group|adding user to group/.test(op))
    return { ...base, as: { class: 'group_management', activity: 'add_user' }, user: login, target, group, change: 'granted' };
  if (base.code === 'USER_MGMT' && group !== undefined && /(?:delet|remov).*group/.test(op))
    return { ...base, as: { class: 'group_management', activity: 'remove_user' }, user: login, target, group, change: 'revoked' };
  return { ...base, user: login, target: target === login ? undefined : target };
}

/** A name where the record has one, else the number as sudo writes it, `#1000`. */
function name(written: string | undefined, number: string | undefined): string | undefined {
  if (written !== undefined && !UNSET.has(written) && !/^\((?:unknown|invalid)/i.test(written)) return written;
  return number === undefined || UNSET.has(number) ? undefined : number === '0' ? 'root' : `#${number}`;
}

const unknown = (fields: Readonly<Record<string, string>>): boolean => /^\((?:unknown|invalid)/i.test(fields['acct'] ?? '');

const from = (fields: Readonly<Record<string, string>>): string | undefined =>
  [fields['addr'], fields['hostname']].find((value) => value !== undefined && value !== '?' && value !== '');
