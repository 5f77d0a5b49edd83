import { appendLinks, type ChainHead, type Effect, type EffectDraft } from '@keyward/response';
import { persist, type PersistDeps } from './persist.js';
import type { ResponseStore } from './ports.js';

/**
 * Appends to the decision log. A chain has one writer at a time, the worker that owns its partition, so its head can be kept in memory;
 * appends to one chain wait for each other.
 */
export class DecisionWriter {
  readonly #store: ResponseStore;
  readonly #deps: PersistDeps;
  readonly #heads = new Map<string, ChainHead | undefined>();
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(store: ResponseStore, deps: PersistDeps) {
    this.#store = store;
    this.#deps = deps;
  }

  /** Resolves once the step is stored: what it announces may then be done. */
  append(draft: EffectDraft): Promise<Effect> {
    const before = this.#queues.get(draft.chain) ?? Promise.resolve();
    const after = before.catch(() => undefined).then(() => this.#append(draft));
    this.#queues.set(draft.chain, after);
    return after;
  }

  /** Another worker may write these chains now. */
  forget(): void {
    this.#heads.clear();
  }

  async #append(draft: EffectDraft): Promise<Effect> {
    const { chain } = draft;
    if (!this.#heads.has(chain)) this.#heads.set(chain, await this.#persist(() => this.#store.chainHead(chain)));
    const [effect] = appendLinks(chain, this.#heads.get(chain), [draft]);
    if (!effect) throw new Error('one draft makes one link');
    await this.#persist(() => this.#store.appendEffects([effect]));
    this.#heads.set(chain, { seq: effect.seq, hash: effect.hash });
    return effect;
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return persist(work, 'respond', this.#deps);
  }
}
