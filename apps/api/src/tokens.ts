import type { Logger } from '@keyward/runtime';

/** Names under which modules find what is not a class of its own. */
export const API_DEPENDENCIES = Symbol('ApiDependencies');
export const ANSWER_OPTIONS = Symbol('AnswerOptions');
export const CLOCK = Symbol('Clock');
export const COOKIE = Symbol('CookieSettings');

export interface AnswerOptions {
  readonly logger: Logger;
  readonly strict: boolean;
}
/** How the session cookie is set. `__Host-` binds it to this host, and browsers take it over TLS only. */
export interface CookieSettings {
  readonly name: string;
  readonly secure: boolean;
}
