import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ROUTES, type BodyOf, type ProblemDetail, type QueryOf, type RouteDefinition, type RouteName } from '@keyward/contract';
import { callerOf, type Caller } from './caller.js';
import { endpointOf } from './endpoint.js';
import { RequestProblem } from './problem.js';

/** One request of a route, read by the contract: nothing in it is unchecked. */
export interface Call<Name extends RouteName> {
  readonly query: QueryOf<Name>;
  readonly body: BodyOf<Name>;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Network address of whoever asks. */
  readonly address: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Longest path parameter that is looked up. */
const MAX_PARAM_LENGTH = 400;

/** The handler's only parameter. @throws RequestProblem naming each field that is wrong */
export const Incoming = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const name = endpointOf(context.getHandler());
  if (!name) throw new Error('a handler without a route takes no call');
  const route: RouteDefinition = ROUTES[name];
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    query: route.query ? parse(route.query, request.query ?? {}, 'query') : undefined,
    body: route.body ? parse(route.body, request.body, 'body') : undefined,
    params: paramsOf(request),
    caller: callerOf(request),
    address: request.ip,
    request,
    reply: context.switchToHttp().getResponse<FastifyReply>(),
  };
});

function parse(schema: z.ZodType, value: unknown, where: string): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors: ProblemDetail[] = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ path: [where, ...issue.path.map(String)].join('.'), message: issue.message }));
  throw new RequestProblem('request.invalid', `The ${where} is not what this route takes.`, errors);
}

function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const params: unknown = request.params;
  if (typeof params !== 'object' || params === null) return {};
  const entries = Object.entries(params).map(([name, value]: [string, unknown]) => [name, String(value)] as const);
  if (entries.some(([, value]) => value.length > MAX_PARAM_LENGTH))
    throw new RequestProblem('request.invalid', 'A part of the address is too long.');
  return Object.fromEntries(entries);
}

/** A path parameter that the route's path is known to have. */
export function param(call: Pick<Call<RouteName>, 'params'>, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no parameter ${name}`);
  return value;
}
