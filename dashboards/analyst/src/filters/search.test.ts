import { AlertQuery, EffectQuery, EventQuery, GrantQuery, IdentityQuery } from '@keyward/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeFilters,
  apiQuery,
  FILTERS,
  listValue,
  parseSearch,
  pickSearch,
  stringifySearch,
  toggleInList,
  withFilters,
} from './search.js';

const now = Date.UTC(2026, 0, 5, 14, 2, 11);

describe('filters in the query string', () => {
  it('keep every value as text', () => {
    expect(parseSearch('?minScore=50&text=true&hour=03')).toEqual({ minScore: '50', text: 'true', hour: '03' });
  });
  it('come back as they went, whatever is in them', () => {
    const value = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...FILTERS.events), value), (search) => {
        expect(parseSearch(stringifySearch(search))).toEqual({ ...search });
      }),
    );
  });
  it('drop what a page does not know', () => {
    expect(pickSearch({ severity: 'high', evil: 'x', text: '', sort: 3 }, FILTERS.alerts)).toEqual({ severity: 'high' });
  });
  it('are removed by an empty value', () => {
    expect(withFilters({ severity: 'high', text: 'anna' }, { severity: '', sort: 'score' })).toEqual({ text: 'anna', sort: 'score' });
  });
  it('toggle one value of a list', () => {
    expect([toggleInList('new,in_progress', 'new'), toggleInList(undefined, 'new'), listValue('')]).toEqual(['in_progress', 'new', []]);
  });
});

describe('what the API is asked', () => {
  it('turns a window into a beginning, to the minute', () => {
    expect(apiQuery({ window: '24h', severity: 'high' }, now)).toEqual({ severity: 'high', from: '2026-01-04T14:02:00.000Z' });
  });
  it('prefers an explicit beginning', () => {
    expect(apiQuery({ window: '24h', from: '2026-01-01T00:00:00.000Z' }, now)).toEqual({ from: '2026-01-01T00:00:00.000Z' });
  });
  it('leaves page state out', () => {
    expect(apiQuery({ event: 'e1', tab: 'history', open: 'x', text: 'a' }, now)).toEqual({ text: 'a' });
    expect(activeFilters({ sort: 'score', event: 'e1', text: 'a' })).toEqual([['text', 'a']]);
  });
  it('ignores a window that it does not know', () => {
    expect(apiQuery({ window: '5y' }, now)).toEqual({});
  });
});

describe('the filters of a list', () => {
  const contract = { alerts: AlertQuery, events: EventQuery, identities: IdentityQuery, grants: GrantQuery, effects: EffectQuery } as const;
  const pageState = ['cursor', 'limit'];
  it.each(Object.entries(contract))('%s are all that the API takes, so that each of its links can be followed', (name, query) => {
    const filters: readonly string[] = Object.entries(FILTERS).find(([list]) => list === name)?.[1] ?? [];
    expect(filters).toEqual(expect.arrayContaining(Object.keys(query.shape).filter((key) => !pageState.includes(key))));
  });
});
