import type { Policy } from '@keyward/response';

/** Names under which modules find what is not a class of its own. */
export const COOKIE = Symbol('CookieSettings');
export const OCSF_EXPORT = Symbol('OcsfExport');
export const POLICY = Symbol('PolicyInForce');
export const LOGGER = Symbol('Logger');
export const OPENAPI = Symbol('OpenApiDocument');

/** Under which people and programs reach it; absent: as they ask for it. */
export const PUBLIC_URL = Symbol('PublicUrl');

/** How the session cookie is set. `__Host-` binds it to this host, and browsers take it over TLS only. */
export interface CookieSettings {
  readonly name: string;
  readonly secure: boolean;
}
export interface PolicyInForce {
  readonly policy: () => Policy;
  /** Where it was read from, for people. */
  readonly source: string;
}
