import type { Geo } from '@keyward/events';

/** Accuracy radius in km where the database says none, by what it knows at all. */
const CITY_KM = 50;
const REGION_KM = 250;
const COUNTRY_KM = 1_000;

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const objectAt = (record: Json, key: string): Json => {
  const value = record[key];
  return isObject(value) ? value : {};
};
const textAt = (record: Json, key: string): string | undefined => {
  const value = record[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
const numberAt = (record: Json, key: string): number | undefined => {
  const value = record[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};
/** Databases store 32-bit floats; what they mean has five decimals (about a metre). */
const coordinate = (value: number | undefined): number | undefined => (value === undefined ? undefined : Math.round(value * 1e5) / 1e5);

/** Reads a city record in either shape: flat (`city`, `country_code`, `latitude`, as db-ip's) or nested (MaxMind's GeoIP2 and GeoLite2). */
export function placeOf(record: unknown): Geo | undefined {
  if (!isObject(record)) return undefined;
  return 'location' in record || isObject(record['country']) ? nested(record) : flat(record);
}

function flat(record: Json): Geo | undefined {
  return assembled({
    lat: numberAt(record, 'latitude'),
    lon: numberAt(record, 'longitude'),
    city: textAt(record, 'city'),
    region: textAt(record, 'state1'),
    country: textAt(record, 'country_code'),
    radiusKm: undefined,
  });
}

function nested(record: Json): Geo | undefined {
  const location = objectAt(record, 'location');
  const subdivisions = record['subdivisions'];
  const subdivision: unknown = Array.isArray(subdivisions) ? subdivisions[0] : undefined;
  return assembled({
    lat: numberAt(location, 'latitude'),
    lon: numberAt(location, 'longitude'),
    city: textAt(objectAt(objectAt(record, 'city'), 'names'), 'en'),
    region: isObject(subdivision) ? textAt(objectAt(subdivision, 'names'), 'en') : undefined,
    country: textAt(objectAt(record, 'country'), 'iso_code') ?? textAt(objectAt(record, 'registered_country'), 'iso_code'),
    radiusKm: numberAt(location, 'accuracy_radius'),
  });
}

type Found = { readonly [K in 'lat' | 'lon' | 'radiusKm']: number | undefined } & {
  readonly [K in 'city' | 'region' | 'country']: string | undefined;
};

function assembled({ lat, lon, radiusKm, city, region, country }: Found): Geo | undefined {
  const hasPoint = lat !== undefined && lon !== undefined && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
  if (!hasPoint && country === undefined) return undefined;
  const coarse = city !== undefined ? CITY_KM : region !== undefined ? REGION_KM : COUNTRY_KM;
  const point = { lat: coordinate(lat), lon: coordinate(lon) };
  return {
    ...(hasPoint && point.lat !== undefined && point.lon !== undefined
      ? { lat: point.lat, lon: point.lon, radiusKm: radiusKm ?? coarse }
      : {}),
    ...(city === undefined ? {} : { city }),
    ...(region === undefined ? {} : { region }),
    ...(country === undefined ? {} : { country }),
  };
}

/** The network of an ASN record in MaxMind's shape, or db-ip's. */
export function networkOfRecord(record: unknown): { readonly asn: number; readonly asOrg: string } | undefined {
  if (!isObject(record)) return undefined;
  const asn = numberAt(record, 'autonomous_system_number') ?? numberAt(record, 'asn');
  if (asn === undefined) return undefined;
  return { asn, asOrg: textAt(record, 'autonomous_system_organization') ?? textAt(record, 'as_org') ?? textAt(record, 'asOrg') ?? '' };
}
