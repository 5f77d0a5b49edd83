import { isObject, list, objects, type JsonObject } from '../json.js';
import { lineIn } from '../shipped-line.js';
import { readLogLine } from '../syslog/line.js';
import { readRemote, remoteContinuation } from './remote-syslog.js';

/**
 * One log line to a record: JSON, CEF, LEEF or `Key: Value` of BeyondInsight's event forwarder, `BG[...]` of Privileged Remote Access, or the
 * form that an outbound event posts.
 *
 * @returns undefined when the line is none of them; a list when lines of one message were joined
 */
export function readBeyondTrustLine(line: string, receivedAt?: number): JsonObject | readonly JsonObject[] | undefined {
  const { header, body } = readLogLine(line, receivedAt);
  const stamp = header.time === undefined ? {} : { time: header.time };
  const time = header.time === undefined ? {} : { SyslogTime: String(header.time) };
  switch (body.form) {
    case 'json':
      return { ...time, ...body.value };
    case 'cef': {
      const { vendor, product, signatureId, name, extension } = body.value;
      if (!/beyond|bomgar/i.test(vendor)) return undefined;
      return { ...time, vendor, product, agentid: signatureId, eventname: name, ...extension };
    }
    case 'leef': {
      const { vendor, product, eventId, attributes } = body.value;
      return /beyond|bomgar/i.test(vendor) ? { ...time, vendor, product, eventid: eventId, ...attributes } : undefined;
    }
    case 'xml':
      return fromReport(body.value);
    case 'text':
      return readRemote(line, stamp) ?? fromPairs(body.value, time) ?? fromRun(body.value, time) ?? fromForm(body.value);
  }
}

const PAIR = /^([A-Z][A-Za-z ]{1,40}): ?(.*)$/s;

const RUN = /(?:^|[ :])(accepted|rejected) (\S.{0,2000}?) from ([^\s@]{1,120})@([^\s@]{1,255}) to ([^\s@]{1,120})@([^\s@]{1,255})/;

/** PowerBroker for Unix: `accepted /usr/bin/id from anna@web1 to root@db1`. */
function fromRun(body: string, time: JsonObject): JsonObject | undefined {
  const [, verdict, runCommand, submitUser, submitHost, runUser, runHost] = RUN.exec(body) ?? [];
  if (verdict === undefined) return undefined;
  return { ...time, vendor: 'BeyondTrust', eventname: verdict, outcome: verdict, runCommand, submitUser, submitHost, runUser, runHost };
}

const REPORT_LISTS = [
  'session_list',
  'team_activity_list',
  'vault_account_activity_list',
  'session',
  'team_activity',
  'account',
  'session_details',
  'events',
];
const MAX_DEPTH = 5;

/** The reporting API's XML: lists of sessions, teams or accounts, each with its events; an event takes what its session says of itself. */
function fromReport(xml: JsonObject): readonly JsonObject[] | undefined {
  const found: JsonObject[] = [];
  const walk = (value: unknown, session: JsonObject, depth: number): void => {
    if (Array.isArray(value)) for (const one of list(value)) walk(one, session, depth);
    if (!isObject(value) || depth > MAX_DEPTH) return;
    const own = value['lsid'] === undefined ? session : value;
    const events = value['event'];
    for (const event of isObject(events) ? [events] : objects(events))
      if (event['event_type'] !== undefined) found.push({ ...event, ...(own['lsid'] !== undefined && { session: own }) });
    for (const key of REPORT_LISTS) walk(value[key], own, depth + 1);
  };
  walk(xml, {}, 0);
  return found.length === 0 ? undefined : found;
}

/** The reporting API answers in XML over many lines. */
export const endOfReport = (line: string): string | undefined => {
  const list = /<(session_list|team_activity_list|vault_account_activity_list)[\s>]/.exec(line)?.[1];
  return list === undefined || line.includes(`</${list}>`) ? undefined : `</${list}>`;
};

/** Labels of the manual: where a relay made the tabs blanks, only these tell where the next pair begins. */
const BEFORE_LABEL =
  / (?=(?:Agent (?:Desc|ID|Ver)|Category|Source (?:Host|IP)|Event (?:Date|Desc|Name|Severity|Subject|Type)|OS|User|Workgroup (?:Desc|ID|Location)|LogTime|LogID|LogSystemID|Details|Failed|Message|ObjectI?D|ObjectType|Operation|Reason|RoleUsed|ServerDate|SystemName|Target|TicketNumber|UserI?D|UserName|IPAddress):)/;

/** `Agent Desc: ...` and so on, with line feeds, tabs or blanks between the pairs. */
function fromPairs(body: string, time: JsonObject): JsonObject | undefined {
  if (!/\b(?:Agent ?ID|Event ?Name|Event ?Desc):/i.test(body)) return undefined;
  const record: Record<string, string> = { vendor: 'BeyondTrust' };
  for (const part of /[\t\n]/.test(body) ? body.split(/[\t\n]/) : body.split(BEFORE_LABEL)) {
    const found = PAIR.exec(part.trim());
    if (found?.[1] !== undefined && found[2] !== undefined) record[found[1]] = found[2].trim();
  }
  return { ...time, ...record };
}

/** `event=access_session_begin&timestamp=1767603600&lsid=...` */
function fromForm(body: string): JsonObject | undefined {
  if (!body.includes('&') || !/(?:^|&)event=/.test(body) || /\s/.test(body)) return undefined;
  const record = Object.fromEntries(new URLSearchParams(body));
  return isObject(record) && (record['lsid'] !== undefined || record['appliance_id'] !== undefined) ? record : undefined;
}

const PAIRS_BEGIN = /^(?:<\d{1,3}>)?.{0,200}?\b(?:Agent Desc|Event Date|Agent ID): /;
const PAIR_LINE = /^[A-Z][A-Za-z ]{1,40}: ?/;

/** The line that declares XML doesn't say what follows: all up to the end of the report. */
function untilReportEnds(): (nextLine: string) => boolean {
  let ended = false;
  return (line) => {
    if (ended) return false;
    ended = /<\/\w{1,60}_list>/.test(line);
    return true;
  };
}

/** Records that span lines: a report, the segments of one message, and the pairs of one event. */
export function continuationOf(firstLine: string): ((nextLine: string) => boolean) | undefined {
  if (/^<\?xml[^>]{0,200}\?>\s*$/.test(firstLine)) return untilReportEnds();
  return (
    remoteContinuation(firstLine) ?? (PAIRS_BEGIN.test(firstLine) && !firstLine.includes('\t') ? (line) => PAIR_LINE.test(line) : undefined)
  );
}

/** Shippers put the line itself into a JSON member. */
export function shippedText(value: JsonObject): string | undefined {
  const line = lineIn(value);
  if (line === undefined || value['event_type'] !== undefined || value['nvps'] !== undefined || value['AuditID'] !== undefined)
    return undefined;
  return line;
}
