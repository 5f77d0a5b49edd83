import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SCIM_MEDIA_TYPE } from '@keyward/contract';
import { AppError, describeError, type Logger } from '@keyward/runtime';
import SCIMMY from 'scimmy';
import { problemOf } from '../http/problem.js';
import { LOGGER } from '../tokens.js';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Errors as SCIM clients read them: RFC 7644 section 3.12. */
@Catch()
export class ScimErrorFilter implements ExceptionFilter {
  readonly #logger: Logger;
  constructor(@Inject(LOGGER) logger: Logger) {
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) return;
    const { status, scimType, detail, retryAfter } = this.#read(error, request);
    void reply
      .code(status)
      .headers({
        'content-type': SCIM_MEDIA_TYPE,
        'cache-control': 'no-store',
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        ...(status === 401 ? { 'www-authenticate': 'Bearer realm="keyward"' } : {}),
      })
      .send(Buffer.from(JSON.stringify({ schemas: [ERROR], status: String(status), ...(scimType ? { scimType } : {}), detail })));
  }

  #read(error: unknown, request: FastifyRequest) {
    if (error instanceof SCIMMY.Types.Error) return { status: error.status, scimType: error.scimType, detail: error.message };
    if (error instanceof AppError && error.code === 'scim.uniqueness')
      return { status: 409, scimType: 'uniqueness', detail: error.message };
    const { problem, retryAfter, unexpected } = problemOf(error, request.id);
    if (unexpected) this.#logger.error({ requestId: request.id, route: request.routeOptions.url }, describeError(error));
    const scimType = problem.status === 400 ? 'invalidSyntax' : undefined;
    return { status: problem.status, scimType, detail: problem.detail ?? problem.title, retryAfter };
  }
}
