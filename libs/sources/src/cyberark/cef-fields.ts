import { firstText, isObject, object, text, type JsonObject } from '../json.js';
import type { CefMessage } from '../syslog/cef.js';
import { ptaRecord } from './pta.js';

export function fromCef(cef: CefMessage, time?: number): JsonObject {
  if (/^PTA$/i.test(cef.product)) return ptaRecord(cef.signatureId, cef.name, cef.severity, cef.extension, time);
  return fromCefFields(cef.signatureId, cef.name, cef.severity, cef.extension);
}

/** Keys of CEF under the long names that collectors write, in lower case: Elastic's `sourceUserName`, Sentinel's `SourceUserName`. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  deviceaction: 'act',
  sourceusername: 'suser',
  filename: 'fname',
  sourcehostname: 'shost',
  sourceaddress: 'src',
  sourceip: 'src',
  destinationaddress: 'dst',
  destinationip: 'dst',
  starttime: 'start',
  devicecustomdate1: 'deviceCustomDate1',
  devicecustomdate1label: 'deviceCustomDate1Label',
  destinationhostname: 'dhost',
  destinationusername: 'duser',
  applicationprotocol: 'app',
  externalid: 'externalId',
  message: 'msg',
  deviceaddress: 'dvc',
  devicereceipttime: 'rt',
};

/**
 * CEF that a collector turned into JSON: header and extension keys side by side (also a Sentinel `CommonSecurityLog` row), or Elastic's
 * `{cef: {device, name, severity, extensions}}`.
 */
export function fromDecodedCef(value: JsonObject): JsonObject | undefined {
  // Nearly every record is the Vault's own: look no further.
  if (value['MessageID'] !== undefined || value['syslog'] !== undefined) return undefined;
  const cef = object(value['cef']);
  const device = object(cef['device']);
  const vendor = firstText(device['vendor'], value['DeviceVendor'], value['deviceVendor']);
  const code = firstText(
    device['event_class_id'],
    value['SignatureID'],
    value['DeviceEventClassID'],
    value['deviceEventClassId'],
    value['signatureId'],
  );
  if (vendor === undefined || code === undefined || !/^cyber-?ark$/i.test(vendor)) return undefined;
  const name = firstText(cef['name'], value['Name'], value['name'], value['Activity']) ?? '';
  const severity = firstText(cef['severity'], value['Severity'], value['severity'], value['LogSeverity']) ?? '';
  const time = firstText(value['timestamp'], value['@timestamp'], value['rt'], value['TimeGenerated']);
  const extension = shortNames(isObject(cef['extensions']) ? cef['extensions'] : value);
  if (/^PTA$/i.test(firstText(device['product'], value['DeviceProduct'], value['deviceProduct']) ?? ''))
    return ptaRecord(code, name, severity, extension, time);
  return { ...fromCefFields(code, name, severity, extension), ...(time !== undefined && { Timestamp: time }) };
}

function shortNames(value: JsonObject): Readonly<Record<string, string>> {
  const extension: Record<string, string> = {};
  for (const [key, member] of Object.entries(value)) {
    const found = text(member);
    if (found === undefined) continue;
    const lower = key.toLowerCase();
    const custom = /^devicecustom(string|number)([1-6])(label)?$/.exec(lower);
    const short = custom
      ? `c${custom[1] === 'string' ? 's' : 'n'}${custom[2] ?? ''}${custom[3] ? 'Label' : ''}`
      : Object.hasOwn(LONG_NAMES, lower)
        ? LONG_NAMES[lower]
        : undefined;
    extension[short ?? (/^[A-Z]/.test(key) ? lower : key)] = found;
  }
  return extension;
}

/** A site's own translator file may put the fields elsewhere; their labels go with them. */
const LABELS = ['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6', 'cn1', 'cn2', 'cn3', 'flexString1', 'flexString2'].map((key) => `${key}Label`);

/** A record in the Vault's own names from CEF's keys. */
export function fromCefFields(code: string, name: string, severity: string, extension: Readonly<Record<string, string>>): JsonObject {
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
    Station: firstText(extension['shost'], extension['src']),
    File: extension['fname'],
    Safe: labelled(/safe/i, 'cs2'),
    SourceUser: labelled(/affected/i, 'cs1'),
    TargetUser: extension['duser'],
    RequestId: labelled(/request/i, 'cn1'),
    Reason: firstText(extension['reason'], extension['msg']),
    // Records of the CPM repeat its task here, which is no ticket.
    TicketID: ticket !== extension['msg'] && ticket !== extension['reason'] ? ticket : undefined,
    GatewayStation: extension['dvc'],
    IsoTimestamp: extension['rt'],
    ExtraDetails: {
      SessionID: extension['externalId'],
      Protocol: extension['app'],
      DstHost: extension['dhost'],
      User: extension['duser'],
      Command: firstText(extension['msg'], labelled(/other/i, 'cs5')),
    },
    CAProperties: {
      UserName: extension['duser'],
      Address: extension['dhost'],
      DeviceType: labelled(/device/i, 'cs3'),
      Database: labelled(/database/i, 'cs4'),
    },
  };
}
