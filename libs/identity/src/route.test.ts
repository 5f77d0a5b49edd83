import fc from 'fast-check';
import { ledgerId, type AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { buildOrganisation } from './build-organisation.js';
import { AssetRecord, IdentityRecord } from './organisation-records.js';
import { resolveIdentities, route } from './route.js';

const organisation = buildOrganisation({
  identities: [
    IdentityRecord.parse({
      id: 'p-anna',
      accounts: [
        { system: 'okta', name: 'anna' },
        { system: 'entra', name: 'anna.admin' },
      ],
    }),
    IdentityRecord.parse({ id: 'x-desk', kind: 'shared', accounts: [{ system: 'okta', name: 'desk' }] }),
    IdentityRecord.parse({ id: 's-backup', kind: 'service', accounts: [{ system: 'linux', name: 'backup@db1' }] }),
  ],
  assets: [
    AssetRecord.parse({ id: 'a', host: 'db1', addresses: ['192.0.2.10'], accounts: [{ name: 'root' }, { name: 'backup' }] }),
    AssetRecord.parse({ id: 'cloud', accounts: [{ name: 'anna.admin' }] }),
  ],
  groups: [],
  roles: [],
  tickets: [],
});
const anEvent = (more: Partial<AccessEvent> = {}): AccessEvent => ({
  uid: 'u',
  nativeId: 'n',
  source: 'okta',
  time: 0,
  class: 'authentication',
  activity: 'logon',
  code: 'x',
  outcome: 'success',
  ...more,
});
const ledgers = (event: AccessEvent): string[] =>
  route(resolveIdentities(event, organisation), organisation).map((entry) => `${ledgerId(entry)}${entry.primary ? '!' : ''} ${entry.part}`);
const anna = { system: 'okta', name: 'anna' };
const ben = { system: 'okta', name: 'ben' };

describe('route', () => {
  it.each<[string, AccessEvent, string[]]>([
    [
      'a sign-in: identity and network',
      anEvent({ actor: anna, src: { ip: '198.51.100.7' } }),
      ['identity:p-anna! actor', 'network:198.51.100.0/24 network'],
    ],
    [
      'an act on somebody else: both identities',
      anEvent({ class: 'user_access', actor: ben, target: anna }),
      ['identity:okta:ben! actor', 'identity:p-anna target'],
    ],
    [
      'an act on an own other account: one',
      anEvent({ class: 'user_access', actor: anna, target: { system: 'entra', name: 'anna.admin' } }),
      ['identity:p-anna! actor'],
    ],
    ['an act that nobody did: the target is primary', anEvent({ class: 'account_change', target: anna }), ['identity:p-anna! target']],
    ['neither: the system', anEvent({ class: 'entity_management' }), ['identity:system:okta! actor']],
    [
      'a private source: a network too, of its own',
      anEvent({ actor: ben, src: { ip: '10.1.2.3' } }),
      ['identity:okta:ben! actor', 'network:10.1.2.3 network'],
    ],
    ['loopback: no network', anEvent({ actor: ben, src: { ip: '127.0.0.1' } }), ['identity:okta:ben! actor']],
    ['IPv6 loopback: no network', anEvent({ actor: ben, src: { ip: '::1' } }), ['identity:okta:ben! actor']],
    [
      'an act that is no sign-in: no network',
      anEvent({ class: 'api_activity', actor: ben, src: { ip: '198.51.100.7' } }),
      ['identity:okta:ben! actor'],
    ],
    [
      'a check-out: the credential as the organisation spells it',
      anEvent({ class: 'entity_management', actor: anna, credential: { act: 'checked_out', account: 'ROOT@192.0.2.10' } }),
      ['identity:p-anna! actor', 'credential:root@db1 credential'],
    ],
    [
      'a credential that nobody listed: by its own name',
      anEvent({ class: 'entity_management', actor: anna, credential: { act: 'used', account: 'SA@db9' } }),
      ['identity:p-anna! actor', 'credential:sa@db9 credential'],
    ],
    [
      'a sign-in with a vaulted account: its own ledger is that of the credential',
      anEvent({ source: 'linux', actor: { system: 'linux', name: 'root@db1' } }),
      ['credential:root@db1! actor'],
    ],
    [
      'a sign-in with a vaulted account, host apart',
      anEvent({ source: 'windows', actor: { system: 'windows', name: 'db1\\root' }, resource: { kind: 'host', name: 'db1.example.com' } }),
      ['credential:root@db1! actor'],
    ],
    [
      'any other act of a vaulted account: the same ledger',
      anEvent({ source: 'linux', class: 'process_activity', actor: { system: 'linux', name: 'root@192.0.2.10' } }),
      ['credential:root@db1! actor'],
    ],
    [
      'a brokered session: the vaulted account as its target, once',
      anEvent({
        source: 'cyberark',
        actor: { system: 'cyberark', name: 'anna' },
        target: { system: 'cyberark', name: 'root@db1.example.com' },
        credential: { act: 'session_opened', account: 'root@db1.example.com' },
      }),
      ['identity:cyberark:anna! actor', 'credential:root@db1 target'],
    ],
    [
      'a local account that nobody listed: one ledger with what the vault says of it',
      anEvent({ source: 'linux', actor: { system: 'linux', name: 'root@db9.example.com' } }),
      ['credential:root@db9.example.com! actor'],
    ],
    [
      'su: the account that somebody became is a target',
      anEvent({ source: 'linux', actor: { system: 'okta', name: 'anna' }, target: { system: 'linux', name: 'root@db1' } }),
      ['identity:p-anna! actor', 'credential:root@db1 target'],
    ],
    [
      'an account that is listed as shared: a ledger of its own, whatever the vault calls it',
      anEvent({ actor: anna, target: { system: 'okta', name: 'desk' }, credential: { act: 'checked_out', account: 'desk' } }),
      ['identity:p-anna! actor', 'credential:x-desk target'],
    ],
    [
      'a vaulted account that one person owns: his own ledger, and the credential beside it',
      anEvent({ source: 'entra', actor: { system: 'entra', name: 'anna.admin' } }),
      ['identity:p-anna! actor', 'credential:anna.admin credential'],
    ],
    [
      'a vaulted account that a service owns: the same',
      anEvent({ source: 'linux', actor: { system: 'linux', name: 'backup@db1' } }),
      ['identity:s-backup! actor', 'credential:backup@db1 credential'],
    ],
    [
      "a vault's own administrator in a session on a host whose administrator it keeps: not that one",
      anEvent({
        source: 'cyberark',
        class: 'process_activity',
        actor: { system: 'cyberark', name: 'root' },
        resource: { kind: 'host', name: 'db1', host: 'db1' },
      }),
      ['identity:cyberark:root! actor'],
    ],
  ])('%s', (_what, event, expected) => {
    expect(ledgers(event)).toEqual(expected);
  });
  it('gives a network who tried, from where, and what came of it, and the identity everything', () => {
    const event = anEvent({
      actor: { ...anna, id: '00u1', email: 'anna@example.com' },
      src: { ip: '198.51.100.7', asn: 64_500, geo: { city: 'Vienna' } },
      device: { userAgent: 'Mozilla/5.0' },
      auth: { method: 'password', failure: 'bad_password', interactive: true },
    });
    const entries = route(resolveIdentities(event, organisation), organisation);
    expect(entries.find(({ ledger }) => ledger === 'identity')?.event).toMatchObject(event);
    const { src, actor, auth, device } = entries.find(({ ledger }) => ledger === 'network')?.event ?? {};
    expect({ src, actor, auth, device }).toEqual({
      src: { ip: '198.51.100.7' },
      actor: { system: 'okta', name: 'anna', identity: 'p-anna' },
      auth: { failure: 'bad_password', interactive: true },
      device: undefined,
    });
  });
  it('makes exactly one primary entry and names each ledger once, whatever the event', () => {
    const account = fc.record({ system: fc.constantFrom('okta', 'linux'), name: fc.constantFrom('anna', 'root@db1', 'x', 'ben') });
    const anyEvent = fc.record(
      {
        actor: account,
        target: account,
        src: fc.record({ ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()) }),
        credential: fc.record({ act: fc.constantFrom('used' as const), account: fc.string({ minLength: 1 }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyEvent, (parts) => {
        const entries = route(resolveIdentities(anEvent(parts), organisation), organisation);
        expect(entries.filter(({ primary }) => primary)).toHaveLength(1);
        expect(new Set(entries.map(ledgerId)).size).toBe(entries.length);
      }),
    );
  });
});
