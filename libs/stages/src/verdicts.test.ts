import { createBehaviourModel, exampleOf, VerdictEntry, type Verdict } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { DAY_MS, HOUR_MS, ledgerId } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { DEAD_LETTER_TOPIC, EVENTS_TOPIC, Metrics, silentLogger, VERDICTS_TOPIC } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import {
  aBatch,
  aSignInEvent,
  entriesOf,
  MemoryAssessmentStore,
  MemoryIngestLedger,
  MemoryLedgerStore,
  MemorySnapshotStore,
  MONDAY_9,
  RecordingPublisher,
  SetClock,
  SetOrganisation,
} from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { AssessStage, IngestStage, type FoldedEntry } from './index.js';

const ANNA = 'okta:anna@example.com';
const ABROAD = {
  src: { ip: '192.0.2.9', asn: 64_999, geo: { country: 'NG' } },
  device: { id: 'tablet', browser: 'Firefox 100', os: 'Linux' },
};

function aWorld() {
  const model = createBehaviourModel();
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  const [ledgers, store, publisher, deadLetters] = [
    new MemoryLedgerStore(),
    new MemoryAssessmentStore(),
    new RecordingPublisher(),
    new MemoryIngestLedger(),
  ];
  const created = createDetectionEngine();
  if (created.kind === 'invalid') throw new Error(created.problems.join());
  const verdicts: VerdictEntry[] = [];
  const entries: FoldedEntry[] = [];
  const common = { organisation, publisher, clock: new SetClock(), metrics: new Metrics() };
  const assess = () =>
    new AssessStage({
      ...{ ...common, ledgers, store, deadLetters, model, engine: created.engine, logger: silentLogger },
      snapshots: new MemorySnapshotStore(model, organisation, store),
      entries: { insertEntries: (rows) => Promise.resolve(void entries.push(...rows)) },
      verdicts: { insertVerdicts: (rows) => Promise.resolve(void verdicts.push(...rows)) },
      signal: new AbortController().signal,
      checkpoints: { everyMs: 0, everyEntries: 1, maxLedgers: 100 },
    });
  const ingest = new IngestStage({ ...common, ledger: deadLetters, geo: { lookup: () => undefined } });
  return { assess, ingest, store, publisher, deadLetters, verdicts, entries, ledgers };
}
type World = ReturnType<typeof aWorld>;

/** What the API publishes about an event that was scored. */
function verdictOn(world: World, eventUid: string, at: number, more: Partial<Verdict> = {}): VerdictEntry {
  const row = world.store.events.get(eventUid);
  if (!row) throw new Error('not scored');
  const verdict = {
    uid: 'v-1',
    kind: 'benign' as const,
    scope: 'identity' as const,
    at,
    expiresAt: at + 30 * DAY_MS,
    author: 'ben',
    reason: 'a trip',
  };
  return {
    ...{ ledger: 'identity', key: ANNA, part: 'verdict', identity: ANNA },
    verdict: { ...verdict, ...more },
    examples: [exampleOf(row.event, row.assessment)],
  };
}
const asItem = (entry: VerdictEntry, offset: number) => ({
  topic: EVENTS_TOPIC,
  partition: 0,
  offset,
  time: entry.verdict.at,
  value: entry,
});
const usual = Array.from({ length: 20 }, (_, index) => aSignInEvent(`usual-${index}`, { time: MONDAY_9 + index * HOUR_MS }));
const abroad = (id: string, days: number) => aSignInEvent(id, { time: MONDAY_9 + days * DAY_MS, ...ABROAD });

describe('a verdict on the line', () => {
  it('is given its place among the events by INGEST, as it is', async () => {
    const world = aWorld();
    await world.assess().handle(entriesOf([...usual, abroad('x', 1)], EMPTY_ORGANISATION));
    const entry = verdictOn(world, abroad('x', 1).uid, MONDAY_9 + 2 * DAY_MS);
    const items = world.ingest.prepare(aBatch(VERDICTS_TOPIC, [entry]));
    expect(items[0]?.time).toBe(entry.verdict.at);
    await world.ingest.handle(items);
    expect(world.publisher.on(EVENTS_TOPIC).map((value) => VerdictEntry.parse(value))).toEqual([entry]);
    expect(world.publisher.records.at(-1)?.key).toBe(ledgerId(entry));
    expect(world.deadLetters.counts.size).toBe(0);
  });

  it('goes to the dead letter when it is none', async () => {
    const world = aWorld();
    await world.ingest.handle(world.ingest.prepare(aBatch(VERDICTS_TOPIC, ['{}', 'x'])));
    expect(world.publisher.on(EVENTS_TOPIC)).toEqual([]);
    expect(world.publisher.on(DEAD_LETTER_TOPIC)).toHaveLength(2);
  });

  it('is read, taken into the profile of its ledger alone, and kept for snapshots and rebuilds', async () => {
    const world = aWorld();
    const stage = world.assess();
    await stage.handle(entriesOf([...usual, abroad('x', 1)], EMPTY_ORGANISATION));
    const before = world.ledgers.rows.get(`assess identity:${ANNA}`)?.state;
    const others = [...world.ledgers.rows].filter(([id]) => !id.includes(ANNA));
    const entry = verdictOn(world, abroad('x', 1).uid, MONDAY_9 + 2 * DAY_MS);
    const [read] = stage.prepare(aBatch(EVENTS_TOPIC, [entry], { firstOffset: 500 }));
    expect(read?.value).toEqual(entry);
    await stage.handle([asItem(entry, 500)]);
    expect(world.verdicts).toEqual([{ ...entry, countsFrom: Math.floor(entry.verdict.at / DAY_MS) }]);
    expect(world.entries.at(-1)).toMatchObject({ ledger: `identity:${ANNA}`, part: 'verdict', eventUid: 'v-1', primary: false });
    expect(world.ledgers.rows.get(`assess identity:${ANNA}`)?.state).not.toBe(before);
    expect([...world.ledgers.rows].filter(([id]) => !id.includes(ANNA))).toEqual(others);
    // Nothing was scored by it: no row, no finding.
    expect(world.store.events.size).toBe(usual.length + 1);
  });

  it('lowers what comes after it, not what came before, and gives the same when a worker dies between', async () => {
    const scoreOf = async (withVerdict: boolean, dies: boolean): Promise<number> => {
      const world = aWorld();
      let stage = world.assess();
      await stage.handle(entriesOf([...usual, abroad('x', 1)], EMPTY_ORGANISATION));
      const entry = verdictOn(world, abroad('x', 1).uid, MONDAY_9 + 2 * DAY_MS);
      if (withVerdict) await stage.handle([asItem(entry, 500)]);
      if (dies) stage = world.assess();
      if (dies && withVerdict) await stage.handle([asItem(entry, 500)]); // redelivered
      const next = entriesOf([abroad('y', 3)], EMPTY_ORGANISATION).map((item, index) => ({ ...item, offset: 600 + index }));
      await stage.handle(next);
      return world.store.events.get(abroad('y', 3).uid)?.assessment.score ?? -1;
    };
    const [without, withIt, afterDeath] = [await scoreOf(false, false), await scoreOf(true, false), await scoreOf(true, true)];
    expect(withIt).toBeLessThan(without);
    expect(afterDeath).toBe(withIt);
  });

  it('counts for the population from the day that its partition is in, and keeps that day when it is folded again', async () => {
    const world = aWorld();
    const stage = world.assess();
    await stage.handle(entriesOf([...usual, abroad('x', 1)], EMPTY_ORGANISATION));
    const entry = verdictOn(world, abroad('x', 1).uid, MONDAY_9 + 2 * DAY_MS);
    const day = Math.floor(entry.verdict.at / DAY_MS);
    const place = { released: 500, reach: entry.verdict.at, input: 'access.verdicts/0', offset: 500, day: day + 3 };
    await stage.handle([{ ...asItem(entry, 500), place }]);
    expect(world.verdicts[0]?.countsFrom).toBe(day + 3);
    const again = { ...entry, countsFrom: day + 3, verdict: { ...entry.verdict, uid: 'v-2' } };
    await stage.handle([{ ...asItem(again, 501), place: { ...place, released: 501, offset: 501, day: day + 9 } }]);
    expect(world.verdicts[1]?.countsFrom).toBe(day + 3);
  });

  it('makes no later event late: a working day of somebody else is no day of the ledger', async () => {
    const world = aWorld();
    const stage = world.assess();
    await stage.handle(entriesOf([...usual, abroad('x', 1)], EMPTY_ORGANISATION));
    await stage.handle([asItem(verdictOn(world, abroad('x', 1).uid, MONDAY_9 + 200 * DAY_MS), 500)]);
    await stage.handle(entriesOf([abroad('y', 3)], EMPTY_ORGANISATION).map((item, index) => ({ ...item, offset: 600 + index })));
    expect(world.store.events.get(abroad('y', 3).uid)?.isLate).toBe(false);
  });
});
