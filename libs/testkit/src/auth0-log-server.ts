import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { LogServer, strangers, type PlayedRecord } from './log-server.js';
import { json } from './played-server.js';

/** Plays Auth0's Management API as far as logs go, by checkpoint and by search, and its token endpoint. Ids of logs begin with their time. */
export class Auth0LogServer extends LogServer {
  static logId({ id, at }: PlayedRecord): string {
    return `900${new Date(at).toISOString().replace(/\D/g, '')}${id}`;
  }
  static written(record: PlayedRecord): string {
    return `{"log_id":"${Auth0LogServer.logId(record)}","date":"${new Date(record.at).toISOString()}","type":"s","user_name":"ada@example.com"}`;
  }

  protected isToken(url: URL): boolean {
    return url.pathname === '/oauth/token';
  }
  protected isNextPage(url: URL): boolean {
    return url.searchParams.has('from');
  }
  protected token(request: HeardRequest): HttpAnswer {
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json') return this.problem('token request');
    const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
    if (body['grant_type'] !== 'client_credentials') return this.problem('grant type');
    if (body['audience'] !== `${this.origin}/api/v2/`) return json(403, { error: 'access_denied', error_description: 'Service not found' });
    if (body['client_id'] !== this.clientId || body['client_secret'] !== this.clientSecret) return json(401, { error: 'access_denied' });
    return this.issue(86_400);
  }

  protected answer(request: HeardRequest, url: URL): HttpAnswer {
    if (!this.isKnown(request.headers['authorization']))
      return json(401, { statusCode: 401, error: 'Unauthorized', message: 'Invalid token' });
    if (request.method !== 'GET' || url.pathname !== '/api/v2/logs') return this.problem(`${request.method} ${url.pathname}`, 404);
    return url.searchParams.has('from') ? this.#checkpoint(url) : this.#search(url);
  }

  #checkpoint(url: URL): HttpAnswer {
    const from = url.searchParams.get('from') ?? '';
    const take = Number(url.searchParams.get('take') ?? 50);
    if (strangers(url, ['from', 'take']).length > 0) return this.problem(`query ${url.search}`);
    if (!/^900\d{17}/.test(from) || !(take >= 1 && take <= 100)) return this.problem('checkpoint');
    const page = this.#byId()
      .filter((record) => Auth0LogServer.logId(record) > from)
      .slice(0, this.pageOf(take));
    const last = page.at(-1);
    const next = `${this.origin}/api/v2/logs?from=${last ? Auth0LogServer.logId(last) : from}&take=${take}`;
    return this.#page(page, { link: `<${next}>; rel="next"` });
  }

  #search(url: URL): HttpAnswer {
    const query = url.searchParams;
    const [, from = '', to = ''] = /^date:\[(\*|\S+Z) TO (\*|\S+Z)\]$/.exec(query.get('q') ?? '') ?? [];
    const perPage = Number(query.get('per_page'));
    const sort = query.get('sort');
    if (strangers(url, ['q', 'sort', 'per_page', 'page']).length > 0) return this.problem(`query ${url.search}`);
    if (from === '' || (sort !== 'date:1' && sort !== 'date:-1') || !(perPage >= 1 && perPage <= 100)) return this.problem('search');
    const within = this.visible().filter(({ at }) => (from === '*' || at >= Date.parse(from)) && (to === '*' || at <= Date.parse(to)));
    const page = sort === 'date:1' ? within : within.toReversed();
    return this.#page(page.slice(0, perPage), {});
  }

  #page(page: readonly PlayedRecord[], headers: Readonly<Record<string, string>>): HttpAnswer {
    return {
      status: 200,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'x-ratelimit-limit': '50',
        'x-ratelimit-remaining': '49',
        'x-ratelimit-reset': String(Math.ceil(this.now() / 1000) + 1),
        ...headers,
      },
      body: `[${page.map((record) => Auth0LogServer.written(record)).join(',')}]`,
    };
  }
  #byId(): readonly PlayedRecord[] {
    return this.visible().toSorted((a, b) => (Auth0LogServer.logId(a) < Auth0LogServer.logId(b) ? -1 : 1));
  }
}
