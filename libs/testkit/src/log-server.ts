import type { HeardRequest, HttpAnswer } from './http-listener.js';
import { json, PlayedServer, type PlayedFault } from './played-server.js';

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

/** `cut`: the answer ends in the middle; `repeat`: a next page is the one before once more. */
export interface LogFault extends PlayedFault {
  readonly status: number | 'hang' | 'cut' | 'repeat';
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LogServerOptions {
  /** The vendor's clock, epoch ms. */
  readonly now?: () => number;
  /** Records of the next page, at most what was asked for. */
  readonly pageSize?: () => number;
}

/** What servers that play a vendor's log interface have in common: records that become visible, page by page. */
export abstract class LogServer extends PlayedServer<LogFault> {
  readonly clientId = 'keyward-test';
  protected readonly now: () => number;
  readonly #pageSize: () => number;
  readonly #records: PlayedRecord[] = [];
  readonly #last = new Map<string, HttpAnswer>();

  constructor({ now = Date.now, pageSize = () => Infinity }: LogServerOptions = {}) {
    super();
    this.now = now;
    this.#pageSize = pageSize;
  }
  /** How often a token was asked for. */
  get tokensGiven(): number {
    return this.requests.filter(({ path }) => path.includes('/token')).length;
  }
  add(...records: readonly PlayedRecord[]): void {
    this.#records.push(...records);
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
  protected problem(what: string, status = 400): HttpAnswer {
    this.problems.push(what);
    return json(status, { error: what });
  }

  protected override hear(request: HeardRequest): HttpAnswer | 'hang' {
    const url = new URL(request.path, this.origin);
    const isToken = this.isToken(url);
    const fault = this.takeFault(request, isToken);
    if (fault?.status === 'hang') return 'hang';
    const before = this.#last.get(url.pathname);
    if (fault?.status === 'repeat' && before && this.isNextPage(url)) return before;
    if (typeof fault?.status === 'number') return { ...json(fault.status, { error: 'played' }), headers: { ...fault.headers } };
    const said = isToken ? this.token(request, url) : this.answer(request, url);
    if (!isToken) this.#last.set(url.pathname, said);
    return fault?.status === 'cut' ? { ...said, body: (said.body ?? '').slice(0, -2) } : said;
  }
}

/** Names of the query that are none of these. */
export const strangers = (url: URL, known: readonly string[]): readonly string[] =>
  [...url.searchParams.keys()].filter((name) => !known.includes(name));
