import { createServer, type IncomingMessage, type Server } from 'node:http';
import { randomBytes } from 'node:crypto';

/**
 * The demo's privileged-access system: takes the signed requests of the `webhook` connector and remembers what was taken back, so that approving a
 * revocation on the page is followed by a real call, a real answer and a real check. Loopback only; part of the demo, not of the product.
 */
export class DemoPam {
  readonly secret = `whsec_${randomBytes(24).toString('base64')}`;
  readonly #revoked = new Set<string>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(
        (answer) => {
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
        },
        () => {
          response.writeHead(400).end();
        },
      );
    });
  }

  /** @returns `127.0.0.1:<port>` */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(`127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`);
      });
    });
  }
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.closeAllConnections();
      this.#server.close(() => {
        resolve();
      });
    });
  }

  async #answer(request: IncomingMessage): Promise<object> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as {
      data: { grant: { uid: string; entitlement: string }; dryRun?: boolean };
    };
    const { grant, dryRun } = body.data;
    if (request.url === '/standing') return { standing: this.#revoked.has(grant.uid) ? [] : [grant.entitlement] };
    if (dryRun) return { result: 'dry_run' };
    if (this.#revoked.has(grant.uid)) return { result: 'already_absent' };
    this.#revoked.add(grant.uid);
    return { result: 'revoked', sessionsEnded: 1, reference: `demo-${this.#revoked.size}` };
  }
}
