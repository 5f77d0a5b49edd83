import fc from 'fast-check';
import { EVENT_CLASSES, LEDGER_KINDS, SOURCE_IDS, type AccessEvent, type Part } from '@keyward/events';
import { EMPTY_ORGANISATION, advanceFacts, emptyFacts, resolveIdentities, route } from '@keyward/identity';
import { EMPTY_SOD_POLICY, SodPolicy } from '@keyward/sod';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DAY, HOUR, MINUTE, MONDAY, PARIS, SYDNEY, anEngine, anEvent, anOrganisation } from '../test/builders.js';
import { DETECTIONS, Finding, createDetectionEngine, defineDetection, type DetectionStates } from './index.js';

const counter = defineDetection<number, { readonly minCount: number }>({
  id: 'counter',
  title: 'Counts',
  kind: 'rule',
  severity: 'low',
  attack: [],
  ledger: 'identity',
  p: 0.1,
  params: z.strictObject({ minCount: z.number().default(1) }),
  state: z.number(),
  initial: () => 0,
  evaluate: ({ state, params }) => (state >= params.minCount ? { sentence: `${state} before`, observed: { state } } : undefined),
  advance: ({ state, event }) => (event.outcome === 'success' ? state + 1 : 0),
});
const entryOf = (event: AccessEvent, part: Part = 'actor') => ({ ledger: 'identity' as const, key: 'p-anna', part, primary: true, event });
const context = { facts: emptyFacts(), organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY };

describe('detection engine', () => {
  it('evaluates before it advances: no detection sees the event in its own state', () => {
    const engine = anEngine([counter]);
    const first = engine.run({ entry: entryOf(anEvent()), states: {}, ...context });
    expect(first).toEqual({ findings: [], states: { counter: 1 } });
    const second = engine.run({ entry: entryOf(anEvent()), states: first.states, ...context });
    expect(second.findings[0]?.sentence).toBe('1 before');
  });
  it('keeps no state that is equal to the initial one, and the same object when nothing changed', () => {
    const engine = anEngine([counter]);
    const failed = entryOf(anEvent({ outcome: 'failure' }));
    expect(engine.run({ entry: failed, states: { counter: 3 }, ...context }).states).toEqual({});
    const states = {};
    expect(engine.run({ entry: failed, states, ...context }).states).toBe(states);
  });
  it('runs a detection on its own ledger only', () => {
    const engine = anEngine([counter]);
    const entry = { ...entryOf(anEvent()), ledger: 'network' as const };
    expect(engine.run({ entry, states: {}, ...context }).states).toEqual({});
  });
  it('gives a finding the same uid on every replay, and another in the ledger of the target', () => {
    const engine = anEngine([counter], { counter: { minCount: 0 } });
    const event = anEvent();
    const uid = (part: Part) => engine.run({ entry: entryOf(event, part), states: {}, ...context }).findings[0]?.uid;
    expect(uid('actor')).toBe(uid('actor'));
    expect(uid('actor')).not.toBe(uid('target'));
  });
  it('tells several findings of one event apart by their dedupe keys', () => {
    const two = { ...counter, evaluate: () => ['a', 'b'].map((dedupeKey) => ({ sentence: dedupeKey, observed: {}, dedupeKey })) };
    const { findings } = anEngine([two]).run({ entry: entryOf(anEvent()), states: {}, ...context });
    expect(new Set(findings.map(({ uid }) => uid)).size).toBe(2);
  });
  it('drops a stored state that it cannot read, and keeps the others', () => {
    const other = { ...counter, id: 'other' };
    expect(anEngine([counter, other]).restore('identity', { counter: 'old', other: 2, gone: 1 })).toEqual({ other: 2 });
  });
});

describe('params', () => {
  const problems = (params: Record<string, unknown>): readonly string[] => {
    const created = createDetectionEngine({ params });
    return created.kind === 'invalid' ? created.problems : [];
  };
  it('refuses a detection that does not exist and names those that do', () => {
    expect(problems({ impossible_travl: {} })[0]).toMatch(/^impossible_travl: no such detection; there are access_after_grant_end, /);
  });
  it('refuses a param that does not exist and a value that is wrong, each by name', () => {
    const found = problems({ mfa_fatigue: { minRefusals: 3 }, impossible_travel: { minDistanceKm: 'far' } });
    expect(found.join('\n')).toContain('minRefusals');
    expect(found.join('\n')).toContain('impossible_travel.minDistanceKm');
  });
  it.each(DETECTIONS.map((detection) => [detection.id, detection] as const))(
    '%s has a unit in the name of each param, and a default for it',
    (_id, detection) => {
      const defaults = detection.params.parse({});
      const names = typeof defaults === 'object' && defaults !== null ? Object.keys(defaults) : [];
      const units = /(Km|Kmh|Minutes|Hours|Days|Seconds|Nats|Count|Accounts|Ratio|PerAccount|Addresses)$/;
      expect(names.length).toBeGreaterThan(0);
      expect(names.filter((name) => !units.test(name))).toEqual([]);
    },
  );
  it.each(DETECTIONS.map((detection) => [detection.id, detection] as const))(
    '%s names known ATT&CK techniques and an id of its own',
    (id, detection) => {
      expect(detection.attack.length).toBeGreaterThan(0);
      expect(detection.attack.filter((technique) => !/^T\d{4}(\.\d{3})?$/.test(technique))).toEqual([]);
      expect(DETECTIONS.filter((other) => other.id === id)).toHaveLength(1);
    },
  );
});

const name = fc.constantFrom('anna@example.com', 'ben@example.com', 'root@db1', 'x', '__proto__', 'é*%', 'backup@db1');
const account = fc.record({ system: fc.constantFrom('okta', 'linux', 'cyberark'), name });
const time = fc.integer({ min: 0, max: 40 * 24 * 60 }).map((minutes) => MONDAY + minutes * MINUTE);
const entitlement = fc.constantFrom('okta:group:vendor-a', 'entra:role:payments', 'okta:role:db-admin', 'plain', '__proto__');
const anyEvent: fc.Arbitrary<AccessEvent> = fc
  .record(
    {
      time,
      id: fc.uuid(),
      source: fc.constantFrom(...SOURCE_IDS.slice(0, 4)),
      class: fc.constantFrom(...EVENT_CLASSES),
      activity: fc.constantFrom('logon', 'logoff', 'disable', 'enable', 'terminate', 'assign_role'),
      code: fc.constantFrom('vendor.create', 'vendor.pay', 'x'),
      outcome: fc.constantFrom('success' as const, 'failure' as const),
      actor: account,
      target: account,
      src: fc.record({
        ip: fc.constantFrom('192.0.2.1', '203.0.113.4', '2001:db8::1', 'nonsense'),
        geo: fc.constantFrom(PARIS, SYDNEY, {}),
      }),
      session: fc.record({ uid: fc.constantFrom('s1', 's2') }),
      auth: fc.record(
        {
          factorResult: fc.constantFrom('approved' as const, 'denied' as const, 'timeout' as const),
          failure: fc.constantFrom('bad_password' as const, 'bad_factor' as const, 'unknown_user' as const),
          interactive: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      resource: fc.record({
        kind: fc.constantFrom('host' as const, 'application' as const, 'role' as const),
        name: fc.constantFrom('db1', 'V-1', 'db-admin'),
      }),
      privilege: fc.record(
        {
          change: fc.constantFrom('requested', 'approved', 'denied', 'cancelled', 'granted', 'activated', 'expired', 'revoked', 'extended'),
          entitlement,
          jit: fc.boolean(),
          eligible: fc.boolean(),
          requestId: fc.constantFrom('r1', 'r2'),
          startsAt: time,
          endsAt: time,
          approver: name,
        },
        { requiredKeys: ['change', 'entitlement', 'jit'] },
      ),
      credential: fc.record({
        act: fc.constantFrom('checked_out', 'checked_in', 'changed', 'used', 'session_opened', 'session_closed'),
        account: name,
      }),
    },
    { requiredKeys: ['time', 'id', 'source', 'class', 'activity', 'code', 'outcome'] },
  )
  .map(({ id, ...event }) => ({ ...event, uid: id, nativeId: id }));
const sod = SodPolicy.parse({
  functions: {
    a: { entitlements: ['*vendor*'], activities: [{ action: 'vendor.create' }] },
    b: { entitlements: ['*:payments'], activities: [{ action: 'vendor.pay' }] },
  },
  rules: [
    { id: '1', functions: ['a', 'b'], when: 'assigned' },
    { id: '2', functions: ['a', 'b'], when: 'overlapping' },
    { id: '3', functions: ['a', 'b'], when: 'exercised', sameObject: true },
  ],
});
const organisation = anOrganisation();

/** Folds events as one worker does; returns everything that came out. */
function fold(events: readonly AccessEvent[]): { findings: Finding[]; ledgers: [string, { states: DetectionStates; facts: object }][] } {
  const engine = anEngine(DETECTIONS);
  const ledgers = new Map<string, { states: DetectionStates; facts: ReturnType<typeof emptyFacts> }>();
  const findings: Finding[] = [];
  for (const event of events) {
    for (const entry of route(resolveIdentities(event, organisation), organisation)) {
      const id = `${entry.ledger}:${entry.key}`;
      const ledger = ledgers.get(id) ?? { states: {}, facts: emptyFacts() };
      const output = engine.run({ entry, states: ledger.states, facts: ledger.facts, organisation, sod });
      findings.push(...output.findings);
      if (entry.ledger === 'identity') advanceFacts(ledger.facts, entry.event, entry.part, entry.key);
      ledgers.set(id, { states: output.states, facts: ledger.facts });
    }
  }
  return { findings, ledgers: [...ledgers] };
}

describe('every detection, on arbitrary events', () => {
  it('never throws, makes valid findings with uids of their own, and the same ones from the same events', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        const { findings, ledgers } = fold(events);
        for (const finding of findings) expect(Finding.safeParse(finding).error).toBeUndefined();
        expect(new Set(findings.map(({ uid }) => uid)).size).toBe(findings.length);
        expect(fold(events)).toEqual({ findings, ledgers });
      }),
      { numRuns: 60 },
    );
  });
  it('keeps state that survives storage: a fold over stored ledgers gives the same', () => {
    const engine = anEngine(DETECTIONS);
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        for (const [id, { states, facts }] of fold(events).ledgers) {
          expect(JSON.parse(JSON.stringify(states))).toEqual(states);
          expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
          for (const kind of LEDGER_KINDS) if (id.startsWith(`${kind}:`)) expect(engine.restore(kind, states)).toEqual(states);
        }
      }),
      { numRuns: 30 },
    );
  });
  it('does not let the state of a person grow with the number of events', () => {
    const events = Array.from({ length: 1500 }, (_, i) =>
      anEvent({
        at: MONDAY + i * 7 * MINUTE,
        code: i % 2 === 0 ? 'vendor.create' : 'vendor.pay',
        src: { ip: `203.0.${i % 113}.4`, geo: i % 2 === 0 ? PARIS : SYDNEY },
        session: { uid: `session-${i}` },
        resource: { kind: 'application', name: `V-${i}` },
        auth: { method: 'push', factorResult: i % 3 === 0 ? 'denied' : 'timeout' },
        privilege: {
          change: 'activated',
          entitlement: `okta:role:r${i % 900}`,
          jit: true,
          requestId: `r${i}`,
          endsAt: MONDAY + i * 7 * MINUTE + HOUR,
        },
        outcome: 'success',
      }),
    );
    const anna = fold(events).ledgers.find(([id]) => id === 'identity:p-anna')?.[1];
    expect(JSON.stringify(anna?.states).length).toBeLessThan(24_000);
    expect(Object.keys((anna?.facts as ReturnType<typeof emptyFacts>).grants).length).toBeLessThanOrEqual(512);
    expect(MONDAY + 1500 * 7 * MINUTE).toBeGreaterThan(MONDAY + 7 * DAY);
  });
});
