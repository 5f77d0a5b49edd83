import type { FastifyInstance } from 'fastify';
import type { Metrics } from '@keyward/runtime';

/** Counts and times requests by route (its pattern, so that the labels are a closed set) and class of status. */
export function measureRequests(server: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('keyward_api_request_seconds', 'Time of a request, by route and class of status', [
    'method',
    'route',
    'status',
  ]);
  server.addHook('onResponse', (request, reply, done) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: `${Math.floor(reply.statusCode / 100)}xx`,
    };
    seconds.observe(labels, reply.elapsedTime / 1_000);
    done();
  });
}
