import { isPrivateIp, type AccessEvent, type Device, type Endpoint, type Geo } from '@keyward/events';
import { parseAddress, parseIp } from '../address.js';
import { at, defined, flag, list, number, object, objects, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { nested } from './shape.js';

const CITY_KM = 50;
const REGION_KM = 250;
const COUNTRY_KM = 1000;

/** `location` of sign-ins and risk detections: names and the coordinates of the finest of them. */
function geoOf(value: unknown): Geo | undefined {
  const location = object(nested(value));
  const city = text(location['city']);
  const region = text(location['state']);
  const country = text(location['countryOrRegion']);
  const lat = number(at(location, 'geoCoordinates', 'latitude'));
  const lon = number(at(location, 'geoCoordinates', 'longitude'));
  const located = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
  return defined<Geo>({
    ...(located && { lat, lon, radiusKm: city ? CITY_KM : region ? REGION_KM : COUNTRY_KM }),
    ...(city && { city }),
    ...(region && { region }),
    ...(country && { country: country.length === 2 ? country.toUpperCase() : country }),
  });
}

/** A trusted named location is the organisation's own network; the rest is what the address itself says. */
function networkKind(body: JsonObject, ip: string | undefined): Endpoint['networkKind'] {
  const networks = objects(nested(body['networkLocationDetails']));
  if (networks.some((one) => /trusted/i.test(text(one['networkType']) ?? ''))) return 'corporate';
  return ip !== undefined && isPrivateIp(ip) ? 'private' : undefined;
}

/** @param addresses candidates, best first: `ipAddress`, `callerIpAddress` */
export function originOf(body: JsonObject, ...addresses: readonly unknown[]): Endpoint | undefined {
  // A range (`127.0.0.0/8`) is no address.
  const written = addresses.find((one) => typeof one === 'string' && !one.includes('/') && parseIp(one) !== undefined);
  const found = written === undefined ? undefined : parseAddress(written);
  const geo = geoOf(body['location']);
  const asn = number(body['autonomousSystemNumber']);
  const kind = networkKind(body, found?.ip);
  return defined<Endpoint>({
    ...found,
    ...(geo && { geo, geoFrom: 'vendor' as const }),
    ...(asn !== undefined && Number.isSafeInteger(asn) && asn > 0 && { asn }),
    ...(kind && { networkKind: kind }),
  });
}

/** `Chrome 126.0.0` is `Chrome 126`, `Windows10` is `Windows 10`, `MacOs` is `macOS`: the words that the user agent reader uses too. */
const SYSTEMS = new Map(Object.entries({ macos: 'macOS', ios: 'iOS', windows: 'Windows', android: 'Android', linux: 'Linux' }));
function platform(value: unknown): string | undefined {
  const written = text(value);
  const parts = written === undefined ? undefined : /^([A-Za-z][A-Za-z ]*?)\s*(\d+)?(?:[.\d]*)$/.exec(written);
  if (!parts) return written;
  const name = SYSTEMS.get((parts[1] ?? '').toLowerCase()) ?? parts[1] ?? '';
  return name === 'macOS' || parts[2] === undefined ? name : `${name} ${parts[2]}`;
}
const BROWSERS = new Map(Object.entries({ edge: 'Microsoft Edge', ie: 'Internet Explorer' }));
function browserOf(value: unknown): string | undefined {
  const written = text(value);
  const parts = written === undefined ? undefined : /^(.+?)\s+(\d+)[.\d]*$/.exec(written);
  if (!parts) return written;
  const name = parts[1] ?? '';
  return `${BROWSERS.get(name.toLowerCase()) ?? name} ${parts[2] ?? ''}`;
}

export function deviceOfSignIn(body: JsonObject): Device | undefined {
  const detail = object(nested(body['deviceDetail']));
  const userAgent = text(body['userAgent']);
  const seen = userAgent === undefined ? undefined : deviceOf(userAgent);
  const id = text(detail['deviceId']);
  const name = text(detail['displayName']);
  const browser = browserOf(detail['browser']) ?? seen?.browser;
  const os = platform(detail['operatingSystem']) ?? seen?.os;
  const managed = flag(detail['isManaged']) ?? flag(detail['isCompliant']);
  return defined<Device>({
    ...(id && { id }),
    ...(name && { name }),
    ...(userAgent && { userAgent }),
    ...(browser && { browser }),
    ...(os && { os }),
    ...(seen?.type && { type: seen.type }),
    ...(managed !== undefined && { managed }),
  });
}

/** Levels that say something: `hidden` and `unknownFutureValue` don't. */
export function riskLevel(value: unknown): 'none' | 'low' | 'medium' | 'high' | undefined {
  const word = text(value)?.toLowerCase();
  return word === 'none' || word === 'low' || word === 'medium' || word === 'high' ? word : undefined;
}

export function riskOf(level: unknown, ...detections: readonly unknown[]): AccessEvent['vendorRisk'] {
  const known = riskLevel(level);
  const named = detections
    .flatMap((one) => [...list(nested(one)), typeof one === 'string' && !one.startsWith('[') ? one : undefined])
    .map(text)
    .filter((one): one is string => one !== undefined && !/^(?:none|generic|unknownFutureValue)$/i.test(one));
  return defined<NonNullable<AccessEvent['vendorRisk']>>({
    ...(known && { level: known }),
    ...(named.length > 0 && { detections: [...new Set(named)] }),
  });
}
