import type { LinkKey, LinkRule } from './link-keys.js';

/** A key that more identities bear names them no better: a mailbox that thousands share must not cost thousands squared. */
const MAX_OWNERS = 21;
/** Two who say so are as good as many: the question is only whether anybody but the account itself does. */
const MAX_SAYERS = 2;

/** Identities by what they are known by, and who says so: what only an account itself says is no evidence for it. */
export class KeyIndex {
  /** Identity and who says so, by turns: an organisation has millions of keys, nearly all of one pair. */
  readonly #owners = new Map<string, string[]>();

  /** @param by the account that the key comes from; undefined: the organisation's own list */
  add(key: LinkKey, identity: string, by = ''): void {
    const name = nameOf(key);
    const pairs = this.#owners.get(name);
    if (!pairs) {
      this.#owners.set(name, [identity, by]);
      return;
    }
    let sayers = 0;
    for (let at = 0; at < pairs.length; at += 2) {
      if (pairs[at] !== identity) continue;
      if (pairs[at + 1] === by) return;
      sayers += 1;
    }
    const isFull = sayers === 0 ? new Set(pairs.filter((_, at) => at % 2 === 0)).size >= MAX_OWNERS : sayers >= MAX_SAYERS;
    if (!isFull) pairs.push(identity, by);
  }

  /** @returns identities that one of the keys names, each with the rules that do; what `self` alone says is left out */
  find(keys: readonly LinkKey[], self: string): ReadonlyMap<string, ReadonlySet<LinkRule>> {
    const found = new Map<string, Set<LinkRule>>();
    for (const key of keys) {
      const pairs = this.#owners.get(nameOf(key)) ?? [];
      for (let at = 0; at < pairs.length; at += 2) {
        const identity = pairs[at];
        if (identity === undefined || pairs[at + 1] === self) continue;
        const rules = found.get(identity);
        if (rules) rules.add(key.rule);
        else found.set(identity, new Set([key.rule]));
      }
    }
    return found;
  }
}

const nameOf = ({ rule, value }: LinkKey): string => `${rule}\u0000${value}`;
