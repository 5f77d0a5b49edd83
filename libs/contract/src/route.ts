import type { z } from 'zod';
import type { Role } from './access.js';

/**
 * Who may call a route: anybody; somebody signed in with a session; somebody of at least that role (or a token: `read` is a viewer, `respond` a
 * responder); a token that may send records of the source; a token of a SCIM client; or, for metrics, the machine itself and tokens with `read`.
 */
export type RouteAccess = 'public' | 'signed_in' | Role | 'ingest' | 'scim' | 'local';

export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: RouteAccess;
  /** Status of success. */
  readonly status: 200 | 201 | 202 | 204;
  readonly query?: z.ZodType;
  /** JSON body. */
  readonly body?: z.ZodType;
  /** JSON answer; absent: no body, or `produces` says what. */
  readonly response?: z.ZodType;
  /** Media types of a body that is not JSON of `body`. */
  readonly consumes?: readonly string[];
  readonly produces?: string;
}

/** Keeps the schemas' types and checks the shape. */
export const route = <const Definition extends RouteDefinition>(definition: Definition): Definition => definition;
