import type { StoredUser, UserStore } from '@keyward/adapter-clickhouse';
import type { NewUser, User, UserChange, UserWithPassword } from '@keyward/contract';
import { isoInstant } from '@keyward/events';
import { ConflictError, ForbiddenError, NotFoundError, UnauthenticatedError, type Clock } from '@keyward/runtime';
import { requireGoodPassword, type Passwords } from './passwords.js';
import { newPassword } from './secrets.js';

/** People who may sign in, and what may be changed about them. */
export class Users {
  readonly #store: UserStore;
  readonly #passwords: Passwords;
  readonly #clock: Clock;

  constructor(store: UserStore, passwords: Passwords, clock: Clock) {
    this.#store = store;
    this.#passwords = passwords;
    this.#clock = clock;
  }

  async list(): Promise<User[]> {
    return (await this.#store.list()).map(userView);
  }

  /** @throws ConflictError when the name is taken, InvalidInputError `auth.weak_password` */
  async create(wanted: NewUser): Promise<UserWithPassword> {
    if (await this.#store.find(wanted.name)) throw new ConflictError('conflict', 'There is a user of this name.');
    const made = wanted.password === undefined;
    const password = wanted.password ?? newPassword();
    requireGoodPassword(password, wanted.name);
    const now = this.#clock.now();
    const user: StoredUser = {
      name: wanted.name,
      version: now,
      displayName: wanted.displayName ?? wanted.name,
      role: wanted.role,
      passwordHash: await this.#passwords.hash(password),
      disabled: false,
      mustChangePassword: made,
      sessionsValidFrom: now,
      createdAt: now,
      changedAt: now,
      lastLoginAt: null,
    };
    await this.#store.save(user);
    return { user: userView(user), ...(made ? { password } : {}) };
  }

  /** Ends the user's sessions when his role or state changes. @throws NotFoundError, ConflictError when nobody would be left to administer */
  async change(name: string, change: UserChange): Promise<User> {
    const user = await this.#get(name);
    const now = this.#clock.now();
    const role = change.role ?? user.role;
    const disabled = change.disabled ?? user.disabled;
    if (role !== 'admin' || disabled) await this.#requireAnotherAdmin(user);
    const endSessions = role !== user.role || disabled !== user.disabled;
    const changed: StoredUser = {
      ...user,
      role,
      disabled,
      displayName: change.displayName ?? user.displayName,
      sessionsValidFrom: endSessions ? now : user.sessionsValidFrom,
      changedAt: now,
    };
    await this.#store.save(changed);
    return userView(changed);
  }

  /** @returns the new password, to be shown once. @throws NotFoundError */
  async resetPassword(name: string): Promise<UserWithPassword> {
    const user = await this.#get(name);
    const password = newPassword();
    const changed = await this.#withPassword(user, password, true);
    return { user: userView(changed), password };
  }

  /** Ends all sessions of the user, also the one that asks. @throws UnauthenticatedError, InvalidInputError `auth.weak_password` */
  async changePassword(name: string, current: string, next: string): Promise<StoredUser> {
    const user = await this.#get(name);
    if (!(await this.#passwords.matches(user.passwordHash, current))) {
      throw new UnauthenticatedError('auth.wrong_credentials', 'The current password is wrong.');
    }
    requireGoodPassword(next, name);
    if (next === current) throw new ConflictError('conflict', 'The new password is the old one.');
    return this.#withPassword(user, next, false);
  }

  /** @throws NotFoundError, ForbiddenError for oneself, ConflictError for the last administrator */
  async delete(name: string, by: string): Promise<void> {
    const user = await this.#get(name);
    if (name === by) throw new ForbiddenError('auth.forbidden', 'Nobody deletes himself.');
    await this.#requireAnotherAdmin(user);
    await this.#store.delete({ ...user, changedAt: this.#clock.now() });
  }

  async noteLogin(user: StoredUser): Promise<void> {
    const now = this.#clock.now();
    await this.#store.save({ ...user, lastLoginAt: now, changedAt: user.changedAt });
  }

  async #withPassword(user: StoredUser, password: string, mustChangePassword: boolean): Promise<StoredUser> {
    const now = this.#clock.now();
    const passwordHash = await this.#passwords.hash(password);
    const changed: StoredUser = { ...user, passwordHash, mustChangePassword, sessionsValidFrom: now, changedAt: now };
    await this.#store.save(changed);
    return changed;
  }

  async #get(name: string): Promise<StoredUser> {
    const user = await this.#store.find(name);
    if (!user) throw new NotFoundError('not_found', 'There is no such user.');
    return user;
  }

  async #requireAnotherAdmin(user: StoredUser): Promise<void> {
    if (user.role !== 'admin' || user.disabled) return;
    const others = (await this.#store.list()).filter((other) => other.name !== user.name && other.role === 'admin' && !other.disabled);
    if (others.length === 0) throw new ConflictError('conflict', 'This is the last administrator.');
  }
}

const userView = (user: StoredUser): User => ({
  name: user.name,
  displayName: user.displayName,
  role: user.role,
  disabled: user.disabled,
  mustChangePassword: user.mustChangePassword,
  createdAt: isoInstant(user.createdAt),
  changedAt: isoInstant(user.changedAt),
  lastLoginAt: user.lastLoginAt === null ? null : isoInstant(user.lastLoginAt),
});
