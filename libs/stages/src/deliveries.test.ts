import { anAlert, InMemorySink, MemoryResponseStore, SetClock } from '@keyward/testkit';
import { Metrics, UnavailableError, silentLogger } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { Deliveries } from './deliveries.js';

function sending() {
  const alert = anAlert({ severity: 'high' });
  const store = new MemoryResponseStore(undefined, new Map([[alert.uid, alert]]));
  const sink = new InMemorySink('siem');
  const clock = new SetClock();
  const deliveries = new Deliveries({
    store,
    sinks: [{ sink, minSeverity: 'low' }],
    publicUrl: undefined,
    clock,
    logger: silentLogger,
    metrics: new Metrics(),
    signal: new AbortController().signal,
  });
  return { alert, store, sink, clock, deliveries };
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
});
