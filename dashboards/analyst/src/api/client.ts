import {
  CSRF_HEADER,
  Problem,
  ROUTES,
  routePath,
  type BodyInput,
  type QueryInput,
  type ResponseOf,
  type RouteDefinition,
  type RouteName,
} from '@keyward/contract';
import { z } from 'zod';

// zod would compile its parsers with `new Function`, which the page's Content-Security-Policy forbids.
z.config({ jitless: true });

/** An answer that is not 2xx, or none at all. `problem` is what the API said; absent when nothing that could be read came back. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem | undefined;
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, status: number, problem?: Problem, retryAfterSeconds?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
/** Nothing reached the API, or it did not answer in time. */
export const NO_ANSWER = 0;
/** The API answered 2xx with something that breaks the contract. */
export const UNREADABLE_ANSWER = -1;
const TIMEOUT_MS = 30_000;

export interface ApiRequest<Name extends RouteName> {
  readonly params?: Readonly<Record<string, string>>;
  /** As the contract types it, or as text from the URL: the API checks it either way. */
  readonly query?: QueryInput<Name> | Readonly<Record<string, string>>;
  readonly body?: BodyInput<Name>;
  readonly signal?: AbortSignal;
}

let csrfToken = '';
/** Kept in memory only: it is as good as the session for whoever can read it. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

/**
 * Calls one route of the contract's table and parses the answer with its schema.
 * @throws ApiError for every answer that is not 2xx, none, or one that breaks the contract
 */
export async function call<Name extends RouteName>(name: Name, request: ApiRequest<Name> = {}): Promise<ResponseOf<Name>> {
  const route: RouteDefinition = ROUTES[name];
  const response = await send(route, routePath(name, request.params) + queryString(request.query), request.body, request.signal);
  if (!response.ok) throw await failureOf(response);
  const body: unknown = route.response ? await response.json().catch(() => undefined) : undefined;
  const parsed = (route.response ?? z.undefined()).safeParse(body);
  if (!parsed.success) throw new ApiError(`${name}: ${z.prettifyError(parsed.error)}`, UNREADABLE_ANSWER);
  // The table joins name and schema; TypeScript cannot follow a generic key through safeParse.
  return parsed.data as ResponseOf<Name>;
}

async function send(route: RouteDefinition, url: string, body: unknown, signal: AbortSignal | undefined): Promise<Response> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (route.method !== 'GET') headers[CSRF_HEADER] = csrfToken;
  try {
    return await fetch(url, {
      method: route.method,
      headers,
      credentials: 'same-origin',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(error instanceof Error ? error.message : 'No answer', NO_ANSWER);
  }
}

async function failureOf(response: Response): Promise<ApiError> {
  const parsed = Problem.safeParse(await response.json().catch(() => undefined));
  const retryAfter = Number(response.headers.get('retry-after') ?? NaN);
  const problem = parsed.success ? parsed.data : undefined;
  return new ApiError(
    problem?.title ?? `Answer ${response.status}`,
    response.status,
    problem,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  );
}

/** `?a=1&b=x,y` without empty values; '' when nothing is left. */
export function queryString(query: unknown): string {
  if (typeof query !== 'object' || query === null) return '';
  const pairs = Object.entries(query).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, String(value)] as const] : [],
  );
  const text = new URLSearchParams(pairs.filter(([, value]) => value !== '').map(([key, value]) => [key, value])).toString();
  return text === '' ? '' : `?${text}`;
}
