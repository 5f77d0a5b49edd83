import { hash, verify } from '@node-rs/argon2';
import { MIN_PASSWORD_LENGTH } from '@keyward/contract';
import { InvalidInputError, UnavailableError } from '@keyward/runtime';

/** OWASP's second recommended setting for argon2id: 19 MiB, two passes, one lane; about 30 ms. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Hashing takes a core and 19 MiB each: more at once would let anybody at the login page slow down everything else. */
const MAX_AT_ONCE = 4;
const MAX_WAITING = 64;
/** What is tried first by everybody who guesses. Longer lists belong to the operator's own policy. */
const COMMON = ['password', 'passwort', 'qwerty', 'keyward', '123456', 'letmein', 'welcome', 'changeme'];

/** Hashes and checks passwords with argon2id, a few at a time. */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Checked against when there is no such user, so that both answers take as long. */
  #nobody: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.#limited(() => hash(password, ARGON2ID));
  }

  /** @param stored undefined when there is no such user: takes as long, and is false */
  async matches(stored: string | undefined, password: string): Promise<boolean> {
    this.#nobody ??= this.hash('nobody has this password');
    const against = stored ?? (await this.#nobody);
    const matched = await this.#limited(() => verify(against, password));
    return matched && stored !== undefined;
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new UnavailableError('service.unavailable', 'Too many people sign in at once.', { context: { retryAfterMs: 1_000 } });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

/** @throws InvalidInputError `auth.weak_password` */
export function requireGoodPassword(password: string, user: string): void {
  const folded = password.toLowerCase();
  const weak = (message: string): InvalidInputError => new InvalidInputError('auth.weak_password', message);
  if (password.length < MIN_PASSWORD_LENGTH) throw weak(`A password has at least ${MIN_PASSWORD_LENGTH} characters.`);
  if (new Set(folded).size < 5) throw weak('A password uses at least five different characters.');
  if (user.length >= 4 && folded.includes(user.toLowerCase())) throw weak('A password does not contain the user name.');
  if (COMMON.some((word) => folded.replace(/[^a-z0-9]/g, '').replace(/\d+$/, '') === word || folded.startsWith(`${word}${word}`))) {
    throw weak('This password is one of the first that everybody tries.');
  }
}
