import { errorForStatus, type OutboundHttp, type OutboundResponse } from '@keyward/outbound';
import { InvalidInputError, UnauthenticatedError, UnavailableError, type AppError, type Clock, type Secret } from '@keyward/runtime';
import { z } from 'zod';
import type { EntraPimSettings } from './settings.js';

const Token = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });
const GraphError = z.object({ error: z.object({ code: z.string() }) });

/** A token is given up this long before it ends, so that none ends on its way. */
const TOKEN_MARGIN_MS = 60_000;

export type GraphAnswer =
  { readonly ok: true; readonly json: unknown } | { readonly ok: false; readonly code: string; readonly error: AppError };

/** Microsoft Graph v1.0 as an application: client credentials, one token for all calls, asked for again once when it is refused. */
export class GraphApi {
  readonly #settings: EntraPimSettings;
  readonly #secret: Secret;
  readonly #http: OutboundHttp;
  readonly #clock: Clock;
  #token: { readonly value: string; readonly until: number } | undefined;

  constructor(settings: EntraPimSettings, secret: Secret, http: OutboundHttp, clock: Clock) {
    this.#settings = settings;
    this.#secret = secret;
    this.#http = http;
    this.#clock = clock;
  }

  /**
   * @param path below `/v1.0`, with its query
   * @returns the answer, or Graph's error code with the error that it means to us
   * @throws AppError when Graph or the login server can't be reached, or the token is refused
   */
  async call(method: 'GET' | 'POST', path: string, signal: AbortSignal, body?: unknown): Promise<GraphAnswer> {
    return this.#follow(method, `${this.#settings.graphUrl}/v1.0${path}`, signal, body);
  }

  /** All items of a list; follows `@odata.nextLink` on Graph's own host, ten pages at most. @throws AppError */
  async list<S extends z.ZodType>(path: string, item: S, signal: AbortSignal): Promise<z.output<S>[]> {
    const Page = z.object({ value: z.array(item), '@odata.nextLink': z.string().optional() });
    const items: z.output<S>[] = [];
    let url: string | undefined = `${this.#settings.graphUrl}/v1.0${path}`;
    for (let page = 0; url !== undefined && page < 10; page += 1) {
      const answer = await this.#follow('GET', url, signal);
      if (!answer.ok) throw answer.error;
      const parsed = Page.safeParse(answer.json);
      if (!parsed.success)
        throw new UnavailableError('entra_pim.unreadable', 'Graph answered with another shape than its documentation says.');
      items.push(...parsed.data.value);
      const next: string | undefined = parsed.data['@odata.nextLink'];
      url = next?.startsWith(`${this.#settings.graphUrl}/`) ? next : undefined;
    }
    return items;
  }

  async #follow(method: 'GET' | 'POST', url: string, signal: AbortSignal, body?: unknown): Promise<GraphAnswer> {
    let response = await this.#send(method, url, signal, body);
    if (response.status === 401) {
      // Revoked, or its keys were rolled: a fresh one decides.
      this.#token = undefined;
      response = await this.#send(method, url, signal, body);
    }
    const code = graphCode(response.body);
    const error = errorForStatus(response, { code: 'entra_pim', now: this.#clock.now(), context: { graphCode: code } });
    return error ? { ok: false, code, error } : { ok: true, json: jsonOf(response.body) };
  }

  async #send(method: 'GET' | 'POST', url: string, signal: AbortSignal, body: unknown): Promise<OutboundResponse> {
    const headers = { authorization: `Bearer ${await this.#accessToken(signal)}`, accept: 'application/json' };
    return this.#http.send({
      method,
      url,
      signal,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #accessToken(signal: AbortSignal): Promise<string> {
    if (this.#token && this.#token.until > this.#clock.now()) return this.#token.value;
    const { loginUrl, tenantId, clientId, graphUrl } = this.#settings;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: this.#secret.reveal(),
      scope: `${graphUrl}/.default`,
    });
    const response = await this.#http.send({
      method: 'POST',
      url: `${loginUrl}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
      signal,
    });
    // The login server says 400 for an unknown tenant or application and 401 for a wrong secret: all of them are our credentials.
    if (response.status === 400 || response.status === 401) {
      throw new UnauthenticatedError(
        'entra_pim.credentials_refused',
        'The login server refuses the application: tenant, id or secret is wrong or has expired.',
      );
    }
    const error = errorForStatus(response, { code: 'entra_pim', now: this.#clock.now() });
    if (error) throw error;
    const token = Token.safeParse(jsonOf(response.body));
    if (!token.success) throw new InvalidInputError('entra_pim.no_token', 'The login server answered without a token.');
    this.#token = { value: token.data.access_token, until: this.#clock.now() + token.data.expires_in * 1000 - TOKEN_MARGIN_MS };
    return this.#token.value;
  }
}

function graphCode(body: string): string {
  const parsed = GraphError.safeParse(jsonOf(body));
  // A code is a word; anything else is not repeated in our errors.
  return parsed.success && /^[A-Za-z0-9_.]{1,80}$/.test(parsed.data.error.code) ? parsed.data.error.code : '';
}

function jsonOf(body: string): unknown {
  try {
    return body === '' ? undefined : (JSON.parse(body) as unknown);
  } catch {
    return undefined;
  }
}
