import { isObject, type JsonObject } from '../json.js';
import { decodeEntities, readXml } from '../syslog/xml.js';

/** Mark under which an event stands that was read from XML. */
export const XML_KEY = 'keyward_event';

/** `<Data Name='x'>y</Data>` of `EventData`: all that nearly every event is made of. */
const DATA = /<Data\s+Name\s*=\s*(?:'([^'<]*)'|"([^"<]*)")\s*(?:\/>|>([^<]*)<\/Data>)/g;
const SYSTEM: readonly (readonly [string, RegExp])[] = [
  ['EventID', /<EventID[^>]*>\s*(\d{1,9})\s*<\/EventID>/],
  ['Keywords', /<Keywords>\s*([^<\s]*)\s*<\/Keywords>/],
  ['EventRecordID', /<EventRecordID>\s*(\d{1,20})\s*<\/EventRecordID>/],
  ['Channel', /<Channel>([^<]*)<\/Channel>/],
  ['Computer', /<Computer>([^<]*)<\/Computer>/],
];
const PROVIDER = /<Provider[^>]*\sName\s*=\s*(?:'([^']*)'|"([^"]*)")/;
const TIME = /<TimeCreated[^>]*\sSystemTime\s*=\s*(?:'([^']*)'|"([^"]*)")/;

/** The events inside text: XML, one or several, also behind a syslog header or in a shipper's member. */
export function xmlEvents(written: string): readonly JsonObject[] {
  const events: JsonObject[] = [];
  for (let from = opening(written, 0); from >= 0; from = opening(written, from + 1)) {
    const end = written.indexOf('</Event>', from);
    if (end < 0) break;
    const event = eventOf(written.slice(from, end + '</Event>'.length));
    if (event) events.push({ [XML_KEY]: event });
    from = end;
  }
  return events;
}

/** Where `<Event>` or `<Event xmlns=...>` begins: not `<EventID>`, not `<Events>`. */
function opening(written: string, from: number): number {
  let at = written.indexOf('<Event', from);
  while (at >= 0 && !/[\s>]/.test(written.charAt(at + 6))) at = written.indexOf('<Event', at + 6);
  return at;
}

/** System fields are short; a head longer than this is none of Windows', and is not searched with patterns. */
const MAX_HEAD = 8_192;

/** The usual event without reading it as a tree, which costs three times as much; any other as a tree. */
function eventOf(xml: string): JsonObject | undefined {
  const end = xml.indexOf('</System>');
  const isUsual = end > 0 && end < MAX_HEAD && !xml.includes('<UserData') && !xml.includes('<![CDATA[') && !xml.includes('<!--');
  if (!isUsual) {
    const event = readXml(xml)?.['Event'];
    return isObject(event) ? event : undefined;
  }
  const head = xml.slice(0, end);
  const provider = PROVIDER.exec(head);
  const time = TIME.exec(head);
  const system: Record<string, unknown> = {
    Provider: provider && { Name: decodeEntities(provider[1] ?? provider[2] ?? '') },
    TimeCreated: time && { SystemTime: time[1] ?? time[2] },
  };
  for (const [name, pattern] of SYSTEM) {
    const found = pattern.exec(head)?.[1];
    if (found !== undefined) system[name] = decodeEntities(found);
  }
  const data: Record<string, unknown> = {};
  for (const [, single, double = '', value = ''] of xml.slice(end).matchAll(DATA)) data[single ?? double] = decodeEntities(value);
  return { System: system, EventData: data };
}
