import { numberOf, page, where } from '../lists.js';
import { rhythmOf, riskHistoryOf, usageOf } from '../overview.js';
import type { Handlers } from './handler.js';

export const IDENTITIES: Handlers = {
  'identities.list': ({ organisation, query }) => page(where.identities(organisation.people, query), query),
  'identities.show': ({ organisation, params }) => {
    const card = organisation.people.find((person) => person.id === params['id']);
    if (!card) return undefined;
    const own = organisation.events.filter((event) => event.identity.id === card.id);
    return {
      card,
      accounts: [...new Set(own.map((event) => event.source))].map((system) => ({
        system,
        name: card.email ?? card.id,
        lastSeen: own.find((event) => event.source === system)?.time ?? null,
        events: own.filter((event) => event.source === system).length,
        link: { to: 'events', query: { identity: card.id, source: system } },
      })),
      groups: ['all-staff', 'vpn-users', 'db-admins'],
      peerGroups: [`team:${card.team ?? 'none'}`, `department:${card.department ?? 'none'}`],
      eligibleRoles: card.privileged ? ['Global Administrator', 'DB-Payments'] : [],
      startsAt: '2023-04-01',
      endsAt: null,
      contributions: organisation.alerts
        .filter((one) => one.identity.id === card.id)
        .slice(0, 5)
        .map((one, i) => ({
          findingUid: one.uid,
          detection: one.detections[0] ?? 'behaviour',
          title: one.title,
          at: one.lastTime,
          evidence: 13,
          halfLifeDays: 7,
          share: [0.52, 0.24, 0.13, 0.07, 0.04][i] ?? 0,
          alertUid: one.uid,
          eventUid: null,
        })),
      tickets: card.privileged ? [{ id: 'CHG-40102', kind: 'change', summary: 'Replication password rotation' }] : [],
    };
  },
  'identities.risk': ({ organisation, params, query }) => riskHistoryOf(organisation, params['id'] ?? '', numberOf(query['days'], 30)),
  'identities.rhythm': ({ organisation, params }) => rhythmOf(organisation, params['id'] ?? ''),
  'identities.usage': ({ organisation, params, query }) =>
    usageOf(organisation, params['id'] ?? '', kindOf(query['kind']), numberOf(query['days'], 30)),
  'identities.peers': ({ organisation, params }) => {
    const self = organisation.people.find((person) => person.id === params['id']);
    if (!self) return undefined;
    const peers = organisation.people.filter((person) => person.team === self.team && person.kind === self.kind);
    return { group: `team:${self.team ?? 'none'}`, size: peers.length, items: [...peers].sort((a, b) => b.risk - a.risk) };
  },
};

const kindOf = (kind: string | undefined): 'network' | 'device' | 'resource' | 'application' | 'country' =>
  kind === 'device' || kind === 'resource' || kind === 'application' || kind === 'country' ? kind : 'network';
