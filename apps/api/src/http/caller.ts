import type { FastifyRequest } from 'fastify';
import type { Role } from '@keyward/contract';

/** Who sent a request. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'session';
      readonly user: string;
      readonly displayName: string;
      readonly role: Role;
      /** SHA-256 of the cookie's value. */
      readonly session: string;
      /** The cookie's value: the CSRF token derives from it. */
      readonly secret: string;
      readonly mustChangePassword: boolean;
      readonly expiresAt: number;
      readonly idleExpiresAt: number;
    }
  /** A vendor's delivery that carries a signature. Whoever reads the body must verify it before believing anything in it. */
  | { readonly kind: 'signer'; readonly source: string }
  | { readonly kind: 'token'; readonly id: string; readonly name: string; readonly scopes: readonly string[] };

const callers = new WeakMap<FastifyRequest, Caller>();

export const rememberCaller = (request: FastifyRequest, caller: Caller): void => {
  callers.set(request, caller);
};
export const callerOf = (request: FastifyRequest): Caller => callers.get(request) ?? { kind: 'anonymous' };

/** As the audit log and the decision log name somebody. */
export function callerName(caller: Caller): string {
  switch (caller.kind) {
    case 'session':
      return caller.user;
    case 'token':
      return `token:${caller.name}`;
    case 'signer':
      return `signature:${caller.source}`;
    case 'anonymous':
      return 'anonymous';
  }
}
