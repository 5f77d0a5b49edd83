import { describe, expect, it } from 'vitest';
import { LocalLog } from './local-log.js';

const PARTITION = { topic: 't', partition: 0 };
const aLog = (compact: boolean): LocalLog => {
  const log = new LocalLog({ firstOffset: 100, now: () => 0 });
  log.ensure('t', 1, compact);
  return log;
};

describe('a compacted topic of the in-process bus', () => {
  it('keeps the newest record of each key and forgets the others once there are many', () => {
    const log = aLog(true);
    log.append([{ topic: 't', key: 'once', value: 'only' }]);
    for (let at = 0; at < 100_000; at += 1) log.append([{ topic: 't', key: `k${at % 3}`, value: String(at) }]);
    const records = log.read(PARTITION, 0, 1_000_000);
    expect(records.length).toBeLessThan(40_000);
    const newest = new Map(records.map(({ key, value }) => [key, value.toString()]));
    expect(newest).toEqual(new Map(Object.entries({ once: 'only', k0: '99999', k1: '99997', k2: '99998' })));
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => (records[0]?.offset ?? 0) + index));
    expect(log.end(PARTITION)).toBe((records.at(-1)?.offset ?? 0) + 1);
  });

  it('is not what other topics are: there every record stays until it is read', () => {
    const log = aLog(false);
    for (let at = 0; at < 50_000; at += 1) log.append([{ topic: 't', key: 'k', value: String(at) }]);
    expect(log.read(PARTITION, 0, 1_000_000)).toHaveLength(50_000);
  });
});
