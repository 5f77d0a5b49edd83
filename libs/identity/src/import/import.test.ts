import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccountRecord } from '../linking/account-record.js';
import { parseOrganisationFiles } from '../parse-files.js';
import { ndjsonOfCsv, type CsvFile } from './csv-records.js';
import { readCsv } from './csv-rows.js';
import { planAccounts, planImport } from './plan-import.js';

const recordsOf = (file: CsvFile, text: string, mapping?: Record<string, string>) => {
  const { text: ndjson, problems } = ndjsonOfCsv(file, text, mapping);
  const parsed = parseOrganisationFiles([{ name: `${file}.ndjson`, text: ndjson }]);
  return { records: parsed.records[file], problems: [...problems, ...parsed.problems.map(({ line, message }) => ({ line, message }))] };
};

describe('CSV', () => {
  it('has quotes, separators and line breaks in quotes, and knows on which line a row begins', () => {
    expect(readCsv('\uFEFFa;b\r\n"x;1";"two\nlines ""and"" quotes"\r\n\r\nlast;')).toEqual({
      rows: [
        { line: 1, cells: ['a', 'b'] },
        { line: 2, cells: ['x;1', 'two\nlines "and" quotes'] },
        { line: 5, cells: ['last', ''] },
      ],
      problems: [],
    });
  });
  it('says where a quotation mark is not closed, or something stands behind one', () => {
    expect(readCsv('a,b\n1,"x').problems).toEqual([{ line: 2, message: 'a quotation mark is opened and never closed' }]);
    expect(readCsv('a,b\n"x"y,1').problems).toEqual([{ line: 2, message: '"y" stands after the closing quotation mark of a cell' }]);
  });
  it('gives back what any writer of the standard has written', () => {
    const cell = fc.string().map((text) => text.replace(/\r/g, ''));
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, (rows) => {
        const text = [['a', 'b'], ...rows].map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')).join('\r\n');
        const read = readCsv(text);
        expect(read.problems).toEqual([]);
        expect(read.rows.slice(1).map(({ cells }) => cells)).toEqual(rows.filter((row) => row.some((one) => one.trim() !== '')));
      }),
    );
  });
});

describe('a table of people', () => {
  it('goes to fields by its headers, whatever the system calls them', () => {
    const text = [
      'ID,Display Name,E-Mail Address,Employee Number,Status,Groups,Accounts,home.lat,home.lon,Cost centre,Privileged',
      'p-1,Anna Huber,anna@example.com,0042,Terminated,staff; admins,okta:anna@example.com|ldap:anna,48.2,16.4,77,yes',
    ].join('\n');
    expect(recordsOf('identities', text)).toMatchObject({
      problems: [],
      records: [
        {
          id: 'p-1',
          displayName: 'Anna Huber',
          email: 'anna@example.com',
          employeeId: '0042',
          status: 'terminated',
          groups: ['staff', 'admins'],
          accounts: [
            { system: 'okta', name: 'anna@example.com' },
            { system: 'ldap', name: 'anna' },
          ],
          home: { lat: 48.2, lon: 16.4 },
          'Cost centre': '77',
          privileged: true,
        },
      ],
    });
  });
  it('goes where the mapping says, and a column mapped to nothing is left out', () => {
    const { records, problems } = recordsOf('identities', 'Pers.Nr.,Name,Note\n1,Anna,secret', {
      'pers.nr.': 'id',
      Name: 'displayName',
      Note: '',
    });
    expect(problems).toEqual([]);
    expect(records[0]).toMatchObject({ id: '1', displayName: 'Anna' });
    expect(JSON.stringify(records)).not.toContain('secret');
  });
  it('says of each line what is wrong with it, by the line of the table', () => {
    const text =
      'id,privileged,accounts,timezone\np-1,yes,okta:a,Europe/Vienna\np-2,perhaps,anna,\n,no,,\np-1,no,,\np-3,no,,Mars/Crater,too much';
    expect(recordsOf('identities', text).problems.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      '3: privileged: "perhaps" is not what privileged takes',
      '3: accounts: "anna" is not what accounts takes',
      '6: has 5 cells, the headers are 4',
      expect.stringMatching(/^4: id: /),
      '5: "p-1" stands on line 2 already',
      '6: timezone: "Mars/Crater" is no IANA time zone',
    ]);
  });
  it('says which headers are missing or there twice', () => {
    expect(ndjsonOfCsv('identities', 'mail,email\n', { Nobody: 'id' }).problems.map(({ message }) => message)).toEqual([
      'two columns are email: mail, email',
      'there is no column "Nobody"',
    ]);
    expect(ndjsonOfCsv('identities', '').problems).toHaveLength(1);
  });
});

describe('an import', () => {
  it('says beforehand what it adds, changes, removes and leaves', () => {
    const before = [
      { id: 'a', x: 1 },
      { id: 'b', x: 1 },
      { id: 'c', x: 1 },
    ];
    const plan = planImport(
      before,
      [
        { id: 'a', x: 1 },
        { id: 'b', x: 2 },
        { id: 'd', x: 1 },
      ],
      ({ id }) => id,
    );
    expect(plan).toEqual({
      added: 1,
      changed: 1,
      removed: 1,
      unchanged: 1,
      examples: [
        { id: 'b', change: 'changed', fields: ['x'] },
        { id: 'c', change: 'removed', fields: [] },
        { id: 'd', change: 'added', fields: [] },
      ],
    });
  });

  const account = (name: string, more: object = {}): AccountRecord => AccountRecord.parse({ system: 'ldap', name, ...more });
  const then = Date.parse('2026-03-01T00:00:00Z');
  const later = Date.parse('2026-04-01T00:00:00Z');
  const first = planAccounts([], [account('anna'), account('ben'), account('cy', { active: false })], then).records;

  it('of accounts remembers since when each is known', () => {
    expect(first.map(({ name, since, endsAt }) => [name, since, endsAt])).toEqual([
      ['anna', '2026-03-01T00:00:00.000Z', undefined],
      ['ben', '2026-03-01T00:00:00.000Z', undefined],
      ['cy', '2026-03-01T00:00:00.000Z', undefined],
    ]);
  });
  it('closes at its instant what is not active any more and what is not listed any more', () => {
    const { plan, records } = planAccounts(first, [account('anna', { active: false }), account('cy', { active: false })], later);
    expect(plan).toMatchObject({ changed: 1, removed: 1, unchanged: 1 });
    expect(records.map(({ name, active, endsAt }) => [name, active, endsAt])).toEqual([
      ['anna', false, '2026-04-01T00:00:00.000Z'],
      ['ben', false, '2026-04-01T00:00:00.000Z'],
    ]);
  });
  it('of the same list once more changes nothing, also of those that are gone', () => {
    const list = [account('anna')];
    const second = planAccounts(first, list, later).records;
    const now = new Map([...first, ...second].map((one) => [one.name, one]));
    expect(planAccounts([...now.values()], list, later + 1).records).toEqual([]);
  });
  it('opens an account again that is back', () => {
    const gone = planAccounts(first, [], later).records;
    const { records } = planAccounts(gone, [account('ben')], later + 1);
    expect(records.find(({ name }) => name === 'ben')).toEqual({ ...account('ben'), since: '2026-03-01T00:00:00.000Z' });
  });
});
