import { randomUUID } from 'node:crypto';
import { HttpListener, type HeardRequest, type HttpAnswer } from './http-listener.js';

/** A record of a log that is played. */
export interface PlayedRecord {
  readonly id: string;
  /** When it happened, epoch ms. */
  readonly at: number;
  /** From when on the vendor shows it, epoch ms; default: when it happened. */
  readonly visibleAt?: number;
  /** List that it stands in, where the vendor has several. */
  readonly list?: string;
}

/** Trouble that the next matching request meets. `cut`: the answer ends in the middle; `repeat`: a next page is the one before once more. */
export interface LogFault {
  /** Part of the path; default: any request but the token's. */
  readonly path?: string;
  readonly status: number | 'hang' | 'cut' | 'repeat';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LogServerOptions {
  /** The vendor's clock, epoch ms. */
  readonly now?: () => number;
  /** Records of the next page, at most what was asked for. */
  readonly pageSize?: () => number;
}

/**
 * What servers that play a vendor's log interface have in common: records that become visible, tokens, trouble on demand. A request that is not as
 * the vendor's reference describes it is refused and stands in `problems`.
 */
export abstract class LogServer {
  readonly clientId = 'keyward-test';
  readonly clientSecret = `secret-${randomUUID()}`;
  readonly problems: string[] = [];
  protected readonly now: () => number;
  readonly #pageSize: () => number;
  readonly #records: PlayedRecord[] = [];
  #faults: LogFault[] = [];
  #tokens = new Set<string>();
  readonly #last = new Map<string, HttpAnswer>();
  readonly #listener = new HttpListener((request) => this.#hear(request));

  constructor({ now = Date.now, pageSize = () => Infinity }: LogServerOptions = {}) {
    this.now = now;
    this.#pageSize = pageSize;
  }
  async start(): Promise<this> {
    await this.#listener.start();
    return this;
  }
  stop(): Promise<void> {
    return this.#listener.stop();
  }
  get origin(): string {
    return this.#listener.origin;
  }
  get host(): string {
    return this.#listener.host;
  }
  get requests(): readonly HeardRequest[] {
    return this.#listener.requests;
  }
  /** How often a token was asked for. */
  get tokensGiven(): number {
    return this.requests.filter(({ path }) => path.includes('/token')).length;
  }
  add(...records: readonly PlayedRecord[]): void {
    this.#records.push(...records);
  }
  fail(...faults: readonly LogFault[]): void {
    this.#faults.push(...faults);
  }
  /** The tokens given out so far are worth nothing any more. */
  expireTokens(): void {
    this.#tokens = new Set();
  }

  protected abstract answer(request: HeardRequest, url: URL): HttpAnswer;
  protected abstract token(request: HeardRequest, url: URL): HttpAnswer;
  protected abstract isToken(url: URL): boolean;
  /** Whether an address names a place that an earlier answer gave. */
  protected abstract isNextPage(url: URL): boolean;

  /** What the vendor shows now, in order of time. */
  protected visible(list?: string): readonly PlayedRecord[] {
    return this.#records
      .filter((record) => record.list === list && (record.visibleAt ?? record.at) <= this.now())
      .toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }
  protected pageOf(asked: number): number {
    return Math.max(1, Math.min(asked, this.#pageSize()));
  }
  protected issue(seconds = 300): HttpAnswer {
    const token = `token-${randomUUID()}`;
    this.#tokens.add(token);
    return json(200, { token_type: 'Bearer', expires_in: seconds, access_token: token });
  }
  protected isKnown(authorization: string | undefined): boolean {
    return this.#tokens.has((authorization ?? '').replace(/^Bearer /, ''));
  }
  protected problem(what: string, status = 400): HttpAnswer {
    this.problems.push(what);
    return json(status, { error: what });
  }

  #hear(request: HeardRequest): HttpAnswer | 'hang' {
    const url = new URL(request.path, this.origin);
    const isToken = this.isToken(url);
    const at = this.#faults.findIndex(({ path }) => (path === undefined ? !isToken : request.path.includes(path)));
    const [fault] = at < 0 ? [] : this.#faults.splice(at, 1);
    if (fault?.status === 'hang') return 'hang';
    const before = this.#last.get(url.pathname);
    if (fault?.status === 'repeat' && before && this.isNextPage(url)) return before;
    if (typeof fault?.status === 'number') return { ...json(fault.status, { error: 'played' }), headers: { ...fault.headers } };
    const said = isToken ? this.token(request, url) : this.answer(request, url);
    if (!isToken) this.#last.set(url.pathname, said);
    return fault?.status === 'cut' ? { ...said, body: (said.body ?? '').slice(0, -2) } : said;
  }
}

export const json = (status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
/** Names of the query that are none of these. */
export const strangers = (url: URL, known: readonly string[]): readonly string[] =>
  [...url.searchParams.keys()].filter((name) => !known.includes(name));
