import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AsnTable, ipv4Number, ipv6Half } from './asn-table.js';

const CSV = ['3325256704,3325256959,64500,"Example, ""the"" Net"', '3405803776,3405804031,64501,Other Net', ''].join('\n');
const tableOf = (csv: string, version: 4 | 6): AsnTable => new AsnTable(Buffer.from(csv), version);

describe('finding the network of an address', () => {
  it('finds the range, its ends included, and nothing beside it', () => {
    const table = tableOf(CSV, 4);
    expect(table.find(ipv4Number('198.51.100.0'))).toEqual({ asn: 64_500, asOrg: 'Example, "the" Net' });
    expect(table.find(ipv4Number('198.51.100.255'))?.asn).toBe(64_500);
    expect(table.find(ipv4Number('203.0.113.7'))?.asn).toBe(64_501);
    expect(table.find(ipv4Number('198.51.101.0'))).toBeUndefined();
    expect(table.find(ipv4Number('198.51.99.255'))).toBeUndefined();
  });
  it('finds IPv6 ranges by their network half', () => {
    const from = 0x20010db8_00000000n << 64n;
    const to = from + (1n << 96n) - 1n;
    const table = tableOf(`${from},${to},64502,Six\n`, 6);
    expect(table.find(ipv6Half('2001:db8::1'))?.asn).toBe(64_502);
    expect(table.find(ipv6Half('2001:db8:ffff:ffff::1'))).toEqual(table.find(ipv6Half('2001:db8::')));
    expect(table.find(ipv6Half('2001:db9::'))).toBeUndefined();
  });
  it('reads any 128 bits to the last bit of their upper half', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (address) => {
        const table = tableOf(`${address},${address},64502,Six`, 6);
        expect(table.find(address >> 64n)?.asn).toBe(64_502);
        expect(table.find((address >> 64n) + 1n)).toBeUndefined();
      }),
      { seed: 6 },
    );
  });
  it('finds each range of a file whose lines end as on Windows', () => {
    const table = tableOf('1,1,64500,One\r\n2,2,64500,Other\r\n3,3,64500,"One"\r\n5,5,64501,Zürich\r\n', 4);
    expect([1, 2, 3, 4, 5, 6].map((address) => table.find(address)?.asOrg)).toEqual([
      'One',
      'Other',
      'One',
      undefined,
      'Zürich',
      undefined,
    ]);
    expect(tableOf('', 4).find(1)).toBeUndefined();
  });
  it('agrees with a plain search through all ranges', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2_000), { minLength: 1 }), fc.nat(2_100), (starts, address) => {
        const ranges = [...starts]
          .sort((a, b) => a - b)
          .map((from, index, all) => ({ from, to: Math.min(from + 5, (all[index + 1] ?? Infinity) - 1), asn: index + 1 }));
        const table = tableOf(ranges.map(({ from, to, asn }) => `${from},${to},${asn},n`).join('\n'), 4);
        expect(table.find(address)?.asn).toBe(ranges.find(({ from, to }) => from <= address && address <= to)?.asn);
      }),
      { seed: 3 },
    );
  });
});
