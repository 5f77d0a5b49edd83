import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The same from src/ and from dist/. */
const BUILT = fileURLToPath(new URL('../../../../dashboards/analyst/dist', import.meta.url));
/** Addresses that belong to the API: unknown ones among them are a problem, not a page. */
const NOT_A_PAGE = /^\/(v1|healthz|readyz|metrics|assets)(\/|\?|$)/;

/** @returns the folder of the built dashboard; undefined when it has not been built */
export function dashboardFolder(configured: string | undefined): string | undefined {
  const folder = configured ?? BUILT;
  return existsSync(join(folder, 'index.html')) ? folder : undefined;
}

/** Serves the dashboard's files. Those under `assets/` carry their hash in their name and never change. */
export async function serveDashboard(server: FastifyInstance, folder: string): Promise<void> {
  await server.register(fastifyStatic, {
    root: folder,
    wildcard: false,
    cacheControl: false,
    dotfiles: 'deny',
    setHeaders: (response, path) => {
      response.setHeader('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}

/** Sends the page for an address that only the dashboard knows (`/alerts/...`). @returns false when it is none of those */
export function sendPage(request: FastifyRequest, reply: FastifyReply): boolean {
  const wantsPage = (request.method === 'GET' || request.method === 'HEAD') && (request.headers.accept ?? '').includes('text/html');
  if (!wantsPage || NOT_A_PAGE.test(request.url)) return false;
  void reply.code(200).sendFile('index.html');
  return true;
}
