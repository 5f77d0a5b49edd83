import { parseInstant } from '../instant.js';

/** What stands before the message in a syslog line, as far as the line says it. */
export interface SyslogHeader {
  readonly facility?: number;
  /** 0 (emergency) to 7 (debug). */
  readonly severity?: number;
  /** Epoch ms. A BSD time is taken as UTC, and its year from when the line was received. */
  readonly time?: number;
  readonly host?: string;
  readonly app?: string;
  readonly procId?: string;
  readonly msgId?: string;
  /** RFC 5424 structured data: `structured['exampleSDID@32473']?.['iut']`. */
  readonly structured?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface SyslogLine {
  readonly header: SyslogHeader;
  readonly body: string;
}

const OCTET_COUNT = /^\d{1,8} (?=<\d{1,3}>)/;
const PRIORITY = /^<(\d{1,3})>/;
const VERSION = /^\d{1,2} (?=-|\d{4}-)/;
const ISO_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)?(?=\s|:\s|$)/i;
const WEEKDAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?=[A-Z][a-z]{2} )/;
const BSD_TIME =
  /^(?:\d{4} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}(?: \d{4})? \d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: (?:UTC|GMT|Z))?(?=[\s:]|$)/i;
/** The message itself: it is never a host name or a tag. */
const BODY = /^(?:CEF:\s?\d|LEEF:\s?\d|[{[]["{\s]|<\/?[A-Za-z?!]|%[A-Z])/;
const HOST = /^[A-Za-z0-9][\w.:-]{0,254}$/;
/** `sshd[123]: `, `su: `, and what some relays make of it: `BG[123] ` without the colon. */
const TAG = /^([^\s:[\]{}"=<>|]{1,64})(?:\[([^\]\s]{1,64})\])?:(?: |$)|^([A-Za-z][\w./-]{0,63})\[(\d{1,10})\] /;
/** The fields of RFC 5424 behind a header that lost its version. */
const UNVERSIONED = /^\S{1,64} \S{1,128} \S{1,32} (?=\[[^\s\]="]{1,64} [^\s\]="]{1,64}=")/;
/** A relay's header, and behind it the sender's own. */
const SECOND_HEADER = /^<\d{1,3}>(?:\d{1,2} )? ?(?:\d{4}-\d\d-|[A-Z][a-z]{2} {1,2}\d)/;
const UTF8_BOM = '\ufeff';

/**
 * Takes a syslog line apart: RFC 5424 (also with vendor CEF or JSON straight behind the host), RFC 3164 with its variants (year, fraction,
 * ISO time, no host, no tag), octet counting, or no header at all. Total, and linear in the line's length.
 *
 * @param receivedAt epoch ms; without it a BSD time, which has no year, is left out
 */
export function readSyslog(line: string, receivedAt?: number): SyslogLine {
  const outer = readHeader(line.endsWith('\0') ? line.slice(0, -1) : line, receivedAt);
  if (!SECOND_HEADER.test(outer.body)) return outer;
  const inner = readHeader(outer.body, receivedAt);
  return { header: { ...outer.header, ...inner.header }, body: inner.body };
}

function readHeader(line: string, receivedAt: number | undefined): SyslogLine {
  let rest = line.replace(OCTET_COUNT, '');
  if (rest.startsWith(UTF8_BOM)) rest = rest.slice(1);
  const priority = PRIORITY.exec(rest);
  const level = priority ? Number(priority[1]) : undefined;
  if (priority) rest = rest.slice(priority[0].length).trimStart();
  const levels = level === undefined || level > 191 ? {} : { facility: level >> 3, severity: level & 7 };
  const version = VERSION.exec(rest);
  if (version && priority) return rfc5424(rest.slice(version[0].length), levels, receivedAt);
  rest = rest.replace(WEEKDAY, '');
  const time = ISO_TIME.exec(rest) ?? BSD_TIME.exec(rest);
  if (!time) return { header: levels, body: rest };
  const at = parseInstant(time[0], receivedAt);
  return rfc3164(rest.slice(time[0].length).replace(/^:?\s+/, ''), { ...levels, ...(at !== undefined && { time: at }) });
}

function rfc3164(text: string, header: SyslogHeader): SyslogLine {
  let rest = text;
  let found = header;
  if (!BODY.test(rest) && !TAG.test(rest)) {
    const [word, after] = cutWord(rest);
    if (HOST.test(word) || word.includes('/')) {
      found = { ...found, host: word };
      rest = after.replace(/^: ?/, '');
      const lost = UNVERSIONED.exec(rest) ? unversioned(rest, found) : undefined;
      if (lost) return lost;
    }
  }
  return withTag(rest, found);
}

function unversioned(text: string, header: SyslogHeader): SyslogLine | undefined {
  const [app, afterApp] = cutWord(text);
  const [procId, afterProc] = cutWord(afterApp);
  const [msgId, afterMsg] = cutWord(afterProc);
  const data = structuredData(afterMsg);
  if (!data?.structured) return undefined;
  const named = { ...header, ...given('app', app), ...given('procId', procId), ...given('msgId', msgId) };
  return { header: { ...named, structured: data.structured }, body: data.rest };
}

function withTag(rest: string, header: SyslogHeader): SyslogLine {
  const tag = BODY.test(rest) ? undefined : TAG.exec(rest);
  if (!tag) return { header, body: rest };
  const [whole, , , withoutColon, itsProcess] = tag;
  const app = tag[1] ?? withoutColon ?? '';
  const procId = tag[2] ?? itsProcess;
  return { header: { ...header, app, ...(procId && { procId }) }, body: rest.slice(whole.length) };
}

function rfc5424(text: string, levels: SyslogHeader, receivedAt: number | undefined): SyslogLine {
  const [timeText, afterTime] = cutWord(text);
  const time = parseInstant(timeText, receivedAt);
  let header: SyslogHeader = { ...levels, ...(time !== undefined && { time }) };
  if (BODY.test(afterTime)) return { header, body: afterTime };
  const [host, afterHost] = cutWord(afterTime);
  header = { ...header, ...given('host', host) };
  if (BODY.test(afterHost)) return { header, body: afterHost };
  const [app, afterApp] = cutWord(afterHost);
  const [procId, afterProc] = cutWord(afterApp);
  const [msgId, afterMsg] = cutWord(afterProc);
  const data = structuredData(afterMsg);
  // Vendors that call this RFC 5424 and stop behind the host: all that follows is the message.
  if (!data) return withTag(afterHost, header);
  return {
    header: {
      ...header,
      ...given('app', app),
      ...given('procId', procId),
      ...given('msgId', msgId),
      ...(data.structured && { structured: data.structured }),
    },
    body: data.rest.startsWith(UTF8_BOM) ? data.rest.slice(1) : data.rest,
  };
}

const given = (key: string, value: string): Readonly<Record<string, string>> => (value === '' || value === '-' ? {} : { [key]: value });

function cutWord(text: string): readonly [string, string] {
  const space = text.indexOf(' ');
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space + 1).trimStart()];
}

interface StructuredData {
  readonly structured?: Readonly<Record<string, Record<string, string>>>;
  readonly rest: string;
}

/** `-`, or `[id name="value" ...][...]` with `\"`, `\\` and `\]` escaped. Undefined when the text begins with neither. */
function structuredData(text: string): StructuredData | undefined {
  if (text === '-' || text.startsWith('- ')) return { rest: text.slice(2) };
  if (!text.startsWith('[')) return undefined;
  const structured: Record<string, Record<string, string>> = {};
  const element = /\[([^\s\]="]{1,64})/y;
  const parameter = /\s+([^\s\]="]{1,64})="([^"\\]*(?:\\.[^"\\]*)*)"/sy;
  let at = 0;
  while (text[at] === '[') {
    element.lastIndex = at;
    const opened = element.exec(text);
    if (!opened) return undefined;
    const parameters: Record<string, string> = {};
    parameter.lastIndex = element.lastIndex;
    at = element.lastIndex;
    for (let found = parameter.exec(text); found; found = parameter.exec(text)) {
      parameters[found[1] ?? ''] = (found[2] ?? '').replace(/\\(["\\\]])/g, '$1');
      at = parameter.lastIndex;
    }
    while (text[at] === ' ') at += 1;
    if (text[at] !== ']') return undefined;
    structured[opened[1] ?? ''] = parameters;
    at += 1;
  }
  return { structured, rest: text.slice(at).trimStart() };
}
