import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE } from '@keyward/contract';
import { describeError, type Logger } from '@keyward/runtime';
import { problemOf } from './problem.js';

/** Every answer that is not 2xx, except the page of an unknown address, which is the dashboard's own. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #logger: Logger;
  readonly #page: ((request: FastifyRequest, reply: FastifyReply) => boolean) | undefined;

  /** @param page sends the dashboard's page for an address that only it knows; false: it is none of those */
  constructor(logger: Logger, page?: (request: FastifyRequest, reply: FastifyReply) => boolean) {
    this.#logger = logger;
    this.#page = page;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) return;
    const { problem, retryAfter, unexpected } = problemOf(error, request.id);
    if (problem.status === 404 && this.#page?.(request, reply)) return;
    if (unexpected) this.#logger.error({ requestId: request.id, route: request.routeOptions.url }, describeError(error));
    else if (problem.status >= 500) this.#logger.warn({ requestId: request.id, route: request.routeOptions.url }, describeError(error));
    void reply
      .code(problem.status)
      .headers({
        'content-type': PROBLEM_MEDIA_TYPE,
        'cache-control': 'no-store',
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        ...(problem.status === 401 ? { 'www-authenticate': challengeOf(request) } : {}),
      })
      .send(Buffer.from(JSON.stringify(problem)));
  }
}

/** Some senders show the user and password of their address only after they were asked for them. */
const challengeOf = (request: FastifyRequest): string =>
  `Bearer realm="keyward"${request.routeOptions.url?.startsWith('/v1/ingest/') === true ? ', Basic realm="keyward"' : ''}`;
