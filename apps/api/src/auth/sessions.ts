import type { SessionStore, StoredSession, StoredUser, ValidSession } from '@keyward/adapter-clickhouse';
import type { SessionInfo } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { Caller } from '../http/caller.js';
import { csrfTokenOf } from './csrf.js';
import { newSessionSecret, secretHash } from './secrets.js';

/** A session's last use is written down at most this often. */
const TOUCH_EVERY_MS = 60_000;
/** Bounds what a hostile client can make us store. */
const MAX_USER_AGENT = 200;

export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}
export type SessionCaller = Extract<Caller, { kind: 'session' }>;

/** Sessions of people: a random cookie, of which only the hash is stored, with an idle and an absolute end. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #limits: SessionLimits;

  constructor(store: SessionStore, clock: Clock, limits: SessionLimits) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /** @returns the caller that the new session makes; its `secret` is for the cookie and nothing else */
  async begin(user: StoredUser, from: { readonly address: string; readonly userAgent: string }): Promise<SessionCaller> {
    const secret = newSessionSecret();
    const now = this.#clock.now();
    const session: StoredSession = {
      id: secretHash(secret),
      user: user.name,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: now + this.#limits.absoluteMs,
      address: from.address,
      userAgent: from.userAgent.slice(0, MAX_USER_AGENT),
    };
    await this.#store.save(session);
    return this.#caller(
      { ...session, displayName: user.displayName, role: user.role, mustChangePassword: user.mustChangePassword },
      secret,
    );
  }

  async find(secret: string): Promise<SessionCaller | undefined> {
    const now = this.#clock.now();
    const session = await this.#store.findValid(secretHash(secret), now, now - this.#limits.idleMs);
    if (!session) return undefined;
    if (now - session.lastSeenAt < TOUCH_EVERY_MS) return this.#caller(session, secret);
    const touched = { ...session, lastSeenAt: now };
    await this.#store.save(touched);
    return this.#caller(touched, secret);
  }

  async end(secret: string): Promise<void> {
    const now = this.#clock.now();
    const session = await this.#store.findValid(secretHash(secret), now, now - this.#limits.idleMs);
    if (session) await this.#store.end(session);
  }

  #caller(session: ValidSession, secret: string): SessionCaller {
    return {
      kind: 'session',
      user: session.user,
      displayName: session.displayName,
      role: session.role,
      session: session.id,
      secret,
      mustChangePassword: session.mustChangePassword,
      expiresAt: session.expiresAt,
      idleExpiresAt: Math.min(session.expiresAt, session.lastSeenAt + this.#limits.idleMs),
    };
  }
}

/** What the page is told of its own session. */
export const sessionInfo = (caller: SessionCaller): SessionInfo => ({
  user: caller.user,
  displayName: caller.displayName,
  role: caller.role,
  csrfToken: csrfTokenOf(caller.secret),
  mustChangePassword: caller.mustChangePassword,
  expiresAt: isoInstant(caller.expiresAt),
  idleExpiresAt: isoInstant(caller.idleExpiresAt),
});
