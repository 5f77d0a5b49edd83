import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildOrganisation } from './build-organisation.js';
import { parseOrganisationFiles } from './parse-files.js';

const identities = (text: string) => parseOrganisationFiles([{ name: 'context/identities.ndjson', text }]);

describe('context files', () => {
  it('are each optional', () => {
    expect(parseOrganisationFiles([])).toEqual({
      records: { identities: [], assets: [], groups: [], roles: [], tickets: [], accounts: [], decisions: [] },
      problems: [],
    });
  });
  it('keep unknown fields, skip empty lines and read Windows line ends', () => {
    const { records, problems } = identities('\uFEFF{"id":"a","badge":7}\r\n\r\n{"id":"b"}\r\n');
    expect(problems).toEqual([]);
    expect(records.identities.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(records.identities[0]?.['badge']).toBe(7);
  });
  it('take null and an empty text as absent', () => {
    const absent = '"manager":null,"endsAt":"","leaves":null,"home":null,"accounts":[{"system":"entra","name":"a@example.com","id":null}]';
    const { records, problems } = identities(`{"id":"a",${absent}}`);
    expect(problems).toEqual([]);
    expect(records.identities[0]).toMatchObject({ leaves: [], accounts: [{ system: 'entra', name: 'a@example.com' }] });
    expect(records.identities[0]?.manager).toBeUndefined();
  });
  it.each([
    ['not JSON', '{"id":', 'not JSON'],
    ['a missing id', '{"email":"x"}', 'id: '],
    ['a wrong kind', '{"id":"x","kind":"robot"}', 'kind: '],
    ['a date that does not exist', '{"id":"x","endsAt":"2026-02-30"}', 'endsAt: "2026-02-30" is no date'],
    ['a date in another notation', '{"id":"x","leaves":[{"from":"2026-01-01","to":"1/2/2026"}]}', 'leaves.0.to: "1/2/2026" is no date'],
    ['a zone that does not exist', '{"id":"x","timezone":"Mars/Base"}', 'timezone: "Mars/Base" is no IANA time zone'],
    ['a second line for one id', '{"id":"first"}', '"first" stands on line 1 already'],
  ])('report %s with file and line, and keep the other lines', (_what, line, message) => {
    const { records, problems } = identities(`{"id":"first"}\n${line}\n{"id":"last"}`);
    expect(records.identities.map(({ id }) => id)).toEqual(['first', 'last']);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: 'context/identities.ndjson', line: 2 });
    expect(problems[0]?.message).toContain(message);
  });
  it('name a file that the folder does not know, but not sod.json', () => {
    const { problems } = parseOrganisationFiles([
      { name: 'identites.ndjson', text: '' },
      { name: 'sod.json', text: '{}' },
    ]);
    expect(problems.map(({ file }) => file)).toEqual(['identites.ndjson']);
  });
  it('never throw, whatever they hold, and always give an organisation', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.json())), (lines) => {
        const parsed = identities(lines.join('\n'));
        const organisation = buildOrganisation(parsed.records);
        expect(organisation.identities.length + parsed.problems.length).toBeLessThanOrEqual(lines.join('\n').split('\n').length);
      }),
      { numRuns: 100 },
    );
  });
});
