import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDemo } from '@keyward/fixtures';
import { main } from '@keyward/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** A Monday in winter: no clock changes in any of the demo's zones within thirty days. */
const START_DAY = '2026-01-05';
const EXPECTED = new URL('../../fixtures/expected-alerts.json', import.meta.url);

interface ExpectedAlert {
  readonly time: string;
  readonly identity: string;
  readonly severity: string;
  readonly detections: readonly string[];
}
interface AlertLine extends ExpectedAlert {
  readonly explanation: readonly string[];
  readonly eventIds: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), 'keyward-scenario-'));
const lines = (name: string): unknown[] =>
  readFileSync(join(folder, 'result', `${name}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("Example Bank's thirty days", () => {
  let alerts: AlertLine[] = [];

  beforeAll(async () => {
    expect(await main(['node', 'keyward', 'demo', '--out', folder, '--start', START_DAY])).toBe(0);
    const inputs = ['okta', 'entra', 'cyberark'].flatMap((source) => ['--input', `${source}=${join(folder, `${source}.ndjson`)}`]);
    expect(
      await main(['node', 'keyward', 'replay', ...inputs, '--context', join(folder, 'context'), '--out', join(folder, 'result')]),
    ).toBe(0);
    alerts = lines('alerts') as AlertLine[];
  }, 180_000);

  it('lead to exactly the expected alerts', () => {
    const found = alerts.map(({ time, identity, severity, detections }): ExpectedAlert => ({ time, identity, severity, detections }));
    if (process.env['KEYWARD_UPDATE_EXPECTED'] === '1') writeFileSync(EXPECTED, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(EXPECTED, 'utf8')));
  });

  it.each(makeDemo(Date.parse(`${START_DAY}T00:00:00Z`)).stories.map((story) => [story.id, story] as const))(
    'raise every detection of the story %s',
    (_, story) => {
      const found = alerts.filter(({ identity }) => identity === story.identity).flatMap(({ detections }) => detections);
      expect(found).toEqual(expect.arrayContaining([...story.detections]));
    },
  );

  it('raise no rule for anybody who is in no story', () => {
    const attacked = new Set(makeDemo(Date.parse(`${START_DAY}T00:00:00Z`)).stories.map(({ identity }) => identity));
    const others = alerts.filter(
      ({ identity, detections }) => !attacked.has(identity) && detections.some((id) => id !== 'unusual_behaviour'),
    );
    expect(others).toEqual([]);
  });

  it('rank the attacked above everybody else on the day of the attack', () => {
    const risk = lines('risk') as { day: string; identity: string; score: number }[];
    for (const story of makeDemo(Date.parse(`${START_DAY}T00:00:00Z`)).stories) {
      const day = new Date(story.records.at(-1)?.time ?? 0).toISOString().slice(0, 10);
      const ranked = risk.filter((row) => row.day === day).sort((a, b) => b.score - a.score);
      expect(
        ranked.findIndex(({ identity }) => identity === story.identity),
        `${story.id} on ${day}`,
      ).toBeLessThan(2);
    }
  });

  it('explain every alert in sentences', () => {
    for (const alert of alerts) {
      expect(alert.explanation.length).toBeGreaterThan(0);
      expect(alert.eventIds.length).toBeGreaterThan(0);
      for (const sentence of alert.explanation) expect(sentence).toMatch(/^["A-Za-z0-9].*\.$/s);
    }
  });

  it('are all read: nothing of what the demo writes is rejected', () => {
    const summary = JSON.parse(readFileSync(join(folder, 'result', 'summary.json'), 'utf8')) as {
      sources: Record<string, { rejected: number; ignored: number }>;
    };
    for (const counts of Object.values(summary.sources)) expect(counts).toMatchObject({ rejected: 0, ignored: 0 });
  });
});
