import { DAY_MS } from '@keyward/events';
import { demoStart, makeDemo, type VendorRecord } from '@keyward/fixtures';
import { beforeAll, describe, expect, it } from 'vitest';
import { kafkaAvailable } from './harness.js';
import { differences } from './outcome.js';
import { NO_LOOK, workThrough, type Run } from './work-through.js';

const available = kafkaAvailable();
const DEMO_DAYS = 30;

/** Two of the demo's histories, one after the other; what repeats an id gets one of its own. Some 56,000 records in order of time. */
function twoHistories(start: number): VendorRecord[] {
  const before = [...makeDemo(start - DEMO_DAYS * DAY_MS).records()].map((one): VendorRecord => {
    const text = JSON.stringify(one.record).replace(/"(uuid|id)":"(?=[^"]*")/u, '"$1":"before-');
    return one.source === 'cyberark' ? one : { ...one, record: JSON.parse(text) as object };
  });
  return [...before, ...[...makeDemo(start).records()].filter(({ time }) => time <= Date.now())];
}

describe.skipIf(!available)('workers that are killed again and again, and several that share the work (needs Apache Kafka)', () => {
  const start = demoStart(Date.now());
  const records = twoHistories(start);
  const runs = new Map<string, Run<undefined, undefined>>();
  const theRun = (name: string): Run<undefined, undefined> => runs.get(name) ?? expect.fail(`there was no run ${name}`);
  const told = ({ receiver }: Run<undefined, undefined>): string[] =>
    receiver
      .unique()
      .map(({ id }) => id)
      .toSorted();

  beforeAll(async () => {
    const plans = { undisturbed: { workers: 1, kills: 0 }, killed: { workers: 1, kills: 10 }, shared: { workers: 3, kills: 3 } };
    for (const [name, plan] of Object.entries(plans)) {
      const one = await workThrough(records, start, plan, NO_LOOK);
      runs.set(name, one);
      const { rows, findings, alerts } = one.outcome;
      process.stderr.write(
        `${name}: ${records.length} records, ${rows.size} rows, ${findings.size} findings, ${alerts.size} alerts, ` +
          `${one.receiver.received.length} POSTs, ${one.kills} kills, ${one.seconds} s\n`,
      );
    }
  }, 1_500_000);

  it('works through more than 50,000 records, which lead to alerts', () => {
    expect(records.length).toBeGreaterThan(50_000);
    expect(theRun('undisturbed').outcome.rows.size).toBe(records.length);
    expect(theRun('undisturbed').outcome.alerts.size).toBeGreaterThan(10);
  });

  it.each(['killed', 'shared'])('leaves the same rows, scores, findings, alerts and grants as an undisturbed run: %s', (name) => {
    const [undisturbed, other] = [theRun('undisturbed'), theRun(name)];
    expect(other.kills).toBeGreaterThanOrEqual(3);
    expect([undisturbed.forced, other.forced]).toEqual([0, 0]);
    expect(differences(undisturbed.outcome, other.outcome)).toEqual({});
    expect(other.outcome.digest).toBe(undisturbed.outcome.digest);
  });

  it.each(['killed', 'shared'])('tells the receiver of the same alerts, each once from its view: %s', (name) => {
    const [undisturbed, other] = [theRun('undisturbed'), theRun(name)];
    expect(told(other)).toEqual(told(undisturbed));
    expect(undisturbed.receiver.received).toHaveLength(undisturbed.receiver.unique().length);
    // A kill between the receiver's yes and our note of it repeats that one message: the same id, so the receiver drops it.
    expect(other.receiver.received.length - other.receiver.unique().length).toBeLessThanOrEqual(other.kills);
    expect([...undisturbed.receiver.problems, ...other.receiver.problems]).toEqual([]);
  });
});
