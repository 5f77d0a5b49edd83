import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openClickHouse, OrganisationStore, StoredOrganisationSource, type ClickHouse } from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { Secret } from '@keyward/runtime';
import { slapdAvailable, startSlapd, type SlapdServer } from '@keyward/testkit';
import { keyward, temporaryFolder } from './keyward.js';

const folder = temporaryFolder('import');
const CONFIG = { CLICKHOUSE_USER: 'keyward', CLICKHOUSE_DATABASE: 'import' };
const BASE = 'dc=example,dc=com';

describe('keyward import', () => {
  let server: EmbeddedClickHouse;
  let clickhouse: ClickHouse;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ directory: folder.file('clickhouse') });
    env = { ...CONFIG, CLICKHOUSE_URL: server.url, CLICKHOUSE_PASSWORD: server.password, KEYWARD_LDAP_PASSWORD: 'only for this test' };
    ({ clickhouse } = await openClickHouse({ ...CONFIG, CLICKHOUSE_URL: server.url, CLICKHOUSE_PASSWORD: new Secret(server.password) }));
  });
  afterAll(async () => {
    await clickhouse.close();
    await server.stop();
    folder.remove();
  });
  const written = (name: string, text: string): string => {
    writeFileSync(folder.file(name), text);
    return folder.file(name);
  };
  const organisation = async () => (await StoredOrganisationSource.load(new OrganisationStore(clickhouse))).current().organisation;

  it('says with file and line what is wrong, and imports nothing', async () => {
    const file = written('wrong.csv', 'id,timezone\np-1,Europe/Vienna\np-2,Mars/Crater\n');
    const ran = await keyward(['import', 'identities', file], { env });
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringContaining(`${file}:3: timezone: "Mars/Crater" is no IANA time zone\n1 problems; nothing was imported.`),
    ]);
    expect((await organisation()).identities).toEqual([]);
  });
  it('says with --dry-run what would change, and does it without', async () => {
    const file = written('people.csv', 'Number;Name;Mail\n1001;Anna;anna@example.com\n');
    const args = ['import', 'identities', file, '--column', 'Number=id', 'Name=displayName'];
    const dry = await keyward([...args, '--dry-run'], { env });
    expect(dry.stderr).toContain('identities: 1 new, 0 changed, 0 gone, 0 as they were (nothing was changed)\n  added 1001');
    expect((await organisation()).identities).toEqual([]);
    const ran = await keyward([...args, '--json'], { env });
    expect([ran.code, JSON.parse(ran.stdout)]).toMatchObject([0, { ok: true, results: [{ kind: 'identities', result: { records: 1 } }] }]);
    expect((await organisation()).identity('1001')).toMatchObject({ displayName: 'Anna', email: 'anna@example.com' });
  });
  it('takes no other words', async () => {
    expect(await keyward(['import', 'everything', written('x.csv', 'id\n1')], { env })).toMatchObject({ code: 2 });
    expect(await keyward(['import', 'identities', folder.file('nowhere.csv')], { env })).toMatchObject({ code: 2 });
  });

  describe.skipIf(!slapdAvailable())('ldap, of a live OpenLDAP', () => {
    let directory: SlapdServer;
    let config: string;
    beforeAll(async () => {
      directory = await startSlapd({
        base: BASE,
        ldif: `dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=anna,${BASE}
objectClass: inetOrgPerson
uid: anna
cn: Anna
sn: Huber
employeeNumber: 1001

dn: uid=ben,${BASE}
objectClass: inetOrgPerson
uid: ben
cn: Ben
sn: Berg
mail: anna@example.com
employeeNumber: 1002

dn: cn=admins,${BASE}
objectClass: groupOfNames
cn: admins
member: uid=anna,${BASE}
`,
      });
      written('ca.pem', directory.ca);
      config = written(
        'ldap.yaml',
        `url: ${directory.secureUrl}\ncaFile: ${folder.file('ca.pem')}\nbindDn: ${directory.bindDn}\npreset: openldap\nbase: ${BASE}\n`,
      );
    });
    afterAll(() => directory.stop());

    it('links accounts to the people that are there', async () => {
      const ran = await keyward(['import', 'ldap', config], { env });
      expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('accounts: 2 new, 0 changed, 0 gone')]);
      const now = await organisation();
      expect(now.resolve({ system: 'ldap', name: 'anna' })).toBe('1001');
      expect([...now.groupsOf('1001')]).toEqual(['ldap:group:admins']);
      const again = await keyward(['import', 'ldap', config], { env });
      expect(again.stderr).toContain('accounts: 0 new, 0 changed, 0 gone, 2 as they were');
    });
    it('writes a context folder, whose conflicts replay names', async () => {
      const out = folder.file('context');
      expect(await keyward(['import', 'ldap', config, '--out', out], { env })).toMatchObject({ code: 0 });
      expect(readFileSync(`${out}/accounts.ndjson`, 'utf8').trim().split('\n')).toHaveLength(2);
      written('context/identities.ndjson', '{"id":"p-1","email":"anna@example.com"}\n{"id":"p-2","employeeId":"1002"}\n');
      const events = written('okta.ndjson', '');
      const ran = await keyward(['replay', '--input', `okta=${events}`, '--context', out, '--out', folder.file('result')], { env });
      expect(ran.stderr).toContain('ldap:ben may be p-1 or p-2: it stands on its own');
    });
    it('without its password, or with a configuration that says too much, does not begin', async () => {
      const { KEYWARD_LDAP_PASSWORD: _, ...without } = env;
      expect((await keyward(['import', 'ldap', config], { env: without })).stderr).toContain('KEYWARD_LDAP_PASSWORD is not set');
      const wrong = written('wrong.yaml', `url: ldap://localhost\nbindDn: x\npreset: openldap\nbase: x\npassword: secret\n`);
      const ran = await keyward(['import', 'ldap', wrong], { env });
      expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('Unrecognized key: "password"')]);
      expect(ran.stderr).not.toContain('secret');
    });
  });
});
