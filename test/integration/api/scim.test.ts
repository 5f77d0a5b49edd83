import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OrganisationStore, StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import type { Organisation } from '@keyward/identity';
import { startTestApi, type Client, type TestApi } from './harness.js';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

let test: TestApi;
let okta: Client;
let entra: Client;
beforeAll(async () => {
  test = await startTestApi();
  okta = await test.bearer('scim:okta');
  entra = await test.bearer('scim:entra');
});
afterAll(() => test.close());

const Resource = z.looseObject({ id: z.string(), meta: z.looseObject({ location: z.string(), version: z.string() }) });
const List = z.looseObject({ totalResults: z.number(), itemsPerPage: z.number(), startIndex: z.number(), Resources: z.array(Resource) });
const ErrorAnswer = z.strictObject({
  schemas: z.tuple([z.literal('urn:ietf:params:scim:api:messages:2.0:Error')]),
  status: z.string(),
  scimType: z.string().optional(),
  detail: z.string(),
});
const scim = { 'content-type': 'application/scim+json' };

async function done(answer: Response, status = 200): Promise<z.infer<typeof Resource>> {
  const text = await answer.text();
  expect(`${answer.status} ${answer.status === status ? '' : text}`).toBe(`${status} `);
  expect(answer.headers.get('content-type')).toMatch(/^application\/scim\+json/);
  return Resource.parse(JSON.parse(text));
}
async function refused(answer: Response, status: number, scimType?: string): Promise<void> {
  const error = ErrorAnswer.parse(await answer.json());
  expect([answer.status, error.status, error.scimType]).toEqual([status, String(status), scimType]);
}
const create = async (client: Client, kind: 'Users' | 'Groups', body: object) =>
  done(await client.send('POST', `/scim/v2/${kind}`, JSON.stringify(body), scim), 201);
const patch = (client: Client, path: string, ...Operations: object[]): Promise<Response> =>
  client.send('PATCH', `/scim/v2/${path}`, JSON.stringify({ schemas: [PATCH], Operations }), scim);
const list = async (client: Client, path: string) => List.parse(await (await client.get(`/scim/v2/${path}`)).json());
const organisation = async (): Promise<Organisation> =>
  (await StoredOrganisationSource.load(new OrganisationStore(test.clickhouse))).current().organisation;
const query = (filter: string): string => `filter=${encodeURIComponent(filter)}`;
let made = 0;
const newUser = (more: object = {}): object => ({ schemas: [CORE], userName: `user${(made += 1)}@example.com`, active: true, ...more });

describe('who may', () => {
  it("a token with a scope of SCIM and nobody else, told so in SCIM's own errors", async () => {
    await refused(await test.client().get('/scim/v2/Users'), 401);
    for (const caller of [await test.bearer('read', 'respond', 'ingest:*'), await test.admin()])
      await refused(await caller.get('/scim/v2/Users'), 403);
    expect((await okta.get('/v1/alerts')).status).toBe(403);
  });
  it('each system sees its own', async () => {
    const user = await create(okta, 'Users', newUser());
    await refused(await entra.get(`/scim/v2/Users/${user.id}`), 404);
    expect((await list(entra, `Users?${query(`userName eq "${String(user['userName'])}"`)}`)).totalResults).toBe(0);
  });
});

describe('what the server says of itself', () => {
  it('PATCH, filters, versions, and a bearer token; no bulk, no passwords', async () => {
    expect(await (await okta.get('/scim/v2/ServiceProviderConfig')).json()).toMatchObject({
      patch: { supported: true },
      filter: { supported: true, maxResults: 200 },
      etag: { supported: true },
      bulk: { supported: false },
      changePassword: { supported: false },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
    });
  });
  it('resource types and schemas, one by one too', async () => {
    const types: unknown = await (await okta.get('/scim/v2/ResourceTypes')).json();
    expect(types).toMatchObject({
      totalResults: 2,
      Resources: [{ id: 'User', schemaExtensions: [{ schema: ENTERPRISE }] }, { id: 'Group' }],
    });
    const schemas = z
      .looseObject({ Resources: z.array(z.looseObject({ id: z.string() })) })
      .parse(await (await okta.get('/scim/v2/Schemas')).json());
    expect(schemas.Resources.map(({ id }) => id)).toEqual(
      expect.arrayContaining([CORE, ENTERPRISE, 'urn:ietf:params:scim:schemas:core:2.0:Group']),
    );
    expect(await (await okta.get(`/scim/v2/Schemas/${CORE}`)).json()).toMatchObject({ id: CORE });
    await refused(await okta.get('/scim/v2/Schemas/urn:nobody'), 404);
  });
});

describe('as Okta speaks', () => {
  it('looks for the user, creates it, reads it, replaces it with PUT, and deactivates it', async () => {
    const name = 'Anna.Huber@example.com';
    expect(await list(okta, `Users?${query(`userName eq "${name}"`)}&startIndex=1&count=100`)).toMatchObject({
      totalResults: 0,
      Resources: [],
    });
    const body = {
      schemas: [CORE, ENTERPRISE],
      userName: name,
      name: { givenName: 'Anna', familyName: 'Huber' },
      emails: [{ primary: true, value: 'anna.huber@example.com', type: 'work' }],
      displayName: 'Anna Huber',
      locale: 'en-US',
      externalId: '00u0000000000000000a',
      groups: [],
      password: 'secret-of-anna',
      active: true,
      [ENTERPRISE]: { employeeNumber: '1001', department: 'IT', manager: { value: '', displayName: '' } },
    };
    const created = await okta.send('POST', '/scim/v2/Users', JSON.stringify(body), scim);
    expect(created.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2\/Users\//);
    expect(created.headers.get('etag')).toBe('W/"1"');
    const user = await done(created, 201);
    expect(JSON.stringify(user)).not.toContain('secret-of-anna');
    expect(user.meta.location).toBe(created.headers.get('location'));
    expect((await list(okta, `Users?${query(`userName eq "${name.toLowerCase()}"`)}`)).Resources.map(({ id }) => id)).toEqual([user.id]);
    const { password: _, ...rest } = body;
    const put = await okta.send('PUT', `/scim/v2/Users/${user.id}`, JSON.stringify({ ...rest, id: user.id, title: 'Engineer' }), scim);
    expect(await done(put)).toMatchObject({ title: 'Engineer', meta: { version: 'W/"2"' } });
    expect((await organisation()).identity(`okta:${name.toLowerCase()}`)).toMatchObject({
      title: 'Engineer',
      department: 'IT',
      employeeId: '1001',
    });

    const before = test.clock.now();
    expect(await done(await patch(okta, `Users/${user.id}`, { op: 'replace', value: { active: false } }))).toMatchObject({ active: false });
    const after = await organisation();
    const id = after.resolve({ system: 'okta', name: name.toLowerCase(), id: '00u0000000000000000a' });
    expect([after.statusAt(id, before - 1), after.statusAt(id, test.clock.now() + 1)]).toEqual(['active', 'left']);
    expect(await done(await patch(okta, `Users/${user.id}`, { op: 'replace', value: { active: true } }))).toMatchObject({ active: true });
    expect((await organisation()).statusAt(id, test.clock.now() + 1)).toBe('active');
  });
  it('pages, and a page beyond the end is empty', async () => {
    const paging = await test.bearer('scim:paging');
    for (let n = 0; n < 5; n += 1) await create(paging, 'Users', newUser({ displayName: `P${4 - n}` }));
    const page = async (startIndex: number, count: number) => {
      const { totalResults, itemsPerPage, Resources } = await list(paging, `Users?startIndex=${startIndex}&count=${count}`);
      return [totalResults, itemsPerPage, Resources.length];
    };
    expect(await page(1, 2)).toEqual([5, 2, 2]);
    expect(await page(5, 2)).toEqual([5, 1, 1]);
    expect(await page(6, 2)).toEqual([5, 0, 0]);
    expect(await page(1, 0)).toEqual([5, 0, 0]);
    const sorted = await list(paging, 'Users?sortBy=displayName&sortOrder=descending');
    expect(sorted.Resources.map((user) => user['displayName'])).toEqual(['P4', 'P3', 'P2', 'P1', 'P0']);
    await refused(await paging.get('/scim/v2/Users?count=many'), 400, 'invalidValue');
  });
  it('pushes groups: members by PUT and PATCH, the name by PATCH', async () => {
    const [a, b] = [await create(okta, 'Users', newUser()), await create(okta, 'Users', newUser())];
    const group = await create(okta, 'Groups', { displayName: 'Payments', members: [{ value: a.id, display: 'a' }] });
    expect([...(await organisation()).groupsOf(`okta:${String(a['userName'])}`)]).toEqual(['okta:group:Payments']);
    await done(await patch(okta, `Groups/${group.id}`, { op: 'add', path: 'members', value: [{ value: b.id }, { value: b.id }] }));
    await done(await patch(okta, `Groups/${group.id}`, { op: 'remove', path: `members[value eq "${a.id}"]` }));
    const renamed = await done(
      await patch(okta, `Groups/${group.id}`, { op: 'replace', value: { id: group.id, displayName: 'Payments EU' } }),
    );
    expect(renamed).toMatchObject({ displayName: 'Payments EU', members: [{ value: b.id }] });
    const now = await organisation();
    expect([...now.groupsOf(`okta:${String(b['userName'])}`)]).toEqual(['okta:group:Payments EU']);
    expect([...now.groupsOf(`okta:${String(a['userName'])}`)]).toEqual([]);
    expect((await okta.send('DELETE', `/scim/v2/Groups/${group.id}`)).status).toBe(204);
    expect([...(await organisation()).groupsOf(`okta:${String(b['userName'])}`)]).toEqual([]);
  });
});

describe('as Entra speaks', () => {
  const user = () =>
    newUser({ externalId: `ext${made}`, emails: [{ type: 'work', value: `W${made}@example.com`, primary: 'True' }], active: 'True' });
  it('booleans are words', async () => {
    const { id } = await create(entra, 'Users', user());
    const off = await patch(entra, `Users/${id}`, { op: 'Replace', path: 'active', value: 'False' });
    expect(await done(off)).toMatchObject({ active: false, emails: [{ primary: true }] });
    const on = await patch(entra, `Users/${id}`, { op: 'Replace', value: { active: 'True' } });
    expect(await done(on)).toMatchObject({ active: true });
  });
  it('paths have filters, and `Add` to an element that is not there makes it', async () => {
    const { id } = await create(entra, 'Users', user());
    const changed = await patch(
      entra,
      `Users/${id}`,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@example.com' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+43 1 555 0100' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].primary', value: 'True' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Finance' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: 'm-1' },
      { op: 'Add', path: 'name.givenName', value: 'Ben' },
    );
    expect(await done(changed)).toMatchObject({
      emails: [{ type: 'work', value: 'new@example.com', primary: true }],
      phoneNumbers: [{ type: 'mobile', value: '+43 1 555 0100', primary: true }],
      [ENTERPRISE]: { department: 'Finance', manager: { value: 'm-1' } },
      name: { givenName: 'Ben' },
    });
    const many = { 'emails[type eq "home"].value': 'h@example.net', [`${ENTERPRISE}:employeeNumber`]: '77', 'name.familyName': 'Berg' };
    expect(await done(await patch(entra, `Users/${id}`, { op: 'Add', value: many }))).toMatchObject({
      emails: [{ type: 'work' }, { type: 'home', value: 'h@example.net' }],
      name: { givenName: 'Ben', familyName: 'Berg' },
    });
    const removed = await patch(
      entra,
      `Users/${id}`,
      { op: 'Remove', path: `${ENTERPRISE}:manager` },
      { op: 'Remove', path: 'emails[type eq "home"]' },
    );
    const without = await done(removed);
    expect(without[ENTERPRISE]).toEqual({ department: 'Finance', employeeNumber: '77' });
    expect(without['emails']).toHaveLength(1);
  });
  it('filters name what it matches by: userName in any case, externalId exactly, `and`', async () => {
    const { id, userName, externalId } = await create(entra, 'Users', { ...user(), externalId: 'Ext-Id-9' });
    const found = async (filter: string) => (await list(entra, `Users?${query(filter)}`)).Resources.map((resource) => resource.id);
    expect(await found(`userName eq "${String(userName).toUpperCase()}"`)).toEqual([id]);
    expect(await found(`externalId eq "${String(externalId)}"`)).toEqual([id]);
    expect(await found('externalId eq "ext-id-9"')).toEqual([]);
    expect(await found(`emails[type eq "work"].value eq "w${made - 1}@EXAMPLE.com" and userName sw "${String(userName)}"`)).toEqual([id]);
    expect(await found(`id eq "${id}" and externalId eq "nobody"`)).toEqual([]);
    await refused(await entra.get(`/scim/v2/Users?${query('userName eq')}`), 400, 'invalidFilter');
    await refused(await entra.get(`/scim/v2/Users?${query('userName like "a"')}`), 400, 'invalidFilter');
  });
  it('groups are asked for without members, and members come and go one by one', async () => {
    const { id: member } = await create(entra, 'Users', user());
    const { id } = await create(entra, 'Groups', { schemas: [], displayName: 'Auditors', externalId: 'g-1', members: [] });
    const add = await patch(entra, `Groups/${id}`, { op: 'Add', path: 'members', value: [{ $ref: null, value: member }] });
    expect(await done(add)).toMatchObject({ members: [{ value: member }] });
    const found = await list(entra, `Groups?excludedAttributes=members&${query('displayName eq "AUDITORS"')}`);
    expect(found.Resources[0]).not.toHaveProperty('members');
    expect(found.Resources[0]).toMatchObject({ id, displayName: 'Auditors' });
    await done(await patch(entra, `Groups/${id}`, { op: 'Remove', path: 'members', value: [{ $ref: null, value: member }] }));
    expect(await done(await entra.get(`/scim/v2/Groups/${id}`))).not.toHaveProperty('members');
  });
  it('deletes softly by active, and hard by DELETE; the account stays known as closed, and its name is free again', async () => {
    const body = user();
    const { id, userName } = await create(entra, 'Users', body);
    const key = `entra:${String(userName)}`;
    const at = test.clock.now();
    expect((await entra.send('DELETE', `/scim/v2/Users/${id}`)).status).toBe(204);
    await refused(await entra.get(`/scim/v2/Users/${id}`), 404);
    await refused(await entra.send('DELETE', `/scim/v2/Users/${id}`), 404);
    expect((await list(entra, `Users?${query(`userName eq "${String(userName)}"`)}`)).totalResults).toBe(0);
    expect([(await organisation()).statusAt(key, at - 1), (await organisation()).statusAt(key, test.clock.now() + 1)]).toEqual([
      'active',
      'left',
    ]);
    expect((await create(entra, 'Users', body)).id).not.toBe(id);
    expect((await organisation()).statusAt(key, test.clock.now() + 1)).toBe('active');
  });
});

describe('what is refused', () => {
  it('a second user or group of the same name, in any case', async () => {
    const { userName } = await create(okta, 'Users', newUser());
    await refused(
      await okta.send('POST', '/scim/v2/Users', JSON.stringify(newUser({ userName: String(userName).toUpperCase() })), scim),
      409,
      'uniqueness',
    );
    await create(okta, 'Groups', { displayName: 'Once' });
    await refused(await okta.send('POST', '/scim/v2/Groups', JSON.stringify({ displayName: 'once' }), scim), 409, 'uniqueness');
    const other = await create(okta, 'Users', newUser());
    await refused(await patch(okta, `Users/${other.id}`, { op: 'replace', path: 'userName', value: userName }), 409, 'uniqueness');
  });
  it('what is no JSON, no user, no operation; nothing is changed by half', async () => {
    const user = await create(okta, 'Users', newUser());
    await refused(await okta.send('POST', '/scim/v2/Users', '{"userName":', scim), 400, 'invalidSyntax');
    await refused(await okta.send('POST', '/scim/v2/Users', '[]', scim), 400, 'invalidSyntax');
    await refused(await okta.send('POST', '/scim/v2/Users', JSON.stringify({ active: true }), scim), 400, 'invalidValue');
    await refused(await okta.send('POST', '/scim/v2/Users', JSON.stringify(newUser({ active: 'perhaps' })), scim), 400, 'invalidValue');
    await refused(await patch(okta, `Users/${user.id}`, { op: 'explode', path: 'active' }), 400, 'invalidSyntax');
    const half = await patch(
      okta,
      `Users/${user.id}`,
      { op: 'replace', path: 'title', value: 'X' },
      { op: 'replace', path: 'nowhere', value: 1 },
    );
    await refused(half, 400, 'invalidPath');
    await refused(
      await patch(okta, `Users/${user.id}`, { op: 'replace', path: 'emails[type eq "home"].value', value: 'x' }),
      400,
      'noTarget',
    );
    expect(await done(await okta.get(`/scim/v2/Users/${user.id}`))).toEqual(user);
  });
  it('a change of a version that is no longer there', async () => {
    const user = await create(okta, 'Users', newUser());
    const put = (title: string, tag: string) =>
      okta.send('PUT', `/scim/v2/Users/${user.id}`, JSON.stringify({ userName: user['userName'], title }), { ...scim, 'if-match': tag });
    expect(await done(await put('A', 'W/"1"'))).toMatchObject({ title: 'A' });
    await refused(await put('B', 'W/"1"'), 412);
    expect(await done(await put('C', 'W/"2"'))).toMatchObject({ title: 'C' });
  });
  it('what a resource is not changed by leaves its version as it is', async () => {
    const user = await create(okta, 'Users', newUser());
    expect(await done(await patch(okta, `Users/${user.id}`, { op: 'replace', path: 'active', value: true }))).toEqual(user);
  });
});

it('many changes at once of one group all count', async () => {
  const { id } = await create(okta, 'Groups', { displayName: 'Busy' });
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => patch(okta, `Groups/${id}`, { op: 'add', path: 'members', value: [{ value: `m${n}` }] })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(z.array(z.unknown()).parse((await done(await okta.get(`/scim/v2/Groups/${id}`)))['members'])).toHaveLength(20);
});

it('every change is in the audit log, with the token and the system', async () => {
  const { id } = await create(okta, 'Users', newUser());
  const audit = await (await test.admin()).get('/v1/audit?action=scim.user&limit=1');
  expect(await audit.json()).toMatchObject({ items: [{ user: 'token:test', action: 'scim.user.create', object: id, detail: 'okta' }] });
});
