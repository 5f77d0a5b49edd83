import { DAY_MS } from '@keyward/events';
import { parseInstant } from '../instant.js';
import type { JsonObject } from '../json.js';
import { readLogLine } from '../syslog/line.js';

/** What stands in one line of the server's log, however it was written. */
export interface ServerLine {
  readonly time: number | undefined;
  readonly logger: string;
  readonly message: string;
}

// eslint-disable-next-line no-control-regex -- consoles colour the level
const COLOURS = /\u001b\[[\d;]{0,12}m/g;
/** What the container runtime puts before a line. */
const CRI = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /;
const LINE =
  /^(?:(\d{4}-\d\d-\d\d[T ])?(\d\d:\d\d:\d\d[.,]\d{1,9})\s?(Z|[+-]\d\d:?\d\d)?)\s+([A-Z]{4,6})\s+\[([^\]]{1,200})\]\s+\(([^)]{0,200})\)\s?(.*)$/s;
const EVENT = /^(?:type|operationType)="?[A-Za-z]/;
/** A line of a stack trace; readers of streams trim the space before it. */
const CONTINUED = /^\s*(?:at [\w.$/@]{1,300}\(|\.\.\. \d{1,5} (?:more|common)|(?:Caused by|Suppressed): )/;

/**
 * @param receivedAt epoch ms: gives the day to consoles that write the time only, so that the instant is the last one before it
 * @returns undefined when it is no line of Keycloak's
 */
export function serverLine(written: string, receivedAt?: number): ServerLine | undefined {
  const line = written.replace(COLOURS, '').replace(CRI, '');
  return inLine(line, receivedAt) ?? inSyslog(line, receivedAt);
}

function inLine(line: string, receivedAt: number | undefined): ServerLine | undefined {
  const found = LINE.exec(line);
  if (!found) return undefined;
  const [, day, clock = '', zone = '', , logger = '', , message = ''] = found;
  const time = day === undefined ? today(clock, receivedAt) : parseInstant(`${day}${clock}${zone}`);
  return { time, logger, message };
}

function inSyslog(line: string, receivedAt: number | undefined): ServerLine | undefined {
  const { header, body } = readLogLine(line, receivedAt);
  if (body.form !== 'text' || body.value === line)
    return EVENT.test(line) ? { time: undefined, logger: 'org.keycloak.events', message: line } : undefined;
  const inside = inLine(body.value, receivedAt);
  if (inside) return inside;
  return EVENT.test(body.value) ? { time: header.time, logger: header.app ?? '', message: body.value } : undefined;
}

function today(clock: string, receivedAt: number | undefined): number | undefined {
  if (receivedAt === undefined) return undefined;
  const at = parseInstant(`${new Date(receivedAt).toISOString().slice(0, 10)}T${clock}Z`);
  return at === undefined || at <= receivedAt ? at : at - DAY_MS;
}

/** A syslog line whose message is JSON (`log-syslog-output=json`). */
export function jsonInSyslog(line: string): JsonObject | undefined {
  const { body } = readLogLine(line.replace(CRI, ''));
  return body.form === 'json' ? body.value : undefined;
}

/** What the start script says before there is a logger. */
const BANNER =
  /^(?:Updating the configuration and installing your custom providers|Running the server in development mode|Next time you run the server|JAVA_OPTS\w* already set|Appending additional Java properties|Server configuration updated)/;

export const isContinuation = (line: string): boolean => CONTINUED.test(line);
export const isBanner = (line: string): boolean => BANNER.test(line);
export const isEventText = (message: string): boolean => EVENT.test(message);

const KEY = /([A-Za-z_@][\w.@-]{0,63})=/y;

/**
 * `type="LOGIN", realmId="1", details='two words'`, and without quotes as older versions write it, where a value ends at the comma before the
 * next key. The first of a repeated key counts: what a user can choose (his name) stands behind what he can't. Linear.
 */
export function eventPairs(message: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  let at = 0;
  while (at < message.length) {
    KEY.lastIndex = at;
    const key = KEY.exec(message);
    if (!key) break;
    const start = KEY.lastIndex;
    const quote = message[start];
    const quoted = quote === '"' || quote === "'" ? endOfQuoted(message, start + 1, quote) : undefined;
    const end = quoted === undefined ? endOfBare(message, start) : quoted + 1;
    const raw = quoted === undefined ? message.slice(start, end) : message.slice(start + 1, quoted).replace(/\\(["'\\])/g, '$1');
    const name = key[1] ?? '';
    if (!Object.hasOwn(values, name)) values[name] = raw;
    at = end + 2;
  }
  return values;
}

/** @returns where the closing quote stands: one that a comma and a space, or nothing, follows */
function endOfQuoted(text: string, from: number, quote: string): number | undefined {
  let at = text.indexOf(quote, from);
  while (at >= 0) {
    const ends = at + 1 >= text.length || text.startsWith(', ', at + 1) || /^\s*$/.test(text.slice(at + 1, at + 3));
    if (ends && !escaped(text, at, from)) return at;
    at = text.indexOf(quote, at + 1);
  }
  return undefined;
}

/** An odd number of backslashes before a quote makes it part of the value. At most 64 are looked at: the time stays linear. */
function escaped(text: string, at: number, from: number): boolean {
  let count = 0;
  while (count < 64 && at - count - 1 >= from && text[at - count - 1] === '\\') count += 1;
  return count % 2 === 1;
}

function endOfBare(text: string, from: number): number {
  let comma = text.indexOf(', ', from);
  while (comma >= 0) {
    KEY.lastIndex = comma + 2;
    if (KEY.test(text)) return comma;
    comma = text.indexOf(', ', comma + 2);
  }
  return text.length;
}
