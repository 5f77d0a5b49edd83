import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface HeardRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
export interface HttpAnswer {
  readonly status: number;
  /** Of several values each stands in a line of its own. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A real HTTP server on a free port of the loopback address. `answer` may say `hang`: the request is heard and never answered. */
export class HttpListener {
  readonly requests: HeardRequest[] = [];
  readonly #server: Server;
  #origin = '';

  constructor(answer: (request: HeardRequest) => HttpAnswer | 'hang' | Promise<HttpAnswer | 'hang'>) {
    this.#server = createServer((incoming, outgoing) => {
      void this.#serve(incoming, outgoing, answer);
    });
  }
  /** `http://127.0.0.1:<port>` */
  get origin(): string {
    return this.#origin;
  }
  /** `127.0.0.1:<port>`, for the allow-list. */
  get host(): string {
    return new URL(this.#origin).host;
  }
  start(): Promise<this> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else this.#origin = `http://127.0.0.1:${address.port}`;
        resolve(this);
      });
    });
  }
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
      this.#server.closeAllConnections();
    });
  }
  async #serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    answer: (request: HeardRequest) => HttpAnswer | 'hang' | Promise<HttpAnswer | 'hang'>,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: HeardRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.requests.push(request);
    const said = await answer(request);
    if (said === 'hang') return;
    outgoing.writeHead(
      said.status,
      Object.fromEntries(Object.entries(said.headers ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
    );
    outgoing.end(said.body ?? '');
  }
}
