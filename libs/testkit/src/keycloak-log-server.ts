import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { LogServer, strangers, type PlayedRecord } from './log-server.js';
import { json } from './played-server.js';

/** Plays the two event lists of Keycloak's admin REST interface, newest first. A record's `list` is `events` or `admin-events`. */
export class KeycloakLogServer extends LogServer {
  readonly realm = 'example';
  /** As servers before 26: days only. */
  daysOnly = false;

  static written({ id, at, list }: PlayedRecord): string {
    const time = `"id":"${id}","time":${at},"realmId":"realm-1"`;
    return list === 'events'
      ? `{${time},"type":"LOGIN","userId":"user-1","ipAddress":"198.51.100.7"}`
      : `{${time},"operationType":"CREATE","resourceType":"USER","resourcePath":"users/user-1","authDetails":{"userId":"admin-1"}}`;
  }

  protected isToken(url: URL): boolean {
    return url.pathname.endsWith('/protocol/openid-connect/token');
  }
  /** Pages have numbers here. */
  protected isNextPage(): boolean {
    return false;
  }
  protected token(request: HeardRequest, url: URL): HttpAnswer {
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return this.problem('token request');
    if (url.pathname !== `/realms/${this.realm}/protocol/openid-connect/token`) return json(404, { error: 'Realm does not exist' });
    if (form.get('grant_type') !== 'client_credentials') return this.problem('grant type');
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret)
      return json(401, { error: 'unauthorized_client' });
    return this.issue(60);
  }

  protected answer(request: HeardRequest, url: URL): HttpAnswer {
    if (!this.isKnown(request.headers['authorization'])) return json(401, { error: 'HTTP 401 Unauthorized' });
    const [, realm, list] = /^\/admin\/realms\/([^/]+)\/(events|admin-events)$/.exec(url.pathname) ?? [];
    if (request.method !== 'GET' || list === undefined) return this.problem(`${request.method} ${url.pathname}`, 404);
    if (realm !== this.realm) return json(404, { error: 'Realm not found.' });
    if (strangers(url, ['dateFrom', 'dateTo', 'first', 'max']).length > 0) return this.problem(`query ${url.search}`);
    const from = this.#instant(url.searchParams.get('dateFrom'), 0);
    const to = this.#instant(url.searchParams.get('dateTo'), 86_400_000 - 1);
    if (from === undefined || to === undefined) return json(400, { error: "Invalid value for 'dateFrom', expected format is yyyy-MM-dd" });
    const first = Number(url.searchParams.get('first') ?? 0);
    const most = Number(url.searchParams.get('max') ?? 100);
    if (!(first >= 0) || !(most >= 1)) return this.problem('page');
    const page = this.visible(list)
      .filter(({ at }) => at >= from && at <= to)
      .toReversed()
      .slice(first, first + most);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: `[${page.map((record) => KeycloakLogServer.written(record)).join(',')}]`,
    };
  }
  #instant(text: string | null, inDayMs: number): number | undefined {
    if (text !== null && /^\d{4}-\d\d-\d\d$/.test(text)) return Date.parse(text) + inDayMs;
    return text !== null && /^\d{10,14}$/.test(text) && !this.daysOnly ? Number(text) : undefined;
  }
}
