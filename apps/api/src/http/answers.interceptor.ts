import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { ROUTES, type RouteDefinition } from '@keyward/contract';
import type { Logger } from '@keyward/runtime';
import { endpointOf } from './endpoint.js';

/** Holds every answer against the contract, and keeps answers out of shared caches. */
export class AnswersInterceptor implements NestInterceptor {
  readonly #logger: Logger;
  readonly #strict: boolean;

  /** @param strict a difference is an error instead of a log line: for tests */
  constructor({ logger, strict }: { readonly logger: Logger; readonly strict: boolean }) {
    this.#logger = logger;
    this.#strict = strict;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const name = endpointOf(context.getHandler());
    if (!name) return next.handle();
    const route: RouteDefinition = ROUTES[name];
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (!reply.sent && !reply.raw.headersSent) reply.header('cache-control', 'no-store');
    const { response } = route;
    if (!response) return next.handle();
    return next.handle().pipe(
      map((answer: unknown) => {
        const parsed = response.safeParse(answer);
        if (parsed.success) return parsed.data;
        const where = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).slice(0, 5);
        if (this.#strict) throw new Error(`${name} answers otherwise than the contract says: ${where.join('; ')}`);
        // A vendor's odd value must not keep an analyst from his page.
        this.#logger.error({ route: name, where }, 'an answer differs from the contract');
        return answer;
      }),
    );
  }
}
