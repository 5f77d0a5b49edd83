import type { Endpoint } from './access-event.js';

type NetworkKind = NonNullable<Endpoint['networkKind']>;

/**
 * Names of autonomous systems that say what stands behind an address. First match counts: a VPN in a hoster's name is a VPN. Names, not numbers, since
 * operators buy and sell numbers; from the public registry's names of the networks that security teams meet most.
 */
const KINDS: readonly (readonly [NetworkKind, RegExp])[] = [
  [
    'vpn',
    /\bvpn\b|nordvpn|tefincom|mullvad|31173 services|proton(?: ag|vpn)|surfshark|private internet access|expressvpn|ipvanish|windscribe|cyberghost/i,
  ],
  ['relay', /icloud|private relay|cloudflare warp|cloudflarenet/i],
  [
    'satellite',
    /starlink|space exploration|spacex|viasat|hughes (?:network|communic)|inmarsat|oneweb|gogo (?:inflight|business|air)|panasonic avionics|eutelsat/i,
  ],
  [
    'hosting',
    /amazon|\baws\b|google[- ]cloud|digitalocean|\bovh\b|hetzner|linode|akamai connected|vultr|choopa|constant company|contabo|leaseweb|alibaba|aliyun|tencent|oracle cloud|scaleway|online s\.?a\.?s|m247|datacamp|hostinger|namecheap|ionos|godaddy|quadranet|psychz|colocrossing|frantech|\bhosting\b|\bhoster|\bservers?\b|data ?cent(?:er|re)|\bvps\b|\bcolo(?:cation)?\b|\bcloud\b/i,
  ],
  [
    'mobile',
    /\bmobiles?\b|\bwireless\b|cellco|cellular|t-mobile|\btelefonica moviles\b|\bee limited\b|hutchison|reliance jio|\bgsm\b|\blte\b/i,
  ],
];

/**
 * What kind of network an autonomous system is, by its name.
 *
 * @param asOrg as the registry or the vendor writes it
 * @returns undefined for the great majority: an ordinary provider or company
 */
export const networkKindOf = (asOrg: string): NetworkKind | undefined => KINDS.find(([, names]) => names.test(asOrg))?.[0];
