import { DAY_MS, dayOf, HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { AccessEvent } from '@keyward/events';
import { buildOrganisation, IdentityRecord, type Organisation } from '@keyward/identity';
import { createBehaviourModel, type Assessment, type BehaviourModel, type IdentityProfile, type Snapshot } from '../src/index.js';

/** Monday. */
export const START = Date.UTC(2026, 0, 5);

/** Mulberry32: small, seeded, the same everywhere. @returns [0, 1) */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const BERLIN = { lat: 52.52, lon: 13.4, radiusKm: 50, city: 'Berlin', country: 'DE' };
export const LAGOS = { lat: 6.45, lon: 3.39, radiusKm: 50, city: 'Lagos', country: 'NG' };

let serial = 0;
export interface EventMore extends Partial<Omit<AccessEvent, 'uid' | 'time' | 'actor'>> {
  readonly uid?: string;
}

/** A successful sign-in of `who`; `more` states only what matters. */
export function aSignIn(who: string, time: number, more: EventMore = {}): AccessEvent {
  serial += 1;
  return {
    uid: `event-${serial}`,
    nativeId: String(serial),
    source: 'okta',
    time,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: 'success',
    actor: { system: 'okta', name: `${who}@example.com`, identity: who },
    src: { ip: '198.51.100.7', asn: 64_496, asOrg: 'Example Telecom', geo: BERLIN, geoFrom: 'vendor' },
    device: { id: `laptop-${who}`, browser: 'Chrome 126', os: 'Windows 11', type: 'desktop' },
    auth: { method: 'push', mfa: true, interactive: true, application: 'Portal' },
    ...more,
  };
}

/** Somebody of the organisation with steady habits of his own. */
export interface Person {
  readonly id: string;
  readonly home: number;
  readonly hour: number;
  readonly perDay: number;
  readonly apps: number;
}

export function people(count: number, seed = 7): Person[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => ({
    id: `p-${index}`,
    home: Math.floor(random() * 200),
    hour: 7 + Math.floor(random() * 3),
    perDay: 3 + Math.floor(random() * 12),
    apps: 2 + Math.floor(random() * 4),
  }));
}

export function organisationOf(persons: readonly { readonly id: string }[], more: Readonly<Record<string, object>> = {}): Organisation {
  return buildOrganisation({
    identities: persons.map(({ id }, index) =>
      IdentityRecord.parse({ id, team: `team-${index % 5}`, department: 'it', timezone: 'UTC', ...more[id] }),
    ),
    assets: [],
    groups: [],
    roles: [],
    tickets: [],
  });
}

/** A day of somebody's ordinary work: office or home, laptop or now and then the phone, rarely a hotel or a new host. */
export function ordinaryDay(person: Person, day: number, random: () => number): AccessEvent[] {
  const weekday = (((day + 4) % 7) + 7) % 7;
  if ((weekday === 0 || weekday === 6) && random() > 0.05) return [];
  const atHome = random() < 0.4;
  const onTheRoad = random() < 0.01;
  const events: AccessEvent[] = [];
  for (let index = 0; index < person.perDay; index += 1) {
    const minutes = person.hour * 60 + Math.floor((random() + random()) * 300);
    const time = day * DAY_MS + minutes * MINUTE_MS + Math.floor(random() * MINUTE_MS);
    const phone = random() < 0.15;
    const src = onTheRoad
      ? { ip: `203.0.113.${Math.floor(random() * 250)}`, asn: 64_511, geo: { ...BERLIN, city: 'Hamburg', lat: 53.55, lon: 9.99 } }
      : atHome
        ? { ip: `100.80.${person.home}.9`, asn: 64_500 + (person.home % 4), geo: BERLIN }
        : { ip: '198.51.100.7', asn: 64_496, geo: BERLIN };
    const host = random() < 0.02 ? Math.floor(random() * 40) : (person.home % 10) + Math.floor(random() * person.apps);
    events.push(
      aSignIn(person.id, time, {
        src,
        device: phone
          ? { id: `phone-${person.id}`, browser: 'Safari 17', os: 'iOS 17', type: 'mobile' }
          : { id: `laptop-${person.id}`, browser: 'Chrome 126', os: 'Windows 11', type: 'desktop' },
        auth: {
          method: random() < 0.8 ? 'push' : 'totp',
          mfa: true,
          interactive: true,
          application: `App ${Math.floor(random() * person.apps)}`,
        },
        resource: { kind: 'host', name: `host-${host}`, host: `host-${host}` },
      }),
    );
  }
  return events.sort((a, b) => a.time - b.time);
}

export interface Line {
  readonly model: BehaviourModel;
  readonly organisation: Organisation;
  readonly profiles: Map<string, IdentityProfile>;
  snapshot: Snapshot;
}
export const newLine = (organisation: Organisation, model = createBehaviourModel()): Line => ({
  model,
  organisation,
  profiles: new Map(),
  snapshot: model.emptySnapshot(),
});

/** One event through the fold: evaluate, then advance. */
export function step(line: Line, event: AccessEvent): Assessment {
  const identity = event.actor?.identity ?? '';
  const profile = line.profiles.get(identity) ?? line.model.emptyProfile();
  line.profiles.set(identity, profile);
  const input = { event, identity, profile, snapshot: line.snapshot, organisation: line.organisation };
  const assessment = line.model.assess(input);
  line.model.advance(input, assessment);
  return assessment;
}

/** Runs events in time order, with a new snapshot at each UTC midnight, as the line does. */
export function replay(line: Line, events: readonly AccessEvent[], through?: number): Assessment[] {
  const sorted = [...events].sort((a, b) => a.time - b.time);
  const assessments: Assessment[] = [];
  let day = sorted[0] ? dayOf(sorted[0].time) : 0;
  let builder = line.model.snapshotBuilder(line.snapshot, line.organisation);
  const close = (until: number): void => {
    while (day < until) {
      day += 1;
      line.snapshot = builder.build(day);
      builder = line.model.snapshotBuilder(line.snapshot, line.organisation);
    }
  };
  for (const event of sorted) {
    close(dayOf(event.time));
    const assessment = step(line, event);
    builder.add(event.actor?.identity ?? '', event, assessment);
    assessments.push(assessment);
  }
  close(through ?? day + 1);
  return assessments;
}

export function ordinaryHistory(persons: readonly Person[], firstDay: number, days: number, seed = 11): AccessEvent[] {
  const random = seeded(seed);
  const events: AccessEvent[] = [];
  for (let day = firstDay; day < firstDay + days; day += 1) for (const person of persons) events.push(...ordinaryDay(person, day, random));
  return events;
}

export { DAY_MS, HOUR_MS };
