import { BlockList, isIP } from 'node:net';
import { expandIpv6 } from '@keyward/events';

/**
 * Networks that a request from inside must never reach by a name somebody else chose: this host, its neighbours, the cloud's metadata service
 * (169.254.169.254, fd00:ec2::254), multicast and reserved space.
 *
 * @see IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890)
 */
const FORBIDDEN_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const FORBIDDEN_V6: readonly (readonly [string, number])[] = [
  ['::', 96], // unspecified, loopback, and the old IPv4-compatible form
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const forbidden = new BlockList();
for (const [network, prefix] of FORBIDDEN_V4) forbidden.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of FORBIDDEN_V6) forbidden.addSubnet(network, prefix, 'ipv6');

/** @param ip IPv4 or IPv6 literal, brackets off @returns true when nothing may be sent to it without the operator's word; true for what is no address */
export function isForbiddenAddress(ip: string): boolean {
  const plain = ip.split('%', 1)[0] ?? '';
  if (isIP(plain) === 4) return forbidden.check(plain, 'ipv4');
  const groups = expandIpv6(plain);
  if (!groups) return true;
  const embedded = embeddedIpv4(groups);
  return forbidden.check(plain, 'ipv6') || (embedded !== undefined && forbidden.check(embedded, 'ipv4'));
}

/** The IPv4 address that an IPv4-mapped (::ffff:0:0/96), NAT64 (64:ff9b::/96) or 6to4 (2002::/16) address stands for. */
function embeddedIpv4(groups: readonly number[]): string | undefined {
  const [a = 0, b = 0, c = 0] = groups;
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const nat64 = a === 0x64 && b === 0xff9b && groups.slice(2, 6).every((group) => group === 0);
  if (mapped || nat64) return dotted(groups[6] ?? 0, groups[7] ?? 0);
  return a === 0x2002 ? dotted(b, c) : undefined;
}
const dotted = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
