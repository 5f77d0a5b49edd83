import type { FastifyRequest } from 'fastify';
import { TOKEN_PREFIX } from '@keyward/contract';
import { ForbiddenError, UnauthenticatedError, type Secret } from '@keyward/runtime';
import { headerOf, sourceById } from '@keyward/sources';
import type { ApiTokens } from '../auth/api-tokens.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { Caller } from '../http/caller.js';

/** Longest header that is looked at. A token has 46 characters; Basic makes four of three. */
const MAX_CREDENTIAL_LENGTH = 400;

/**
 * Who brings records. Vendors' senders prove themselves in the ways they have: a token as `Bearer`, as the whole value of `Authorization`, as
 * password (or user) of `Basic`; where a sender can set no header, in the address; or a signature, which is verified when the body is read.
 * These ways exist on the ingest routes alone: a browser that remembers a password must not open the others with it.
 */
export class Senders {
  readonly #authenticator: Authenticator;
  readonly #tokens: ApiTokens;
  readonly #secrets: ReadonlyMap<string, Secret>;

  constructor(authenticator: Authenticator, tokens: ApiTokens, secrets: ReadonlyMap<string, Secret>) {
    this.#authenticator = authenticator;
    this.#tokens = tokens;
    this.#secrets = secrets;
  }

  /** @throws UnauthenticatedError `auth.required` for a token that is not valid; ForbiddenError for a token in the address that may do more than send */
  async callerOf(request: FastifyRequest, sourceId: string): Promise<Caller> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return this.#byToken(tokenIn(authorization));
    const push = sourceById(sourceId)?.push;
    const inAddress = push?.tokenInAddress === true ? tokenOfAddress(request) : undefined;
    if (inAddress !== undefined) {
      const caller = await this.#byToken(inAddress);
      // Addresses end up in the logs of proxies: what can be read there must open nothing else.
      if (caller.kind === 'token' && caller.scopes.every((scope) => scope === `ingest:${sourceId}`)) return caller;
      throw new ForbiddenError('auth.forbidden', 'A token in the address may have no other scope than to send records of this source.');
    }
    if (push?.signature && this.#secrets.has(sourceId) && headerOf(request.headers, push.signature.header) !== undefined) {
      return { kind: 'signer', source: sourceId };
    }
    return this.#authenticator.callerOf(request);
  }

  async #byToken(token: string | undefined): Promise<Caller> {
    const known = token === undefined ? undefined : await this.#tokens.find(token);
    if (!known) throw new UnauthenticatedError('auth.required', 'The token is unknown, expired or revoked.');
    return { kind: 'token', id: known.id, name: known.name, scopes: known.scopes };
  }
}

/** The token in a value of `Authorization`: `Bearer kw_...`, `kw_...`, or `Basic` with it as password, or as user without password. */
function tokenIn(authorization: string): string | undefined {
  if (authorization.length > MAX_CREDENTIAL_LENGTH) return undefined;
  const [, scheme = '', credential = ''] = /^(?:([A-Za-z]+) +)?(\S+)$/.exec(authorization.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case '':
    case 'bearer':
      return asToken(credential);
    case 'basic': {
      const pair = Buffer.from(credential, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      return colon < 0 ? asToken(pair) : (asToken(pair.slice(colon + 1)) ?? asToken(pair.slice(0, colon)));
    }
    default:
      return undefined;
  }
}

const asToken = (value: string): string | undefined => (value.startsWith(TOKEN_PREFIX) ? value : undefined);

function tokenOfAddress(request: FastifyRequest): string | undefined {
  const query: unknown = request.query;
  const token: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, 'token') : undefined;
  return typeof token === 'string' && token.length <= MAX_CREDENTIAL_LENGTH ? token : undefined;
}
