import type { DirectoryStore, StoredScimResource } from '@keyward/adapter-clickhouse';
import { isoInstant } from '@keyward/events';
import type { ScimResource } from '@keyward/identity';
import { ConflictError, type Clock } from '@keyward/runtime';

export type ScimKind = ScimResource['kind'];
type Json = Readonly<Record<string, unknown>>;

export interface ScimDirectoryDeps {
  readonly store: DirectoryStore;
  readonly clock: Clock;
  readonly newId: () => string;
}

/**
 * Users and groups that SCIM clients keep here, each system for itself. Changes of one system come one after the other, so that a PATCH meets what
 * it was made for. Of a user who is deactivated or deleted the instant is kept: from then on the account counts as closed.
 */
export class ScimDirectory {
  readonly #deps: ScimDirectoryDeps;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(deps: ScimDirectoryDeps) {
    this.#deps = deps;
  }

  find(kind: ScimKind, system: string, id: string): Promise<StoredScimResource | undefined> {
    return this.#deps.store.find(kind, system, id);
  }
  list(
    kind: ScimKind,
    system: string,
    by?: { readonly name?: string; readonly external?: string },
  ): Promise<readonly StoredScimResource[]> {
    return this.#deps.store.list(kind, system, by);
  }

  /** Runs changes of one system in the order in which they were asked for. */
  async inTurn<T>(system: string, change: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(system) ?? Promise.resolve()).then(change, change);
    const settled = turn.catch(() => undefined);
    this.#queues.set(system, settled);
    try {
      return await turn;
    } finally {
      if (this.#queues.get(system) === settled) this.#queues.delete(system);
    }
  }

  /**
   * @param before what is there now; undefined: it is new
   * @throws ConflictError `scim.uniqueness` when another one has the name
   */
  async save(kind: ScimKind, system: string, before: StoredScimResource | undefined, resource: Json): Promise<StoredScimResource> {
    if (before && JSON.stringify(before.resource) === JSON.stringify(resource)) return before;
    const name = String(resource[kind === 'user' ? 'userName' : 'displayName']);
    const namesakes = await this.#deps.store.list(kind, system, { name });
    if (namesakes.some(({ id }) => id !== before?.id))
      throw new ConflictError('scim.uniqueness', `There is a ${kind} of this name already.`);
    const now = isoInstant(this.#deps.clock.now());
    const isInactive = kind === 'user' && resource['active'] === false;
    const stored: StoredScimResource = {
      kind,
      system,
      id: before?.id ?? this.#deps.newId(),
      resource,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? now,
      changedAt: now,
      // Made inactive: nobody says when it was closed, only that it is.
      endedAt: isInactive && before ? (before.endedAt ?? (before.resource['active'] === false ? null : now)) : null,
      deleted: false,
    };
    await this.#deps.store.save([stored]);
    return stored;
  }

  async remove(before: StoredScimResource): Promise<void> {
    const now = isoInstant(this.#deps.clock.now());
    const { version, endedAt } = before;
    await this.#deps.store.save([{ ...before, version: version + 1, changedAt: now, deleted: true, endedAt: endedAt ?? now }]);
  }
}
