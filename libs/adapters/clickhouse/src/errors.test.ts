import { ClickHouseError } from '@clickhouse/client';
import { UnavailableError } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { translateClickHouseError } from './errors.js';

const ofServer = (code: string): ClickHouseError => new ClickHouseError({ message: 'text of the server', code, type: 'TYPE' });
const withCode = (code: string): Error => Object.assign(new Error('connect'), { code });

describe('what a failure of ClickHouse means', () => {
  it.each([
    ['memory limit', ofServer('241'), 'clickhouse.memory_limit_exceeded'],
    ['too many parts', ofServer('252'), 'clickhouse.too_many_parts'],
    ['disk full', ofServer('243'), 'clickhouse.not_enough_space'],
    ['wrong password', ofServer('516'), 'clickhouse.forbidden'],
    ['no such table', ofServer('60'), 'clickhouse.not_migrated'],
    ['refused', withCode('ECONNREFUSED'), 'clickhouse.unavailable'],
    ['reset', withCode('ECONNRESET'), 'clickhouse.unavailable'],
    ['refused on both address families', new AggregateError([withCode('ECONNREFUSED')]), 'clickhouse.unavailable'],
    ['timed out', new Error('Timeout error.'), 'clickhouse.unavailable'],
  ])('%s', (_, error, code) => {
    expect(translateClickHouseError(error)).toMatchObject({ code });
  });
  it('leaves a bug as it is, also one of our SQL', () => {
    for (const bug of [ofServer('62'), ofServer('47'), new TypeError('x'), 'text']) expect(translateClickHouseError(bug)).toBe(bug);
  });
  it('does not translate twice', () => {
    const known = new UnavailableError('a.b', 'c');
    expect(translateClickHouseError(known)).toBe(known);
  });
});
