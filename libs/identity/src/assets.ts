import type { ManagedAccount } from './organisation.js';
import type { AssetRecord } from './organisation-records.js';

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Machines and applications by any name they go by, and the accounts that a vault keeps for them. */
export class Assets {
  readonly #byName = new Map<string, AssetRecord | null>();
  readonly #byShortName = new Map<string, AssetRecord | null>();
  readonly #managed = new Map<string, ManagedAccount | null>();

  constructor(assets: readonly AssetRecord[]) {
    for (const asset of assets) {
      for (const name of namesOf(asset)) {
        put(this.#byName, name, asset);
        put(this.#byShortName, shortName(name), asset);
      }
    }
    for (const asset of assets) this.#learnAccounts(asset);
  }

  #learnAccounts(asset: AssetRecord): void {
    for (const { name, vault } of asset.accounts) {
      const login = name.toLowerCase();
      const host = asset.host?.toLowerCase();
      const isWhole = host === undefined || login.includes('@');
      const managed: ManagedAccount = { asset, account: isWhole ? login : `${login}@${host}`, vault };
      put(this.#managed, managed.account, managed, (a, b) => a.account === b.account && a.asset === b.asset);
    }
  }

  /** By host name (with or without domain), alias or address; a name that two assets bear finds neither. */
  find(hostOrAddress: string): AssetRecord | undefined {
    const name = hostOrAddress.toLowerCase();
    const exact = this.#byName.get(name);
    if (exact !== undefined) return exact ?? undefined;
    return this.#byShortName.get(shortName(name)) ?? undefined;
  }

  /** @param account `name@host` with any name of the host, or a cloud account's login */
  managedAccount(account: string): ManagedAccount | undefined {
    const name = account.toLowerCase();
    const exact = this.#managed.get(name);
    if (exact !== undefined) return exact ?? undefined;
    const at = name.lastIndexOf('@');
    const host = at > 0 ? this.find(name.slice(at + 1))?.host : undefined;
    return host === undefined ? undefined : (this.#managed.get(`${name.slice(0, at)}@${host.toLowerCase()}`) ?? undefined);
  }
}

function namesOf(asset: AssetRecord): ReadonlySet<string> {
  const names = [asset.id, ...(asset.host ? [asset.host] : []), ...asset.names, ...asset.addresses];
  return new Set(names.map((name) => name.toLowerCase()));
}

/** The first label of a host name; an address is its own. */
const shortName = (name: string): string => (IPV4.test(name) || name.includes(':') ? name : (name.split('.', 1)[0] ?? name));

function put<T>(map: Map<string, T | null>, name: string, value: T, same: (a: T, b: T) => boolean = (a, b) => a === b): void {
  const known = map.get(name);
  map.set(name, known === undefined || (known !== null && same(known, value)) ? value : null);
}
