import type { StoredToken, TokenStore } from '@keyward/adapter-clickhouse';
import type { ApiToken, NewApiToken } from '@keyward/contract';
import { HOUR_MS, isoInstant } from '@keyward/events';
import { InvalidInputError, NotFoundError, type Clock } from '@keyward/runtime';
import { constantTimeEqual } from './csrf.js';
import { hintOf, newApiToken, newId, secretHash } from './secrets.js';

/** Tokens of other programs: shown once, stored as a hash. */
export class ApiTokens {
  readonly #store: TokenStore;
  readonly #clock: Clock;

  constructor(store: TokenStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The token, when it may still be used. Notes its use, to the hour. */
  async find(token: string): Promise<StoredToken | undefined> {
    const hash = secretHash(token);
    const stored = await this.#store.find(hash);
    const now = this.#clock.now();
    if (!stored || !constantTimeEqual(stored.hash, hash)) return undefined;
    if (stored.revokedAt !== null || (stored.expiresAt !== null && stored.expiresAt <= now)) return undefined;
    if (now - (stored.lastUsedAt ?? 0) >= HOUR_MS) await this.#store.save({ ...stored, lastUsedAt: now });
    return stored;
  }

  /** @throws InvalidInputError when it would have expired already */
  async create(wanted: NewApiToken, createdBy: string): Promise<{ readonly token: string; readonly record: ApiToken }> {
    const now = this.#clock.now();
    const expiresAt = wanted.expiresAt === undefined ? null : Date.parse(wanted.expiresAt);
    if (expiresAt !== null && expiresAt <= now) throw new InvalidInputError('request.invalid', 'The token would have expired already.');
    const token = newApiToken();
    const stored: StoredToken = {
      hash: secretHash(token),
      version: now,
      id: newId(),
      name: wanted.name,
      scopes: [...new Set(wanted.scopes)],
      hint: hintOf(token),
      createdBy,
      createdAt: now,
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    };
    await this.#store.save(stored);
    return { token, record: tokenView(stored) };
  }

  async list(): Promise<ApiToken[]> {
    return (await this.#store.list()).map(tokenView);
  }

  /** @throws NotFoundError */
  async revoke(id: string): Promise<void> {
    const stored = (await this.#store.list()).find((token) => token.id === id);
    if (!stored) throw new NotFoundError('not_found', 'There is no such token.');
    if (stored.revokedAt === null) await this.#store.save({ ...stored, revokedAt: this.#clock.now() });
  }
}

const instantOrNull = (at: number | null): string | null => (at === null ? null : isoInstant(at));
const tokenView = (token: StoredToken): ApiToken => ({
  id: token.id,
  name: token.name,
  scopes: token.scopes,
  hint: token.hint,
  createdBy: token.createdBy,
  createdAt: isoInstant(token.createdAt),
  expiresAt: instantOrNull(token.expiresAt),
  lastUsedAt: instantOrNull(token.lastUsedAt),
  revokedAt: instantOrNull(token.revokedAt),
});
