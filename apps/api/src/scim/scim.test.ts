import fc from 'fast-check';
import SCIMMY from 'scimmy';
import { describe, expect, it } from 'vitest';
import { standardOperations, standardResource } from './scim-dialect.js';
import { equalTo, matching } from './scim-filter.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const operations = (Operations: unknown, current: Record<string, unknown> = {}) => standardOperations({ Operations }, current);

describe('a resource of any dialect', () => {
  it('has booleans, managers and no nulls', () => {
    expect(
      standardResource({
        active: 'False',
        nickName: null,
        title: 'False',
        emails: [{ value: 'a@example.com', primary: 'TRUE' }],
        [ENTERPRISE]: { manager: 'm-1' },
      }),
    ).toEqual({
      active: false,
      title: 'False',
      emails: [{ value: 'a@example.com', primary: true }],
      [ENTERPRISE]: { manager: { value: 'm-1' } },
    });
  });
  it('that is in order stays as it is', () => {
    const value = fc.jsonValue().filter((one) => !/null|true|false|manager/i.test(JSON.stringify(one)));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (resource) => JSON.stringify(standardResource(resource)) === JSON.stringify(resource)),
    );
  });
});

describe('operations of any dialect', () => {
  it('are each of one attribute, in lower case; the id of the resource is none', () => {
    expect(operations([{ op: 'Replace', value: { id: 'x', active: 'True', 'name.givenName': 'A' } }])).toEqual([
      { op: 'replace', path: 'active', value: true },
      { op: 'replace', path: 'name.givenName', value: 'A' },
    ]);
  });
  it('that replace by nothing remove', () => {
    expect(
      operations([
        { op: 'replace', path: 'title', value: null },
        { op: 'replace', path: `${ENTERPRISE}:manager`, value: '' },
      ]),
    ).toEqual([
      { op: 'remove', path: 'title' },
      { op: 'remove', path: `${ENTERPRISE}:manager` },
    ]);
  });
  it('make an element that is not there once, and leave one that is there', () => {
    const given = [
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].display', value: 'x' },
      { op: 'Add', path: 'emails[type eq "work"].value', value: 'a@example.com' },
    ];
    expect(operations(given, { emails: [{ type: 'Work' }] })).toEqual([
      { op: 'add', path: 'phoneNumbers', value: [{ type: 'mobile', value: '1' }] },
      { op: 'add', path: 'phoneNumbers[type eq "mobile"].display', value: 'x' },
      { op: 'add', path: 'emails[type eq "work"].value', value: 'a@example.com' },
    ]);
  });
  it('that are none are for the library to refuse; nothing throws', () => {
    expect(operations('x')).toBeUndefined();
    fc.assert(fc.property(fc.array(fc.jsonValue()), (list) => Array.isArray(operations(list))));
  });
});

describe('a filter', () => {
  const people = [
    { id: 'A', userName: 'Anna@example.com', active: true, emails: [{ type: 'work', value: 'anna@example.com' }] },
    { id: 'b', userName: 'ben@example.com', active: false, externalId: 'Ext' },
  ];
  it.each([
    ['userName eq "ANNA@EXAMPLE.COM"', ['A']],
    ['emails[type eq "WORK" and value co "anna"]', ['A']],
    ['active eq false', ['b']],
    ['externalId eq "ext"', []],
    ['id eq "a"', []],
    ['userName sw "b" or active eq true', ['A', 'b']],
    ['externalId pr', ['b']],
    ['not (active eq true)', ['b']],
  ])('%s', (text, ids) => {
    expect(matching(new SCIMMY.Types.Filter(text), people).map(({ id }) => id)).toEqual(ids);
  });
  it('that is cut off, or has an operator that does not exist, is refused', () => {
    for (const text of ['userName eq', 'userName like "x"', 'userName pr "x"'])
      expect(() => matching(new SCIMMY.Types.Filter(text), people)).toThrow(
        expect.objectContaining({ scimType: 'invalidFilter' }) as Error,
      );
  });
  it('of one equality says what the store can look for', () => {
    expect(equalTo(new SCIMMY.Types.Filter('username EQ "x"'), 'userName')).toBe('x');
    expect(equalTo(new SCIMMY.Types.Filter('userName eq "x" or id eq "y"'), 'userName')).toBeUndefined();
    expect(equalTo(new SCIMMY.Types.Filter('userName sw "x"'), 'userName')).toBeUndefined();
    expect(equalTo(undefined, 'userName')).toBeUndefined();
  });
});
