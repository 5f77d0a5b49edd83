import { deterministicUid, kept, rejected, type Account, type Authentication, type ParseResult } from '@keyward/events';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { defined, firstText, object, text, type JsonObject } from '../json.js';
import { readExtension } from '../syslog/extension.js';
import type { SyslogHeader } from '../syslog/header.js';
import { vaultEvent } from '../vault-event.js';
import type { VaultKind } from '../vault-kinds.js';
import { SYSTEM } from './server.js';

/** Marks a record that `readAuditTrail` made. */
export const SUITE_KEY = 'keyward_audit_trail';

const TRAIL = /AUDIT_TRAIL\|([^|]{1,80})\|([^|]{1,80})\|([^|]{0,20})\|(\d{1,8})\|([^|]{1,200})\|(\d{1,2})\|/;

/** `AUDIT_TRAIL|Centrify Suite|PAM|1.0|100|PAM authentication granted|5|user=... status=GRANTED service=sshd client=...` of Server Suite. */
export function readAuditTrail(body: string, header: SyslogHeader): JsonObject | undefined {
  const found = TRAIL.exec(body);
  if (!found) return undefined;
  const [whole, , component, , id, name] = found;
  return {
    [SUITE_KEY]: { component, id, name, time: header.time, host: header.host },
    ...readExtension(body.slice(found.index + whole.length)),
  };
}

/** First match decides. */
const KINDS: readonly (readonly [RegExp, VaultKind])[] = [
  [/\bdzdo\b|\bsudo\b|command|run with privilege|run as role|dzsh/i, 'command_start'],
  [/close session|session (?:end|close)|log ?off|log ?out|disconnect/i, 'logoff'],
  [/open session|authentication|sshd|log ?[io]n|remote connection|mfa|challenge|account management|password expir/i, 'logon'],
  [/set credential|credential/i, 'login_other'],
  [/change password|password change|passwd/i, 'user_password'],
  [/(?:add|assign|grant).*role|role.*(?:assign|added|granted)/i, 'role_assign'],
  [/(?:remove|unassign|revoke).*role|role.*(?:removed|unassigned|revoked)/i, 'role_remove'],
  [/(?:add|create).*user|user.*(?:added|created)/i, 'user_create'],
  [/(?:remove|delete).*user|user.*(?:removed|deleted)/i, 'user_delete'],
];
const FAILED = /fail|denied|unsuccess|not granted|rejected/i;
/** `anna(type:ad,anna@CORP.EXAMPLE.COM)`, `root(type:local,root@db1)` */
const USER = /^([^(\s]{1,200})(?:\(type:(\w{1,20})(?:,([^)]{1,200}))?\))?/;

export function parseAuditTrail(value: JsonObject): ParseResult {
  const head = object(value[SUITE_KEY]);
  const name = firstText(head['name'], head['id']);
  if (name === undefined) return rejected('schema_mismatch', 'AUDIT_TRAIL: expected the name of the event');
  const time = parseInstant(value['utc']) ?? parseInstant(head['time']);
  if (time === undefined) return rejected('bad_time', 'utc: no readable time, and none in a syslog header');
  const host = text(head['host'])?.toLowerCase();
  const actor = userOf(text(value['user']), host);
  const status = text(value['status']) ?? '';
  const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'object_other';
  const ip = parseIp(value['client']);
  const client = text(value['client'])?.toLowerCase();
  const runAs = text(value['runas']);
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: deterministicUid(
        name,
        ...Object.entries(value).flatMap(([key, one]) => (typeof one === 'string' ? [key, one] : [])),
        time,
        host ?? '',
      ),
      time,
      code: name,
      kind,
      failed: FAILED.test(name) || FAILED.test(status),
      detail: [name, text(value['reason']), runAs === undefined ? undefined : `as ${runAs}`].filter((one) => one !== undefined).join('; '),
      actor,
      src: ip !== undefined ? { ip } : client === undefined ? undefined : { hostname: client },
      auth:
        kind === 'logon' || kind === 'logoff' || kind === 'login_other'
          ? defined<Authentication>({
              step: /mfa|challenge/i.test(name) ? 'second_factor' : /session/i.test(name) ? 'session' : 'primary',
              application: text(value['service']),
              mfa: /mfa|challenge/i.test(name) || undefined,
              failure: FAILED.test(name) && /mfa|challenge/i.test(name) ? 'bad_factor' : undefined,
            })
          : undefined,
      managed: runAs === undefined || host === undefined ? undefined : { account: `${runAs.toLowerCase()}@${host}`, user: runAs, host },
      user: actor,
      object: host === undefined ? undefined : { kind: 'host', name: host, host },
      command: text(value['command']) === '(none)' ? undefined : text(value['command']),
    }),
  );
}

/** An account of the directory is the directory's; one of the machine is `name@host`. */
function userOf(written: string | undefined, host: string | undefined): Account | undefined {
  const found = USER.exec(written ?? '');
  const login = found?.[1]?.toLowerCase();
  if (login === undefined || login === '') return undefined;
  const [, , type, full] = found ?? [];
  if (type === 'local') return { system: SYSTEM, name: login.includes('@') || host === undefined ? login : `${login}@${host}` };
  return { system: SYSTEM, name: full?.includes('@') === true ? full.toLowerCase() : login };
}
