import type { IdentityCard } from '@keyward/contract';
import type { Random } from './random.js';

type Team = readonly [department: string, team: string, title: string];
const FIRST = ['Anna', 'Jonas', 'Mira', 'Tobias', 'Leila', 'Marek', 'Ines', 'Paul', 'Sofia', 'Erik', 'Nadia', 'Felix'] as const;
const LAST = [
  'Berg',
  'Kowalski',
  'Lindqvist',
  'Moreau',
  'Novak',
  'Okafor',
  'Peters',
  'Rossi',
  'Schmidt',
  'Tanaka',
  'Ueda',
  'Vogel',
] as const;
const TEAMS: readonly [Team, ...Team[]] = [
  ['IT', 'Platform', 'Platform engineer'],
  ['IT', 'Database', 'Database administrator'],
  ['Finance', 'Payments', 'Payments clerk'],
  ['Finance', 'Controlling', 'Controller'],
  ['Sales', 'Europe', 'Account manager'],
  ['Security', 'Identity', 'Identity engineer'],
];
export interface City {
  readonly city: string;
  readonly country: string;
  readonly lat: number;
  readonly lon: number;
  readonly asOrg: string;
}
export const CITIES: readonly [City, ...City[]] = [
  { city: 'Berlin', country: 'DE', lat: 52.52, lon: 13.4, asOrg: 'Example Telecom' },
  { city: 'Munich', country: 'DE', lat: 48.14, lon: 11.58, asOrg: 'Example Telecom' },
  { city: 'Paris', country: 'FR', lat: 48.86, lon: 2.35, asOrg: 'Exemple Réseau' },
  { city: 'Warsaw', country: 'PL', lat: 52.23, lon: 21.01, asOrg: 'Example Polska' },
  { city: 'London', country: 'GB', lat: 51.51, lon: -0.13, asOrg: 'Example Broadband' },
  { city: 'New York', country: 'US', lat: 40.71, lon: -74, asOrg: 'Example Cable' },
  { city: 'Singapore', country: 'SG', lat: 1.35, lon: 103.82, asOrg: 'Example Hosting' },
  { city: 'São Paulo', country: 'BR', lat: -23.55, lon: -46.63, asOrg: 'Exemplo Net' },
  { city: 'Sydney', country: 'AU', lat: -33.87, lon: 151.21, asOrg: 'Example Hosting' },
];
/** What an attacker would like to run in the analyst's browser. */
export const HOSTILE_NAME = '<img src=x onerror="window.hacked=1">';

export function makePeople(random: Random, now: number): IdentityCard[] {
  const people: IdentityCard[] = [];
  for (let i = 0; i < 72; i++) {
    const service = i >= 60;
    const [department, team, title] = random.pick(TEAMS);
    const first = FIRST[i % FIRST.length] ?? 'Anna';
    const last = LAST[(i * 5 + Math.floor(i / 12)) % LAST.length] ?? 'Berg';
    const home = CITIES[i % 5] ?? CITIES[0];
    const id = service
      ? `svc-${['deploy', 'backup', 'billing', 'report', 'sync', 'scan'][i % 6] ?? 'job'}-${i - 59}`
      : `p-${first.toLowerCase()}-${last.toLowerCase()}-${i}`;
    people.push({
      id,
      displayName: i === 7 ? HOSTILE_NAME : service ? id : `${first} ${last}`,
      kind: service ? 'service' : i === 59 ? 'break_glass' : 'human',
      privileged: service ? random.chance(0.5) : department === 'IT' || department === 'Security',
      department,
      team,
      title: service ? null : title,
      status: i === 23 ? 'left' : 'active',
      risk: Math.round((i < 4 ? 96 - i * 6 : 70 * random.next() ** 4) * 100) / 100,
      openAlerts: 0,
      activeGrants: 0,
      lastSeen: new Date(now - random.int(1, 600) * 60_000).toISOString(),
      email: service ? null : `${first}.${last}@example.com`.toLowerCase(),
      manager: i % 9 === 0 || service ? null : { id: people[0]?.id ?? 'p-0', displayName: people[0]?.displayName ?? 'nobody' },
      owner: service && people[1] ? { id: people[1].id, displayName: people[1].displayName } : null,
      home: service ? null : { lat: home.lat, lon: home.lon, city: home.city, country: home.country },
      timezone: service ? null : 'Europe/Berlin',
      criticality: department === 'IT' ? 1.5 : 1,
      onLeave: i === 31,
      onCall: i === 2,
    });
  }
  return people;
}
