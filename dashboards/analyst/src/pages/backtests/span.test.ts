import { describe, expect, it } from 'vitest';
import { spanOf } from './span.js';

const problemOf = (span: ReturnType<typeof spanOf>): string => ('problem' in span ? span.problem : '');
const span = (first: string, last: string, warmUpDays = '90') => spanOf({ first, last, warmUpDays }, 92);

describe('the span of a backtest', () => {
  it('holds both days whole', () => {
    expect(span('2026-01-05', '2026-01-05')).toEqual({ from: '2026-01-05T00:00:00.000Z', to: '2026-01-06T00:00:00.000Z', warmUpDays: 90 });
  });
  it('may be as long as the API allows, and not a day longer', () => {
    expect(span('2026-01-01', '2026-04-02')).toHaveProperty('to');
    expect(problemOf(span('2026-01-01', '2026-04-03'))).toContain('93 days: at most 92');
  });
  it.each([
    ['', '2026-01-05', '90', /Both days/],
    ['2026-01-06', '2026-01-05', '90', /before the first/],
    ['2026-01-05', '2026-01-05', '', /whole number/],
    ['2026-01-05', '2026-01-05', '401', /whole number/],
  ])('says what is wrong with %j to %j after %j days', (first, last, warmUpDays, problem) => {
    expect(problemOf(span(first, last, warmUpDays))).toMatch(problem);
  });
});
