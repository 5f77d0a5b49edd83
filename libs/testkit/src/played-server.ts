import { randomUUID } from 'node:crypto';
import { HttpListener, type HeardRequest, type HttpAnswer } from './http-listener.js';

/** Trouble that the next matching request meets. */
export interface PlayedFault {
  /** Part of the path; default: any request but the token's. */
  readonly path?: string;
}

/**
 * What servers that play a vendor's interface have in common: tokens, and trouble on demand. A request that is not as the vendor's reference
 * describes it is refused and stands in `problems`.
 */
export abstract class PlayedServer<Fault extends PlayedFault> {
  readonly clientSecret = `secret-${randomUUID()}`;
  readonly problems: string[] = [];
  readonly #faults: Fault[] = [];
  readonly #tokens = new Set<string>();
  readonly #listener = new HttpListener((request) => this.hear(request));

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
  fail(...faults: readonly Fault[]): void {
    this.#faults.push(...faults);
  }
  /** The tokens given out so far are worth nothing any more. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  protected abstract hear(request: HeardRequest): HttpAnswer | 'hang';

  /** The trouble that this request meets, and no other after it. */
  protected takeFault(request: HeardRequest, isToken: boolean): Fault | undefined {
    const at = this.#faults.findIndex(({ path }) => (path === undefined ? !isToken : request.path.includes(path)));
    return at < 0 ? undefined : this.#faults.splice(at, 1)[0];
  }
  protected issue(seconds = 300): HttpAnswer {
    const token = `token-${randomUUID()}`;
    this.#tokens.add(token);
    return json(200, { token_type: 'Bearer', expires_in: seconds, access_token: token });
  }
  protected isKnown(authorization: string | undefined): boolean {
    return this.#tokens.has((authorization ?? '').replace(/^Bearer /, ''));
  }
}

export const json = (status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
