import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertDifference, BacktestResult, SideResult } from '@keyward/stages';
import { afterAll, describe, expect, it } from 'vitest';
import { changeOf } from './change-arguments.js';
import { backtestMarkdown } from './report-text.js';

const folder = mkdtempSync(join(tmpdir(), 'keyward-change-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe('a change on the command line', () => {
  it('is the file, and what the options add to it', () => {
    const config = file('change.yaml', 'detections:\n  mfa_fatigue: { windowMinutes: 5, minRefusalsCount: 3 }\npolicy: { version: 1 }\n');
    expect(
      changeOf({ config, budget: '10', set: ['mfa_fatigue.windowMinutes=9', 'credential_without_checkout.vaultAddresses=["192.0.2.1"]'] }),
    ).toEqual({
      detections: {
        mfa_fatigue: { windowMinutes: 9, minRefusalsCount: 3 },
        credential_without_checkout: { vaultAddresses: ['192.0.2.1'] },
        unusual_behaviour: { alertsPerThousand: 10 },
      },
      policy: { version: 1 },
    });
    expect(changeOf({ config: file('change.json', '{"detections": {"mfa_fatigue": {"windowMinutes": 5}}, "threshold": 1}') })).toEqual({
      detections: { mfa_fatigue: { windowMinutes: 5 } },
      threshold: 1, // refused by the schema, by its name
    });
  });

  it.each([
    [{ set: ['minDistanceKm=700'] }, '--set takes <detection>.<parameter>=<value>'],
    [{ config: 'no-such-file.yaml' }, "no-such-file.yaml can't be read"],
    [{ config: file('list.yaml', '- a list') }, 'expected a mapping'],
    [{ config: file('scalar.yaml', 'detections: { mfa_fatigue: 5 }') }, 'detections.mfa_fatigue takes parameters'],
    [{ policy: file('policy.yaml', 'version: 1\nrules:\n  - id: contain\n    mode: shoot\n') }, 'line 4, rules.0.mode'],
    [{ sod: file('sod.json', '{"rules": [{"id": "r", "functions": ["a", "b"]}]}') }, 'names the function "a"'],
  ])('that can not be read is refused: %j', (args, said) => {
    expect(() => changeOf(args)).toThrow(said);
  });
});

const SIDE: SideResult = {
  ...{ alerts: 1, onBehaviour: 0, notifications: 1, identities: 1, alertsPerThousand: 5, revocations: { held: 2 } },
  bySeverity: { informational: 0, low: 0, medium: 0, high: 1, critical: 0 },
  precision: { genuine: 3, notGenuine: 1, unlabelled: 0, share: 0.75, low: 0.3006, high: 0.9544 },
};
const ALERT: AlertDifference = {
  ...{
    uid: 'u',
    identity: 'p-anna',
    displayName: 'Anna | Berg\u001b[31m',
    title: 'Impossible travel',
    severity: 'high',
    score: 74.9,
    label: 'genuine',
  },
  ...{ firstTime: '2026-01-05T09:00:00.000Z', lastTime: '2026-01-05T09:00:00.000Z', detections: ['impossible_travel'], sentence: '' },
  reasons: ['only with minDistanceKm 200'],
};
const RESULT: BacktestResult = {
  ...{ from: '2026-01-05T00:00:00.000Z', to: '2026-01-06T00:00:00.000Z', read: { events: 1_200, findings: 3 }, people: 70 },
  changes: [{ what: 'impossible_travel.minDistanceKm', from: '500', to: '200' }],
  current: { ...SIDE, alerts: 0 },
  changed: SIDE,
  days: [],
  weeks: [
    { day: '2026-01-05', current: 0, changed: 1, currentOnBehaviour: 0, changedOnBehaviour: 0, currentBudget: 0.35, changedBudget: 0.35 },
  ],
  detections: [{ id: 'impossible_travel', current: 0, changed: 1, appeared: 1, disappeared: 0 }],
  identities: [{ id: 'p-anna', displayName: 'Anna | Berg', current: 0, changed: 1, appeared: 1, disappeared: 0 }],
  appeared: [ALERT],
  disappeared: [],
  altered: [],
  counts: { appeared: 1, disappeared: 0, altered: 0, identities: 1 },
  revocations: { appeared: [], disappeared: [] },
  fidelity: { stored: 0, repeated: 0, missing: 0, additional: 0 },
  notes: ['A note.'],
};

describe('the report', () => {
  const text = backtestMarkdown(RESULT);
  it('says on its first screen what changes, by how much, and what people said', () => {
    expect(text).toContain('- impossible_travel.minDistanceKm: 500 -> 200');
    expect(text).toContain('1 alert appears and 0 disappear: 1 instead of 0, 1 person concerned. Read: 1,200 events, 3 findings.');
    expect(text).toContain('75 % (30 % to 95 %; 3 of 4)');
    expect(text).toContain('2 held');
  });
  it('lists alerts with why, leaves out what is empty, and lets no text of a vendor into the page', () => {
    expect(text).toContain(
      '- **high 75** Anna | Berg [31m, 2026-01-05 09:00 UTC, judged genuine: Impossible travel\n  - only with minDistanceKm 200',
    );
    expect(text).toContain('| Anna \\| Berg |');
    expect(text).not.toContain('## Disappear');
    expect(text).not.toContain('\u001b');
  });
  it('has tables whose columns line up', () => {
    const tables = text.split('\n\n').filter((block) => block.startsWith('|'));
    expect(tables.length).toBeGreaterThan(2);
    for (const table of tables) expect(new Set(table.split('\n').map((line) => line.length)).size).toBe(1);
  });
});
