import { IdentityRecord, buildOrganisation } from '@keyward/identity';
import { describe, expect, it } from 'vitest';
import { createBehaviourModel } from '../behaviour-model.js';
import { DayTally, increment } from '../day-tally.js';
import { emptyContent } from '../population.js';
import { BehaviourParameters } from '../parameters.js';
import { decodeSnapshot, encodeSnapshot, sealSnapshot } from '../snapshot-codec.js';
import { nextPeers, peerGroupsOf, peersFromWire, peersToWire, type LearnedPeers } from './learned-peers.js';

const people = (count: number, more: (n: number) => object) =>
  Array.from({ length: count }, (_, n) => IdentityRecord.parse({ id: `p-${n}`, kind: 'human', ...more(n) }));
const organisationOf = (identities: readonly IdentityRecord[]) =>
  buildOrganisation({ identities: [...identities], assets: [], groups: [], roles: [], tickets: [] });

/** Even ids pay, odd ids build; `p-0` and `p-1` too. */
function aDay(count: number): DayTally {
  const tally = new DayTally();
  for (let n = 0; n < count; n += 1) {
    tally.identities.set(`p-${n}`, { events: 3, kind: 'human', leastP: 0.5 });
    const job = n % 2 === 0 ? 'pay' : 'build';
    for (const system of ['one', 'two', 'three']) increment(tally.level('res'), `${job}-${system}`, `p-${n}`);
    increment(tally.level('app'), 'mail', `p-${n}`);
  }
  return tally;
}

describe('peers of a snapshot', () => {
  it('are not kept while everybody who acts has a declared group', () => {
    const organisation = organisationOf(people(20, (n) => ({ team: n % 2 === 0 ? 'payments' : 'builders' })));
    expect(nextPeers(undefined, 0, new Map([[100, aDay(20)]]), 101, organisation)).toBeUndefined();
    expect(encodeSnapshot(sealSnapshot(emptyContent(), BehaviourParameters.parse({})))).not.toContain('peers');
  });

  it('give those without a declared group the one whose work they do, and a group of their own where none is declared', () => {
    const half = organisationOf(people(20, (n) => (n < 2 ? {} : { team: n % 2 === 0 ? 'payments' : 'builders' })));
    const learned = nextPeers(undefined, 0, new Map([[100, aDay(20)]]), 101, half);
    expect([peerGroupsOf('p-0', half, learned), peerGroupsOf('p-1', half, learned)]).toEqual([
      ['team:payments', 'kind:human'],
      ['team:builders', 'kind:human'],
    ]);
    expect(peerGroupsOf('p-2', half, learned)).toEqual(half.peerGroups('p-2'));
    const none = organisationOf(people(20, () => ({})));
    const own = nextPeers(undefined, 0, new Map([[100, aDay(20)]]), 101, none);
    const [payers, builders] = ['p-0', 'p-1'].map((id) => peerGroupsOf(id, none, own)[0]);
    expect(payers).toMatch(/^learned:[0-9a-f]{12}$/);
    expect(builders).not.toBe(payers);
    expect(peerGroupsOf('p-18', none, own)).toEqual([payers, 'kind:human']);
    expect(peerGroupsOf('p-nobody', none, own)).toEqual(['kind:unknown']);
  });

  it('end when everybody has been given a declared group', () => {
    const own = nextPeers(undefined, 0, new Map([[100, aDay(20)]]), 101, organisationOf(people(20, () => ({}))));
    const declared = organisationOf(people(20, () => ({ team: 'all' })));
    expect(nextPeers(own, 101, new Map([[101, aDay(20)]]), 102, declared)).toBeUndefined();
    // Nor is a declared group overruled by what was learned before.
    expect(peerGroupsOf('p-0', declared, own)).toEqual(['team:all', 'kind:human']);
  });

  it('come back from the store as they were, and are part of the snapshot id', () => {
    const learned = nextPeers(undefined, 0, new Map([[100, aDay(20)]]), 101, organisationOf(people(20, () => ({})))) as LearnedPeers;
    expect(peersFromWire(peersToWire(learned))).toEqual(learned);
    const params = BehaviourParameters.parse({});
    const sealed = sealSnapshot({ ...emptyContent(), day: 101, peers: learned }, params);
    expect(decodeSnapshot(encodeSnapshot(sealed), params).id).toBe(sealed.id);
    expect(createBehaviourModel().decodeSnapshot(encodeSnapshot(sealed)).id).toBe(sealed.id);
    expect(sealed.id).not.toBe(sealSnapshot({ ...emptyContent(), day: 101 }, params).id);
  });
});
