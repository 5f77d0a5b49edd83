import type { UserStore } from '@keyward/adapter-clickhouse';
import type { Clock } from '@keyward/runtime';
import { Passwords } from './passwords.js';
import { newPassword } from './secrets.js';

export interface FirstAdmin {
  readonly user: string;
  /** To be shown once; it is stored only as a hash. */
  readonly password: string;
}

/**
 * Makes the user `admin` when there is no user yet.
 *
 * @returns his name and password, to print once; undefined when somebody can sign in already
 * @throws UnavailableError
 */
export async function ensureFirstAdmin(users: UserStore, clock: Clock): Promise<FirstAdmin | undefined> {
  if ((await users.list()).length > 0) return undefined;
  const password = newPassword();
  const now = clock.now();
  await users.save({
    name: 'admin',
    version: 0,
    displayName: 'First administrator',
    role: 'admin',
    passwordHash: await new Passwords().hash(password),
    disabled: false,
    mustChangePassword: false,
    sessionsValidFrom: now,
    createdAt: now,
    changedAt: now,
    lastLoginAt: null,
  });
  return { user: 'admin', password };
}
