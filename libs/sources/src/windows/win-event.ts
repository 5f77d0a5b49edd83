import { deterministicUid } from '@keyward/events';
import { parseInstant } from '../instant.js';
import { at, firstText, isObject, list, number, object, text, type JsonObject } from '../json.js';
import { readXml } from '../syslog/xml.js';
import { XML_KEY } from './event-xml.js';
import { fieldsOfMessage } from './message-text.js';

/** One event of a Windows log, whatever brought it. */
export interface WinEvent {
  readonly id: number;
  readonly time: number | undefined;
  readonly computer: string | undefined;
  /** Windows' own number of the record, unique in one log of one machine. */
  readonly recordId: string | undefined;
  /** Channel and provider, lower case; empty when neither is named. */
  readonly source: string;
  /** The audit's verdict by the event's keywords. */
  readonly audit: 'success' | 'failure' | undefined;
  /** `EventData` or `UserData`, keys in lower case, empty values left out. */
  readonly data: Readonly<Record<string, string>>;
  readonly key: string;
}

const FAILURE_BIT = 0x10_0000_0000_0000n;
const SUCCESS_BIT = 0x20_0000_0000_0000n;

function auditOf(...values: readonly unknown[]): WinEvent['audit'] {
  for (const value of values) {
    if (Array.isArray(value)) {
      const found: WinEvent['audit'] = auditOf(...list(value));
      if (found) return found;
      continue;
    }
    const word = typeof value === 'bigint' ? String(value) : text(value);
    if (word === undefined) continue;
    if (/audit[ _]?failure|failure audit/i.test(word)) return 'failure';
    if (/audit[ _]?success|success audit/i.test(word)) return 'success';
    // Levels of the old API, as WinCollect and Log Analytics still write them.
    if (word === '16') return 'failure';
    if (word === '8') return 'success';
    if (/^(?:0x[0-9a-f]{16}|-?\d{16,20})$/i.test(word)) {
      // Numbers in JSON have lost their last digits; these bits are not among them.
      const bits = BigInt.asUintN(64, BigInt(word));
      if ((bits & FAILURE_BIT) !== 0n) return 'failure';
      if ((bits & SUCCESS_BIT) !== 0n) return 'success';
    }
  }
  return undefined;
}

function dataOf(...values: readonly unknown[]): Record<string, string> {
  const data: Record<string, string> = {};
  for (const value of values) {
    if (!isObject(value)) continue;
    for (const key in value) {
      const found = text(value[key]);
      const name = key.toLowerCase();
      if (found !== undefined && !Object.hasOwn(data, name)) data[name] = found;
    }
  }
  return data;
}

/** `<Data Name="x">y</Data>` as the XML readers of collectors write it, or members by name. */
function namedData(value: unknown): JsonObject {
  if (typeof value === 'string') {
    // Log Analytics' `Event` puts it into a `DataItem`.
    const xml = object(readXml(value));
    return namedData(xml['EventData'] ?? at(xml, 'Event', 'EventData') ?? at(xml, 'DataItem', 'EventData'));
  }
  if (!isObject(value)) return {};
  const entries = value['Data'];
  if (entries === undefined) return value;
  const named: Record<string, unknown> = {};
  for (const one of Array.isArray(entries) ? list(entries) : [entries]) {
    if (!isObject(one)) continue;
    const name = firstText(one['Name'], one['@Name'], at(one, '#attributes', 'Name'), at(one, '$', 'Name'));
    if (name !== undefined) named[name] = one['#text'] ?? one['_'] ?? one['text'] ?? one['content'];
  }
  return named;
}

/** Members of the one element inside `UserData`: `LogFileCleared`, `EventXML`. */
function userData(value: unknown): JsonObject {
  if (!isObject(value)) return {};
  for (const key in value) if (isObject(value[key])) return value[key];
  return value;
}

const scalar = (value: unknown): string | undefined =>
  isObject(value) ? firstText(value['#text'], value['_'], value['text'], value['Value']) : text(value);
const attribute = (value: unknown, name: string): string | undefined =>
  firstText(at(value, name), at(value, `@${name}`), at(value, '#attributes', name), at(value, '$', name));

interface Parts {
  readonly id: unknown;
  readonly time: number | undefined;
  readonly computer: string | undefined;
  readonly recordId: string | undefined;
  readonly channel: string | undefined;
  readonly provider: string | undefined;
  readonly audit: WinEvent['audit'];
  readonly data: Record<string, string>;
}

function winEvent({ id, time, computer, recordId, channel, provider, audit, data }: Parts): WinEvent | undefined {
  const code = number(id);
  if (code === undefined || !Number.isInteger(code) || code < 0) return undefined;
  const source = `${channel ?? ''} ${provider ?? ''}`.trim().toLowerCase();
  const machine = computer === undefined || computer === '-' ? undefined : computer.toLowerCase();
  const key =
    recordId === undefined
      ? deterministicUid(code, time ?? 0, machine ?? '', ...Object.entries(data).flat())
      : `${machine ?? ''} ${channel?.toLowerCase() ?? ''} ${recordId}`;
  return { id: code, time, computer: machine, recordId, source, audit, data, key };
}

/** `<Event>` as an object: our own reader's, or any of the usual converters' (`@Name`, `#attributes`, `$`). */
function fromXmlObject(event: JsonObject): WinEvent | undefined {
  const system = object(event['System']);
  const rendering = object(event['RenderingInfo']);
  const keywords = object(rendering['Keywords'])['Keyword'] ?? rendering['Keywords'];
  return winEvent({
    id: scalar(system['EventID']) ?? system['EventID'],
    time: parseInstant(attribute(system['TimeCreated'], 'SystemTime') ?? system['TimeCreated']),
    computer: scalar(system['Computer']),
    recordId: scalar(system['EventRecordID']),
    channel: scalar(system['Channel']),
    provider: attribute(system['Provider'], 'Name'),
    audit: auditOf(scalar(system['Keywords']), keywords),
    data: dataOf(namedData(event['EventData']), userData(event['UserData'])),
  });
}

/** Winlogbeat and the Elastic agent: `winlog`; before 7.0 the same members at the top. */
function fromWinlog(value: JsonObject, winlog: JsonObject): WinEvent | undefined {
  return winEvent({
    id: winlog['event_id'] ?? at(value, 'event', 'code') ?? value['event_id'],
    time: parseInstant(winlog['time_created']) ?? parseInstant(value['@timestamp']),
    computer: firstText(winlog['computer_name'], value['computer_name'], at(value, 'host', 'name')),
    recordId: firstText(winlog['record_id'], winlog['record_number'], value['record_number']),
    channel: firstText(winlog['channel'], value['log_name']),
    provider: firstText(winlog['provider_name'], value['source_name'], at(value, 'event', 'provider')),
    audit: auditOf(winlog['keywords'], value['keywords'], outcomeWord(at(value, 'event', 'outcome'))),
    data: withMessage(dataOf(winlog['event_data'], userData(winlog['user_data']), value['event_data']), value['message']),
  });
}

const outcomeWord = (value: unknown): string | undefined => (value === 'failure' || value === 'success' ? `audit ${value}` : undefined);

/** Wazuh: `win.system` and `win.eventdata`, names with a small first letter. */
function fromWazuh(win: JsonObject): WinEvent | undefined {
  const system = object(win['system']);
  return winEvent({
    id: system['eventID'],
    time: parseInstant(system['systemTime']),
    computer: text(system['computer']),
    recordId: text(system['eventRecordID']),
    channel: text(system['channel']),
    provider: text(system['providerName']),
    audit: auditOf(system['severityValue'], system['keywords']),
    data: withMessage(
      dataOf(win['eventdata'], win['eventData'], object(win['logFileCleared']), userData(win['userData'])),
      system['message'],
    ),
  });
}

/** Fields beside each other: NXLog, Log Analytics' `SecurityEvent` and `WindowsEvent`, and collectors like them. */
function fromFlat(value: JsonObject): WinEvent | undefined {
  const inside = value['EventData'] ?? value['event_data'] ?? value['EventProperties'];
  const nested = typeof inside === 'string' && inside.startsWith('{') ? jsonOf(inside) : inside;
  const id =
    value['EventID'] ??
    value['EventId'] ??
    value['event_id'] ??
    value['EventCode'] ??
    value['eventid'] ??
    value['event.code'] ??
    value['Id'];
  return winEvent({
    id: scalar(id) ?? id,
    time:
      parseInstant(value['TimeCreated']) ??
      parseInstant(value['EventTime']) ??
      parseInstant(value['TimeGenerated']) ??
      parseInstant(value['TimeGenerated [UTC]']) ??
      parseInstant(value['SystemTime']) ??
      parseInstant(value['UtcTime']) ??
      parseInstant(value['@timestamp']) ??
      parseInstant(value['timestamp']) ??
      parseInstant(value['EventReceivedTime']),
    computer: firstText(
      value['Computer'],
      value['Hostname'],
      value['HostName'],
      value['ComputerName'],
      value['MachineName'],
      value['hostname'],
      value['host'],
    ),
    recordId: firstText(value['EventRecordID'], value['EventRecordId'], value['RecordNumber'], value['RecordId'], value['record_id']),
    channel: firstText(value['Channel'], value['LogName'], value['EventLog'], value['channel']),
    provider: firstText(value['SourceName'], value['EventSourceName'], value['ProviderName'], value['Provider'], value['provider_name']),
    audit: auditOf(value['EventType'], value['Keywords'], value['KeywordsDisplayNames'], value['Type'], value['Level']),
    data: withMessage(
      dataOf(namedData(nested), value['UserData'] === undefined ? undefined : userData(value['UserData']), value),
      value['Message'] ?? value['message'],
    ),
  });
}

function jsonOf(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** Some senders render the message and drop the fields. */
function withMessage(data: Record<string, string>, message: unknown): Record<string, string> {
  const isBare = data['targetusername'] === undefined && data['subjectusername'] === undefined && data['accountname'] === undefined;
  return isBare && typeof message === 'string' ? { ...fieldsOfMessage(message), ...data } : data;
}

/** @returns undefined when it is no event of a Windows log */
export function winEventOf(value: JsonObject): WinEvent | undefined {
  const xml = value[XML_KEY] ?? value['Event'];
  if (isObject(xml) && isObject(xml['System'])) return fromXmlObject(xml);
  if (isObject(value['System'])) return fromXmlObject(value);
  const wazuh = value['win'] ?? at(value, 'data', 'win');
  if (isObject(wazuh)) return fromWazuh(wazuh);
  if (isObject(value['winlog'])) return fromWinlog(value, value['winlog']);
  if (isObject(value['event_data'])) return fromWinlog(value, value);
  return fromFlat(value);
}
