import type { LoginAttemptStore, StoredUser, UserStore } from '@keyward/adapter-clickhouse';
import { DAY_MS } from '@keyward/events';
import { RateLimitedError, UnauthenticatedError, type Clock } from '@keyward/runtime';
import { FAILURE_WINDOW_MS, loginDelayMs } from './login-delay.js';
import type { Passwords } from './passwords.js';
import { newId } from './secrets.js';

/** An address from which somebody signed in within this time is his own. */
const KNOWN_FOR_MS = 30 * DAY_MS;

/** Checks user and password, and slows down those who guess. */
export class Login {
  readonly #users: UserStore;
  readonly #attempts: LoginAttemptStore;
  readonly #passwords: Passwords;
  readonly #clock: Clock;
  /** One attempt of an address at a time: a hundred in parallel would all be counted too late. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(users: UserStore, attempts: LoginAttemptStore, passwords: Passwords, clock: Clock) {
    this.#users = users;
    this.#attempts = attempts;
    this.#passwords = passwords;
    this.#clock = clock;
  }

  /**
   * @returns the user
   * @throws UnauthenticatedError `auth.wrong_credentials`: the same for an unknown user, a disabled one and a wrong password
   * @throws RateLimitedError `auth.too_many_attempts` with `retryAfterMs`
   */
  check(name: string, password: string, address: string): Promise<StoredUser> {
    return this.#inTurn(`address ${address}`, () => this.#inTurn(`user ${name}`, () => this.#check(name, password, address)));
  }

  async #check(name: string, password: string, address: string): Promise<StoredUser> {
    const now = this.#clock.now();
    const [failures, known] = await Promise.all([
      this.#attempts.failuresSince(now - FAILURE_WINDOW_MS, name, address),
      this.#attempts.isKnownAddress(now - KNOWN_FOR_MS, name, address),
    ]);
    const retryAfterMs = loginDelayMs(failures, known, now);
    if (retryAfterMs > 0) {
      throw new RateLimitedError('auth.too_many_attempts', 'Too many failed attempts. Wait, then try again.', {
        context: { retryAfterMs },
      });
    }
    const attempt = { id: newId(), user: name, address, at: now };
    await this.#attempts.begun(attempt);
    const user = await this.#users.find(name);
    const matches = await this.#passwords.matches(user?.passwordHash, password);
    if (!user || !matches || user.disabled) throw new UnauthenticatedError('auth.wrong_credentials', 'User or password is wrong.');
    await this.#attempts.succeeded(attempt);
    return user;
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#queues.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(key) === settled) this.#queues.delete(key);
    }
  }
}
