import type { FastifyRequest } from 'fastify';
import { TOKEN_PREFIX } from '@keyward/contract';
import { UnauthenticatedError } from '@keyward/runtime';
import type { Caller } from '../http/caller.js';
import type { ApiTokens } from './api-tokens.js';
import type { Sessions } from './sessions.js';

/** Longest secret that is looked at; ours have 46 characters. */
const MAX_SECRET_LENGTH = 200;

/** Who sent a request: an `Authorization: Bearer kw_...` token, or the session of the cookie. */
export class Authenticator {
  readonly #sessions: Sessions;
  readonly #tokens: ApiTokens;
  readonly #cookieName: string;

  constructor(sessions: Sessions, tokens: ApiTokens, cookieName: string) {
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#cookieName = cookieName;
  }

  /** @throws UnauthenticatedError `auth.required` when something was shown that is not, or no longer, valid */
  async callerOf(request: FastifyRequest): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#byToken(authorization);
    const secret = request.cookies[this.#cookieName];
    if (secret === undefined) return { kind: 'anonymous' };
    const session = secret.length <= MAX_SECRET_LENGTH ? await this.#sessions.find(secret) : undefined;
    if (!session) throw new UnauthenticatedError('auth.required', 'The session is over. Sign in again.');
    return session;
  }

  async #byToken(authorization: string): Promise<Caller> {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const known = token?.startsWith(TOKEN_PREFIX) && token.length <= MAX_SECRET_LENGTH ? await this.#tokens.find(token) : undefined;
    if (!known) throw new UnauthenticatedError('auth.required', 'The token is unknown, expired or revoked.');
    return { kind: 'token', id: known.id, name: known.name, scopes: known.scopes };
  }
}
