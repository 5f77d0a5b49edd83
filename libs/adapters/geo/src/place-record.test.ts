import { describe, expect, it } from 'vitest';
import { networkOfRecord, placeOf } from './place-record.js';

describe('reading a city record', () => {
  it('takes the flat shape, with an accuracy radius by what is known', () => {
    const flat = { latitude: 48.20819854736328, longitude: 16.37380027770996, city: 'Vienna', state1: 'Vienna', country_code: 'AT' };
    expect(placeOf(flat)).toEqual({ lat: 48.2082, lon: 16.3738, radiusKm: 50, city: 'Vienna', region: 'Vienna', country: 'AT' });
    expect(placeOf({ ...flat, city: '' })?.radiusKm).toBe(250);
    expect(placeOf({ ...flat, city: '', state1: '' })).toEqual({ lat: 48.2082, lon: 16.3738, radiusKm: 1_000, country: 'AT' });
  });
  it("takes MaxMind's nested shape and its own accuracy radius", () => {
    const nested = {
      city: { names: { en: 'Graz', de: 'Graz' } },
      country: { iso_code: 'AT' },
      subdivisions: [{ names: { en: 'Styria' } }],
      location: { latitude: 47.07, longitude: 15.44, accuracy_radius: 20 },
    };
    expect(placeOf(nested)).toEqual({ lat: 47.07, lon: 15.44, radiusKm: 20, city: 'Graz', region: 'Styria', country: 'AT' });
    expect(placeOf({ country: { iso_code: 'AT' } })).toEqual({ country: 'AT' });
    expect(placeOf({ registered_country: { iso_code: 'AT' }, location: { latitude: 47, longitude: 14 } })).toMatchObject({
      radiusKm: 1_000,
    });
  });
  it('finds no place in what is no record', () => {
    for (const record of [null, undefined, 'x', {}, { latitude: 1 }, { location: {} }, { latitude: 999, longitude: 0 }]) {
      expect(placeOf(record)).toBeUndefined();
    }
  });
  it('takes network records of both shapes', () => {
    expect(networkOfRecord({ autonomous_system_number: 64_500, autonomous_system_organization: 'Example' })).toEqual({
      asn: 64_500,
      asOrg: 'Example',
    });
    expect(networkOfRecord({ asn: 64_500 })).toEqual({ asn: 64_500, asOrg: '' });
    expect(networkOfRecord({})).toBeUndefined();
  });
});
