import type { Finding } from '@keyward/detections';
import { DAY_MS, HOUR_MS, MINUTE_MS, SEVERITIES, severityId } from '@keyward/events';
import { MONDAY_9, aFinding } from '@keyward/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Alert } from './alert.js';
import { AlertLedger, MAX_EVIDENCE, MAX_LISTED_IDS, MAX_SEEN, initialAlertLedger } from './alert-ledger.js';
import { foldFindings, type IdentityContext } from './fold-findings.js';

const anna: IdentityContext = { displayName: 'Anna Berg', criticality: 1, privileged: false, kind: 'human' };
const fold = (findings: readonly Finding[], state = initialAlertLedger()) => foldFindings(state, findings, anna);
const newest = (alerts: readonly Alert[]) => [...new Map(alerts.map((alert) => [alert.uid, alert])).values()];
const at = (ms: number, fields: Partial<Finding> = {}) =>
  aFinding({ uid: `finding-${ms}-${fields.detection ?? ''}`, time: MONDAY_9 + ms, ...fields });

/** Findings of one identity over three days, in any order. */
const history = fc.uniqueArray(
  fc.record({
    uid: fc.nat({ max: 60 }).map((n) => `finding-${n}`),
    detection: fc.constantFrom('impossible_travel', 'mfa_fatigue', 'sod_conflict', 'behaviour'),
    time: fc.integer({ min: 0, max: 3 * 24 * 60 }).map((minutes) => MONDAY_9 + minutes * MINUTE_MS),
    p: fc.constantFrom(1e-6, 1e-4, 1e-3, 0.01),
    severity: fc.constantFrom(...SEVERITIES),
    kind: fc.constantFrom('rule' as const, 'behaviour' as const, 'sod' as const),
  }),
  { selector: ({ uid }) => uid, maxLength: 40 },
);

describe('findings to alerts', () => {
  it('makes one alert of one finding, which a receiver hears of', () => {
    const { alerts, risk } = fold([aFinding({ attack: ['T1078'], grantUids: ['grant-1'] })]);
    expect(alerts).toMatchObject([
      {
        version: 1,
        notify: true,
        title: 'Impossible travel: Anna Berg',
        severity: 'high',
        identity: 'p-anna',
        detections: ['impossible_travel'],
        grantUids: ['grant-1'],
        explanation: ['Signed in from Lisbon 20 minutes after Oslo.'],
      },
    ]);
    expect(alerts[0]?.score).toBeCloseTo(74.88, 2);
    expect(risk.risk).toBeCloseTo(74.88, 2);
    expect(Alert.parse(alerts[0])).toEqual(alerts[0]);
  });

  it('joins findings of one key within a day, and tells nobody again', () => {
    const { alerts } = fold([at(0), at(10 * HOUR_MS), at(23 * HOUR_MS)]);
    expect(newest(alerts)).toMatchObject([{ version: 3, notify: false, firstTime: MONDAY_9, lastTime: MONDAY_9 + 23 * HOUR_MS }]);
    expect(alerts.filter(({ notify }) => notify).length).toBe(1);
    expect(newest(alerts)[0]?.explanation[0]).toContain('Seen 3 times');
  });

  it('says in minutes when a thing was seen again: the day once, and both days when it went past midnight', () => {
    const sentence = (...hours: readonly number[]) => newest(fold(hours.map((hour) => at(hour * HOUR_MS))).alerts)[0]?.explanation[0];
    expect(sentence(0, 2)).toMatch(/ Seen 2 times, \d{4}-\d\d-\d\d 09:00 to 11:00 UTC\.$/);
    expect(sentence(0, 20)).toMatch(/ Seen 2 times, (\d{4}-\d\d-\d\d) 09:00 to (?!\1)\d{4}-\d\d-\d\d 05:00 UTC\.$/);
    expect(sentence(0, 0.001)).toMatch(/ Seen 2 times, \d{4}-\d\d-\d\d 09:00 UTC\.$/);
  });

  it('starts another alert when the day is over', () => {
    expect(newest(fold([at(0), at(DAY_MS)]).alerts).length).toBe(2);
  });

  it('joins different detections within an hour into one story, and keeps later ones apart', () => {
    const story = [
      at(0),
      at(50 * MINUTE_MS, { detection: 'mfa_fatigue', title: 'MFA fatigue' }),
      at(100 * MINUTE_MS, { detection: 'self_approval' }),
    ];
    const [alert, ...others] = newest(fold(story).alerts);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ detections: ['impossible_travel', 'mfa_fatigue', 'self_approval'], version: 3 });
    expect(newest(fold([at(0), at(61 * MINUTE_MS, { detection: 'mfa_fatigue' })]).alerts).length).toBe(2);
  });

  it('puts a late finding into the alert of its time', () => {
    const { alerts } = fold([at(0), at(5 * HOUR_MS, { detection: 'mfa_fatigue' }), at(30 * MINUTE_MS, { detection: 'self_approval' })]);
    expect(newest(alerts).map(({ detections }) => detections)).toEqual([['impossible_travel', 'self_approval'], ['mfa_fatigue']]);
  });

  it('keeps its uid and moves its beginning when a late finding came before', () => {
    const { alerts } = fold([at(0), at(-30 * MINUTE_MS)]);
    expect(newest(alerts)).toMatchObject([{ firstTime: MONDAY_9 - 30 * MINUTE_MS, version: 2 }]);
    expect(new Set(alerts.map(({ uid }) => uid)).size).toBe(1);
  });

  it('tells a receiver again when it grows more severe, and only then', () => {
    const { alerts } = fold([
      at(0, { severity: 'low', p: 0.01 }),
      at(1, { detection: 'a', severity: 'low', p: 0.01 }),
      at(2, { detection: 'b', severity: 'critical' }),
      at(3, { detection: 'c', severity: 'critical' }),
    ]);
    expect(alerts.filter(({ notify }) => notify).map(({ version, severity }) => [version, severity])).toEqual([
      [1, 'low'],
      [3, 'critical'],
    ]);
  });

  it('does not grow stronger by repeats of one thing', () => {
    const once = newest(fold([at(0)]).alerts)[0];
    const often = newest(fold(Array.from({ length: 50 }, (_, n) => at(n))).alerts)[0];
    expect(often?.score).toBe(once?.score);
    expect(often?.severity).toBe(once?.severity);
  });

  it('lifts many small findings by one level at most', () => {
    const many = Array.from({ length: 12 }, (_, n) => at(n, { detection: `d${n}`, severity: 'low' }));
    expect(newest(fold(many).alerts)).toMatchObject([{ severity: 'medium' }]);
  });

  it('keeps two identities with the same findings apart by uid', () => {
    const other = foldFindings(initialAlertLedger(), [aFinding({ identity: 'p-ben' })], { ...anna, displayName: 'Ben' });
    expect(other.alerts[0]?.uid).not.toBe(fold([aFinding()]).alerts[0]?.uid);
  });

  it('keeps two alerts apart that one key opens in the same instant, once the first has stopped growing', () => {
    const [one] = fold([at(0, { uid: 'finding-a' })]).alerts;
    const [other] = fold([at(0, { uid: 'finding-b' })]).alerts;
    expect(one?.uid).not.toBe(other?.uid);
  });

  it('says something even when a finding has no words', () => {
    expect(fold([aFinding({ sentence: ' ', explanation: ['', ' '] })]).alerts[0]?.explanation).toEqual(['Impossible travel.']);
  });

  it('takes names like __proto__ and constructor for plain names', () => {
    const { alerts } = fold([at(0, { dedupeKey: '__proto__' }), at(1, { dedupeKey: 'constructor' }), at(2, { dedupeKey: '__proto__' })]);
    expect(newest(alerts)).toMatchObject([{ version: 3 }]);
  });

  it('ignores a finding that it has seen', () => {
    const first = fold([aFinding()]);
    const again = fold([aFinding()], first.state);
    expect(again.alerts).toEqual([]);
    expect(again.state).toEqual(first.state);
  });

  it('gives the same state, versions and notifications however the findings are cut into batches and repeated', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), fc.boolean(), (items, cuts, throughJson) => {
        const findings = items.map(aFinding);
        const whole = fold(findings);
        let state = initialAlertLedger();
        const alerts: Alert[] = [];
        const bounds = [0, ...cuts.map((cut) => Math.min(cut, findings.length)).sort((a, b) => a - b), findings.length];
        for (let index = 1; index < bounds.length; index += 1) {
          // Each batch comes with the one before it once more, as after a crash.
          const batch = findings.slice(bounds[Math.max(0, index - 2)], bounds[index]);
          const folded = fold(batch, state);
          alerts.push(...folded.alerts);
          state = throughJson ? AlertLedger.parse(JSON.parse(JSON.stringify(folded.state))) : folded.state;
        }
        expect(state).toEqual(whole.state);
        const byVersion = new Map(alerts.map((alert) => [`${alert.uid}/${alert.version}`, alert]));
        for (const alert of whole.alerts) expect(byVersion.get(`${alert.uid}/${alert.version}`)).toEqual(alert);
        const told = (list: readonly Alert[]) => list.filter(({ notify }) => notify).map(({ uid, version }) => `${uid}/${version}`);
        expect(told(alerts)).toEqual(told(whole.alerts));
      }),
      { numRuns: 150 },
    );
  });

  it('always makes valid alerts whose severity a receiver knows', () => {
    fc.assert(
      fc.property(history, (items) => {
        const { alerts, state } = fold(items.map(aFinding));
        for (const alert of alerts) {
          expect(Alert.safeParse(alert).success).toBe(true);
          expect(alert.explanation.length).toBeGreaterThan(0);
          expect(alert.firstTime).toBeLessThanOrEqual(alert.lastTime);
        }
        for (const alert of newest(alerts)) {
          const told = alerts.filter(({ uid, notify }) => uid === alert.uid && notify);
          expect(Math.max(...told.map(({ severity }) => severityId(severity)))).toBeGreaterThanOrEqual(severityId(alert.severity));
        }
        expect(AlertLedger.safeParse(state).success).toBe(true);
      }),
    );
  });

  it('stays bounded under a flood', () => {
    const flood = Array.from({ length: 3_000 }, (_, n) =>
      at(n * 20_000, { uid: `flood-${n}`, dedupeKey: `key-${n % 40}`, detection: `d${n % 40}` }),
    );
    const { state, alerts } = fold(flood);
    expect(state.seen.length).toBe(MAX_SEEN);
    for (const group of state.groups) {
      expect(group.evidence.length).toBeLessThanOrEqual(MAX_EVIDENCE);
      expect(group.eventUids.length).toBeLessThanOrEqual(MAX_LISTED_IDS);
    }
    expect(JSON.stringify(state).length).toBeLessThan(400_000);
    expect(newest(alerts).length).toBeLessThan(10);
  });
});
