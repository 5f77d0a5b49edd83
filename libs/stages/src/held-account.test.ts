import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine, type Finding } from '@keyward/detections';
import { DAY_MS, HOUR_MS, MINUTE_MS, isoInstant, ledgerId, type AccessEvent, type Credential, type LedgerEntry } from '@keyward/events';
import { AssetRecord, IdentityRecord, buildOrganisation, resolveIdentities, route } from '@keyward/identity';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { MONDAY_9, aSignInEvent } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessEntry } from './assess-entry.js';
import { assessStateCodec } from './identity-ledger.js';
import type { AssessedEvent } from './ports.js';

const organisation = buildOrganisation({
  identities: [
    IdentityRecord.parse({ id: 'p-anna', displayName: 'Anna Berg', accounts: [{ system: 'cyberark', name: 'anna' }] }),
    IdentityRecord.parse({ id: 'p-ben', displayName: 'Ben Cole', accounts: [{ system: 'cyberark', name: 'ben' }] }),
    IdentityRecord.parse({ id: 'x-desk', kind: 'shared', owner: 'p-gone', accounts: [{ system: 'okta', name: 'desk@example.com' }] }),
    IdentityRecord.parse({ id: 'p-gone', endsAt: '2025-12-01' }),
    IdentityRecord.parse({ id: 'p-cleo', endsAt: '2026-01-05', accounts: [{ system: 'cyberark', name: 'cleo' }] }),
  ],
  assets: [AssetRecord.parse({ id: 'a-db1', host: 'db1', accounts: [{ name: 'root', vault: 'Safe-DB' }] })],
  groups: [],
  roles: [],
  tickets: [],
});
const sod = EMPTY_SOD_POLICY;
const model = createBehaviourModel();
const created = createDetectionEngine();
if (created.kind === 'invalid') throw new Error(created.problems.join());
const { engine } = created;
const codec = assessStateCodec(model, engine, () => organisation);

const PARIS = { ip: '192.0.2.7', geo: { lat: 48.86, lon: 2.35, radiusKm: 50, city: 'Paris', country: 'FR' } };
const SYDNEY = { ip: '198.51.100.9', geo: { lat: -33.87, lon: 151.21, radiusKm: 50, city: 'Sydney', country: 'AU' } };

const vault = (id: string, act: Credential['act'], at: number, who = 'anna', more: Partial<AccessEvent> = {}): AccessEvent =>
  aSignInEvent(id, {
    time: at,
    source: 'cyberark',
    class: 'entity_management',
    activity: 'read',
    code: '295',
    actor: { system: 'cyberark', name: who },
    target: { system: 'cyberark', name: 'root@db1' },
    credential: { act, account: 'root@db1' },
    ...more,
  });
const root = (id: string, at: number, more: Partial<AccessEvent> = {}): AccessEvent =>
  aSignInEvent(id, {
    time: at,
    source: 'linux',
    code: 'sshd',
    actor: { system: 'linux', name: 'root@db1' },
    src: PARIS,
    resource: { kind: 'host', name: 'db1', host: 'db1' },
    auth: { method: 'password', interactive: true },
    ...more,
  });

interface Outcome {
  readonly rows: AssessedEvent[];
  readonly findings: Finding[];
}

/** Folds each ledger apart, as workers do; its state goes through its stored form before each entry when told so. */
function assess(
  events: readonly AccessEvent[],
  order: (entries: LedgerEntry[]) => LedgerEntry[] = (all) => all,
  isStored = false,
): Outcome {
  const ledgers = new Map<string, ReturnType<typeof codec.initial>>();
  const outcome: Outcome = { rows: [], findings: [] };
  const snapshot = model.emptySnapshot();
  for (const entry of order(events.flatMap((event) => route(resolveIdentities(event, organisation), organisation)))) {
    const id = ledgerId(entry);
    const known = ledgers.get(id) ?? codec.initial(id);
    const state = isStored ? codec.decode(codec.encode(known), id) : known;
    ledgers.set(id, state);
    const { row, findings } = assessEntry(entry, state, { model, engine, organisation, sod, snapshot });
    if (row) outcome.rows.push(row);
    outcome.findings.push(...findings);
  }
  return outcome;
}
const rowOf = ({ rows }: Outcome, nativeId: string): AssessedEvent | undefined => rows.find(({ event }) => event.nativeId === nativeId);

describe('an act of root@db1', () => {
  const records = [
    vault('out', 'checked_out', MONDAY_9),
    root('act', MONDAY_9 + HOUR_MS),
    vault('in', 'checked_in', MONDAY_9 + 2 * HOUR_MS),
  ];

  it('has a row of the person who has checked it out, with the account as its actor', () => {
    const row = rowOf(assess(records), 'act');
    expect(row).toMatchObject({
      identity: 'p-anna',
      assessment: { identity: 'p-anna' },
      event: {
        actor: { name: 'root@db1', identity: 'root@db1' },
        heldBy: [{ identity: 'p-anna', since: MONDAY_9, through: 'check_out' }],
      },
    });
    expect(row?.assessment.terms.length).toBeGreaterThan(0);
  });
  it('is the account own again once it is checked in, or where nobody is known to hold it', () => {
    const after = rowOf(assess([...records, root('later', MONDAY_9 + 3 * HOUR_MS)]), 'later');
    expect(after).toMatchObject({ identity: 'root@db1' });
    expect(after?.event).not.toHaveProperty('heldBy');
    expect(rowOf(assess([root('act', MONDAY_9)]), 'act')).toMatchObject({ identity: 'root@db1' });
  });
  it('is scored against what is usual for the account, whoever holds it', () => {
    const days = Array.from({ length: 8 }, (_, day) => [
      vault(`out-${day}`, 'checked_out', MONDAY_9 + day * DAY_MS, day % 2 === 0 ? 'anna' : 'ben'),
      root(`act-${day}`, MONDAY_9 + day * DAY_MS + HOUR_MS),
      vault(`in-${day}`, 'checked_in', MONDAY_9 + day * DAY_MS + 2 * HOUR_MS, day % 2 === 0 ? 'anna' : 'ben'),
    ]).flat();
    const outcome = assess(days);
    const free = assess(days.filter(({ source }) => source === 'linux'));
    expect(rowOf(outcome, 'act-7')).toMatchObject({ identity: 'p-ben' });
    expect(rowOf(outcome, 'act-7')?.assessment.terms).toEqual(rowOf(free, 'act-7')?.assessment.terms);
    expect(rowOf(outcome, 'act-7')?.assessment.terms[0]?.counts.person).toBeGreaterThan(1);
  });
  it('adds to the habits of the account in the snapshot, not to those of the person', () => {
    const outcome = assess(records);
    const build = (counted: readonly AssessedEvent[]): string => {
      const builder = model.snapshotBuilder(model.emptySnapshot(), organisation);
      for (const { identity, event, assessment } of counted) builder.add(identity, event, assessment);
      return builder.build(Math.floor(MONDAY_9 / DAY_MS) + 1).id;
    };
    const asAccount = outcome.rows.map((row) => (row.event.nativeId === 'act' ? { ...row, identity: 'root@db1' } : row));
    expect(build(outcome.rows)).toBe(build(asAccount));
  });
  it("changes nothing in the rows of the holder's own acts", () => {
    const own = Array.from({ length: 5 }, (_, i) => vault(`own-${i}`, 'used', MONDAY_9 + i * HOUR_MS, 'anna', { credential: undefined }));
    const ownRows = (events: readonly AccessEvent[]): AssessedEvent[] =>
      assess(events).rows.filter(({ event }) => event.source === 'cyberark');
    const all = [...own, ...records].toSorted((a, b) => a.time - b.time);
    expect(ownRows(all)).toEqual(ownRows(all.filter(({ source }) => source === 'cyberark')));
    expect(ownRows(all).map(({ identity }) => identity)).toEqual(Array(7).fill('p-anna'));
  });
  it('stays with the account when two hold it and it cannot be told who acted', () => {
    const row = rowOf(assess([records[0]!, vault('ben', 'checked_out', MONDAY_9 + MINUTE_MS, 'ben'), records[1]!]), 'act');
    expect(row).toMatchObject({ identity: 'root@db1', event: { heldBy: [{ identity: 'p-anna' }, { identity: 'p-ben' }] } });
  });
  it('counts the same when the record of the check-out comes twice', () => {
    const twice = assess([records[0]!, ...records.slice(0, 2)]);
    expect(rowOf(twice, 'act')).toEqual(rowOf(assess(records), 'act'));
  });
});

describe('findings about an act of root@db1', () => {
  const far = (more: Partial<AccessEvent> = {}): AccessEvent => root('far', MONDAY_9 + 2 * HOUR_MS, { src: SYDNEY, ...more });
  const out = vault('out', 'checked_out', MONDAY_9);
  const near = root('near', MONDAY_9 + HOUR_MS);

  it('are about the holder, say as whom he acted and how he holds it, and are other evidence than what he does under his own name', () => {
    const found = assess([out, near, far()]).findings.filter(({ detection }) => detection === 'impossible_travel');
    expect(found).toMatchObject([
      { identity: 'p-anna', dedupeKey: 'impossible_travel:root@db1', observed: { account: 'root@db1', heldBy: ['p-anna'] } },
    ]);
    expect(found[0]?.sentence).toMatch(/^As root@db1: Anna Berg \(p-anna\) signed in from Sydney/);
    expect(found[0]?.explanation[0]).toBe(
      `root@db1, held by Anna Berg (p-anna) since ${isoInstant(MONDAY_9).slice(0, 16).replace('T', ' ')} UTC (check-out).`,
    );
  });
  it('compare a holder with himself: two people at two places did not travel', () => {
    const hand = [vault('in', 'checked_in', MONDAY_9 + 1.2 * HOUR_MS), vault('ben', 'checked_out', MONDAY_9 + 1.5 * HOUR_MS, 'ben')];
    expect(assess([out, near, ...hand, far()]).findings.map(({ detection }) => detection)).not.toContain('impossible_travel');
  });
  it('name all who hold it when several do, and are about the account', () => {
    const ben = vault('ben', 'checked_out', MONDAY_9 + MINUTE_MS, 'ben');
    const found = assess([out, ben, near, far()]).findings.filter(({ detection }) => detection === 'impossible_travel');
    expect(found).toMatchObject([{ identity: 'root@db1', observed: { heldBy: ['p-anna', 'p-ben'] } }]);
    expect(found[0]?.explanation[0]).toMatch(/^root@db1, held by several, and it cannot be told who acted: Anna Berg .*; Ben Cole .*\.$/);
  });
  it('still come of a use that nobody checked out, about the account', () => {
    const found = assess([near]).findings;
    expect(found).toMatchObject([{ detection: 'credential_without_checkout', identity: 'root@db1' }]);
    expect(found[0]?.explanation[0]).not.toContain('held by');
  });
  it('do not come of a use while the vault says that the right to it lasts, however long', () => {
    const grant = { change: 'activated', entitlement: 'cyberark:account:root@db1', jit: true, endsAt: MONDAY_9 + 30 * HOUR_MS } as const;
    const long = vault('out', 'checked_out', MONDAY_9, 'anna', { privilege: grant });
    const late = root('late', MONDAY_9 + 20 * HOUR_MS);
    expect(assess([out, late]).findings.map(({ detection }) => detection)).toContain('credential_without_checkout');
    expect(assess([long, late]).findings).toEqual([]);
  });
  it('tell of a holder who has left since: midnight ended her last day, not the check-out', () => {
    const evening = Date.UTC(2026, 0, 5, 22);
    const events = [vault('out', 'checked_out', evening, 'cleo'), root('act', evening + HOUR_MS), root('late', evening + 3 * HOUR_MS)];
    const found = assess(events).findings.map(({ detection, identity, eventUid }) => [detection, identity, eventUid]);
    expect(found).toEqual([['account_used_after_leave', 'p-cleo', events[2]?.uid]]);
  });
  it('keep what is known of a shared account: used interactively although its owner has left', () => {
    const desk = aSignInEvent('desk', { actor: { system: 'okta', name: 'desk@example.com' } });
    expect(assess([desk]).findings).toMatchObject([{ detection: 'account_used_after_leave', identity: 'x-desk' }]);
  });
  it('keep what was done to the account: used although it had been disabled', () => {
    const disabled = root('off', MONDAY_9, {
      class: 'account_change',
      activity: 'disable',
      actor: { system: 'cyberark', name: 'ben' },
      target: { system: 'linux', name: 'root@db1' },
    });
    const found = assess([disabled, vault('out', 'checked_out', MONDAY_9 + MINUTE_MS), far({ src: PARIS })]).findings;
    expect(found.filter(({ detection }) => detection === 'account_used_after_leave')).toMatchObject([
      { identity: 'p-anna', severity: 'high' },
    ]);
  });
});

describe('the outcome', () => {
  const who = fc.constantFrom('anna', 'ben');
  const anyEvents = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 30 * 60 }),
        who,
        fc.constantFrom('checked_out' as const, 'checked_in' as const, 'changed' as const, 'used' as const, 'act' as const, 'act' as const),
        fc.boolean(),
      ),
      { maxLength: 30 },
    )
    .map((drawn) =>
      drawn
        .map(([minute, person, what, isFar], index) => {
          const at = MONDAY_9 + minute * MINUTE_MS;
          if (what === 'act') return root(`n${index}`, at, { src: isFar ? SYDNEY : PARIS });
          return vault(`n${index}`, what, at, person, { src: isFar ? SYDNEY : PARIS });
        })
        .toSorted((a, b) => a.time - b.time),
    );
  const sorted = ({ rows, findings }: Outcome): unknown => ({
    rows: rows.toSorted((a, b) => (a.event.uid < b.event.uid ? -1 : 1)),
    findings: findings.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
  });
  /** As if each ledger were read by a worker of its own, one after the other. */
  const ledgerByLedger = (entries: LedgerEntry[]): LedgerEntry[] =>
    entries.toSorted((a, b) => (ledgerId(a) < ledgerId(b) ? -1 : ledgerId(a) > ledgerId(b) ? 1 : 0));

  it('is the same whatever ledger is read first, and when every state goes through its stored form', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const plain = sorted(assess(events));
        expect(sorted(assess(events, ledgerByLedger))).toEqual(plain);
        expect(sorted(assess(events, undefined, true))).toEqual(plain);
      }),
      { numRuns: 40 },
    );
  });
  it('names as the identity of a row one of those who are said to hold the account, or the account itself', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        for (const { identity, event } of assess(events).rows.filter(({ event: { source } }) => source === 'linux'))
          expect(identity).toBe(event.heldBy?.length === 1 ? event.heldBy[0]?.identity : 'root@db1');
      }),
      { numRuns: 40 },
    );
  });
});
