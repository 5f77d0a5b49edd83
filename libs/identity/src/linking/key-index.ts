import type { LinkKey, LinkRule } from './link-keys.js';

/** A key that more identities bear names them no better: a mailbox that thousands share must not cost thousands squared. */
const MAX_OWNERS = 20;

/** Identities by what they are known by, and who says so: what only an account itself says is no evidence for it. */
export class KeyIndex {
  readonly #owners = new Map<string, Map<string, Set<string>>>();

  /** @param by the account that the key comes from; undefined: the organisation's own list */
  add(key: LinkKey, identity: string, by?: string): void {
    const owners = this.#owners.get(nameOf(key)) ?? new Map<string, Set<string>>();
    this.#owners.set(nameOf(key), owners);
    const sayers = owners.get(identity) ?? new Set<string>();
    owners.set(identity, sayers.add(by ?? ''));
  }

  /** @returns identities that one of the keys names, each with the rules that do; what `self` alone says is left out */
  find(keys: readonly LinkKey[], self: string): ReadonlyMap<string, ReadonlySet<LinkRule>> {
    const found = new Map<string, Set<LinkRule>>();
    for (const key of keys) {
      let owners = 0;
      for (const [identity, sayers] of this.#owners.get(nameOf(key)) ?? []) {
        if (sayers.size === 1 && sayers.has(self)) continue;
        owners += 1;
        if (owners > MAX_OWNERS) break;
        found.set(identity, (found.get(identity) ?? new Set<LinkRule>()).add(key.rule));
      }
    }
    return found;
  }
}

const nameOf = ({ rule, value }: LinkKey): string => `${rule}\u0000${value}`;
