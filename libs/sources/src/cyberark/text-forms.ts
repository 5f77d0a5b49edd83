import { firstText, type JsonObject } from '../json.js';
import { lineIn } from '../shipped-line.js';
import { readKeyValues } from '../syslog/key-value.js';
import type { LeefMessage } from '../syslog/leef.js';
import { readLogLine } from '../syslog/line.js';
import { HEADER_KEY } from './audit-record.js';
import { fromCef, fromCefFields } from './cef-fields.js';
import { ptaRecord } from './pta.js';

/**
 * One log line to a record in the shape of the Vault's own: JSON or XML in syslog, CEF (`Arcsight.sample.xsl`), LEEF (`QRadar.sample.xsl`),
 * `%CYBERARK: MessageID="..."` (`SplunkCIM.xsl`, `XSIAM.xsl`).
 *
 * @returns undefined when the line is none of them
 */
export function readVaultLine(line: string, receivedAt?: number): JsonObject | undefined {
  const { header, body } = readLogLine(line, receivedAt);
  const stamp = header.time === undefined ? { bare: header.host === undefined } : { time: header.time };
  switch (body.form) {
    case 'json':
    case 'xml':
      return { ...body.value, [HEADER_KEY]: stamp };
    case 'cef':
      return { ...fromCef(body.value, header.time), [HEADER_KEY]: stamp };
    case 'leef':
      if (/^PTA$/i.test(body.value.product))
        return ptaRecord(
          body.value.eventId,
          body.value.attributes['cat'] ?? body.value.eventId,
          body.value.attributes['sev'] ?? '',
          fromLeefPta(body.value),
          header.time,
        );
      return { ...fromLeef(body.value), [HEADER_KEY]: stamp };
    case 'text': {
      const record = fromKeyValues(body.value) ?? fromNamedAct(body.value);
      return record && { ...record, [HEADER_KEY]: stamp };
    }
  }
}

/** LEEF's own names for what CEF calls `suser`, `rt` and so on. */
function fromLeefPta({ attributes }: LeefMessage): Readonly<Record<string, string>> {
  const { usrName, devTime, ...rest } = attributes;
  return { ...rest, ...(usrName !== undefined && { suser: usrName }), ...(devTime !== undefined && { start: devTime }) };
}

function fromLeef(leef: LeefMessage): JsonObject {
  const { usrName, src, sev, Action, EventMessage, ...rest } = leef.attributes;
  return {
    ...flat(rest),
    MessageID: leef.eventId,
    Desc: firstText(Action, EventMessage),
    Severity: sev,
    Issuer: firstText(usrName, rest['Issuer']),
    Station: firstText(src, rest['Station']),
  };
}

function fromKeyValues(body: string): JsonObject | undefined {
  if (!body.includes('MessageID=')) return undefined;
  const values = readKeyValues(body);
  return values['MessageID'] === undefined ? undefined : flat({ Desc: values['Message'], ...values });
}

/** `CyberArk Vault - Audit Record act="Retrieve password" suser="anna" ...`: CEF's keys without its header, so the action has its name alone. */
function fromNamedAct(body: string): JsonObject | undefined {
  const from = body.indexOf('Audit Record ');
  if (from < 0 || !/\bact=/.test(body)) return undefined;
  const said = Object.entries(readKeyValues(body.slice(from))).filter(([, value]) => value !== '-' && value !== '');
  const values: Readonly<Record<string, string | undefined>> = Object.fromEntries(said);
  const act = values['act'];
  if (act === undefined) return undefined;
  const extension: Record<string, string> = { ...Object.fromEntries(said), shost: values['sourceip'] ?? values['shost'] ?? '' };
  return fromCefFields(act, act, '', extension);
}

/** Forms without nesting write the account's properties beside the record's own fields. */
function flat(values: Readonly<Record<string, string | undefined>>): JsonObject {
  return {
    ...values,
    CAProperties: {
      UserName: values['UserName'],
      Address: values['Address'],
      DeviceType: values['DeviceType'],
      PolicyID: values['PolicyID'],
    },
  };
}

/** True for a line that opens the Vault's XML and doesn't close it. */
export function endOfVaultXml(line: string): string | undefined {
  if (line.includes('<syslog>')) return line.includes('</syslog>') ? undefined : '</syslog>';
  if (line.includes('<audit_record>')) return line.includes('</audit_record>') ? undefined : '</audit_record>';
  return undefined;
}

/** Shippers (Beats, Fluent Bit, Kafka Connect) put the line itself into a JSON member. */
export function shippedLine(value: JsonObject): string | undefined {
  if (value['MessageID'] !== undefined) return undefined;
  const line = lineIn(value);
  return line !== undefined && /CEF:|LEEF:|audit_record|MessageID=|Audit Record act=/.test(line) ? line : undefined;
}
