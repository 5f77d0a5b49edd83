import { isObject, type JsonObject } from '../json.js';
import { readCef, type CefMessage } from './cef.js';
import { readSyslog, type SyslogHeader } from './header.js';
import { readLeef, type LeefMessage } from './leef.js';
import { readXml, type XmlElement } from './xml.js';

/** What a syslog message holds. `text` when it is none of the structured forms: `readKeyValues` or the source's own pattern reads that. */
export type LogBody =
  | { readonly form: 'json'; readonly value: JsonObject }
  | { readonly form: 'cef'; readonly value: CefMessage }
  | { readonly form: 'leef'; readonly value: LeefMessage }
  | { readonly form: 'xml'; readonly value: XmlElement }
  | { readonly form: 'text'; readonly value: string };

export interface LogLine {
  readonly header: SyslogHeader;
  readonly body: LogBody;
}

/**
 * One log line (or a record over several lines) with its syslog header and its structured body. Total and linear.
 *
 * @param receivedAt epoch ms, gives BSD times their year
 */
export function readLogLine(line: string, receivedAt?: number): LogLine {
  const { header, body } = readSyslog(line, receivedAt);
  return { header, body: bodyOf(body) };
}

function bodyOf(text: string): LogBody {
  const json = text.startsWith('{') ? jsonObject(text) : behindTag(text);
  if (json) return { form: 'json', value: json };
  const cef = readCef(text) ?? embedded(text, 'CEF:', readCef);
  if (cef) return { form: 'cef', value: cef };
  const leef = readLeef(text) ?? embedded(text, 'LEEF:', readLeef);
  if (leef) return { form: 'leef', value: leef };
  const xml = text.startsWith('<') ? readXml(text) : undefined;
  return xml ? { form: 'xml', value: xml } : { form: 'text', value: text };
}

/** Relays put a second header or a tag before the message. */
function embedded<T>(text: string, mark: string, read: (from: string) => T | undefined): T | undefined {
  const at = text.indexOf(mark);
  return at > 0 ? read(text.slice(at)) : undefined;
}

/** `vault {"a":1}`, `app: {"a":1}`: a bare name before the JSON that is all the rest. */
const TAGGED_JSON = /^[A-Za-z][\w./-]{0,63}(?:\[\d{1,10}\])?:? {1,2}(?=\{")/;

function behindTag(text: string): JsonObject | undefined {
  if (!text.endsWith('}')) return undefined;
  const tag = TAGGED_JSON.exec(text);
  return tag ? jsonObject(text.slice(tag[0].length)) : undefined;
}

function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
