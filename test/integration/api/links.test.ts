import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickHouseAssessmentStore, OrganisationStore, StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import { OrganisationImported, Problem } from '@keyward/contract';
import { MINUTE_MS } from '@keyward/events';
import { answerOf, startTestApi, type Client, type TestApi } from './harness.js';
import { anEvent } from './seed.js';

let test: TestApi;
let admin: Client;
let analyst: Client;
beforeAll(async () => {
  test = await startTestApi();
  admin = await test.admin();
  analyst = await test.as('analyst');
});
afterAll(() => test.close());

const put = (file: string, body: string, type = 'application/x-ndjson'): Promise<Response> =>
  admin.send('PUT', `/v1/organisation/${file}`, body, { 'content-type': type });
const imported = async (answer: Response) => {
  const text = await answer.text();
  expect(`${answer.status}: ${answer.ok ? '' : text}`).toBe('200: ');
  return OrganisationImported.parse(JSON.parse(text));
};
const problem = async (answer: Response): Promise<Problem> => Problem.parse(await answer.json());
const ndjson = (...records: object[]): string => records.map((record) => JSON.stringify(record)).join('\n');
const organisation = async () => (await StoredOrganisationSource.load(new OrganisationStore(test.clickhouse))).current().organisation;
const links = async (query = '') => answerOf('links.list', await analyst.get(`/v1/links${query}`));

const PEOPLE = ndjson(
  { id: 'p-anna', displayName: 'Anna', employeeId: '1001', email: 'anna@example.com' },
  { id: 'p-ben', displayName: 'Ben', employeeId: '1002', email: 'ben@example.com' },
);

describe('CSV', () => {
  const table =
    'Employee Number,Mail,Login,Enabled,Member Of\n1001,,anna,yes,admins;staff\n1002,anna@example.com,ben,yes,staff\n,ben@example.com,bsvc,yes,';
  it('says with the line of the table what is wrong, and imports nothing', async () => {
    await imported(await put('identities', PEOPLE));
    const answer = await problem(await put('accounts?system=ldap', `${table}\n1003,x@example.com,,maybe,`, 'text/csv'));
    expect(answer.code).toBe('request.unreadable_records');
    expect(answer.errors?.map(({ line }) => line)).toEqual([5, 5]);
    expect((await links()).total).toBe(0);
  });
  it('says beforehand what it would do', async () => {
    expect(await imported(await put('accounts?system=ldap&dryRun=true', table, 'text/csv'))).toMatchObject({
      dryRun: true,
      records: 3,
      added: 3,
    });
    expect((await links()).total).toBe(0);
  });
  it('becomes accounts that are linked, or in conflict', async () => {
    expect(await imported(await put('accounts?system=ldap', table, 'text/csv; charset=utf-8'))).toMatchObject({ dryRun: false, added: 3 });
    const { items } = await links();
    expect(items.map(({ name, state, identity, rules, reason }) => [name, state, identity?.id, rules, reason])).toEqual([
      ['ben', 'conflict', undefined, [], 'rules_disagree'],
      ['anna', 'linked', 'p-anna', ['employee_id'], null],
      ['bsvc', 'linked', 'p-ben', ['email'], null],
    ]);
    expect(items[0]?.candidates).toEqual([
      { identity: { id: 'p-anna', displayName: 'Anna' }, rules: ['email'] },
      { identity: { id: 'p-ben', displayName: 'Ben' }, rules: ['employee_id'] },
    ]);
    expect([...(await organisation()).groupsOf('p-anna')].toSorted()).toEqual(['ldap:group:admins', 'ldap:group:staff']);
  });
  it('takes columns of any name, by a mapping', async () => {
    const columns = encodeURIComponent(JSON.stringify({ 'Pers.-Nr.': 'id', 'Vor- und Zuname': 'displayName' }));
    const body = 'Pers.-Nr.;Vor- und Zuname\np-anna;Anna Huber\np-ben;Ben Berg';
    expect(await imported(await put(`identities?dryRun=true&columns=${columns}`, body, 'text/csv'))).toMatchObject({
      changed: 2,
      examples: [{ id: 'p-anna', change: 'changed', fields: ['displayName', 'email', 'employeeId'] }, { id: 'p-ben' }],
    });
    expect((await problem(await put('identities?columns=x', body, 'text/csv'))).code).toBe('request.invalid');
  });
});

describe('accounts of a system', () => {
  it('are replaced for themselves; what is not listed any more is closed at that instant', async () => {
    await imported(await put('accounts?system=entra', ndjson({ name: 'cy@example.com', id: 'guid-1' }, { name: 'dora@example.com' })));
    const before = test.clock.now();
    test.clock.advance(MINUTE_MS);
    const done = await imported(await put('accounts?system=entra', ndjson({ name: 'cy@example.com', id: 'guid-1' })));
    expect(done).toMatchObject({ removed: 1, unchanged: 1, examples: [{ id: 'entra:dora@example.com', change: 'removed' }] });
    const now = await organisation();
    expect(now.resolve({ system: 'entra', name: 'renamed@example.com', id: 'GUID-1' })).toBe('entra:cy@example.com');
    expect([now.statusAt('entra:dora@example.com', before), now.statusAt('entra:dora@example.com', test.clock.now())]).toEqual([
      'active',
      'left',
    ]);
    expect((await links('?system=ldap')).total).toBe(3);
    const wrong = await problem(await put('accounts?system=entra', ndjson({ name: 'x', system: 'okta' })));
    expect(wrong.errors).toEqual([{ line: 1, message: 'system: is "okta", and "entra" is imported' }]);
  });
  it('are not all closed by an answer that is empty by mistake', async () => {
    const many = ndjson(...Array.from({ length: 30 }, (_, n) => ({ name: `m${n}` })));
    await imported(await put('accounts?system=many', many));
    expect(await problem(await put('accounts?system=many', ndjson({ name: 'm1' })))).toMatchObject({
      status: 409,
      code: 'import.most_would_go',
    });
    expect(await imported(await put('accounts?system=many&force=true', ndjson({ name: 'm1' })))).toMatchObject({ removed: 29 });
  });
  it('groups of a system leave those of others alone', async () => {
    await imported(await put('groups', ndjson({ group: 'ours' })));
    await imported(await put('groups?system=ldap', ndjson({ group: 'admins', memberOf: ['staff'] })));
    expect(await imported(await put('groups?system=ldap', ndjson({ group: 'admins', memberOf: ['all'] })))).toMatchObject({
      changed: 1,
      removed: 0,
    });
    expect([...(await organisation()).groupsOf('p-anna')].toSorted()).toEqual(['ldap:group:admins', 'ldap:group:all', 'ldap:group:staff']);
    expect((await new OrganisationStore(test.clickhouse).load()).records.groups.map(({ group }) => group)).toEqual([
      'ldap:group:admins',
      'ours',
    ]);
  });
});

describe('a decision', () => {
  it('is made by a person, holds against the rules, is in the audit log, and can be taken back', async () => {
    const conflicts = await links('?state=conflict');
    expect(conflicts.items.map(({ name }) => name)).toEqual(['ben']);
    const body = { system: 'ldap', name: 'ben', identity: 'p-ben', reason: 'The mail address is a typing error in HR' };
    expect((await (await test.as('viewer')).send('POST', '/v1/links/decisions', body)).status).toBe(403);
    const decided = await answerOf('links.decide', await analyst.send('POST', '/v1/links/decisions', body));
    expect(decided).toMatchObject({ identity: { id: 'p-ben' }, reason: body.reason });
    expect((await organisation()).resolve({ system: 'ldap', name: 'ben' })).toBe('p-ben');
    expect((await links('?text=BEN&system=ldap')).items.find(({ name }) => name === 'ben')).toMatchObject({
      state: 'decided',
      identity: { id: 'p-ben' },
      decision: { uid: decided.uid },
    });
    const audit = await answerOf('audit.list', await admin.get('/v1/audit?action=link'));
    expect(audit.items[0]).toMatchObject({
      action: 'link.decide',
      object: 'ldap:ben',
      detail: expect.stringContaining(body.reason) as string,
    });
    const undone = await analyst.send('DELETE', `/v1/links/decisions/${decided.uid}?reason=${encodeURIComponent('was wrong')}`);
    expect(undone.status).toBe(204);
    expect((await organisation()).resolve({ system: 'ldap', name: 'ben' })).toBe('ldap:ben');
    expect((await links('?state=conflict')).total).toBe(1);
    expect((await analyst.send('DELETE', `/v1/links/decisions/${decided.uid}?reason=again`)).status).toBe(404);
  });
  it('is for somebody who is there', async () => {
    const answer = await analyst.send('POST', '/v1/links/decisions', {
      system: 'ldap',
      name: 'ben',
      identity: 'p-nobody',
      reason: 'typing',
    });
    expect((await problem(answer)).errors?.[0]?.path).toBe('identity');
  });
});

it('the summary and the metric count each system', async () => {
  const summary = await answerOf('links.summary', await analyst.get('/v1/links/summary'));
  expect(summary.conflicts).toBe(1);
  expect(summary.systems.find(({ system }) => system === 'ldap')).toEqual({
    system: 'ldap',
    accounts: 3,
    linked: 2,
    decided: 0,
    own: 0,
    conflicts: 1,
  });
  expect(await (await admin.get('/metrics')).text()).toContain('keyward_organisation_accounts{state="conflict"} 1');
});

it('pages list every account once', async () => {
  const all: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: Awaited<ReturnType<typeof links>> = await links(`?limit=7${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    all.push(...page.items.map(({ system, name }) => `${system}:${name}`));
    cursor = page.nextCursor;
  }
  expect(new Set(all).size).toBe(all.length);
  expect(all).toHaveLength((await links()).total ?? 0);
});

it('accounts that events name and nobody knows are counted by system, until a person says whose they are', async () => {
  const now = test.clock.now();
  const event = (n: number, system: string, name: string) =>
    anEvent(n, now, { actor: { system, name, identity: `${system}:${name}` } }, name, 10);
  await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([
    event(0, 'auth0', 'auth0|1'),
    event(1, 'auth0', 'auth0|1'),
    event(2, 'auth0', 'auth0|2'),
    event(3, 'ldap', 'anna'),
  ]);
  const unresolved = async () => answerOf('links.unresolved', await analyst.get('/v1/links/unresolved?days=30'));
  expect(await unresolved()).toMatchObject({ accounts: 2, events: 3, bySystem: [{ system: 'auth0', accounts: 2, events: 3 }] });
  const body = { system: 'auth0', name: 'auth0|1', identity: 'p-anna', reason: 'asked her' };
  await answerOf('links.decide', await analyst.send('POST', '/v1/links/decisions', body));
  expect((await unresolved()).items.map(({ name }) => name)).toEqual(['auth0|2']);
});
