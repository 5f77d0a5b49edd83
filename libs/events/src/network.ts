/**
 * The network an address belongs to, as behaviour sees it: /24 of an IPv4 address, /48 of an IPv6 one.
 *
 * @param ip IPv4 dotted, or IPv6 in any valid spelling (an IPv4-mapped one counts as IPv4)
 * @returns `198.51.100.0/24`, `2001:db8:1::/48`, or undefined when it is no address
 */
export function networkOf(ip: string): string | undefined {
  const known = networks.get(ip);
  if (known !== undefined || networks.has(ip)) return known;
  const network = readNetwork(ip);
  if (networks.size >= MAX_NETWORKS) networks.clear();
  networks.set(ip, network);
  return network;
}

/** An address is asked for by the router, the models and the detections, event after event; taking an IPv6 one apart costs 3 us each time. */
const networks = new Map<string, string | undefined>();
const MAX_NETWORKS = 20_000;

function readNetwork(ip: string): string | undefined {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/i.exec(ip);
  if (v4) {
    const octets = v4.slice(1, 5).map(Number);
    return octets.every((octet) => octet <= 255) ? `${octets.slice(0, 3).join('.')}.0/24` : undefined;
  }
  const groups = expandIpv6(ip);
  if (!groups) return undefined;
  return `${groups
    .slice(0, 3)
    .map((group) => group.toString(16))
    .join(':')}::/48`;
}

/** The eight 16-bit groups of an IPv6 address, or undefined when it is none. A zone (`%eth0`) is dropped. */
export function expandIpv6(ip: string): readonly number[] | undefined {
  const address = ip.split('%', 1)[0] ?? '';
  if (!address.includes(':')) return undefined;
  const halves = address.split('::');
  if (halves.length > 2) return undefined;
  const parse = (part: string): number[] | undefined => {
    if (part === '') return [];
    const groups = part
      .split(':')
      .flatMap((group) => embeddedIpv4(group) ?? (/^[0-9a-f]{1,4}$/i.test(group) ? [parseInt(group, 16)] : [NaN]));
    return groups.some(Number.isNaN) ? undefined : groups;
  };
  const head = parse(halves[0] ?? '');
  const tail = parse(halves[1] ?? '');
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

function embeddedIpv4(group: string): number[] | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(group)?.slice(1, 5).map(Number);
  if (!octets || octets.some((octet) => octet > 255)) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return [a * 256 + b, c * 256 + d];
}

/** True for loopback, link-local, RFC 1918, carrier-grade NAT and unique-local addresses: no geo database knows them. */
export function isPrivateIp(ip: string): boolean {
  const v4 = /^(?:::ffff:)?(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/i.exec(ip);
  if (v4) {
    const a = Number(v4[1]);
    const b = Number(v4[2]);
    return (
      a === 10 ||
      a === 127 ||
      a === 0 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127)
    );
  }
  const first = expandIpv6(ip);
  if (!first) return false;
  const head = first[0] ?? 0;
  return (
    (head & 0xfe00) === 0xfc00 || (head & 0xffc0) === 0xfe80 || (first.slice(0, 7).every((group) => group === 0) && (first[7] ?? 0) <= 1)
  );
}
