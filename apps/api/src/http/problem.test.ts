import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { Problem } from '@keyward/contract';
import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UnauthenticatedError,
  UnavailableError,
} from '@keyward/runtime';
import { problemOf, RequestProblem } from './problem.js';

const of = (error: unknown): Problem => Problem.parse(problemOf(error, 'r1').problem);

describe('errors as problems', () => {
  it.each([
    [new InvalidInputError('cursor.invalid', 'x'), 400, 'cursor.invalid'],
    [new UnauthenticatedError('auth.required', 'x'), 401, 'auth.required'],
    [new ForbiddenError('auth.csrf', 'x'), 403, 'auth.csrf'],
    [new NotFoundError('source.unknown', 'x'), 404, 'source.unknown'],
    [new NotFoundException(), 404, 'not_found'],
    [new ConflictError('conflict', 'x'), 409, 'conflict'],
    [new RequestProblem('request.too_large', 'x', [], 413), 413, 'request.too_large'],
    [new RateLimitedError('rate_limited', 'x'), 429, 'rate_limited'],
    [new UnavailableError('kafka.unavailable', 'x'), 503, 'service.unavailable'],
    [new ForbiddenError('clickhouse.forbidden', 'x'), 503, 'service.unavailable'],
    [new TypeError('x'), 500, 'internal'],
    ['a string', 500, 'internal'],
  ])('%s is %i %s', (error, status, code) => {
    expect(of(error)).toMatchObject({ status, code, type: `urn:keyward:problem:${code}`, requestId: 'r1' });
  });
  it('say nothing of what nobody expected, and nothing of the machines behind', () => {
    expect(JSON.stringify(of(new Error('password=hunter2')))).not.toContain('hunter2');
    expect(JSON.stringify(of(new UnavailableError('kafka.unavailable', 'broker-1.internal:9092')))).not.toContain('9092');
    expect(problemOf(new Error('x'), 'r1').unexpected).toBe(true);
  });
  it('say when to come back, in whole seconds', () => {
    expect(problemOf(new RateLimitedError('rate_limited', 'x', { context: { retryAfterMs: 1_200 } }), 'r1').retryAfter).toBe(2);
    expect(problemOf(new UnavailableError('kafka.unavailable', 'x'), 'r1').retryAfter).toBe(5);
    expect(problemOf(new NotFoundError('not_found', 'x'), 'r1').retryAfter).toBeUndefined();
  });
});
