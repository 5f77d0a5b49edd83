import {
  NewBacktest,
  type AlertSummary,
  type BacktestDetail,
  type BacktestResult,
  type BacktestSettings,
  type IdentityCard,
  type Severity,
} from '@keyward/contract';
import type { Random } from './random.js';

const DAY_MS = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();
const number = (name: string, value: number, more: object = {}) => ({
  ...{ kind: 'number' as const, name, value, default: value, minimum: 0, isMinimumExcluded: true, maximum: null, isWhole: false },
  ...more,
});

export const BACKTEST_SETTINGS: BacktestSettings = {
  detections: [
    { id: 'unusual_behaviour', title: 'Unusual behaviour', parameters: [number('alertsPerThousand', 5, { maximum: 1_000 })] },
    {
      id: 'impossible_travel',
      title: 'Impossible travel',
      parameters: [number('minDistanceKm', 500), number('minEvidenceNats', 1.7), number('lookBackHours', 48)],
    },
    {
      id: 'mfa_fatigue',
      title: 'MFA fatigue',
      parameters: [number('minRefusalsCount', 5, { isWhole: true }), number('windowMinutes', 60)],
    },
    {
      id: 'credential_without_checkout',
      title: 'Vaulted credential used without check-out',
      parameters: [number('lookBackHours', 8), { kind: 'list', name: 'vaultAddresses', value: ['192.0.2.10'], default: [] }],
    },
  ],
  sod: { functions: {}, rules: [], mitigations: [] },
  policy: { mode: 'approve', maxRevocationsPerHour: 5, protectedIdentities: ['break-glass-1'], rules: [] },
};

interface Known {
  readonly now: number;
  readonly people: readonly IdentityCard[];
  readonly alerts: readonly AlertSummary[];
  readonly backtests: BacktestDetail[];
}

/** One of every state, the newest first. */
export function makeBacktests(random: Random, { now, alerts, people }: Omit<Known, 'backtests'>): BacktestDetail[] {
  const make = (id: string, daysAgo: number, days: number, more: Partial<BacktestDetail>): BacktestDetail => ({
    ...{ id, state: 'done', author: 'mia', createdAt: iso(now - daysAgo * DAY_MS), updatedAt: iso(now - daysAgo * DAY_MS) },
    ...{ from: midnight(now - (daysAgo + days) * DAY_MS), to: midnight(now - daysAgo * DAY_MS) },
    ...{ change: { detections: { unusual_behaviour: { alertsPerThousand: 8 } } }, progress: null, error: null, result: null },
    ...more,
  });
  const done = make('backtest-done', 1, 28, {
    change: { detections: { unusual_behaviour: { alertsPerThousand: 8 }, impossible_travel: { minDistanceKm: 300 } } },
  });
  const long = make('backtest-long', 3, 90, { author: 'jonas', change: { detections: {}, policy: { mode: 'enforce' } } });
  return [
    make('backtest-failed', 2, 7, { state: 'failed', error: 'The store did not answer. Try again in a moment.' }),
    { ...done, result: resultOf(random, done, alerts, people) },
    { ...long, result: resultOf(random, long, alerts, people) },
    make('backtest-cancelled', 4, 7, { state: 'cancelled', author: 'jonas' }),
  ];
}
const midnight = (at: number): string => iso(Math.floor(at / DAY_MS) * DAY_MS);

/** Taken in, and then a step further each time somebody looks. */
export function askBacktest({ backtests }: Known, body: unknown, author: string): BacktestDetail {
  const { from, to, change } = NewBacktest.parse(body);
  const at = iso(Date.now());
  const asked: BacktestDetail = {
    ...{ id: `backtest-${backtests.length + 1}`, state: 'waiting', author, createdAt: at, updatedAt: at, from, to },
    ...{ change: { ...change }, progress: null, error: null, result: null },
  };
  backtests.unshift(asked);
  return asked;
}

const STEPS = 3;
export function lookAtBacktest({ backtests, people, alerts }: Known, id: string, random: Random): BacktestDetail | undefined {
  const found = backtests.find((one) => one.id === id);
  if (!found) return undefined;
  if (found.state === 'waiting') Object.assign(found, { state: 'running', progress: { phase: 'detections', done: 0, of: STEPS } });
  else if (found.state === 'running' && found.progress) {
    if (found.progress.done + 1 < STEPS) found.progress = { ...found.progress, done: found.progress.done + 1 };
    else Object.assign(found, { state: 'done', progress: null, result: resultOf(random, found, alerts, people) });
  }
  return found;
}

export function cancelBacktest({ backtests }: Known, id: string): BacktestDetail | undefined {
  const found = backtests.find((one) => one.id === id);
  if (found) Object.assign(found, { state: 'cancelled', progress: null });
  return found;
}

function resultOf(
  random: Random,
  { from, to }: Pick<BacktestDetail, 'from' | 'to'>,
  alerts: readonly AlertSummary[],
  people: readonly IdentityCard[],
): BacktestResult {
  const first = Date.parse(from);
  const days = Array.from({ length: Math.round((Date.parse(to) - first) / DAY_MS) }, (_, day) => {
    const current = random.int(0, 6);
    const changed = Math.max(0, current + random.int(-1, 3));
    return {
      ...{ day: iso(first + day * DAY_MS).slice(0, 10), current, changed },
      ...{ currentOnBehaviour: Math.min(current, 2), changedOnBehaviour: Math.min(changed, 4), currentBudget: 2.1, changedBudget: 3.4 },
    };
  });
  const sum = (of: 'current' | 'changed'): number => days.reduce((total, day) => total + day[of], 0);
  const differing = (some: readonly AlertSummary[], reason: string) =>
    some.map((alert, i) => ({
      ...{ uid: alert.uid, identity: alert.identity.id, displayName: alert.identity.displayName, title: alert.title },
      ...{ severity: alert.severity, score: alert.score, firstTime: alert.firstTime, lastTime: alert.lastTime },
      ...{ detections: [...alert.detections], sentence: alert.why, reasons: [reason] },
      label: i % 3 === 0 ? ('not_genuine' as const) : i % 3 === 1 ? ('genuine' as const) : null,
    }));
  const appeared = differing(alerts.slice(0, 26), 'p 0.00021 is at or below the day’s threshold of 0.00033; it was 0.00019.');
  const disappeared = differing(alerts.slice(30, 33), '412 km is less than minDistanceKm.');
  const side = (of: 'current' | 'changed', precision: BacktestResult['current']['precision']) => ({
    ...{ alerts: sum(of), onBehaviour: days.length, notifications: sum(of), identities: people.length / 2, alertsPerThousand: 5 },
    bySeverity: { informational: 0, low: 3, medium: sum(of) - 17, high: 11, critical: 3 } satisfies Record<Severity, number>,
    precision,
    revocations: { observed: 2 },
  });
  return {
    ...{ from, to, read: { events: 28_483, findings: 412 }, people: people.length, days },
    changes: [
      { what: 'unusual_behaviour.alertsPerThousand', from: '5', to: '8' },
      { what: 'impossible_travel.minDistanceKm', from: '500', to: '300' },
    ],
    current: side('current', { genuine: 12, notGenuine: 7, unlabelled: sum('current') - 19, share: 12 / 19, low: 0.41, high: 0.81 }),
    changed: side('changed', { genuine: 14, notGenuine: 16, unlabelled: sum('changed') - 30, share: 14 / 30, low: 0.3, high: 0.64 }),
    weeks: days
      .filter((_, index) => index % 7 === 0)
      .map((day, week) =>
        days.slice(week * 7 + 1, week * 7 + 7).reduce(
          (total, next) => ({
            ...total,
            ...{ current: total.current + next.current, changed: total.changed + next.changed },
            ...{ currentOnBehaviour: total.currentOnBehaviour + next.currentOnBehaviour },
            ...{ changedOnBehaviour: total.changedOnBehaviour + next.changedOnBehaviour },
            ...{ currentBudget: total.currentBudget + next.currentBudget, changedBudget: total.changedBudget + next.changedBudget },
          }),
          day,
        ),
      ),
    detections: [
      { id: 'unusual_behaviour', current: 41, changed: 63, appeared: 22, disappeared: 0 },
      { id: 'impossible_travel', current: 6, changed: 9, appeared: 4, disappeared: 3 },
      { id: 'mfa_fatigue', current: 4, changed: 4, appeared: 0, disappeared: 0 },
    ],
    identities: people.slice(0, 12).map(({ id, displayName }, i) => ({
      ...{ id, displayName, current: 4, changed: 4 + (i % 3), appeared: (i % 3) + (i === 0 ? 3 : 0), disappeared: i % 4 === 0 ? 1 : 0 },
    })),
    appeared,
    disappeared,
    altered: differing(alerts.slice(40, 44), 'A further finding belongs to it.').map((alert) => ({
      ...alert,
      before: { uid: alert.uid, severity: 'medium' as const, score: alert.score * 0.8, detections: ['unusual_behaviour'] },
    })),
    counts: { appeared: appeared.length, disappeared: disappeared.length, altered: 4, identities: 11 },
    revocations: {
      appeared: appeared.slice(0, 2).map(({ uid, identity, firstTime }, i) => ({
        ...{ alertUid: uid, identity, entitlement: 'entra:role:Global Administrator', rule: 'critical-on-privileged-role' },
        ...{ mode: 'approve' as const, state: i === 0 ? ('awaiting_approval' as const) : ('held' as const), before: null },
        ...{ guard: i === 0 ? null : 'protected identity', at: firstTime },
      })),
      disappeared: [],
    },
    fidelity: { stored: 412, repeated: 409, missing: 3, additional: 1 },
    notes: ['People, assets and tickets are as the organisation knows them now, not as they were then.'],
  };
}
