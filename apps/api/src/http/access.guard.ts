import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CSRF_HEADER, ROUTES } from '@keyward/contract';
import { ForbiddenError, UnauthenticatedError } from '@keyward/runtime';
import type { Authenticator } from '../auth/authenticator.js';
import type { Senders } from '../ingest/senders.js';
import { csrfTokenMatches } from '../auth/csrf.js';
import { rememberCaller, type Caller } from './caller.js';
import { decideAccess } from './decide-access.js';
import { endpointOf } from './endpoint.js';

/** Runs before every handler: who is it, may he, and was it his own page that asked? */
export class AccessGuard implements CanActivate {
  readonly #authenticator: Authenticator;
  readonly #senders: Senders;

  constructor(authenticator: Authenticator, senders: Senders) {
    this.#authenticator = authenticator;
    this.#senders = senders;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const name = endpointOf(context.getHandler());
    if (!name) throw new Error(`${context.getClass().name}.${context.getHandler().name} has no route of the contract`);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { access, method } = ROUTES[name];
    if (method !== 'GET') refuseCrossSite(request);
    if (access === 'public') return true;

    const source = paramOf(request, 'source');
    const caller = access === 'ingest' ? await this.#senders.callerOf(request, source ?? '') : await this.#authenticator.callerOf(request);
    rememberCaller(request, caller);
    const verdict = decideAccess({ access, source, local: isLocal(request) }, caller);
    if (!verdict.ok) {
      if (verdict.code === 'auth.required') throw new UnauthenticatedError(verdict.code, verdict.message);
      throw new ForbiddenError(verdict.code, verdict.message);
    }
    if (method !== 'GET') requireCsrf(request, caller);
    return true;
  }
}

/** A browser says where a request comes from; whatever another site makes it send is not this person's will. */
function refuseCrossSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') throw new ForbiddenError('auth.csrf', 'The request came from another site.');
}

/** Only cookies travel by themselves; a token is sent on purpose. */
function requireCsrf(request: FastifyRequest, caller: Caller): void {
  if (caller.kind !== 'session') return;
  const sent = request.headers[CSRF_HEADER];
  if (typeof sent !== 'string' || !csrfTokenMatches(sent, caller.secret)) {
    throw new ForbiddenError('auth.csrf', `The header ${CSRF_HEADER} is missing or not that of this session.`);
  }
}

/** Loopback, and nobody in between: a proxy on the same machine says so in a header. */
function isLocal(request: FastifyRequest): boolean {
  const forwarded = request.headers['x-forwarded-for'] ?? request.headers['forwarded'];
  return forwarded === undefined && /^(127\.|::1$|::ffff:127\.)/.test(request.ip);
}

function paramOf(request: FastifyRequest, name: string): string | undefined {
  const params: unknown = request.params;
  if (typeof params !== 'object' || params === null) return undefined;
  const value: unknown = Reflect.get(params, name);
  return typeof value === 'string' ? value : undefined;
}
