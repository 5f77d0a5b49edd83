import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { DAY_MS, HOUR_MS, dayOf, ledgerId, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { EMPTY_ORGANISATION, route } from '@keyward/identity';
import { EVENTS_TOPIC, Metrics, silentLogger, type Prepared } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import {
  MONDAY_9,
  MemoryAssessmentStore,
  MemoryIngestLedger,
  MemoryLedgerStore,
  MemorySnapshotStore,
  RecordingPublisher,
  SetClock,
  SetOrganisation,
  aSignInEvent,
} from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssessStage, foldHistory, type FoldedEntry, type History, type PastEntry } from '../index.js';

function aWorker() {
  const model = createBehaviourModel();
  const organisation = new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY });
  const [ledgers, store, publisher] = [new MemoryLedgerStore(), new MemoryAssessmentStore(), new RecordingPublisher()];
  const created = createDetectionEngine();
  if (created.kind === 'invalid') throw new Error(created.problems.join());
  const entries: FoldedEntry[] = [];
  const stage = new AssessStage({
    ...{ organisation, model, engine: created.engine, ledgers, store, publisher, clock: new SetClock(), metrics: new Metrics() },
    entries: { insertEntries: (rows) => Promise.resolve(void entries.push(...rows)) },
    snapshots: new MemorySnapshotStore(model, organisation, store),
    deadLetters: new MemoryIngestLedger(),
    logger: silentLogger,
    signal: new AbortController().signal,
  });
  /** All that anybody can see of the result but the places, which are of one bus. */
  const result = () => ({
    rows: [...store.events].sort(byKey),
    findings: [...store.findings].sort(byKey),
    ledgers: [...ledgers.rows].map(([id, { state }]) => [id, state] as const).sort(byKey),
    entries: entries.map(({ through: _place, ...entry }) => entry).sort((a, b) => byKey([keyOf(a)], [keyOf(b)])),
  });
  return { stage, entries, store, result };
}
type Worker = ReturnType<typeof aWorker>;
const keyOf = ({ ledger, number }: Pick<FoldedEntry, 'ledger' | 'number'>): string => `${ledger} ${String(number).padStart(6, '0')}`;
const byKey = ([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number => (a < b ? -1 : 1);

/** What a store would keep of what the worker has done. */
function historyOf({ entries, store }: Worker, arrived: readonly AccessEvent[]): History {
  const events = new Map(arrived.map((event) => [event.uid, event]));
  const entryOf = ({ ledger, eventUid, part }: FoldedEntry): PastEntry[] => {
    const event = events.get(eventUid);
    const entry = event && route(event, EMPTY_ORGANISATION).find((one) => ledgerId(one) === ledger && one.part === part);
    return entry ? [{ entry, isLate: store.events.get(eventUid)?.isLate ?? false }] : [];
  };
  const sorted = entries.toSorted((a, b) => byKey([keyOf(a)], [keyOf(b)]));
  return {
    days: () => Promise.resolve([...new Set(entries.map(({ day }) => day))].sort((a, b) => a - b)),
    unorderedEvents: async function* () {
      // Nothing is without an entry here.
    },
    entries: async function* (day) {
      yield await Promise.resolve(sorted.filter((entry) => entry.day === day).flatMap(entryOf));
    },
  };
}

/** People who sign in over some days, from a few networks; some records come hours after others of their time. */
const Arrivals = fc.array(
  fc.record({
    hours: fc.integer({ min: 0, max: 96 }),
    delay: fc.constantFrom(0, 0, 0, 1, 30),
    person: fc.constantFrom('anna', 'ben', 'eva'),
    ip: fc.constantFrom('192.0.2.1', '198.51.100.7', '203.0.113.9'),
  }),
  { minLength: 5, maxLength: 60 },
);

describe('folding a history again', () => {
  it('gives the rows, findings, ledgers and entries that the line gave, whatever came late and however it was cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(Arrivals, fc.integer({ min: 1, max: 20 }), async (arrivals, batch) => {
        const arrived = arrivals
          .map(({ hours, delay, person, ip }, index) => {
            const account = { system: 'okta', name: `${person}@example.com`, identity: `okta:${person}@example.com` } as const;
            const time = MONDAY_9 + hours * HOUR_MS;
            return { at: time + delay * HOUR_MS, event: aSignInEvent(`e${index}`, { time, actor: account, src: { ip } }) };
          })
          .sort((a, b) => a.at - b.at);
        const items = arrived.flatMap(({ event, at }, index) =>
          route(event, EMPTY_ORGANISATION).map((value): Prepared<LedgerEntry> => {
            const place = { released: index, reach: at, input: 'raw/0', offset: index, day: dayOf(at) };
            return { topic: EVENTS_TOPIC, partition: 0, offset: index, time: event.time, value, place };
          }),
        );
        const line = aWorker();
        for (let at = 0; at < items.length; at += batch) await line.stage.handle(items.slice(at, at + batch));
        await line.stage.checkpoint();

        const again = aWorker();
        const past = historyOf(
          line,
          arrived.map(({ event }) => event),
        );
        const folded = await foldHistory(past, again.stage, { organisation: EMPTY_ORGANISATION, signal: new AbortController().signal });
        expect(again.result()).toEqual(line.result());
        expect(folded).toBe(line.entries.length);
      }),
      { seed: 25, numRuns: 40 },
    );
  });

  it('says how far it is, and stops between batches when it is told to', async () => {
    const line = aWorker();
    const event = aSignInEvent('a', { time: MONDAY_9 - DAY_MS });
    const history: History = {
      days: () => Promise.resolve([dayOf(MONDAY_9) - 1, dayOf(MONDAY_9)]),
      unorderedEvents: async function* (day) {
        if (day === dayOf(event.time)) yield await Promise.resolve([{ event, isLate: false }]);
      },
      entries: async function* () {
        // No entry is kept.
      },
    };
    const stop = new AbortController();
    const told: string[] = [];
    const folding = foldHistory(history, line.stage, {
      organisation: EMPTY_ORGANISATION,
      signal: stop.signal,
      onProgress: ({ daysDone, days, entries }) => {
        told.push(`${daysDone}/${days} ${entries}`);
        if (daysDone === 1) stop.abort(new Error('enough'));
      },
    });
    await expect(folding).rejects.toThrow('enough');
    expect(told.slice(0, 2)).toEqual(['0/2 0', '0/2 2']);
    expect([...line.store.events.keys()]).toEqual([event.uid]);
  });
});
