import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import type { Alert } from '@keyward/alerts';
import { main } from '@keyward/cli';
import { DAY_MS } from '@keyward/events';
import type { BacktestResult } from '@keyward/stages';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { START, makeHistory, storedAlerts, type History } from './history.js';

/** Rules that find more, rules that find less, and another budget. */
const CHANGE = {
  unusual_behaviour: { alertsPerThousand: 0.5 },
  access_after_grant_end: { graceMinutes: 600 },
  credential_without_checkout: { maxSessionHours: 600 },
  impossible_travel: { minDistanceKm: 20, minEvidenceNats: 0.1 },
  mfa_fatigue: { minRefusalsCount: 1 },
  password_spray_success: { minFailedAccounts: 1, minFailedPerSucceededRatio: 0.01 },
};

describe("a backtest of the demo's thirty days", () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyward-backtest-'));
  let server: EmbeddedClickHouse;
  let present: History;
  let changed: History;
  let before: ReadonlyMap<string, Alert>;
  let after: ReadonlyMap<string, Alert>;
  const histories: History[] = [];

  /** `keyward backtest` with the store of the present configuration. */
  async function backtest(...args: string[]): Promise<{ readonly code: number; readonly result: BacktestResult }> {
    const out = join(folder, 'result.json');
    const env = { ...process.env };
    Object.assign(process.env, present.env);
    try {
      const span = ['--from', new Date(START).toISOString().slice(0, 10), '--to', new Date(START + 30 * DAY_MS).toISOString().slice(0, 10)];
      const code = await main(['node', 'keyward', 'backtest', ...span, ...args, '--json', '--out', out]);
      return { code, result: JSON.parse(readFileSync(out, 'utf8')) as BacktestResult };
    } finally {
      process.env = env;
    }
  }

  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ directory: join(folder, 'clickhouse') });
    present = await makeHistory(server, folder);
    changed = await makeHistory(server, folder, CHANGE);
    histories.push(present, changed);
    [before, after] = [await storedAlerts(present), await storedAlerts(changed)];
  }, 600_000);
  afterAll(async () => {
    for (const { clickhouse } of histories) await clickhouse.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says of a changed configuration exactly what the line does with it', async () => {
    const file = join(folder, 'change.yaml');
    writeFileSync(file, `detections: ${JSON.stringify(CHANGE)}\n`);
    const { code, result } = await backtest('--config', file, '--exit-code');
    expect(code).toBe(1);
    expect(result.fidelity).toMatchObject({ missing: 0, additional: 0 });
    expect(result.fidelity.repeated).toBeGreaterThan(30);
    expect([result.current.alerts, result.changed.alerts]).toEqual([before.size, after.size]);
    // An alert that another finding now opens has another uid, and is the same alert.
    const reopened = result.altered.filter((alert) => alert.before.uid !== alert.uid);
    const appeared = [...result.appeared, ...reopened].map(({ uid }) => uid);
    const disappeared = [...result.disappeared.map(({ uid }) => uid), ...reopened.map((alert) => alert.before.uid)];
    expect(appeared.toSorted()).toEqual([...after.keys()].filter((uid) => !before.has(uid)).toSorted());
    expect(disappeared.toSorted()).toEqual([...before.keys()].filter((uid) => !after.has(uid)).toSorted());
    expect(result.counts.appeared).toBeGreaterThan(2);
    expect(result.counts.disappeared + result.counts.altered).toBeGreaterThan(0);
    for (const { uid, severity, score, detections, firstTime } of [...result.appeared, ...result.altered]) {
      const line = after.get(uid);
      expect({ severity, score, detections, firstTime }).toEqual({
        severity: line?.severity,
        score: line?.score,
        detections: line?.detections,
        firstTime: new Date(line?.firstTime ?? 0).toISOString(),
      });
    }
    const reasons = result.appeared.flatMap((alert) => alert.reasons);
    expect(
      reasons.filter((reason) => reason.startsWith('password_spray_success finds it only with minFailedAccounts 1')).length,
    ).toBeGreaterThan(3);
  });

  it('reads scores and no events for another budget, and says by how much the alarm moves', async () => {
    const { code, result } = await backtest('--budget', '0.5');
    expect(code).toBe(0);
    expect(result.changes).toEqual([{ what: 'unusual_behaviour.alertsPerThousand', from: '5', to: '0.5' }]);
    expect(result.read.events).toBe(0);
    expect(result.fidelity).toMatchObject({ missing: 0, additional: 0 });
    expect(result.current.alerts).toBe(before.size);
    expect(result.changed.onBehaviour).toBeLessThanOrEqual(result.current.onBehaviour);
    const altered = [...result.disappeared, ...result.altered];
    expect(altered.length).toBeGreaterThan(0);
    expect(altered[0]?.reasons[0]).toMatch(/^p \d.*; that day's alarm is at \d.*, and would be at \d/);
    expect(result.days).toHaveLength(30);
    expect(result.weeks.reduce((sum, week) => sum + week.current, 0)).toBe(before.size);
  });

  it('counts what people said, alert by alert', async () => {
    const alerts = [...before.values()];
    const judged = alerts
      .slice(0, 4)
      .map(({ uid }, index) => [uid, index === 0 ? 'resolved' : 'false_positive', 'anna', START + index] as const);
    await present.clickhouse.insert('alert_actions', ['alert_uid', 'status', 'author', 'at'], judged);
    const { result } = await backtest('--set', 'access_after_grant_end.graceMinutes=600');
    expect(result.current.precision).toMatchObject({ genuine: 1, notGenuine: 3, unlabelled: alerts.length - 4, share: 0.25 });
    // Alone it was an alert; beside other findings it is missing from theirs.
    const alone = result.disappeared.map(({ detections }) => detections);
    const beside = result.altered
      .filter(({ detections }) => !detections.includes('access_after_grant_end'))
      .map((alert) => alert.before.detections);
    expect([...alone, ...beside].filter((detections) => detections.includes('access_after_grant_end'))).toHaveLength(1);
  });

  it('says what another response policy would have taken, and takes nothing', async () => {
    const policy = join(folder, 'policy.yaml');
    writeFileSync(
      policy,
      `version: 1
rules:
  - id: contain
    when: { minSeverity: high }
    grants: { jitOnly: true }
    mode: enforce
connectors:
  - { id: vault, product: webhook, grants: ['*'], settings: { url: 'https://pam.example.com/revoke', secretEnv: PAM_SECRET } }
guardRails: { maxRevocationsPerHour: 1 }
`,
    );
    const { code, result } = await backtest('--policy', policy, '--exit-code');
    expect(code).toBe(0);
    expect(result.changes.map(({ what }) => what)).toEqual(['policy']);
    expect(result.changed.alerts).toBe(result.current.alerts);
    expect(result.changed.revocations['revoking']).toBeGreaterThan(0);
    expect(result.revocations.appeared.length).toBeGreaterThan(0);
    expect(result.revocations.appeared[0]).toMatchObject({ rule: 'contain', mode: 'enforce' });
    expect(await present.clickhouse.query(countOf('effects'), {})).toEqual([{ rows: 0 }]);
  });

  it('refuses a change that can not be used, naming what is wrong', async () => {
    const lines: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    const env = { ...process.env };
    Object.assign(process.env, present.env);
    try {
      const args = ['--set', 'impossible_travel.minDistance=700', '--set', 'no_such_rule.x=1', '--budget', 'much'];
      expect(await main(['node', 'keyward', 'backtest', ...args])).toBe(2);
      expect(await main(['node', 'keyward', 'backtest', '--budget', '5'])).toBe(2);
    } finally {
      write.mockRestore();
      process.env = env;
    }
    const said = lines.join('');
    expect(said).toContain('detections.impossible_travel: Unrecognized key: "minDistance"');
    expect(said).toContain('detections.no_such_rule: no such detection');
    expect(said).toContain('detections.unusual_behaviour.alertsPerThousand');
    expect(said).toContain('nothing differs from what is in force');
  });
});

const countOf = (table: string) => ({
  name: 'test',
  sql: `SELECT count() AS rows FROM ${table}`,
  params: z.object({}),
  row: z.object({ rows: z.number() }),
});
