import { isPrivateIp, type AccessEvent, type Device, type Endpoint, type Geo } from '@keyward/events';
import { parseIp } from '../address.js';
import { at, defined, flag, number, object, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import type { TenantLog } from './tenant-log.js';

/** Accuracy radius by the finest part that is named. */
const CITY_KM = 50;
const COUNTRY_KM = 1000;

/** `location_info` of `/api/v2/logs`; a log stream has none. */
function geoOf(place: JsonObject): Geo | undefined {
  const city = text(place['city_name']);
  const country = text(place['country_code']) ?? text(place['country_name']);
  const lat = number(place['latitude']);
  const lon = number(place['longitude']);
  const located = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180 && !(lat === 0 && lon === 0);
  return defined<Geo>({
    ...(located && { lat, lon, radiusKm: city ? CITY_KM : COUNTRY_KM }),
    ...(city && { city }),
    ...(country && { country }),
  });
}

/** `ip` is the person's address, forwarded-for headers followed; `client_ip` who really called. */
export function originOf(log: TenantLog): Endpoint | undefined {
  const { record, request } = log;
  const ip = parseIp(record['ip']) ?? parseIp(record['client_ip']) ?? parseIp(request['ip']) ?? parseIp(log.body['ip']);
  const geo = geoOf(object(record['location_info']));
  return defined<Endpoint>({
    ...(ip && { ip }),
    ...(geo && { geo, geoFrom: 'vendor' as const }),
    ...(ip !== undefined && isPrivateIp(ip) && { networkKind: 'private' as const }),
  });
}

/** `Chrome Mobile 120.0.0 / Mac OS X 10.15.7`: what Auth0 makes of a browser's string. */
const SHORT = /^(\D{1,60}?) (\d{1,5})(?:\.\d+){0,3} \/ (\D{1,60}?)(?: (\d{1,5})(?:\.\d+){0,3})?$/;
const MOBILE = /^(?:iOS|Android|Windows Phone)/i;

export function clientDevice(log: TenantLog): Device | undefined {
  const agent = text(log.record['user_agent']) ?? text(log.request['userAgent']) ?? text(log.body['user-agent']);
  const seen =
    agent === undefined ? undefined : (shortAgent(agent, flag(log.record['isMobile'] ?? log.record['is_mobile'])) ?? deviceOf(agent));
  const id = text(at(log.details, 'device_id')) ?? text(at(risk(log), 'assessments', 'NewDevice', 'details', 'device'));
  return defined<Device>({ ...seen, ...(id && { id }) });
}

function shortAgent(agent: string, mobile: boolean | undefined): Device | undefined {
  const short = SHORT.exec(agent);
  if (!short) return undefined;
  const [, browser = '', browserMajor = '', system = '', systemMajor = '0'] = short;
  const os = /^mac os x$/i.test(system) ? 'macOS' : systemMajor === '0' ? system : `${system} ${systemMajor}`;
  return {
    userAgent: agent,
    ...(browser !== 'Other' && { browser: `${browser} ${browserMajor}` }),
    ...(system !== 'Other' && { os, type: mobile === true || MOBILE.test(system) ? 'mobile' : 'desktop' }),
  };
}

const risk = (log: TenantLog): JsonObject =>
  log.type === 'mfar' && log.details['assessments'] !== undefined ? log.details : object(log.details['riskAssessment']);

/** Auth0 says how sure it is that the sign-in is rightful: low confidence is high risk. */
const LEVELS: Readonly<Record<string, 'none' | 'low' | 'medium' | 'high'>> = {
  low: 'high',
  medium: 'medium',
  high: 'low',
  neutral: 'none',
};

export function vendorRiskOf(log: TenantLog, detection: string | undefined): AccessEvent['vendorRisk'] {
  const found = risk(log);
  const confidence = text(found['confidence'])?.toLowerCase() ?? '';
  const level = Object.hasOwn(LEVELS, confidence) ? LEVELS[confidence] : undefined;
  const detections = detection === undefined ? [] : [detection];
  for (const [name, assessment] of Object.entries(object(found['assessments'])).slice(0, 20)) {
    if (text(at(assessment, 'confidence'))?.toLowerCase() === 'low') detections.push(name);
  }
  return defined<NonNullable<AccessEvent['vendorRisk']>>({
    ...(level && { level }),
    ...(detections.length > 0 && { detections }),
  });
}
