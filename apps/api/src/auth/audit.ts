import type { AuditStore } from '@keyward/adapter-clickhouse';
import type { Clock } from '@keyward/runtime';
import { callerName, type Caller } from '../http/caller.js';
import { newId } from './secrets.js';

export interface AuditedAct {
  /** `session.login`, `alert.status` ...: area and verb. */
  readonly action: string;
  readonly object: string;
  readonly outcome?: 'success' | 'failure';
  /** One line; never a secret. */
  readonly detail?: string;
}

/** Writes down who did what. An act that can't be written down is not done: the caller gets the store's error. */
export class Audit {
  readonly #store: AuditStore;
  readonly #clock: Clock;

  constructor(store: AuditStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async write(
    who: { readonly caller: Caller; readonly address: string } | { readonly user: string; readonly address: string },
    { action, object, outcome = 'success', detail = '' }: AuditedAct,
  ): Promise<void> {
    const user = 'user' in who ? who.user : callerName(who.caller);
    await this.#store.append({ id: newId(), at: this.#clock.now(), user, action, object, outcome, detail, address: who.address });
  }
}
