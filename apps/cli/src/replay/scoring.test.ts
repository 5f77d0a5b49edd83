import { setTimeout as pause } from 'node:timers/promises';
import { DAY_MS } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import type { ScoreReport, ScoreTask, Task } from './messages.js';
import type { PackedEvent } from './packed-events.js';
import { LedgerShares, Scoring, UnitCutter, type Unit } from './scoring.js';
import type { ReplayThread } from './threads.js';

const MONDAY = Date.parse('2026-01-05T09:00:00Z');
function anEvent(time: number, ...entries: string[]): PackedEvent {
  const bytes = Buffer.from(JSON.stringify({ uid: `e-${time}` }));
  return { time, source: 'okta', uid: `e-${time}`, session: undefined, entries, bytes, from: 0, to: bytes.length };
}
function cut(events: readonly PackedEvent[]): readonly Unit[] {
  const cutter = new UnitCutter();
  return [...events.map((event) => cutter.add(event)), cutter.end()].filter((unit) => unit !== undefined);
}

describe('units of a history', () => {
  it('are of one day, and the last of each day but the newest closes it', () => {
    const units = cut([MONDAY, MONDAY + 1, MONDAY + DAY_MS, MONDAY + 2 * DAY_MS].map((time) => anEvent(time, 'a+identity:p-1')));
    expect(units.map(({ events, closesDay, endsBatch }) => [events.length, closesDay, endsBatch])).toEqual([
      [2, true, false],
      [1, true, false],
      [1, false, true],
    ]);
  });
  it('end where ALERT has its turn, which days do not change', () => {
    const entries = Array.from({ length: 500 }, (_, index) => `n-network:${index}`);
    const units = cut([0, 1, 2, DAY_MS, DAY_MS + 1, DAY_MS + 2].map((after) => anEvent(MONDAY + after, ...entries)));
    expect(units.map(({ events, endsBatch }) => [events.length, endsBatch])).toEqual([
      [3, false],
      [1, true],
      [2, true],
    ]);
  });
});

describe('shares of the ledgers', () => {
  it('weigh about the same, and each ledger is in one of them', () => {
    const shares = new LedgerShares();
    const ledgers = Array.from({ length: 40 }, (_, index) => `a+identity:p-${index}`);
    for (const [index, entry] of ledgers.entries()) for (let times = 0; times <= index; times += 1) shares.count([entry]);
    shares.share(4);
    const loads = [0, 0, 0, 0];
    for (const [index, entry] of ledgers.entries()) loads[shares.threadOf(entry)]! += index + 1;
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(40);
    expect(shares.threadOf('t-identity:p-7')).toBe(shares.threadOf('a+identity:p-7'));
  });
});

/** Takes note of what it is given, and reports nothing found. */
class IdleThread implements ReplayThread {
  readonly tasks: ScoreTask[] = [];
  reported = 0;
  post(task: Task): void {
    if (task.kind === 'score') this.tasks.push(task);
  }
  nextRead(): Promise<never> {
    return Promise.reject(new Error('nothing was to be read'));
  }
  nextScored(): Promise<ScoreReport> {
    this.reported += 1;
    const terms = { terms: new Uint8Array(0), features: [], featureP: new Float64Array(0), sharedKeys: new Map<number, string>() };
    const rows = { sequence: [], lines: new Uint8Array(0), lengths: [], identity: [], p: [], ...terms, command: [] };
    return Promise.resolve({ kind: 'scored', rows, findings: [], grants: [], verdicts: [] });
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
// eslint-disable-next-line @typescript-eslint/require-await -- as a history that is read from disk
async function* asHistory(units: readonly Unit[]): AsyncGenerator<Unit> {
  yield* units;
}

describe('giving units to threads', () => {
  it('runs only a few units ahead of whoever writes the results', async () => {
    const units = cut(Array.from({ length: 60 }, (_, day) => anEvent(MONDAY + day * DAY_MS, 'a+identity:p-1')));
    const thread = new IdleThread();
    const shares = new LedgerShares();
    shares.share(1);
    let most = 0;
    let written = 0;
    for await (const [unit] of new Scoring([thread], shares).results(asHistory(units))) {
      await pause(1); // a slow disk
      written += unit.events.length;
      most = Math.max(most, thread.tasks.length - thread.reported);
    }
    expect(written).toBe(60);
    expect(thread.reported).toBe(60);
    expect(most).toBeLessThanOrEqual(5);
  });
  it('gives a thread the events of its own ledgers, once each, with their number among all', async () => {
    const threads = [new IdleThread(), new IdleThread()];
    const shares = new LedgerShares();
    shares.count(['a+identity:p-1', 'a+identity:p-1', 'a+identity:p-2']);
    shares.share(2);
    const events = [
      anEvent(MONDAY, 'a+identity:p-1', 't-identity:p-2'),
      anEvent(MONDAY + 1, 'a+identity:p-2'),
      anEvent(MONDAY + 2, 'a+identity:p-1'),
    ];
    for await (const [unit, reports] of new Scoring(threads, shares).results(asHistory(cut(events)))) {
      expect([unit.events.length, reports.length]).toEqual([3, 2]);
    }
    const given = threads.map(({ tasks: [task] }) => ({
      events: JSON.parse(Buffer.from(task!.events).toString()) as unknown,
      entries: task!.entries.map((entry, index) => [entry, task!.eventAt[index], task!.sequence[index]]),
    }));
    expect(given).toEqual([
      {
        events: [{ uid: `e-${MONDAY}` }, { uid: `e-${MONDAY + 2}` }],
        entries: [
          ['a+identity:p-1', 0, 0],
          ['a+identity:p-1', 1, 3],
        ],
      },
      {
        events: [{ uid: `e-${MONDAY}` }, { uid: `e-${MONDAY + 1}` }],
        entries: [
          ['t-identity:p-2', 0, 1],
          ['a+identity:p-2', 1, 2],
        ],
      },
    ]);
  });
});
