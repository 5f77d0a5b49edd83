import { deterministicUid } from '@keyward/events';
import { parseInstant } from '../instant.js';
import { at, firstText, isObject, list, number, text, type JsonObject } from '../json.js';
import { readSyslog } from '../syslog/header.js';
import { readAudit, type AuditRecord } from './audit.js';

/** A line of a Linux log, whatever brought it. */
export interface LogRecord {
  /** Epoch ms; undefined when the line has no readable time. */
  readonly time: number | undefined;
  /** Lower case. */
  readonly host: string | undefined;
  /** Program that wrote it, without its path, lower case. */
  readonly app: string;
  readonly pid: string | undefined;
  readonly body: string;
  /** journald's cursor, the audit daemon's stamp; else a hash of all that the line says. */
  readonly nativeId: string;
  /** What makes it one record among those of all machines. */
  readonly key: string;
  /** Session of the kernel's audit or of systemd in which the writer ran. */
  readonly session: string | undefined;
  readonly audit: AuditRecord | undefined;
}

/** Mark of what `readLine` makes of a line. */
const LINE_KEY = 'keyward_line';

interface Parts {
  readonly time?: number | undefined;
  readonly host?: string | undefined;
  readonly app?: string | undefined;
  readonly pid?: string | undefined;
  readonly body: string;
  readonly nativeId?: string | undefined;
  readonly session?: string | undefined;
}

/** `su: ...` behind a header that names no program, `polkitd(authority=local): ...`, and gdm's `gdm-password]: ...`. */
const LATE_TAG = /^([A-Za-z][\w./-]{1,40})(?:\([\w=]{1,40}\))?\]?(?:\[(\d{1,10})\])?: /;
const MAX_BODY = 65_536;

function logRecord({ time, host, app, pid, body: whole, nativeId, session }: Parts): LogRecord {
  let body = whole.trim();
  let program = app;
  let process = pid;
  const late = program === undefined && !body.startsWith('type=') ? LATE_TAG.exec(body) : null;
  if (late) {
    program = late[1];
    process ??= late[2];
    body = body.slice(late[0].length);
  }
  if (body.length > MAX_BODY) body = body.slice(0, MAX_BODY);
  const isAudit = program === undefined || /audi|kernel|^node=/.test(program) || body.startsWith('type=');
  const audit = isAudit ? readAudit(body) : undefined;
  const machine = audit?.node ?? host;
  const where = machine === undefined || machine === '' ? undefined : machine.toLowerCase().replace(/\.$/, '');
  const when = audit?.time ?? time;
  const name = baseName(program ?? '');
  const id = nativeId ?? audit?.stamp ?? deterministicUid(when ?? 0, where ?? '', name, process ?? '', body);
  return {
    time: when,
    host: where,
    app: name,
    pid: audit?.fields['pid'] ?? process,
    body,
    nativeId: id,
    key: audit?.stamp === undefined ? id : `${audit.stamp} ${audit.type} ${where ?? ''}`,
    session,
    audit,
  };
}

function baseName(program: string): string {
  const name = program.slice(program.lastIndexOf('/') + 1).toLowerCase();
  return name === 'sshd-session' || name === 'sshd-auth' ? 'sshd' : name;
}

/**
 * One line: BSD, ISO or RFC 5424 header, or a bare record of the audit daemon.
 *
 * @returns undefined when it is none of them
 */
export function readLogLine(written: string, receivedAt?: number): JsonObject | undefined {
  const line = written.replace(CTIME_START, '$1 $3 $2').replace(AIX_LEVEL, '$1');
  const { header, body } = readSyslog(line, receivedAt);
  const isBare = header.host === undefined && header.app === undefined && header.time === undefined && header.severity === undefined;
  if (isBare && readAudit(body) === undefined && !LATE_TAG.test(body) && !BSD_START.test(line)) return undefined;
  return { [LINE_KEY]: { time: header.time, host: header.host, app: header.app, pid: header.procId, body } };
}
/** `Mon Jan  5 09:00:00 2026 web1 sshd[1]: `, as C's `ctime` writes a time. */
const CTIME_START = /^[A-Z][a-z]{2} ([A-Z][a-z]{2} {1,2}\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})(?= )/;
/** AIX puts facility and level before the program, and the first host before both: `aix1 auth|security:info Message forwarded from db1: sshd[1]: `. */
const AIX_LEVEL =
  /^((?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d \S{1,255} )[a-z0-9|]{2,40}:(?:emerg|alert|crit|err|warn|notice|info|debug)\w{0,4} (?:Message forwarded from \S{1,255}: )?/;
const BSD_START = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d/;

/**
 * A line in any of its JSON forms: what `readLogLine` gave, journald's export (`journalctl -o json`), or a shipper's (Beats, Fluent Bit, Vector,
 * rsyslog): a message beside host, program and time, or a whole syslog line as the message.
 */
export function recordOf(value: JsonObject, receivedAt?: number): LogRecord | undefined {
  const line = value[LINE_KEY];
  if (isObject(line)) {
    const inside = jsonIn(line['body']);
    if (inside) return recordOf(inside, receivedAt);
    return logRecord({
      time: number(line['time']),
      host: text(line['host']),
      app: text(line['app']),
      pid: text(line['pid']),
      body: typeof line['body'] === 'string' ? line['body'] : '',
    });
  }
  if (value['MESSAGE'] !== undefined) return journalRecord(value);
  return shippedRecord(value, receivedAt);
}

/** A record of the journal that a shipper or a syslog header carries. */
function jsonIn(text: unknown): JsonObject | undefined {
  if (typeof text !== 'string' || !/^(?:@cee: ?)?\{/.test(text) || !text.includes('"MESSAGE"')) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(text.indexOf('{')));
    return isObject(value) && value['MESSAGE'] !== undefined ? value : undefined;
  } catch {
    return undefined;
  }
}

function journalRecord(value: JsonObject): LogRecord | undefined {
  const body = messageText(value['MESSAGE']);
  if (body === undefined) return undefined;
  return logRecord({
    time:
      parseInstant(first(value['__REALTIME_TIMESTAMP'])) ??
      parseInstant(first(value['_SOURCE_REALTIME_TIMESTAMP'])) ??
      parseInstant(value['@timestamp']),
    host: firstText(first(value['_HOSTNAME']), value['host']),
    app: firstText(first(value['SYSLOG_IDENTIFIER']), first(value['_COMM']), value['_TRANSPORT'] === 'audit' ? 'audit' : undefined),
    pid: firstText(first(value['SYSLOG_PID']), first(value['_PID'])),
    body,
    nativeId: text(value['__CURSOR']),
    session: firstText(first(value['_AUDIT_SESSION']), first(value['_SYSTEMD_SESSION'])),
  });
}

/** journald writes a field that occurs twice as a list. */
const first = (value: unknown): unknown => (Array.isArray(value) ? list(value)[0] : value);

/** Bytes that are no text stand as a list of numbers. */
function messageText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  const bytes = list(value);
  if (bytes.length === 0) return undefined;
  const octets = bytes.filter((byte): byte is number => typeof byte === 'number' && byte >= 0 && byte <= 255);
  if (octets.length === bytes.length) return Buffer.from(octets).toString('utf8');
  return typeof bytes[0] === 'string' ? bytes[0] : undefined;
}

function shippedRecord(value: JsonObject, receivedAt: number | undefined): LogRecord | undefined {
  const message = firstText(
    value['message'],
    value['msg'],
    value['log'],
    value['MSG'],
    at(value, 'event', 'original'),
    value['SyslogMessage'],
    value['Message'],
    value['short_message'],
    value['full_message'],
  );
  if (message === undefined) return undefined;
  const inside = jsonIn(message);
  if (inside) return recordOf(inside, receivedAt);
  const stamped = parseInstant(
    firstText(
      value['@timestamp'],
      value['timestamp'],
      value['time'],
      value['timereported'],
      value['EventTime'],
      value['TimeGenerated'],
      value['date'],
    ),
    receivedAt,
  );
  // The shipper's time is near the line's, also in a file that is read years later.
  const { header, body } = readSyslog(message, stamped ?? receivedAt);
  const isLine = header.time !== undefined || BSD_START.test(message);
  return logRecord({
    time: header.time ?? stamped,
    host: firstText(
      header.host,
      at(value, 'host', 'hostname'),
      at(value, 'host', 'name'),
      value['host'],
      value['hostname'],
      value['Hostname'],
      value['HostName'],
      value['Computer'],
    ),
    app: firstText(
      isLine ? header.app : undefined,
      at(value, 'process', 'name'),
      value['program'],
      value['appname'],
      value['app-name'],
      value['programname'],
      value['ident'],
      value['app'],
      value['SourceName'],
      value['ProcessName'],
      value['SYSLOG_IDENTIFIER'],
      value['_application_name'],
      value['application_name'],
      header.app,
    ),
    pid: firstText(
      isLine ? header.procId : undefined,
      at(value, 'process', 'pid'),
      value['pid'],
      value['procid'],
      value['ProcessID'],
      value['_process_id'],
      value['process_id'],
      header.procId,
    ),
    body: isLine || header.app !== undefined ? body : message,
    nativeId: firstText(value['__CURSOR'], value['_id'], value['uuid']),
    session: firstText(value['_AUDIT_SESSION'], value['_SYSTEMD_SESSION']),
  });
}
