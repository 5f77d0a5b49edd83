import type { LinkDecisionStore, StoredLinkDecision, StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import type {
  AccountLinkPage,
  AccountLinkQuery,
  AccountLinkView,
  IdentityRef,
  LinkDecisionView,
  LinkState,
  LinkSummary,
  NewLinkDecision,
} from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { ownIdentityOf, type AccountLink, type AccountRecord, type LinkConflict, type Linking } from '@keyward/identity';
import { NotFoundError, type Clock, type Metrics } from '@keyward/runtime';
import { newId } from '../auth/secrets.js';
import { RequestProblem } from '../http/problem.js';

export interface LinksDeps {
  readonly source: StoredOrganisationSource;
  readonly decisions: LinkDecisionStore;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** What asks for a decision comes first. */
const ORDER: readonly LinkState[] = ['conflict', 'decided', 'linked', 'own'];

/** Whose the accounts of directories are, and what people decide of them. */
export class Links {
  readonly #deps: LinksDeps;
  readonly #accounts;

  constructor(deps: LinksDeps) {
    this.#deps = deps;
    this.#accounts = deps.metrics.gauge('keyward_organisation_accounts', 'Accounts of directories by whose they are', ['state']);
    this.measure();
  }

  /** After the organisation has changed. */
  measure(): void {
    const { links, conflicts } = this.#linking();
    const counts = new Map<LinkState, number>(ORDER.map((state) => [state, 0]));
    for (const link of links) counts.set(stateOf(link), (counts.get(stateOf(link)) ?? 0) + 1);
    counts.set('conflict', conflicts.length);
    for (const [state, count] of counts) this.#accounts.set({ state }, count);
  }

  async list({ state, system, text, limit, cursor }: AccountLinkQuery): Promise<AccountLinkPage> {
    await this.#refresh();
    const decisions = new Map((await this.#deps.decisions.inForce()).map((decision) => [ownIdentityOf(decision), decision]));
    const wanted = text?.trim().toLowerCase();
    const rows = this.#rows().filter(
      (row) =>
        (state === undefined || state.length === 0 || state.includes(row.state)) &&
        (system === undefined || row.account.system === system) &&
        (wanted === undefined || wanted === '' || searchText(row.account).includes(wanted)),
    );
    const from = cursor === undefined ? 0 : startOf(rows, cursor);
    const page = rows.slice(from, from + limit);
    const last = page.at(-1);
    return {
      items: page.map((row) => this.#view(row, decisions.get(ownIdentityOf(row.account)))),
      nextCursor: last && from + limit < rows.length ? positionOf(last) : null,
      total: rows.length,
    };
  }

  async summary(): Promise<LinkSummary> {
    await this.#refresh();
    const systems = new Map<string, Record<LinkState, number>>();
    for (const { account, state } of this.#rows()) {
      const counts = systems.get(account.system) ?? { linked: 0, decided: 0, own: 0, conflict: 0 };
      systems.set(account.system, { ...counts, [state]: counts[state] + 1 });
    }
    return {
      conflicts: this.#linking().conflicts.length,
      systems: [...systems]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([system, { linked, decided, own, conflict }]) => ({
          system,
          accounts: linked + decided + own + conflict,
          linked,
          decided,
          own,
          conflicts: conflict,
        })),
    };
  }

  /**
   * Stores what a person decided; from then on it is so, whatever the rules say.
   *
   * @param write puts it into the audit log; without that nothing is stored
   * @throws RequestProblem when nobody has the id
   */
  async decide(wanted: NewLinkDecision, author: string, write: (uid: string) => Promise<void>): Promise<LinkDecisionView> {
    await this.#refresh();
    const account = { system: wanted.system.toLowerCase(), name: wanted.name };
    const own = ownIdentityOf(account);
    const identity = wanted.identity === own ? null : wanted.identity;
    const { organisation } = this.#deps.source.current();
    if (identity !== null && !organisation.identity(identity))
      throw new RequestProblem('request.invalid', 'There is no such identity.', [{ path: 'identity', message: 'not of the organisation' }]);
    const decision: StoredLinkDecision = {
      uid: newId(),
      at: this.#deps.clock.now(),
      author,
      ...account,
      identity,
      reason: wanted.reason,
    };
    await write(decision.uid);
    await this.#deps.decisions.append(decision);
    await this.#refresh();
    return this.#decisionView(decision);
  }

  /** @returns the account of which it was @throws NotFoundError */
  async undo(uid: string, reason: string, author: string, write: (account: string) => Promise<void>): Promise<void> {
    const decision = (await this.#deps.decisions.inForce()).find((one) => one.uid === uid);
    if (!decision) throw new NotFoundError('not_found', 'There is no such decision, or it does not hold any more.');
    await write(ownIdentityOf(decision));
    await this.#deps.decisions.append({
      ...decision,
      uid: newId(),
      at: Math.max(this.#deps.clock.now(), decision.at + 1),
      author,
      reason,
      undoes: uid,
    });
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    if (await this.#deps.source.refresh()) this.measure();
  }
  #linking(): Linking {
    return this.#deps.source.current().linking;
  }

  #rows(): readonly Row[] {
    const { links, conflicts } = this.#linking();
    const rows: Row[] = [
      ...conflicts.map((conflict) => ({ account: conflict.account, state: 'conflict' as const, conflict })),
      ...links.map((link) => ({ account: link.account, state: stateOf(link), link })),
    ];
    return rows.toSorted((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1));
  }

  #view({ account, state, link, conflict }: Row, decision: StoredLinkDecision | undefined): AccountLinkView {
    return {
      system: account.system,
      name: account.name,
      displayName: account.displayName ?? null,
      email: account.email ?? null,
      employeeId: account.employeeId ?? null,
      active: account.active,
      state,
      identity: link ? this.#ref(link.identity) : null,
      rules: [...(link?.rules ?? [])],
      reason: conflict?.reason ?? null,
      candidates: (conflict?.candidates ?? []).map(({ identity, rules }) => ({ identity: this.#ref(identity), rules: [...rules] })),
      decision: decision ? this.#decisionView(decision) : null,
    };
  }
  #decisionView({ uid, identity, author, at, reason }: StoredLinkDecision): LinkDecisionView {
    return { uid, identity: identity === null ? null : this.#ref(identity), author, at: isoInstant(at), reason };
  }
  #ref(id: string): IdentityRef {
    return { id, displayName: this.#deps.source.current().organisation.identity(id)?.displayName ?? id };
  }
}

interface Row {
  readonly account: AccountRecord;
  readonly state: LinkState;
  readonly link?: AccountLink;
  readonly conflict?: LinkConflict;
}

const stateOf = ({ by }: AccountLink): LinkState => (by === 'decision' ? 'decided' : by === 'own' ? 'own' : 'linked');
const positionOf = ({ account, state }: Row): string => `${ORDER.indexOf(state)}${ownIdentityOf(account)}`;
const searchText = ({ name, displayName, email, employeeId, upn }: AccountRecord): string =>
  [name, displayName, email, employeeId, upn].join('\n').toLowerCase();
function startOf(rows: readonly Row[], cursor: string): number {
  const at = rows.findIndex((row) => positionOf(row) > cursor);
  return at === -1 ? rows.length : at;
}
