import { deliveryId, type Alert } from '@keyward/alerts';
import { anAlert, InMemorySink, MemoryResponseStore, SetClock } from '@keyward/testkit';
import { InvalidInputError, Metrics, UnavailableError, silentLogger } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { Deliveries } from './deliveries.js';

function sending(more: readonly Alert[] = []) {
  const alert = anAlert({ severity: 'high' });
  const store = new MemoryResponseStore(undefined, new Map([alert, ...more].map((one) => [one.uid, one])));
  const sink = new InMemorySink('siem');
  const other = new InMemorySink('chat');
  const clock = new SetClock();
  const deliveries = new Deliveries({
    store,
    sinks: [
      { sink, minSeverity: 'low' },
      { sink: other, minSeverity: 'critical' },
    ],
    publicUrl: undefined,
    clock,
    logger: silentLogger,
    metrics: new Metrics(),
    signal: new AbortController().signal,
  });
  return { alert, store, sink, other, clock, deliveries };
}

describe('telling receivers of alerts', () => {
  it('does not try a second time while a slow receiver still thinks about the first', async () => {
    const { alert, sink, clock, deliveries } = sending();
    let answer = (): void => undefined;
    const deliver = sink.deliver.bind(sink);
    let calls = 0;
    sink.deliver = async (delivery, signal) => {
      calls += 1;
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      await deliver(delivery, signal);
    };
    const first = deliveries.notify([alert]);
    await expect.poll(() => calls).toBe(1);
    clock.at += 4_000;
    await deliveries.retryDue();
    clock.at += 90_000;
    await deliveries.retryDue();
    answer();
    await first;
    expect(calls).toBe(1);
    expect(sink.arrived).toHaveLength(1);
  });

  it('tries again what a receiver refused for the moment, after a pause and not before', async () => {
    const { alert, sink, clock, deliveries } = sending();
    sink.failNext(new UnavailableError('siem.away', 'away'));
    await deliveries.notify([alert]);
    await deliveries.retryDue();
    expect(sink.arrived).toHaveLength(0);
    clock.at += 5_000;
    await deliveries.retryDue();
    expect(sink.arrived).toHaveLength(1);
    clock.at += 3_600_000;
    await deliveries.retryDue();
    expect(sink.arrived).toHaveLength(1);
  });

  it('leaves a try that a crash cut off to the alert that comes again, and takes it up itself after a minute', async () => {
    const { alert, store, sink, clock, deliveries } = sending();
    await store.saveDelivery({
      id: `siem/${alert.uid}.${alert.version}`,
      sink: 'siem',
      alertUid: alert.uid,
      alertVersion: alert.version,
      state: 'pending',
      attempts: 1,
      lastError: undefined,
      updatedAt: clock.at,
    });
    clock.at += 10_000;
    await deliveries.retryDue();
    expect(sink.arrived).toHaveLength(0);
    clock.at += 60_000;
    await deliveries.retryDue();
    expect(sink.arrived).toHaveLength(1);
  });

  describe('while one receiver is away', () => {
    const waiting = Array.from({ length: 150 }, (_, index) => anAlert({ uid: `waiting-${String(index)}`, severity: 'high' }));
    const pending = (sink: string, alert: Alert, updatedAt: number) => ({
      id: `${sink}/${deliveryId(alert)}`,
      sink,
      alertUid: alert.uid,
      alertVersion: alert.version,
      state: 'pending' as const,
      attempts: 1,
      lastError: 'siem.away: away',
      updatedAt,
    });
    async function backlog() {
      const all = sending(waiting);
      for (const [index, alert] of waiting.entries()) await all.store.saveDelivery(pending('siem', alert, all.clock.at + index));
      await all.store.saveDelivery(pending('chat', all.alert, all.clock.at + 1_000));
      all.clock.at += 60_000;
      return all;
    }

    it('another hears of its alerts, however many wait for the first', async () => {
      const { alert, sink, other, deliveries } = await backlog();
      sink.failNext(new UnavailableError('siem.away', 'away'));
      await deliveries.retryDue();
      expect(other.arrived.map(({ id }) => id)).toEqual([deliveryId(alert)]);
    });

    it('it is asked once a round, not once for each', async () => {
      const { sink, deliveries, clock } = await backlog();
      let calls = 0;
      sink.deliver = () => {
        calls += 1;
        return Promise.reject(new UnavailableError('siem.away', 'away'));
      };
      await deliveries.retryDue();
      expect(calls).toBe(1);
      clock.at += 5_000;
      await deliveries.retryDue();
      expect(calls).toBe(2);
    });

    it('one that it refuses for good keeps nothing behind it, and all is told when it is back', async () => {
      const { sink, store, deliveries } = await backlog();
      sink.failNext(new InvalidInputError('siem.refused', 'no'));
      await deliveries.retryDue();
      expect(sink.arrived).toHaveLength(99);
      await deliveries.retryDue();
      expect(sink.arrived).toHaveLength(149);
      expect(await store.pendingDeliveries(10)).toEqual([]);
    });
  });
});
