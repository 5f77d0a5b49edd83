import type { AccessEvent, Account, Device, Endpoint } from '@keyward/events';
import { isPrivateIp } from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseAddress, type AddressAndPort } from '../address.js';
import { countryCode } from '../country.js';
import { parseInstant } from '../instant.js';
import { defined, isObject, object, text, type JsonObject } from '../json.js';

/** Duo writes what it does not know as `unknown`, `null`, `N/A` or empty. */
export function known(value: unknown): string | undefined {
  const found = text(value);
  return found === undefined || /^(?:unknown|null|none|n\/a|not_available)$/i.test(found) ? undefined : found;
}

/** Eight groups and a port behind them, told apart in one of five ways: `…:6fc6:1234`, `#1234`, `p1234`, `.1234`, ` port 1234`. */
const WITH_PORT = /^((?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4})(?::| port |[p#.])(\d{1,5})$/i;

export function addressOf(value: unknown): AddressAndPort | undefined {
  const written = known(isObject(value) ? value['address'] : value);
  if (written === undefined || written === '0.0.0.0') return undefined;
  const plain = parseAddress(written);
  if (plain) return plain;
  const found = WITH_PORT.exec(written);
  const ip = found && parseAddress(found[1])?.ip;
  if (!ip) return undefined;
  const port = Number(found[2]);
  return port > 65_535 ? { ip } : { ip, port };
}

/** Where the person was: `access_device`, else the address alone that older records have. */
export function originOf(access: JsonObject, address: unknown, place: unknown): Endpoint | undefined {
  const found = addressOf(access['ip']) ?? addressOf(address);
  const location = isObject(access['location']) ? access['location'] : object(place);
  const city = known(location['city']);
  const region = known(location['state']);
  const country = known(location['country']);
  const geo = defined<NonNullable<Endpoint['geo']>>({
    ...(city && { city }),
    ...(region && { region }),
    ...(country && { country: countryCode(country) }),
  });
  return defined<Endpoint>({
    ...found,
    ...(geo && { geo, geoFrom: 'vendor' as const }),
    ...(found && isPrivateIp(found.ip) && { networkKind: 'private' as const }),
  });
}

const major = (version: string | undefined): string | undefined => /\d+/.exec(version ?? '')?.[0];
const MOBILE = /^(?:ios|ipad|android|windows phone)/i;

/** The browser and machine that asked for access, not the phone that approved it. */
export function deviceOf(access: JsonObject, trusted: unknown): Device | undefined {
  const browser = known(access['browser']);
  const os = known(access['os']);
  const id = known(access['epkey']);
  const name = known(access['hostname']);
  const status = known(trusted)?.toLowerCase();
  const browserMajor = major(known(access['browser_version']));
  const osMajor = major(known(access['os_version']));
  const system = os === undefined ? undefined : /^mac ?os/i.test(os) ? 'macOS' : osMajor === undefined ? os : `${os} ${osMajor}`;
  return defined<Device>({
    ...(id && { id }),
    ...(name && { name }),
    ...(browser && { browser: browserMajor === undefined ? browser : `${browser} ${browserMajor}` }),
    ...(system && { os: system, type: MOBILE.test(system) ? 'mobile' : 'desktop' }),
    ...(status === 'trusted' && { managed: true }),
    ...(status === 'not trusted' && { managed: false }),
  });
}

/** A person, or what Duo writes in the place of one: `API`, `System`, `AD Sync: corp`. */
export function account(name: unknown, id?: unknown, email?: unknown): Account | undefined {
  const address = accountName(known(email));
  const login = accountName(known(name)) ?? address ?? accountName(known(id));
  if (login === undefined) return undefined;
  const key = known(id);
  const mail = address?.includes('@') === true ? address : login.includes('@') ? login : undefined;
  const kind = login === 'system' ? 'system' : /^api$|^api:|^\w[\w ]{0,20} sync:/.test(login) ? 'service' : 'human';
  return { system: 'duo', name: login, ...(key && { id: key }), ...(mail && { email: mail }), kind };
}

/** `timestamp` in seconds (v1) or milliseconds; else the ISO text, in which some collectors put spaces. */
export function timeOf(record: JsonObject): number | undefined {
  for (const key of ['timestamp', 'isotimestamp', 'ts', 'surfaced_timestamp', 'ctime']) {
    const value = record[key];
    const at =
      parseInstant(value) ?? (typeof value === 'string' ? parseInstant(value.replace(/(?<=[:\d]) (?=\d\d(?::|$|[.+]))/g, '')) : undefined);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** JSON in text, as the administrator log writes what was changed; an object as it is. */
export function described(value: unknown): JsonObject {
  if (typeof value !== 'string' || !value.startsWith('{') || value.length > 64_000) return object(value);
  try {
    return object(JSON.parse(value));
  } catch {
    return {};
  }
}

export type EventParts = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;
