import { describe, expect, it } from 'vitest';
import { safeNext } from './safe-next.js';

describe('after signing in', () => {
  it('goes back to the page that was asked for', () => {
    expect(safeNext('/alerts?severity=high')).toBe('/alerts?severity=high');
  });
  it.each([null, '', 'https://example.com', '//example.com', '/\\example.com', 'javascript:alert(1)', '/login?next=/x'])(
    'goes to the overview instead of %s',
    (next) => {
      expect(safeNext(next)).toBe('/');
    },
  );
});
