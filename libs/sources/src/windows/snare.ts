import { parseInstant } from '../instant.js';
import type { JsonObject } from '../json.js';
import type { SyslogHeader } from '../syslog/header.js';

/**
 * Snare's line: `MSWinEventLog`, criticality, log, counter, time, event id, source, user, type of the user, type of the event, computer, category,
 * data, message; tabs between them, or `#011` where a relay could not bear tabs.
 */
export function readSnare(body: string, header: SyslogHeader, receivedAt?: number): JsonObject | undefined {
  const start = body.indexOf('MSWinEventLog');
  const whole = start < 0 ? (header.app === 'MSWinEventLog' ? `MSWinEventLog\t${body}` : undefined) : body.slice(start);
  if (whole === undefined) return undefined;
  const fields = whole.replaceAll('#011', '\t').split('\t');
  const [, , channel, , time, id, provider, , , type, computer, , , ...rest] = fields;
  if (id === undefined || !/^\d{1,6}$/.test(id.trim())) return undefined;
  const at = parseInstant(snareTime(time ?? ''), receivedAt) ?? header.time;
  return {
    EventID: id.trim(),
    Channel: channel,
    SourceName: provider,
    EventType: type,
    Computer: computer?.trim(),
    TimeCreated: at,
    Message: rest.join(' '),
  };
}

/** `Mon Jan 05 09:00:00 2026` in an order that `parseInstant` knows. */
function snareTime(written: string): string {
  const match = /^(?:[A-Za-z]{3} )?([A-Za-z]{3}) +(\d{1,2}) (\d\d:\d\d:\d\d) (\d{4})$/.exec(written.trim());
  return match ? `${match[1] ?? ''} ${match[2] ?? ''} ${match[4] ?? ''} ${match[3] ?? ''}` : written;
}

const PAIR = /^([A-Z][A-Za-z]{1,40})=(.*)$/s;

/** WinCollect's line: `AgentDevice=WindowsLog`, `EventID=4624`, ... with tabs between; the message comes last and holds tabs of its own. */
export function readWinCollect(body: string, header: SyslogHeader): JsonObject | undefined {
  const start = body.indexOf('AgentDevice=');
  if (start < 0) return undefined;
  const messageAt = body.indexOf('Message=', start);
  const head = body.slice(start, messageAt < 0 ? undefined : messageAt);
  const fields: Record<string, string> = {};
  // Relays that could bear no tabs wrote spaces: a capital and an equals sign begin the next pair.
  for (const part of head.replaceAll('#011', '\t').split(/\t| (?=[A-Z][A-Za-z]{1,40}=)/)) {
    const pair = PAIR.exec(part.trim());
    if (pair) fields[pair[1] ?? ''] ??= pair[2] ?? '';
  }
  if (fields['EventID'] === undefined) return undefined;
  return {
    EventID: fields['EventID'],
    Channel: fields['AgentLogFile'],
    SourceName: fields['Source'],
    EventType: fields['EventType'],
    Computer: fields['Computer'] ?? header.host,
    RecordNumber: fields['RecordNumber'],
    TimeCreated: parseInstant(fields['TimeGenerated']) ?? header.time,
    Message: messageAt < 0 ? undefined : body.slice(messageAt + 'Message='.length),
  };
}

const SPLUNK_TIME = /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})? [AP]M$/;
const MAX_HEAD_LINES = 60;

/** For `Source.continuation`: an event of Splunk's forwarder begins with its time on a line of its own and goes on to the next such line. */
export const splunkContinuation = (firstLine: string): ((nextLine: string) => boolean) | undefined =>
  SPLUNK_TIME.test(firstLine.trim()) ? (nextLine) => !SPLUNK_TIME.test(nextLine.trim()) : undefined;

/** Splunk's forwarder: the time, `LogName=Security` and so on, each on a line, then `Message=` with the rendered text. Its time names no zone: UTC. */
export function readSplunk(text: string): JsonObject | undefined {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const time = SPLUNK_TIME.exec(first.trim());
  if (!time) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [index, line] of lines.slice(0, MAX_HEAD_LINES).entries()) {
    const pair = PAIR.exec(line.trim());
    if (pair?.[1] === 'Message') {
      fields['Message'] = [pair[2], ...lines.slice(index + 1)].join('\n');
      break;
    }
    if (pair) fields[pair[1] ?? ''] ??= pair[2];
  }
  if (fields['EventCode'] === undefined) return undefined;
  return {
    EventID: fields['EventCode'],
    Channel: fields['LogName'],
    SourceName: fields['SourceName'],
    Keywords: fields['Keywords'],
    Computer: fields['ComputerName'],
    RecordNumber: fields['RecordNumber'],
    TimeCreated: parseInstant(time[0]),
    Message: fields['Message'],
  };
}
