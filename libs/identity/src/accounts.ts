import type { Account } from '@keyward/events';
import type { Assets } from './assets.js';
import type { IdentityRecord } from './organisation-records.js';

/** Sources whose accounts live on one machine: there, `name@host.example.com` is an account of a host and no e-mail address. */
export const HOST_SYSTEMS: ReadonlySet<string> = new Set(['linux', 'windows']);
/** Answers kept in memory; emptied beyond it. Attackers can invent names without end. */
const MAX_MEMO = 200_000;

/** A name that two identities claim belongs to neither: it is never guessed. */
const CONFLICT = Symbol('conflict');
type Claim = string | typeof CONFLICT;

export type AccountRef = Pick<Account, 'system' | 'name' | 'id' | 'email'>;

/** From accounts to identities. Names compare without case. */
export class Accounts {
  readonly #assets: Assets;
  readonly #byAccount = new Map<string, Claim>();
  /** Names without their `DOMAIN\` or `@realm`; weaker than a full name, so asked later. */
  readonly #byBareName = new Map<string, Claim>();
  readonly #byEmail = new Map<string, Claim>();
  readonly #memo = new Map<string, string>();

  constructor(identities: readonly IdentityRecord[], assets: Assets) {
    this.#assets = assets;
    for (const identity of identities) {
      if (identity.email) claim(this.#byEmail, identity.email.toLowerCase(), identity.id);
      for (const account of identity.accounts) {
        this.#learn(account.system, account.name, identity.id);
        if (account.id !== undefined) claim(this.#byAccount, key(account.system, account.id.toLowerCase()), identity.id);
        for (const address of account.addresses ?? []) claim(this.#byEmail, address.toLowerCase(), identity.id);
      }
    }
  }

  #learn(system: string, name: string, id: string): void {
    const canonical = this.#canonical(name.toLowerCase());
    claim(this.#byAccount, key(system, canonical), id);
    const bare = bareName(canonical);
    if (bare !== undefined) claim(this.#byBareName, key(system, bare), id);
    if (canonical.includes('@') && !this.#isHostLocal(system, canonical)) claim(this.#byEmail, canonical, id);
  }

  /** @returns the identity's id; `name@host` for a host's own account; else `<system>:<name>` */
  resolve(account: AccountRef): string {
    const memoKey = `${account.system}\u0000${account.name}\u0000${account.email ?? ''}\u0000${account.id ?? ''}`;
    const known = this.#memo.get(memoKey);
    if (known !== undefined) return known;
    const answer = this.#find(account);
    if (this.#memo.size >= MAX_MEMO) this.#memo.clear();
    this.#memo.set(memoKey, answer);
    return answer;
  }

  #find(account: AccountRef): string {
    const name = this.#canonical(account.name.toLowerCase());
    const unknown = this.#isHostLocal(account.system, name) ? name : `${account.system}:${name}`;
    for (const claimed of this.#claims(account, name)) {
      if (claimed === CONFLICT) return unknown;
      if (claimed !== undefined) return claimed;
    }
    return unknown;
  }

  /** Strongest first; a conflict at one step is the end, since weaker evidence can't settle it. */
  *#claims(account: AccountRef, name: string): Generator<Claim | undefined> {
    const { system } = account;
    yield this.#byAccount.get(key(system, name));
    if (account.id) yield this.#byAccount.get(key(system, account.id.toLowerCase()));
    const backslash = name.indexOf('\\');
    if (backslash > 0) {
      const user = name.slice(backslash + 1);
      yield this.#byAccount.get(key(name.slice(0, backslash), user));
      yield this.#byAccount.get(key(system, user));
      return;
    }
    if (this.#isHostLocal(system, name)) {
      // `anna@db1` of a directory that all hosts share: the organisation lists the login `anna` of that system, of no host in particular.
      if (HOST_SYSTEMS.has(system)) yield this.#byAccount.get(key(system, name.slice(0, name.lastIndexOf('@'))));
      return;
    }
    yield this.#byBareName.get(key(system, name));
    if (name.includes('@')) yield this.#byEmail.get(name);
    if (account.email) yield this.#byEmail.get(account.email.toLowerCase());
  }

  /** Spells the host of `name@host` as the asset does: `root@192.0.2.7` and `root@db1.example.com` become `root@db1`. */
  #canonical(name: string): string {
    const at = name.lastIndexOf('@');
    if (at <= 0) return name;
    const asset = this.#assets.find(name.slice(at + 1));
    return asset?.host ? `${name.slice(0, at)}@${asset.host.toLowerCase()}` : name;
  }

  #isHostLocal(system: string, name: string): boolean {
    const at = name.lastIndexOf('@');
    if (at <= 0) return false;
    const host = name.slice(at + 1);
    if (this.#assets.find(host)) return true;
    return !host.includes('.') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || HOST_SYSTEMS.has(system);
  }
}

const key = (system: string, name: string): string => `${system.toLowerCase()}\u0000${name}`;

function claim(map: Map<string, Claim>, name: string, id: string): void {
  const holder = map.get(name);
  map.set(name, holder === undefined || holder === id ? id : CONFLICT);
}

/** `example\anna` and `example/anna` as `anna`; undefined when the name has no domain before it. */
function bareName(name: string): string | undefined {
  const backslash = name.indexOf('\\');
  return backslash > 0 && backslash < name.length - 1 ? name.slice(backslash + 1) : undefined;
}
