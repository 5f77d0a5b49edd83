import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { LogServer, strangers, type PlayedRecord } from './log-server.js';
import { json } from './played-server.js';

interface List {
  readonly time: string;
  readonly top: number;
}
const LISTS: Readonly<Record<string, List>> = {
  '/v1.0/auditLogs/signIns': { time: 'createdDateTime', top: 1_000 },
  '/beta/auditLogs/signIns': { time: 'createdDateTime', top: 1_000 },
  '/v1.0/auditLogs/directoryAudits': { time: 'activityDateTime', top: 1_000 },
  '/v1.0/identityProtection/riskDetections': { time: 'detectedDateTime', top: 500 },
};

/**
 * Plays the reports of Microsoft Graph: newest first, pages by `$skiptoken`, filters by time and kind of sign-in. A record's `list` is the last part of
 * the path, for beta sign-ins the kind: `directoryAudits`, `signIns`, `nonInteractiveUser`.
 */
export class GraphLogServer extends LogServer {
  readonly tenantId = 'example.com';
  readonly #pages = new Map<string, readonly PlayedRecord[]>();

  protected isToken(url: URL): boolean {
    return url.pathname.endsWith('/oauth2/v2.0/token');
  }
  protected isNextPage(url: URL): boolean {
    return url.searchParams.has('$skiptoken');
  }
  protected token(request: HeardRequest, url: URL): HttpAnswer {
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return this.problem('token request');
    if (url.pathname !== `/${this.tenantId}/oauth2/v2.0/token`) return json(400, { error: 'invalid_request', error_codes: [90002] });
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== `${this.origin}/.default`)
      return this.problem('token form');
    if (form.get('client_id') !== this.clientId || form.get('client_secret') !== this.clientSecret)
      return json(401, { error: 'invalid_client' });
    return this.issue(3_599);
  }

  protected answer(request: HeardRequest, url: URL): HttpAnswer {
    if (!this.isKnown(request.headers['authorization'])) return json(401, { error: { code: 'InvalidAuthenticationToken' } });
    const list = LISTS[url.pathname];
    if (request.method !== 'GET' || !list) return this.problem(`${request.method} ${url.pathname}`, 404);
    if (strangers(url, ['$filter', '$top', '$skiptoken']).length > 0) return this.problem(`query ${url.search}`);
    const top = Number(url.searchParams.get('$top'));
    if (!(top >= 1 && top <= list.top)) return this.problem('$top');
    const filter = url.searchParams.get('$filter') ?? '';
    const form = new RegExp(`^${list.time} ge (\\S+Z) and ${list.time} le (\\S+Z)(?: and signInEventTypes/any\\(t: t eq '(\\w+)'\\))?$`);
    const [matched, from = '', to = '', kind] = form.exec(filter) ?? [];
    if (matched === undefined || (kind === undefined) !== url.pathname.startsWith('/v1.0/')) return this.problem(`filter ${filter}`);
    const token = url.searchParams.get('$skiptoken');
    const found =
      token === null
        ? this.visible(kind ?? url.pathname.split('/').at(-1))
            .filter(({ at }) => at >= Date.parse(from) && at <= Date.parse(to))
            .toReversed()
        : this.#pages.get(token);
    if (!found) return json(400, { error: { code: 'BadRequest', message: 'Skip token is expired.' } });
    const size = this.pageOf(top);
    const rest = found.slice(size);
    const value = found.slice(0, size).map(({ id, at }) => ({ id, [list.time]: new Date(at).toISOString() }));
    return json(200, {
      '@odata.context': `${this.origin}/v1.0/$metadata#list`,
      ...(rest.length > 0 && { '@odata.nextLink': this.#next(url, rest) }),
      value,
    });
  }
  #next(url: URL, rest: readonly PlayedRecord[]): string {
    const token = String(this.#pages.size + 1);
    this.#pages.set(token, rest);
    const next = new URL(url);
    next.searchParams.set('$skiptoken', token);
    return next.href;
  }
}
