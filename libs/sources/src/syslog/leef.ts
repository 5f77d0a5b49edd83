import { readExtension } from './extension.js';

export interface LeefMessage {
  readonly vendor: string;
  readonly product: string;
  readonly deviceVersion: string;
  readonly eventId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

const HEADER = /^LEEF:\s?([12])(?:\.\d)?\|([^|]{0,255})\|([^|]{0,255})\|([^|]{0,255})\|([^|]{0,255})\|/;
const HEX_DELIMITER = /^(?:0?x)([0-9a-f]{2,4})$/i;

/**
 * IBM Log Event Extended Format 1.0 (tab between attributes) and 2.0 (its own delimiter: one character or `x5E`, `0x5E`; none means tab).
 * Accepts what senders make of it: a written-out `\t`, pipes or spaces instead of tabs, 2.0 without the delimiter field.
 *
 * @returns undefined when the text is no LEEF
 */
export function readLeef(body: string): LeefMessage | undefined {
  const header = HEADER.exec(body);
  if (!header) return undefined;
  const [whole, version, vendor = '', product = '', deviceVersion = '', eventId = ''] = header;
  let rest = body.slice(whole.length);
  let delimiter = '\t';
  if (version === '2') {
    const pipe = rest.indexOf('|');
    const field = pipe >= 0 && pipe <= 6 ? rest.slice(0, pipe) : undefined;
    const hex = HEX_DELIMITER.exec(field ?? '');
    if (field !== undefined && (field.length <= 1 || hex)) {
      delimiter = hex ? String.fromCharCode(parseInt(hex[1] ?? '9', 16)) : field === '' ? '\t' : field;
      rest = rest.slice(pipe + 1);
    }
  }
  return { vendor, product, deviceVersion, eventId, attributes: attributesOf(rest, delimiter) };
}

function attributesOf(text: string, delimiter: string): Readonly<Record<string, string>> {
  const separator = [delimiter, '\t', '\\t', '|'].find((one) => text.includes(one));
  if (separator === undefined) return readExtension(text);
  const values: Record<string, string> = {};
  for (const pair of text.split(separator)) {
    const equals = pair.indexOf('=');
    const key = pair.slice(0, Math.max(0, equals)).trim();
    if (key !== '' && !Object.hasOwn(values, key)) values[key] = pair.slice(equals + 1).trim();
  }
  return values;
}
