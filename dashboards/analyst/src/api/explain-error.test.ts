import { ERROR_CODES, Problem } from '@keyward/contract';
import { describe, expect, it } from 'vitest';
import { ApiError, NO_ANSWER, queryString, UNREADABLE_ANSWER } from './client.js';
import { explainError } from './explain-error.js';

const failure = (code: string, more: object = {}): ApiError =>
  new ApiError('Title', 400, Problem.parse({ type: `urn:keyward:problem:${code}`, title: 'Title', status: 400, code, ...more }));

describe('a failure in words', () => {
  it.each(ERROR_CODES)('says for %s what happened and what to do next', (code) => {
    const said = explainError(failure(code));
    expect(said.title.length).toBeGreaterThan(3);
    expect(said.detail).toMatch(/[a-z].*\.$/i);
  });
  it('names the fields that were wrong and the request to ask about', () => {
    const said = explainError(failure('request.invalid', { requestId: 'r1', errors: [{ path: 'from', message: 'not an instant' }] }));
    expect(said).toMatchObject({ requestId: 'r1', detail: 'from: not an instant Clear the filters and try again.', retry: false });
  });
  it('says what was wrong with a form, not with filters', () => {
    const errors = [{ path: 'body.change', message: 'detections.mfa_fatigue.windowMinutes: expected number' }];
    const said = explainError(failure('request.invalid', { detail: "The change can't be used.", errors }));
    expect(said.title).toBe('That can’t be used');
    expect(said.detail).toBe("The change can't be used. detections.mfa_fatigue.windowMinutes: expected number. Nothing was changed.");
  });
  it('says how long to wait after too many attempts', () => {
    const problem = Problem.parse({ type: 'x', title: 'x', status: 429, code: 'auth.too_many_attempts' });
    expect(explainError(new ApiError('x', 429, problem, 40)).detail).toBe('Wait 40 s and try again.');
  });
  it('tells silence from nonsense', () => {
    expect(explainError(new ApiError('fetch failed', NO_ANSWER)).title).toBe('Keyward does not answer');
    expect(explainError(new ApiError('zod', UNREADABLE_ANSWER)).title).toBe('The answer was not understood');
    expect(explainError(new TypeError('x is undefined')).title).toBe('This page met a bug');
  });
});

describe('a query of the API', () => {
  it('leaves out what is empty and escapes the rest', () => {
    expect(queryString({ text: 'a&b', limit: 5, cursor: '', identity: undefined })).toBe('?text=a%26b&limit=5');
    expect(queryString(undefined)).toBe('');
  });
});
