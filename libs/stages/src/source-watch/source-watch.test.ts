import { Alert, toDetectionFinding } from '@keyward/alerts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@keyward/events';
import { ALERTS_TOPIC, Metrics, UnavailableError, silentLogger } from '@keyward/runtime';
import { RecordingPublisher, SetClock } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import type { SourceAlarm } from './source-alarm.js';
import { SourceWatch, type SourceCounts, type SourceHistory, type SourcePast } from './source-watch.js';

/** Monday 2026-02-02 0 h UTC. */
const MONDAY = Date.UTC(2026, 1, 2);
const NOTHING: SourceCounts = { records: 0, rejected: 0, lags: {} };
const GOOD: SourceCounts = { records: 600, rejected: 2, lags: { 4: 500, 12: 98 } };

/** A source that has spoken each minute for four weeks, with what the test says of the last hour. */
class Sources implements SourceHistory {
  lastArrival = MONDAY;
  recent = GOOD;
  firstArrival = MONDAY - 28 * DAY_MS;
  learned = 0;
  past(from: number, to: number): Promise<ReadonlyMap<string, SourcePast>> {
    this.learned += 1;
    const first = Math.max(from, this.firstArrival);
    const hours = Array.from({ length: Math.max(0, Math.floor((to - first) / HOUR_MS)) }, (_, index) => ({
      ...{ at: first + index * HOUR_MS, activeMinutes: 60 },
      ...GOOD,
    }));
    return Promise.resolve(new Map([['okta', { firstArrival: this.firstArrival, hours, gaps: [] }]]));
  }
  present() {
    return Promise.resolve(new Map([['okta', { ...this.recent, lastArrival: this.lastArrival }]]));
  }
}

function aWatch() {
  const clock = new SetClock(MONDAY);
  const history = new Sources();
  const publisher = new RecordingPublisher();
  const stored: SourceAlarm[] = [];
  const alerts: Alert[] = [];
  const metrics = new Metrics();
  let waiting = 0;
  const deps = {
    ...{ history, publisher, clock, metrics, logger: silentLogger },
    alarms: {
      open: () =>
        Promise.resolve(stored.filter((one) => one.version === 1 && !stored.some(({ uid, version }) => uid === one.uid && version === 2))),
      save: (alarm: SourceAlarm) => Promise.resolve(void stored.push(alarm)),
    },
    alerts: { upsertAlerts: (list: readonly Alert[]) => Promise.resolve(void alerts.push(...list)) },
    waiting: () => Promise.resolve(new Map([['okta', waiting]])),
  };
  const told = (): Alert[] => publisher.on(ALERTS_TOPIC).map((value) => Alert.parse(value));
  const watch = new SourceWatch(deps);
  /** Minutes go by, and each is looked at. */
  const pass = async (minutes: number, speaking: boolean, by: SourceWatch = watch): Promise<void> => {
    for (let i = 0; i < minutes; i += 1) {
      clock.at += MINUTE_MS;
      if (speaking) history.lastArrival = clock.at - 5_000;
      await by.check();
    }
  };
  return {
    watch,
    clock,
    history,
    publisher,
    stored,
    alerts,
    metrics,
    told,
    pass,
    deps,
    wait: (records: number) => void (waiting = records),
  };
}

describe('a source that falls silent', () => {
  it('is told once, however long it lasts, and again when it speaks', async () => {
    const { pass, told, stored, alerts, metrics } = aWatch();
    await pass(30, true);
    expect(told()).toEqual([]);
    await pass(180, false);
    expect(told()).toMatchObject([
      {
        ...{
          version: 1,
          title: 'Source okta has fallen silent',
          severity: 'high',
          identity: 'source:okta',
          sources: ['okta'],
          notify: true,
        },
        explanation: [
          expect.stringMatching(
            /^No record of okta has arrived since 2026-02-02 00:29 UTC\. .* in about 1\d different minutes .* in the 1[0-5] min/,
          ),
        ],
      },
    ]);
    expect(await metrics.registry.getSingleMetricAsString('keyward_source_alarms')).toContain('{source="okta",kind="silent"} 1');
    await pass(30, true);
    expect(told()).toHaveLength(2);
    expect(told()[1]).toMatchObject({ uid: told()[0]?.uid, version: 2, title: 'Source okta speaks again', isOver: true, notify: true });
    expect(stored.map(({ uid, version }) => [uid, version])).toEqual([1, 2].map((version) => [told()[0]?.uid, version]));
    expect(alerts).toEqual(told());
    await pass(60, false);
    expect(new Set(told().map(({ uid }) => uid)).size).toBe(2);
  });

  it('is not told while its records wait to be read: that silence is ours', async () => {
    const { pass, told, wait } = aWatch();
    await pass(5, true);
    wait(1_000);
    await pass(120, false);
    expect(told()).toEqual([]);
    wait(0);
    await pass(1, false);
    expect(told()).toHaveLength(1);
  });

  it('is not held against the time in which nobody listened', async () => {
    const { clock, deps, pass, told } = aWatch();
    clock.at += 8 * HOUR_MS;
    const restarted = new SourceWatch(deps);
    await pass(9, false, restarted);
    expect(told()).toEqual([]);
    await pass(10, false, restarted);
    expect(told()).toMatchObject([
      { firstTime: MONDAY, explanation: [expect.stringMatching(/since 2026-02-02 00:00 UTC.* in the 1\d min/)] },
    ]);
  });

  it('is told again with the same ids after a crash before it was noted', async () => {
    const { pass, told, publisher, deps, clock } = aWatch();
    await pass(1, true);
    publisher.failNext(new UnavailableError('bus.unavailable', 'away'));
    await expect(pass(60, false)).rejects.toThrow('away');
    const [one, two] = [new SourceWatch(deps), new SourceWatch(deps)];
    clock.at += 30 * MINUTE_MS;
    await one.check();
    await two.check();
    expect(told()).toHaveLength(1);
  });

  it('is no alarm in its first day', async () => {
    const { pass, told, history } = aWatch();
    history.firstArrival = MONDAY - 20 * HOUR_MS;
    await pass(10, true);
    await pass(120, false);
    expect(told()).toEqual([]);
  });

  it('is measured by the worker that watches, and by no other', async () => {
    const { pass, watch, metrics } = aWatch();
    const lag = (): Promise<string> => metrics.registry.getSingleMetricAsString('keyward_source_lag_seconds');
    await pass(1, true);
    expect(await lag()).toContain('{source="okta",quantile="0.95"} 8');
    watch.release();
    expect(await lag()).not.toContain('okta');
  });

  it('is learned once an hour', async () => {
    const { pass, history } = aWatch();
    await pass(119, true);
    expect(history.learned).toBe(2);
  });

  it('is an OCSF finding that is closed and resolved when it is over', async () => {
    const { pass, told } = aWatch();
    await pass(1, true);
    await pass(30, false);
    await pass(1, true);
    const [raised, over] = told().map((alert) => toDetectionFinding(alert, { productVersion: '1' }));
    expect(raised).toMatchObject({ activity_name: 'Create', status: 'New', finding_info: { attacks: [{ technique: { uid: 'T1562' } }] } });
    expect(over).toMatchObject({ activity_name: 'Close', status: 'Resolved', metadata: { correlation_uid: told()[0]?.uid } });
  });
});

describe('records that can not be read', () => {
  it('are told when their share is far above what is usual, and when it is half of that again', async () => {
    const { pass, told, history } = aWatch();
    history.recent = { ...GOOD, rejected: 11 };
    await pass(3, true);
    expect(told()).toEqual([]);
    history.recent = { ...GOOD, rejected: 60 };
    await pass(3, true);
    expect(told()).toMatchObject([{ title: "Records of source okta can't be read", severity: 'medium' }]);
    history.recent = { ...GOOD, rejected: 8 };
    await pass(3, true);
    expect(told()).toHaveLength(1);
    history.recent = { ...GOOD, rejected: 2 };
    await pass(3, true);
    expect(told()).toMatchObject([{ version: 1 }, { version: 2, isOver: true, title: 'Records of source okta can be read again' }]);
  });

  it('say nothing when there are only a few', async () => {
    const { pass, told, history } = aWatch();
    history.recent = { ...NOTHING, records: 10, rejected: 10 };
    await pass(3, true);
    expect(told()).toEqual([]);
  });
});

describe('records that come late', () => {
  it('are told when half of them take far longer than usual', async () => {
    const { pass, told, history } = aWatch();
    history.recent = { ...GOOD, lags: { 4: 200, 48: 300 } };
    await pass(3, true);
    expect(told()).toMatchObject([{ title: 'Records of source okta come late', severity: 'low' }]);
    expect(told()[0]?.explanation[0]).toContain('1 h 8 min or more after they happened; usual is at most 2 s');
  });
});
