import { eventUid, type AccessEvent, type Account, type LedgerEntry } from '@keyward/events';
import {
  AssetRecord,
  EMPTY_ORGANISATION,
  IdentityRecord,
  RoleRecord,
  buildOrganisation,
  emptyFacts,
  factsFromOrganisation,
  advanceFacts,
  resolveIdentities,
  route,
  type IdentityFacts,
  type Organisation,
} from '@keyward/identity';
import { EMPTY_SOD_POLICY, type SodPolicy } from '@keyward/sod';
import {
  createDetectionEngine,
  type Detection,
  type DetectionEngine,
  type DetectionStates,
  type Finding,
  type Json,
} from '../src/index.js';

/** Monday, 5 January 2026, 09:00 UTC. */
export const MONDAY = Date.UTC(2026, 0, 5, 9);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const PARIS = { lat: 48.8566, lon: 2.3522, radiusKm: 50, city: 'Paris', country: 'FR' };
export const LYON = { lat: 45.764, lon: 4.8357, radiusKm: 50, city: 'Lyon', country: 'FR' };
export const SYDNEY = { lat: -33.8688, lon: 151.2093, radiusKm: 50, city: 'Sydney', country: 'AU' };
export const LONDON = { lat: 51.5074, lon: -0.1278, radiusKm: 50, city: 'London', country: 'GB' };

/** Two accounts of one person, a colleague, a service, a vaulted root on a host that asks for a JIT role. */
export const anOrganisation = (more: { identities?: object[]; assets?: object[]; roles?: object[] } = {}): Organisation =>
  buildOrganisation({
    identities: [
      {
        id: 'p-anna',
        displayName: 'Anna Berg',
        email: 'anna@example.com',
        accounts: [
          { system: 'okta', name: 'anna@example.com' },
          { system: 'entra', name: 'anna.admin@example.com' },
          { system: 'cyberark', name: 'anna' },
        ],
      },
      { id: 'p-ben', displayName: 'Ben Cole', email: 'ben@example.com', accounts: [{ system: 'okta', name: 'ben@example.com' }] },
      { id: 's-backup', kind: 'service', owner: 'p-ben', accounts: [{ system: 'linux', name: 'backup@db1' }] },
      ...(more.identities ?? []),
    ].map((record) => IdentityRecord.parse(record)),
    assets: [
      {
        id: 'a-db1',
        host: 'db1',
        names: ['db1.example.com'],
        addresses: ['192.0.2.10'],
        accounts: [
          { name: 'root', vault: 'Safe-DB' },
          { name: 'backup', vault: 'Safe-DB' },
        ],
        requiresRole: 'db-admin',
      },
      ...(more.assets ?? []),
    ].map((record) => AssetRecord.parse(record)),
    groups: [],
    roles: [{ role: 'db-admin', approvalRequired: true, maxHours: 8 }, ...(more.roles ?? [])].map((record) => RoleRecord.parse(record)),
    tickets: [],
  });

export const anAccount = (name = 'anna@example.com', system = 'okta'): Account => ({ system, name });

let nextNativeId = 0;
/** A successful interactive sign-in of Anna at Okta; `at` is epoch ms. Each event has an id of its own. */
export function anEvent({ at = MONDAY, ...event }: Partial<Omit<AccessEvent, 'time'>> & { at?: number } = {}): AccessEvent {
  nextNativeId += 1;
  const source = event.source ?? 'okta';
  const nativeId = event.nativeId ?? `test-${nextNativeId}`;
  return {
    uid: eventUid(source, nativeId),
    nativeId,
    source,
    time: at,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: 'success',
    actor: anAccount(),
    ...event,
  };
}

export interface Scenario {
  readonly detection: Detection;
  readonly params?: Json;
  readonly organisation?: Organisation;
  readonly sod?: SodPolicy;
  /** As the line's snapshot would say it. */
  readonly watchedDays?: number;
}

/** Runs events as the line does: resolve, route, evaluate, advance; each ledger on its own. Findings in the order in which they were made. */
export function play(
  { detection, params, organisation = EMPTY_ORGANISATION, sod = EMPTY_SOD_POLICY, watchedDays }: Scenario,
  events: readonly AccessEvent[],
): Finding[] {
  const engine = anEngine([detection], params === undefined ? {} : { [detection.id]: params });
  const around = { organisation, sod, ...(watchedDays !== undefined && { watchedDays }) };
  const ledgers = new Map<string, { states: DetectionStates; facts: IdentityFacts }>();
  return events.flatMap((event) =>
    route(resolveIdentities(event, organisation), organisation)
      .flatMap(withOwnActs)
      .flatMap((entry) => step(engine, ledgers, entry, around)),
  );
}

/** ASSESS runs the detections of identities in the ledger of an account that is nobody's own too; here, where nobody holds one, under its own name. */
function withOwnActs(entry: LedgerEntry): LedgerEntry[] {
  if (entry.ledger !== 'credential' || entry.part === 'credential') return [entry];
  const identity = (entry.part === 'target' ? entry.event.target : entry.event.actor)?.identity ?? entry.key;
  return [{ ...entry, ledger: 'identity', key: identity }, entry];
}

function step(
  engine: DetectionEngine,
  ledgers: Map<string, { states: DetectionStates; facts: IdentityFacts }>,
  entry: LedgerEntry,
  around: { readonly organisation: Organisation; readonly sod: SodPolicy; readonly watchedDays?: number },
): readonly Finding[] {
  const id = `${entry.ledger}:${entry.key}`;
  const isIdentity = entry.ledger === 'identity';
  const stored = ledgers.get(id);
  const facts = stored?.facts ?? (isIdentity ? factsFromOrganisation(around.organisation, entry.key) : emptyFacts());
  const { findings, states } = engine.run({ entry, states: stored?.states ?? {}, facts, ...around });
  if (isIdentity) advanceFacts(facts, entry.event, entry.part, entry.key);
  // Through JSON, as a store keeps it: a state that does not survive is a bug.
  const kept: unknown = JSON.parse(JSON.stringify({ states, facts }));
  ledgers.set(id, kept as { states: DetectionStates; facts: IdentityFacts });
  return findings;
}

export function anEngine(detections: readonly Detection[], params: Readonly<Record<string, unknown>> = {}): DetectionEngine {
  const created = createDetectionEngine({ detections, params });
  if (created.kind === 'invalid') throw new Error(created.problems.join('\n'));
  return created.engine;
}
