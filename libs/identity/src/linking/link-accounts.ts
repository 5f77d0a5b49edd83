import type { IdentityRecord } from '../organisation-records.js';
import { ownIdentityOf, type AccountRecord, type LinkDecision } from './account-record.js';
import { KeyIndex } from './key-index.js';
import { accountKeys, identityKeys, LINK_RULES, type LinkKey, type LinkRule } from './link-keys.js';

/** `own`: nobody is known to whom it belongs, so it is an identity itself, perhaps with other accounts of the same person. */
export type LinkedBy = LinkRule | 'decision' | 'own';

export interface AccountLink {
  readonly account: AccountRecord;
  /** Id of an identity of the organisation, or `<system>:<name>` of the oldest account of a person whom it does not list. */
  readonly identity: string;
  readonly by: LinkedBy;
  /** All rules that say so, strongest first. */
  readonly rules: readonly LinkRule[];
}

/** What speaks for several identities is never guessed: the account stands on its own, as `<system>:<name>`, until somebody decides. */
export interface LinkConflict {
  readonly account: AccountRecord;
  /**
   * `several_identities`: one rule finds several. `rules_disagree`: each rule finds another one. `decision_outdated`: somebody decided for an
   * identity that is no longer there.
   */
  readonly reason: 'several_identities' | 'rules_disagree' | 'decision_outdated';
  readonly candidates: readonly { readonly identity: string; readonly rules: readonly LinkRule[] }[];
}

export interface Linking {
  /** By system and name. */
  readonly links: readonly AccountLink[];
  readonly conflicts: readonly LinkConflict[];
}

export interface LinkInput {
  readonly identities: readonly IdentityRecord[];
  readonly accounts: readonly AccountRecord[];
  readonly decisions?: readonly LinkDecision[];
}

type Candidates = ReadonlyMap<string, ReadonlySet<LinkRule>>;
interface Pending {
  readonly key: string;
  readonly account: AccountRecord;
  readonly keys: readonly LinkKey[];
}
interface Found {
  readonly identity: string;
  readonly rules: ReadonlySet<LinkRule>;
}

/**
 * Says whose each account is. The order of input changes nothing; accounts of the same system and name count once, the one that is active or else
 * first in the order of its JSON.
 *
 * 1. What a person decided is so.
 * 2. An account belongs to the identity that its keys find. What it is known by then finds others of the same person, round by round.
 * 3. Accounts that find nobody and bear the same employee id, or else the same UPN or address in different systems, are one identity of their own.
 * 4. In the end every link is asked again with all that has become known: where anything speaks for somebody else, it is a conflict.
 */
export function linkAccounts({ identities, accounts, decisions = [] }: LinkInput): Linking {
  return new Linker(identities, accounts, decisions).link();
}

class Linker {
  readonly #pending: readonly Pending[];
  readonly #decisions: ReadonlyMap<string, LinkDecision>;
  readonly #listed: ReadonlySet<string>;
  readonly #index = new KeyIndex();
  readonly #found = new Map<string, Found>();
  readonly #conflicts = new Map<string, Candidates>();
  /** Members of each identity that the organisation does not list, oldest first; the id is made of one of them in the end. */
  readonly #seeds = new Map<string, Pending[]>();

  constructor(identities: readonly IdentityRecord[], accounts: readonly AccountRecord[], decisions: readonly LinkDecision[]) {
    this.#pending = distinct(accounts).map(([key, account]) => ({ key, account, keys: accountKeys(account) }));
    this.#decisions = new Map(decisions.toSorted(byText).map((decision) => [ownIdentityOf(decision), decision]));
    this.#listed = new Set(identities.map((identity) => identity.id));
    for (const identity of identities) for (const key of identityKeys(identity)) this.#index.add(key, identity.id);
  }

  link(): Linking {
    const undecided = this.#pending.filter(({ key }) => !this.#decisions.has(key));
    const unknown = this.#rounds(undecided);
    const numbered = this.#seedByEmployee(unknown);
    const rest = this.#rounds(unknown.filter((account) => !numbered.has(account)));
    this.#seedByAddress(rest);
    this.#askAgain();
    return this.#result();
  }

  /** All of a round are asked before any adds what it is known by, so that none comes first. @returns those that find nobody */
  #rounds(accounts: readonly Pending[]): readonly Pending[] {
    let waiting = accounts;
    for (;;) {
      const asked = waiting.map((pending) => ({ pending, candidates: this.#index.find(pending.keys, pending.key) }));
      let linked = 0;
      for (const { pending, candidates } of asked) {
        const [first] = candidates;
        if (candidates.size === 1 && first) {
          this.#join(pending, first[0], first[1]);
          linked += 1;
        } else if (candidates.size > 1) this.#conflicts.set(pending.key, candidates);
      }
      waiting = asked.filter(({ candidates }) => candidates.size === 0).map(({ pending }) => pending);
      if (linked === 0 || waiting.length === 0) return waiting;
    }
  }

  #join(pending: Pending, identity: string, rules: ReadonlySet<LinkRule>): void {
    this.#found.set(pending.key, { identity, rules });
    this.#seeds.get(identity)?.push(pending);
    for (const key of pending.keys) if (key.rule !== 'explicit') this.#index.add(key, identity, pending.key);
  }

  #seedByEmployee(accounts: readonly Pending[]): ReadonlySet<Pending> {
    const taken = new Set<Pending>();
    for (const pending of accounts) {
      const number = pending.keys.find(({ rule }) => rule === 'employee_id');
      if (number === undefined) continue;
      this.#joinSeed(`employee ${number.value}`, pending, 'employee_id');
      taken.add(pending);
    }
    return taken;
  }

  /**
   * Those that hang together by addresses, over however many of them. Two accounts in use of one system with one address may as well be a mailbox
   * that several share: each stays for itself, and asking again shows it.
   */
  #seedByAddress(accounts: readonly Pending[]): void {
    const parent = new Map<string, string>();
    const rootOf = (node: string): string => {
      let root = node;
      for (let next = parent.get(root); next !== undefined && next !== root; next = parent.get(root)) root = next;
      parent.set(node, root);
      return root;
    };
    const nodesOf = (pending: Pending): string[] =>
      pending.keys.filter(({ rule }) => rule !== 'explicit').map(({ rule, value }) => `${rule} ${value}`);
    for (const pending of accounts) for (const node of nodesOf(pending)) parent.set(rootOf(node), rootOf(`account ${pending.key}`));
    const components = new Map<string, Pending[]>();
    for (const pending of accounts) {
      const root = rootOf(`account ${pending.key}`);
      components.set(root, [...(components.get(root) ?? []), pending]);
    }
    for (const [root, members] of components) {
      const systems = members.filter(({ account }) => account.active).map(({ account }) => account.system);
      const isOne = new Set(systems).size === systems.length;
      for (const pending of members) this.#joinSeed(isOne ? root : `account ${pending.key}`, pending, 'email');
    }
  }

  /** @param rule what the members of the seed share */
  #joinSeed(seed: string, pending: Pending, rule: LinkRule): void {
    if (!this.#seeds.has(seed)) this.#seeds.set(seed, []);
    this.#join(pending, seed, new Set([rule]));
  }

  #askAgain(): void {
    const asked = this.#pending.flatMap(({ key, keys }) => {
      const found = this.#found.get(key);
      return found ? [{ key, found, candidates: this.#index.find(keys, key) }] : [];
    });
    for (const { key, found, candidates } of asked) {
      const rules = candidates.get(found.identity);
      if ([...candidates.keys()].some((identity) => identity !== found.identity)) {
        this.#found.delete(key);
        this.#conflicts.set(key, new Map<string, ReadonlySet<LinkRule>>([[found.identity, found.rules], ...candidates]));
      } else if (this.#seeds.has(found.identity)) this.#found.set(key, { ...found, rules: rules ?? new Set() });
    }
  }

  #result(): Linking {
    const ids = this.#seedIds();
    const idOf = (identity: string): string => ids.get(identity) ?? identity;
    const links: AccountLink[] = [];
    const conflicts: LinkConflict[] = [];
    const known = new Set([...this.#listed, ...[...this.#found.values()].map(({ identity }) => idOf(identity))]);
    for (const { key, account } of this.#pending) {
      const found = this.#found.get(key);
      const decision = this.#decisions.get(key);
      if (decision) {
        const identity = decision.identity ?? key;
        const isThere = identity === key || known.has(identity);
        if (isThere) links.push({ account, identity, by: 'decision', rules: [] });
        else conflicts.push({ account, reason: 'decision_outdated', candidates: [{ identity, rules: [] }] });
      } else if (found) {
        const identity = idOf(found.identity);
        const rules = LINK_RULES.filter((rule) => found.rules.has(rule));
        const isOwn = identity === key && !this.#listed.has(identity);
        links.push({ account, identity, by: isOwn ? 'own' : (rules[0] ?? 'own'), rules });
      } else conflicts.push({ account, ...conflictOf(this.#conflicts.get(key) ?? new Map(), idOf) });
    }
    return { links, conflicts };
  }

  /** An identity that the organisation does not list is called by its oldest account, which stays the oldest when others come. */
  #seedIds(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#seeds].map(([seed, members]) => {
        const inIt = members.filter(({ key }) => this.#found.get(key)?.identity === seed);
        const [oldest] = (inIt.length > 0 ? inIt : members).toSorted((a, b) => byAge(a.account, b.account));
        return [seed, oldest?.key ?? seed];
      }),
    );
  }
}

function conflictOf(candidates: Candidates, idOf: (identity: string) => string): Pick<LinkConflict, 'reason' | 'candidates'> {
  const all = [...candidates].map(([identity, rules]) => ({
    identity: idOf(identity),
    rules: LINK_RULES.filter((rule) => rules.has(rule)),
  }));
  const shared = LINK_RULES.some((rule) => all.filter(({ rules }) => rules.includes(rule)).length > 1);
  return { reason: shared ? 'several_identities' : 'rules_disagree', candidates: all.toSorted((a, b) => compare(a.identity, b.identity)) };
}

/** One for each system and name, sorted by it. */
function distinct(accounts: readonly AccountRecord[]): readonly (readonly [string, AccountRecord])[] {
  const all = accounts.map((account) => [ownIdentityOf(account), account, JSON.stringify(account)] as const);
  const best = new Map<string, AccountRecord>();
  for (const [key, account] of all.toSorted(
    (a, b) => compare(a[0], b[0]) || Number(b[1].active) - Number(a[1].active) || compare(a[2], b[2]),
  )) {
    if (!best.has(key)) best.set(key, account);
  }
  return [...best];
}

/** Oldest first; an account of which nobody says since when it is known comes before all others. */
export const byAge = (a: AccountRecord, b: AccountRecord): number =>
  compare(a.since ?? '', b.since ?? '') || compare(ownIdentityOf(a), ownIdentityOf(b));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byText = (a: LinkDecision, b: LinkDecision): number => compare(JSON.stringify(a), JSON.stringify(b));
