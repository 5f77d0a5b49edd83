import { Device, type AccessEvent, type Endpoint, type Geo } from '@keyward/events';
import { parseIp } from '../address.js';
import { at, defined, firstText, number, object, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { own } from './meaning.js';

const MAX_PORT = 65_535;

/** @param endpoint `src_endpoint` */
export function endpointOf(endpoint: JsonObject): Endpoint | undefined {
  const ip = parseIp(endpoint['ip']);
  const hostname = firstText(endpoint['hostname'], endpoint['name'])?.toLowerCase();
  if (ip === undefined && hostname === undefined) return undefined;
  const port = number(endpoint['port']);
  const geo = geoOf(object(endpoint['location']));
  const system = object(endpoint['autonomous_system']);
  const asn = number(system['number']);
  return defined<Endpoint>({
    ip,
    port: port !== undefined && Number.isInteger(port) && port >= 0 && port <= MAX_PORT ? port : undefined,
    hostname,
    geo,
    geoFrom: geo && 'vendor',
    asn: asn !== undefined && Number.isInteger(asn) && asn >= 0 ? asn : undefined,
    asOrg: asn === undefined ? undefined : text(system['name']),
  });
}

function geoOf(location: JsonObject): Geo | undefined {
  const lat = number(location['lat']);
  const lon = number(location['long']);
  const isPoint = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  return defined<Geo>({
    lat: isPoint ? lat : undefined,
    lon: isPoint ? lon : undefined,
    city: text(location['city']),
    region: text(location['region']),
    country: text(location['country']),
  });
}

/** What Keyward's own export wrote down, else the browser. The `device` of an OCSF record is the machine that logged it, not the person's. */
export function deviceOfRecord(record: JsonObject, unmapped: JsonObject): AccessEvent['device'] {
  const written = own(Device, unmapped['device']);
  if (written) return written;
  const agent = text(at(record, 'http_request', 'user_agent'));
  return agent === undefined ? undefined : deviceOf(agent);
}
