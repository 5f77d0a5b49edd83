import { BlockList, isIP } from 'node:net';

/** Addresses, each with or without the length of its prefix: `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.7`. */
export class AllowedPeers {
  readonly #list = new BlockList();

  /** @throws TypeError for what is no network; see `isNetwork` */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const parsed = parseNetwork(network);
      if (!parsed) throw new TypeError(`${network} is no network`);
      this.#list.addSubnet(parsed.address, parsed.prefix, parsed.family);
    }
  }

  /** @param address of a socket; an IPv4 address may be written as an IPv6 one, as a socket of both families does */
  has(address: string | undefined): boolean {
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? '';
    switch (isIP(plain)) {
      case 4:
        return this.#list.check(plain, 'ipv4');
      case 6:
        return this.#list.check(plain, 'ipv6');
      default:
        return false;
    }
  }
}

export const isNetwork = (text: string): boolean => parseNetwork(text) !== undefined;

function parseNetwork(text: string): { readonly address: string; readonly prefix: number; readonly family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (version === 0 || prefix > longest) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
