import { DAY_MS } from '@keyward/events';
import { Metrics, UnavailableError, silentLogger, type Mark } from '@keyward/runtime';
import { SetClock } from '@keyward/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DayBoundary } from './day-boundary.js';
import type { DayStore } from './ports.js';

class MemoryDayStore implements DayStore {
  readonly calls: string[] = [];
  readonly #days = new Map<number, number>();
  reached(partitions: readonly number[], day: number): Promise<void> {
    this.calls.push(`${partitions.join()} ${day}`);
    for (const partition of partitions) this.#days.set(partition, Math.max(day, this.#days.get(partition) ?? 0));
    return Promise.resolve();
  }
  days(): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(this.#days);
  }
}

const mark = (partition: number, day: number): Mark => ({ input: `access.events/${partition}`, reach: day * DAY_MS + 5, behind: true });

function twoWorkers() {
  const store = new MemoryDayStore();
  const clock = new SetClock();
  const worker = (own: readonly number[]): DayBoundary => {
    const deps = { store, clock, logger: silentLogger, metrics: new Metrics(), signal: new AbortController().signal };
    const days = new DayBoundary({ ...deps, partitions: () => Promise.resolve([0, 1, 2, 3]) });
    days.assigned(own);
    return days;
  };
  return { store, clock, worker };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.setTimerTickMode('nextTimerAsync');
});
afterEach(() => {
  vi.useRealTimers();
});

describe('beginning a day', () => {
  it('waits for nobody who reads all partitions himself', async () => {
    const { worker } = twoWorkers();
    await expect(worker([0, 1, 2, 3]).begin(7)).resolves.toBeUndefined();
  });

  it('gives the batch back while another worker has not stored the days before, and begins once he has', async () => {
    const { clock, worker } = twoWorkers();
    const [mine, his] = [worker([0, 1]), worker([2, 3])];
    clock.at = 0;
    vi.spyOn(clock, 'now').mockImplementation(() => (clock.at += 500));
    await expect(mine.begin(7)).rejects.toThrow(UnavailableError);
    await his.reached([mark(2, 7), mark(3, 6)]);
    await expect(mine.begin(7)).rejects.toThrow(UnavailableError);
    await his.reached([mark(3, 7)]);
    await expect(mine.begin(7)).resolves.toBeUndefined();
    await expect(mine.begin(6)).resolves.toBeUndefined();
  });

  it('lets two workers begin a day that both have come to', async () => {
    const { worker } = twoWorkers();
    const both = [worker([0, 1]), worker([2, 3])];
    await expect(Promise.all(both.map((one) => one.begin(7)))).resolves.toHaveLength(2);
  });

  it('begins without a worker that does not come so far in a minute', async () => {
    const { clock, worker } = twoWorkers();
    const mine = worker([0, 1]);
    vi.spyOn(clock, 'now').mockImplementation(() => (clock.at += 1_500));
    let refusals = 0;
    for (; refusals < 100; refusals += 1) {
      const begun = await mine.begin(7).then(
        () => true,
        () => false,
      );
      if (begun) break;
    }
    expect(refusals).toBeGreaterThan(5);
    expect(refusals).toBeLessThan(100);
  });

  it('says once of each partition that a day is reached, and nothing of one that is nowhere yet', async () => {
    const { store, worker } = twoWorkers();
    const his = worker([2, 3]);
    await his.reached([mark(2, 7), mark(3, 7), { input: 'access.events/1', reach: -1, behind: true }]);
    await his.reached([mark(2, 7), mark(3, 8)]);
    expect(store.calls).toEqual(['2,3 7', '3 8']);
  });
});
