import { expandIpv6 } from '@keyward/events';

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/**
 * One spelling for each address: IPv4 dotted without leading zeros, IPv6 as RFC 5952 writes it, an IPv4-mapped IPv6 address as IPv4, no zone.
 *
 * @returns undefined when it is no address
 */
export function canonicalIp(value: string): string | undefined {
  const v4 = IPV4.exec(value);
  if (v4) {
    const [, a, b, c, d] = v4;
    const octets = [Number(a), Number(b), Number(c), Number(d)] as const;
    return octets[0] <= 255 && octets[1] <= 255 && octets[2] <= 255 && octets[3] <= 255
      ? `${octets[0]}.${octets[1]}.${octets[2]}.${octets[3]}`
      : undefined;
  }
  if (!value.includes(':')) return undefined;
  const groups = expandIpv6(value);
  return groups && ipv6Text(groups);
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`. */
function ipv6Text(groups: readonly number[]): string {
  const [, , , , , mark = 0, high = 0, low = 0] = groups;
  if (mark === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
  }
  let from = -1;
  let length = 1;
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - start > length) {
      from = start;
      length = end - start;
    }
    if (end > start) start = end;
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return from < 0 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
}

export interface AddressAndPort {
  readonly ip: string;
  readonly port?: number;
}

/**
 * An address as vendors write it: `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`, `2001:db8::1`, `::ffff:192.0.2.1`, `192.0.2.1/443`.
 * Of the hops of `X-Forwarded-For` (`192.0.2.1, 198.51.100.7`) the first is the client.
 *
 * @returns canonical address and port where one is given; undefined when there is no address in it (a host name, `unknown`, empty)
 */
export function parseAddress(value: unknown): AddressAndPort | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined;
  const bare = value.trim();
  const written = bare.startsWith('"') ? bare.replace(/^"(.*)"$/, '$1') : bare;
  const plain = canonicalIp(written);
  if (plain !== undefined) return { ip: plain };
  const comma = written.indexOf(',');
  if (comma > 0) return parseAddress(written.slice(0, comma));
  const split = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(written) ?? /^([\d.]+)[:/](\d{1,5})$/.exec(written);
  const ip = split && canonicalIp(split[1] ?? '');
  if (!ip) return undefined;
  const port = split[2] === undefined ? undefined : Number(split[2]);
  return port === undefined || port > 65_535 ? { ip } : { ip, port };
}

/** @returns canonical address alone, from any of the forms of `parseAddress`; `0.0.0.0` and `::` say that there is none */
export function parseIp(value: unknown): string | undefined {
  const ip = parseAddress(value)?.ip;
  return ip === '0.0.0.0' || ip === '::' ? undefined : ip;
}
