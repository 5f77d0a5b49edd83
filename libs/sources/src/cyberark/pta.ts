import { deterministicUid, kept, rejected, type AccessEvent, type Account, type ParseResult } from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { firstText, object, text, type JsonObject } from '../json.js';
import { vaultEvent } from '../vault-event.js';
import { SYSTEM } from './system.js';

/** Marks a record that holds an event of Privileged Threat Analytics: code, name, severity, time of the header, and the extension's fields. */
export const PTA_KEY = 'keyward_pta';

/** @param extension fields of CEF or LEEF under CEF's short names */
export const ptaRecord = (
  code: string,
  name: string,
  severity: string,
  extension: Readonly<Record<string, string>>,
  time?: unknown,
): JsonObject => ({ [PTA_KEY]: { code, name, severity, time, extension } });

/**
 * Privileged Threat Analytics saw something: the suspect is the actor, with the address that was seen. It is no access of its own (that has its
 * record in the Vault's audit), so it is entity management with the vendor's risk.
 *
 * @see CyberArk docs, "CEF-based format definition": `cs2` EventID, `deviceCustomDate1` detectionDate, `None` for what isn't known
 */
export function parsePta(record: JsonObject, receivedAt?: number): ParseResult {
  const head = object(record[PTA_KEY]);
  const extension = known(object(head['extension']));
  const labelled = (label: RegExp): string | undefined => {
    for (const key of ['cs1', 'cs2', 'cs3', 'cs4', 'cs5', 'cs6']) if (label.test(extension[`${key}Label`] ?? '')) return extension[key];
    return undefined;
  };
  const time =
    parseInstant(extension['deviceCustomDate1'], receivedAt) ??
    parseInstant(extension['start'], receivedAt) ??
    parseInstant(head['time'], receivedAt);
  if (time === undefined) return rejected('bad_time', 'deviceCustomDate1, start: no readable time, and none in a syslog header');
  const name = text(head['name']) ?? 'PTA event';
  const code = text(head['code']) ?? name;
  const id = labelled(/^(?:event|incident) ?id$/i);
  const ip = parseIp(extension['src']);
  const host = firstText(extension['dhost'], extension['dst'])?.toLowerCase();
  const actor = suspect(extension['suser']);
  const target = suspect(extension['duser']);
  const event = vaultEvent({
    source: SYSTEM,
    nativeId: id ?? deterministicUid(code, time, ...Object.entries(extension).flat()),
    // One incident is written again with each anomaly that joins it.
    idSpace: id === undefined ? undefined : `pta/${String(time)}`,
    time,
    code,
    kind: 'object_other',
    failed: false,
    detail: [name, extension['msg'], labelled(/extra ?data/i)].filter((one) => one !== undefined).join('; '),
    actor,
    src: ip === undefined ? hostOf(extension['shost']) : { ip },
    object:
      target === undefined ? (host === undefined ? undefined : { kind: 'host', name: host, host }) : { kind: 'account', name: target.name },
  });
  return kept(withRisk(target === undefined ? event : { ...event, target }, name, text(head['severity'])));
}

const hostOf = (name: string | undefined): { readonly hostname: string } | undefined =>
  name === undefined ? undefined : { hostname: name.toLowerCase() };

/** Values that say nothing are the word `None`. */
function known(extension: JsonObject): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [key, member] of Object.entries(extension)) {
    const value = text(member);
    if (value !== undefined && !/^none\.?$/i.test(value)) values[key] = value;
  }
  return values;
}

/** `Administrator(Vault user)`, `mike@example.com` */
function suspect(written: string | undefined): Account | undefined {
  const name = accountName(written?.replace(/ ?\([^()]{1,60}\)$/, ''));
  return name === undefined ? undefined : { system: SYSTEM, name };
}

function withRisk(event: AccessEvent, name: string, severity: string | undefined): AccessEvent {
  const points = Number(severity);
  const level = Number.isFinite(points) && severity !== undefined ? (points >= 8 ? 'high' : points >= 5 ? 'medium' : 'low') : undefined;
  return { ...event, vendorRisk: { ...(level && { level }), detections: [name] } };
}
