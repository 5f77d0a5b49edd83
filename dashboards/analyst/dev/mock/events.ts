import type { EventSummary, IdentityCard, Term } from '@keyward/contract';
import { CITIES, type City } from './people.js';
import type { Random } from './random.js';

const KINDS = [
  { source: 'okta', class: 'authentication', activity: 'logon', code: 'user.session.start', application: 'Okta dashboard' },
  { source: 'okta', class: 'authentication', activity: 'logon', code: 'user.authentication.sso', application: 'Payroll' },
  { source: 'entra', class: 'authentication', activity: 'logon', code: 'SignInLogs', application: 'Azure portal' },
  {
    source: 'entra',
    class: 'user_access',
    activity: 'assign_privileges',
    code: 'Add member to role completed (PIM activation)',
    application: null,
  },
  { source: 'cyberark', class: 'entity_management', activity: 'read', code: '295', application: null },
  { source: 'cyberark', class: 'authorize_session', activity: 'assign_privileges', code: '300', application: null },
] as const;
const DEVICES = [
  'Chrome 142 on Windows 11',
  'Edge 142 on Windows 11',
  'Safari 19 on macOS 15',
  'Firefox 145 on Linux',
  'Chrome 142 on Android 16',
] as const;
const SECRETS = ['root@db-payments', 'oracle@erp-prod', 'administrator@dc01', 'deploy@k8s-prod'] as const;

export function makeEvents(random: Random, people: readonly IdentityCard[], now: number, count: number): EventSummary[] {
  const events: EventSummary[] = [];
  for (let i = 0; i < count; i++) {
    // The first few are busier than the rest, as in life.
    const who = people[Math.floor(people.length * random.next() ** 2)];
    if (!who) continue;
    const at = workingTime(random, now, who.kind === 'service');
    events.push(makeEvent(random, who, at, i));
  }
  return events.sort((a, b) => b.time.localeCompare(a.time));
}

/** Within 30 days, mostly on weekdays between 7 and 18 h; services at any hour. */
function workingTime(random: Random, now: number, anyHour: boolean): number {
  for (;;) {
    const at = now - random.int(1, 30 * 24 * 60) * 60_000 - random.int(0, 59_000);
    const date = new Date(at);
    const hour = date.getUTCHours();
    const weekend = date.getUTCDay() % 6 === 0;
    const weight = anyHour ? 0.5 : weekend ? 0.03 : hour >= 7 && hour <= 17 ? 1 : 0.05;
    if (random.chance(weight)) return at;
  }
}

function makeEvent(random: Random, who: IdentityCard, at: number, index: number): EventSummary {
  const kind = KINDS[random.int(0, KINDS.length - 1)] ?? KINDS[0];
  const alarming = random.chance(0.012);
  const home = CITIES.find((city) => city.city === who.home?.city) ?? CITIES[0];
  const place: City = alarming ? (CITIES[6 + (index % 3)] ?? CITIES[0]) : random.chance(0.92) ? home : random.pick(CITIES);
  const failed = random.chance(alarming ? 0.3 : 0.05);
  const octet = CITIES.indexOf(place) + 10;
  const secret = kind.source === 'cyberark' ? (SECRETS[random.int(0, SECRETS.length - 1)] ?? SECRETS[0]) : null;
  const score = alarming ? 50 + 48 * random.next() : 30 * random.next() ** 3;
  return {
    uid: random.hex(32),
    time: new Date(at).toISOString(),
    source: kind.source,
    class: kind.class,
    activity: kind.activity,
    code: kind.code,
    outcome: failed ? 'failure' : 'success',
    identity: { id: who.id, displayName: who.displayName },
    account: who.email ?? who.id,
    target: kind.class === 'user_access' ? (who.email ?? who.id) : null,
    ip:
      who.kind === 'service'
        ? `10.20.${octet}.${random.int(2, 30)}`
        : `${octet % 2 === 0 ? '198.51.100' : '203.0.113'}.${octet * 4 + random.int(0, 3)}`,
    network: who.kind === 'service' ? `10.20.${octet}.0/24` : octet % 2 === 0 ? '198.51.100.0/24' : '203.0.113.0/24',
    city: who.kind === 'service' ? null : place.city,
    country: who.kind === 'service' ? null : place.country,
    asOrg: who.kind === 'service' ? null : place.asOrg,
    device: who.kind === 'service' ? null : (DEVICES[(who.id.length + (alarming ? 3 : 0)) % DEVICES.length] ?? null),
    application: kind.application,
    resource: secret ?? (kind.class === 'user_access' ? 'Privileged Role Administrator' : null),
    resourceKind: secret === null ? (kind.class === 'user_access' ? 'role' : null) : 'secret',
    detail: failed ? 'INVALID_CREDENTIALS' : null,
    score: Math.round(score * 100) / 100,
    reason: alarming ? `${place.city} has never been seen for ${who.displayName}; 97% of the sign-ins come from ${home.city}.` : null,
  };
}

export function termsOf(event: EventSummary): Term[] {
  const high = event.score >= 50;
  const make = (feature: string, observed: string, usual: readonly (readonly [string, number])[], share: number): Term => ({
    feature,
    observed,
    usual: usual.map(([value, part]) => ({ value, share: part })),
    evidence: Math.round(share * event.score) / 8,
    p: high ? 0.0004 / share : 0.2,
    share,
    counts: { person: high ? 0 : 41, peers: high ? 1 : 380, all: high ? 12 : 9_120 },
    confidence: 0.91,
    factors: feature === 'A4_travel' ? [{ name: 'same_device', factor: 0.2 }] : [],
    scoreWithout: Math.round(event.score * (1 - share) * 100) / 100,
    sentence: `${observed} was ${high ? 'never' : 'often'} seen for this person, and ${high ? 'once' : 'often'} among 14 peers; usual is ${usual[0]?.[0] ?? 'nothing yet'}.`,
  });
  const terms = [
    make(
      'A1_network',
      `${event.asOrg ?? 'private network'}, ${event.country ?? 'no country'}`,
      [
        ['Example Telecom, DE', 0.94],
        ['Example Broadband, GB', 0.04],
      ],
      0.46,
    ),
    make(
      'A3_time_of_week',
      `${event.time.slice(11, 16)} on a weekday`,
      [
        ['08:00 to 12:00', 0.51],
        ['13:00 to 17:00', 0.44],
      ],
      0.27,
    ),
    make('A2_device', event.device ?? 'no device', [['Edge 142 on Windows 11', 0.98]], 0.19),
    make('A4_travel', '8,120 km in 1.2 h', [], 0.08),
  ];
  return event.ip === null ? terms.slice(1) : terms;
}
