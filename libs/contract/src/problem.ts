import { z } from 'zod';

/** Stable codes of `Problem.code`: what a program may branch on. The sentence may change, these may not. */
export const ERROR_CODES = [
  'request.invalid',
  'request.too_large',
  'request.unsupported_media_type',
  'request.unreadable_records',
  'cursor.invalid',
  'auth.required',
  'auth.wrong_credentials',
  'auth.csrf',
  'auth.forbidden',
  'auth.too_many_attempts',
  'auth.password_change_required',
  'auth.weak_password',
  'not_found',
  'source.unknown',
  'conflict',
  'import.most_would_go',
  'rate_limited',
  'service.unavailable',
  'service.timeout',
  'internal',
] as const;
export const ErrorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** One thing that is wrong: a field of the request, or a line of an ingest body (1 is the first). */
export const ProblemDetail = z.object({ path: z.string().optional(), line: z.number().int().positive().optional(), message: z.string() });
export type ProblemDetail = z.infer<typeof ProblemDetail>;

/** Body of every answer that is not 2xx: RFC 9457, `application/problem+json`. */
export const Problem = z.object({
  type: z.string().describe('`urn:keyward:problem:<code>`'),
  title: z.string(),
  status: z.number().int(),
  code: ErrorCode,
  detail: z.string().optional().describe('A sentence for a person; never contains a secret'),
  requestId: z.string().optional().describe('Also in the log'),
  errors: z.array(ProblemDetail).optional(),
});
export type Problem = z.infer<typeof Problem>;
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';
