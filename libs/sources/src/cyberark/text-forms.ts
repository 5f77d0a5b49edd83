import { isObject, text, type JsonObject } from '../json.js';
import type { CefMessage } from '../syslog/cef.js';
import { readKeyValues } from '../syslog/key-value.js';
import type { LeefMessage } from '../syslog/leef.js';
import { readLogLine } from '../syslog/line.js';
import { HEADER_KEY } from './audit-record.js';

/**
 * One log line to a record in the shape of the Vault's own: JSON or XML in syslog, CEF (`Arcsight.sample.xsl`), LEEF (`QRadar.sample.xsl`),
 * `%CYBERARK: MessageID="..."` (`SplunkCIM.xsl`, `XSIAM.xsl`).
 *
 * @returns undefined when the line is none of them
 */
export function readVaultLine(line: string, receivedAt?: number): JsonObject | undefined {
  const { header, body } = readLogLine(line, receivedAt);
  const stamp = { ...(header.time !== undefined && { time: header.time }), ...(receivedAt !== undefined && { receivedAt }) };
  switch (body.form) {
    case 'json':
    case 'xml':
      return { ...body.value, [HEADER_KEY]: stamp };
    case 'cef':
      return { ...fromCef(body.value), [HEADER_KEY]: stamp };
    case 'leef':
      return { ...fromLeef(body.value), [HEADER_KEY]: stamp };
    case 'text': {
      const record = fromKeyValues(body.value);
      return record && { ...record, [HEADER_KEY]: stamp };
    }
  }
}

/** Privileged Threat Analytics writes detections, not audit records; the parser ignores them by this mark. */
export const PTA_KEY = 'keyward_pta';

function fromCef(cef: CefMessage): JsonObject {
  if (/^PTA$/i.test(cef.product)) return { [PTA_KEY]: true };
  return fromCefFields(cef.signatureId, cef.name, cef.severity, cef.extension);
}

/** CEF that a collector turned into a flat JSON object: header and extension keys side by side. */
export function fromFlatCef(value: JsonObject): JsonObject | undefined {
  const vendor = text(value['DeviceVendor'] ?? value['deviceVendor']);
  const code = text(value['SignatureID'] ?? value['DeviceEventClassID'] ?? value['deviceEventClassId'] ?? value['signatureId']);
  if (vendor === undefined || code === undefined || !/^cyber-?ark$/i.test(vendor)) return undefined;
  if (/^PTA$/i.test(text(value['DeviceProduct'] ?? value['deviceProduct']) ?? '')) return { [PTA_KEY]: true };
  const name = text(value['Name'] ?? value['name'] ?? value['Activity']) ?? '';
  const extension: Record<string, string> = {};
  for (const [key, member] of Object.entries(value)) {
    const found = text(member);
    if (found !== undefined) extension[key] = found;
  }
  const time = text(value['timestamp'] ?? value['rt'] ?? value['TimeGenerated']);
  return {
    ...fromCefFields(code, name, text(value['Severity'] ?? value['severity']) ?? '', extension),
    ...(time !== undefined && { Timestamp: time }),
  };
}

/** A site's own translator file may put the fields elsewhere; their labels go with them. */
const LABELS = ['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'cn1', 'cn2', 'cn3', 'flexString1', 'flexString2'].map((key) => `${key}Label`);

function fromCefFields(code: string, name: string, severity: string, extension: Readonly<Record<string, string>>): JsonObject {
  const labelled = (label: RegExp, usual: string): string | undefined => {
    const says = extension[`${usual}Label`];
    if (says === undefined || label.test(says)) return extension[usual];
    const key = LABELS.find((one) => label.test(extension[one] ?? ''));
    return key === undefined ? undefined : extension[key.slice(0, -'Label'.length)];
  };
  const ticket = labelled(/ticket/i, 'cn2');
  return {
    MessageID: code,
    Desc: name || extension['act'],
    Severity: severity,
    Action: extension['act'],
    Issuer: extension['suser'],
    Station: extension['shost'] ?? extension['src'],
    File: extension['fname'],
    Safe: labelled(/safe/i, 'cs2'),
    SourceUser: labelled(/affected/i, 'cs1'),
    TargetUser: extension['duser'],
    RequestId: labelled(/request/i, 'cn1'),
    Reason: extension['reason'] ?? extension['msg'],
    // Records of the CPM repeat its task here, which is no ticket.
    TicketID: ticket !== extension['msg'] && ticket !== extension['reason'] ? ticket : undefined,
    GatewayStation: extension['dvc'],
    IsoTimestamp: extension['rt'],
    ExtraDetails: {
      SessionID: extension['externalId'],
      Protocol: extension['app'],
      DstHost: extension['dhost'],
      User: extension['duser'],
      Command: extension['msg'] ?? labelled(/other/i, 'cs5'),
    },
    CAProperties: {
      UserName: extension['duser'],
      Address: extension['dhost'],
      DeviceType: labelled(/device/i, 'cs3'),
      Database: labelled(/database/i, 'cs4'),
    },
  };
}

function fromLeef(leef: LeefMessage): JsonObject {
  const { usrName, src, sev, Action, EventMessage, ...rest } = leef.attributes;
  return {
    ...flat(rest),
    MessageID: leef.eventId,
    Desc: Action ?? EventMessage,
    Severity: sev,
    Issuer: usrName ?? rest['Issuer'],
    Station: src ?? rest['Station'],
  };
}

function fromKeyValues(body: string): JsonObject | undefined {
  if (!body.includes('MessageID=')) return undefined;
  const values = readKeyValues(body);
  return values['MessageID'] === undefined ? undefined : flat({ Desc: values['Message'], ...values });
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
  const line = value['message'] ?? value['log'] ?? (isObject(value['event']) ? value['event']['original'] : undefined);
  return typeof line === 'string' && /CEF:|LEEF:|audit_record|MessageID=/.test(line) ? line : undefined;
}
