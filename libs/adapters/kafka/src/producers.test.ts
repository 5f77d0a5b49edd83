import { describe, expect, it } from 'vitest';
import { requestsOf } from './producers.js';

const record = (bytes: number, key = 'k') => ({ topic: 't', key, value: 'x'.repeat(bytes) });

describe('cutting records into requests', () => {
  it('keeps every record, in order, and each request below the limit', () => {
    const records = Array.from({ length: 100 }, (_, index) => record(50 + index, `k${index}`));
    const requests = requestsOf(records, 1_000);
    expect(requests.flat()).toEqual(records);
    for (const request of requests) expect(request.reduce((sum, one) => sum + one.value.length, 0)).toBeLessThanOrEqual(1_000);
    expect(requests.length).toBeGreaterThan(10);
  });
  it('sends a record that is larger than the limit alone', () => {
    expect(requestsOf([record(10), record(5_000), record(10)], 1_000).map((request) => request.length)).toEqual([1, 1, 1]);
  });
  it('sends nothing for nothing', () => {
    expect(requestsOf([])).toEqual([]);
  });
});
