import { isObject, object, text, type JsonObject } from '../json.js';
import { lineIn } from '../shipped-line.js';
import { readCef } from '../syslog/cef.js';
import { readExtension } from '../syslog/extension.js';
import { readSyslog } from '../syslog/header.js';
import { readAuditTrail } from './suite.js';

/** Marks a record that `readDelineaLine` made of a CEF line. */
export const CEF_KEY = 'keyward_cef';

/** One log line to a record: CEF of Secret Server, Privilege Manager and Password Reset Server, the audit trail of Server Suite, or JSON. */
export function readDelineaLine(line: string, receivedAt?: number): JsonObject | undefined {
  const { header, body } = readSyslog(line, receivedAt);
  if (body.startsWith('{')) return jsonIn(body);
  const trail = readAuditTrail(body, header);
  if (trail) return trail;
  const from = body.indexOf('CEF:');
  const cef = from < 0 ? undefined : readCef(body.slice(from));
  if (!cef || !/thycotic|delinea|centrify/i.test(cef.vendor)) return undefined;
  return {
    [CEF_KEY]: {
      product: cef.product,
      signature: cef.signatureId,
      name: cef.name,
      severity: cef.severity,
      time: header.time,
      host: header.host,
    },
    ...extensionOf(body.slice(from), cef.extension),
  };
}

function jsonIn(body: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Behind these the message of an event ends: what stands before the last of them is prose, whatever looks like a key in it. */
const TAILS = [' suid=', ' rt='];
/** A failed login has no `suid`: its own fields begin with one of these. */
const OF_LOGIN = [' duser=', ' duid=', ' suser=', ' src='];

/**
 * Secret Server escapes nothing: details of an event hold `=`, `|` and words like `src=`. Its message comes first, and its own fields follow
 * from `suid=` on, so the last of these is the end of the message.
 */
function extensionOf(cef: string, read: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const from = cef.indexOf('|msg=');
  if (from < 0) return read;
  const last = (mark: string): number => cef.lastIndexOf(mark);
  const tail = TAILS.map(last).find((at) => at > from);
  if (tail === undefined) return read;
  // Each key's last place is its own: what an attacker typed as his name stands before.
  const ends = last(TAILS[0] ?? '') > from ? tail : Math.min(tail, ...OF_LOGIN.map(last).filter((at) => at > from));
  return { ...readExtension(cef.slice(ends)), msg: cef.slice(from + '|msg='.length, ends).trim() };
}

const SHORT: Readonly<Record<string, string>> = {
  message: 'msg',
  sourceusername: 'suser',
  sourceuserid: 'suid',
  sourceaddress: 'src',
  sourceip: 'src',
  destinationusername: 'duser',
  destinationuserid: 'duid',
  devicereceipttime: 'rt',
  receipttime: 'rt',
  filename: 'fname',
  fileid: 'fileId',
  filetype: 'fileType',
};

/** CEF that a collector decoded: Elastic's `cef`, a row of Sentinel's `CommonSecurityLog`. */
export function fromDecodedCef(value: JsonObject): JsonObject | undefined {
  const cef = object(value['cef']);
  const device = object(cef['device']);
  const vendor = text(device['vendor']) ?? text(value['DeviceVendor']) ?? text(value['deviceVendor']);
  if (vendor === undefined || !/thycotic|delinea/i.test(vendor)) return undefined;
  const name = text(cef['name']) ?? text(value['Activity']) ?? text(value['Name']) ?? text(value['name']);
  const extension: Record<string, string> = {};
  for (const [key, member] of Object.entries(isObject(cef['extensions']) ? cef['extensions'] : value)) {
    const found = text(member);
    if (found === undefined) continue;
    const lower = key.toLowerCase();
    const custom = /^devicecustomstring([1-6])(label)?$/.exec(lower);
    extension[
      custom
        ? `cs${custom[1] ?? ''}${custom[2] === undefined ? '' : 'Label'}`
        : ((Object.hasOwn(SHORT, lower) ? SHORT[lower] : undefined) ?? key)
    ] = found;
  }
  const product = text(device['product']) ?? text(value['DeviceProduct']) ?? 'Secret Server';
  const time = text(value['@timestamp']) ?? text(value['TimeGenerated']) ?? text(value['timestamp']);
  return {
    [CEF_KEY]: { product, name, time, signature: text(device['event_class_id']) ?? text(value['DeviceEventClassID']) },
    ...extension,
  };
}

/** Shippers put the line itself into a JSON member. */
export function shippedText(value: JsonObject): string | undefined {
  if (value['eventMessageId'] !== undefined || value['cef'] !== undefined) return undefined;
  const line = lineIn(value);
  return line !== undefined && /CEF:|AUDIT_TRAIL\||^\s*\{/.test(line.slice(0, 600)) ? line : undefined;
}
