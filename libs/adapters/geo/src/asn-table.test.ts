import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsnTable, ipv4Number, ipv6Half } from './asn-table.js';

const CSV = ['3325256704,3325256959,64500,"Example, ""the"" Net"', '3405803776,3405804031,64501,Other Net', ''].join('\n');

describe('finding the network of an address', () => {
  it('finds the range, its ends included, and nothing beside it', () => {
    const table = new AsnTable(CSV, 4);
    expect(table.find(ipv4Number('198.51.100.0'))).toEqual({ asn: 64_500, asOrg: 'Example, "the" Net' });
    expect(table.find(ipv4Number('198.51.100.255'))?.asn).toBe(64_500);
    expect(table.find(ipv4Number('203.0.113.7'))?.asn).toBe(64_501);
    expect(table.find(ipv4Number('198.51.101.0'))).toBeUndefined();
    expect(table.find(ipv4Number('198.51.99.255'))).toBeUndefined();
  });
  it('finds IPv6 ranges by their network half', () => {
    const from = 0x20010db8_00000000n << 64n;
    const to = from + (1n << 96n) - 1n;
    const table = new AsnTable(`${from},${to},64502,Six\n`, 6);
    expect(table.find(ipv6Half('2001:db8::1'))?.asn).toBe(64_502);
    expect(table.find(ipv6Half('2001:db8:ffff:ffff::1'))).toEqual(table.find(ipv6Half('2001:db8::')));
    expect(table.find(ipv6Half('2001:db9::'))).toBeUndefined();
  });
  it('agrees with a plain search through all ranges', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2_000), { minLength: 1 }), fc.nat(2_100), (starts, address) => {
        const ranges = [...starts]
          .sort((a, b) => a - b)
          .map((from, index, all) => ({ from, to: Math.min(from + 5, (all[index + 1] ?? Infinity) - 1), asn: index + 1 }));
        const table = new AsnTable(ranges.map(({ from, to, asn }) => `${from},${to},${asn},n`).join('\n'), 4);
        expect(table.find(address)?.asn).toBe(ranges.find(({ from, to }) => from <= address && address <= to)?.asn);
      }),
      { seed: 3 },
    );
  });
});
