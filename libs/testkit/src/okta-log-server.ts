import { generateKeyPairSync, verify, type KeyObject } from 'node:crypto';
import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { LogServer, strangers, type LogServerOptions, type PlayedRecord } from './log-server.js';
import { json } from './played-server.js';

/**
 * Plays Okta's System Log (polling requests) and its token endpoint for service apps. A record that becomes visible late stands behind places that were
 * given out before: harder than what Okta promises.
 */
export class OktaLogServer extends LogServer {
  readonly apiToken = `00${this.clientSecret}`;
  readonly privateKey: string;
  readonly keyId = 'key-1';
  /** Of the `X-Rate-Limit-*` headers. */
  limit = { limit: 120, remaining: 119, resetSeconds: 60 };
  readonly #publicKey: KeyObject;
  #forgotten = 0;
  #given = 0;

  constructor(options: LogServerOptions = {}) {
    super(options);
    const pair = keyPair();
    this.#publicKey = pair.publicKey;
    this.privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }
  /** Places named so far are not known any more. */
  forgetPlaces(): void {
    this.#forgotten = this.#given;
  }
  /** As System Log writes an event. */
  static written({ id, at }: PlayedRecord): string {
    return `{"uuid":"${id}","published":"${new Date(at).toISOString()}","eventType":"user.session.start","outcome":{"result":"SUCCESS"},"debugContext":{"debugData":{"weight":1.0}}}`;
  }

  protected isToken(url: URL): boolean {
    return url.pathname === '/oauth2/v1/token';
  }
  protected isNextPage(url: URL): boolean {
    return url.searchParams.has('after');
  }
  protected token(request: HeardRequest): HttpAnswer {
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return this.problem('token request');
    if (form.get('grant_type') !== 'client_credentials' || form.get('scope') !== 'okta.logs.read') return this.problem('token form');
    if (form.get('client_assertion_type') !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return this.problem('assertion type');
    const [header = '', claims = '', signature = ''] = (form.get('client_assertion') ?? '').split('.');
    const signed = verify('sha256', Buffer.from(`${header}.${claims}`), this.#publicKey, Buffer.from(signature, 'base64url'));
    if (!signed) return json(401, { error: 'invalid_client', error_description: 'The signature of the assertion is invalid.' });
    const head = part(header);
    const said = part(claims);
    const seconds = Math.floor(this.now() / 1000);
    const valid =
      head['alg'] === 'RS256' &&
      head['kid'] === this.keyId &&
      said['iss'] === this.clientId &&
      said['sub'] === this.clientId &&
      said['aud'] === `${this.origin}/oauth2/v1/token` &&
      typeof said['jti'] === 'string' &&
      Number(said['exp']) > seconds &&
      Number(said['exp']) <= seconds + 3_600;
    return valid ? this.issue(3_600) : this.problem('claims of the assertion', 401);
  }

  protected answer(request: HeardRequest, url: URL): HttpAnswer {
    const { authorization } = request.headers;
    if (authorization !== `SSWS ${this.apiToken}` && !this.isKnown(authorization)) {
      return json(401, { errorCode: 'E0000011', errorSummary: 'Invalid token provided' });
    }
    if (request.method !== 'GET' || url.pathname !== '/api/v1/logs') return this.problem(`${request.method} ${url.pathname}`, 404);
    const query = url.searchParams;
    const [since, after, limit] = [query.get('since'), query.get('after'), Number(query.get('limit') ?? 100)];
    if (strangers(url, ['since', 'after', 'limit', 'sortOrder']).length > 0) return this.problem(`query ${url.search}`);
    if (query.get('sortOrder') !== 'ASCENDING') return this.problem('no polling request');
    if ((since === null) === (after === null)) return this.problem('since and after are mutually exclusive');
    if (!(limit >= 1 && limit <= 1_000)) return this.problem('limit');
    const place = after === null ? `${Date.parse(since ?? '')}_` : this.#placeIn(after);
    if (place === undefined) return json(400, { errorCode: 'E0000001', errorSummary: 'Api validation failed: after' });
    const page = this.visible()
      .filter((record) => keyOf(record) > place)
      .slice(0, this.pageOf(limit));
    const last = page.at(-1);
    const next = `${this.origin}/api/v1/logs?sortOrder=ASCENDING&limit=${limit}&after=${last ? this.#name(keyOf(last)) : (after ?? this.#name(place))}`;
    const { limit: most, remaining, resetSeconds } = this.limit;
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        link: [`<${url.href}>; rel="self"`, `<${next}>; rel="next"`],
        'x-rate-limit-limit': String(most),
        'x-rate-limit-remaining': String(remaining),
        'x-rate-limit-reset': String(Math.ceil(this.now() / 1000) + resetSeconds),
        date: new Date(this.now()).toUTCString(),
      },
      body: `[${page.map((record) => OktaLogServer.written(record)).join(',')}]`,
    };
  }
  #name(place: string): string {
    this.#given += 1;
    return encodeURIComponent(`${this.#given}:${place}`);
  }
  #placeIn(after: string): string | undefined {
    const [number = '', place] = after.split(':');
    return Number(number) > this.#forgotten ? place : undefined;
  }
}
/** Made once: it takes a tenth of a second. */
let made: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
const keyPair = (): NonNullable<typeof made> => (made ??= generateKeyPairSync('rsa', { modulusLength: 2048 }));
const keyOf = ({ at, id }: PlayedRecord): string => `${at}_${id}`;
const part = (text: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(text, 'base64url').toString()) as Readonly<Record<string, unknown>>;
