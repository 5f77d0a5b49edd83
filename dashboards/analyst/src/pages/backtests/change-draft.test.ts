import { BacktestSettings, NewBacktest } from '@keyward/contract';
import { describe, expect, it } from 'vitest';
import { changeEntries, draftedChange, draftOf, NO_CHANGE } from './change-draft.js';
import { changedValueName } from './change-words.js';

const SETTINGS = BacktestSettings.parse({
  detections: [
    {
      id: 'unusual_behaviour',
      title: 'Unusual behaviour',
      parameters: [
        {
          ...{ kind: 'number', name: 'alertsPerThousand', value: 5, default: 5 },
          ...{ minimum: 0, isMinimumExcluded: true, maximum: 1000, isWhole: false },
        },
      ],
    },
    {
      id: 'mfa_fatigue',
      title: 'MFA fatigue',
      parameters: [
        {
          ...{ kind: 'number', name: 'minRefusalsCount', value: 5, default: 5 },
          ...{ minimum: 0, isMinimumExcluded: true, maximum: null, isWhole: true },
        },
        { kind: 'list', name: 'vaultAddresses', value: ['192.0.2.1'], default: [] },
      ],
    },
  ],
  sod: { rules: [] },
  policy: { mode: 'observe' },
});

describe('a drafted change', () => {
  it('holds only what differs from what is in force', () => {
    const values = { 'unusual_behaviour.alertsPerThousand': '5.0', 'mfa_fatigue.minRefusalsCount': ' 3 ' };
    const { change, differences, problems } = draftedChange({ values }, SETTINGS);
    expect(change).toEqual({ detections: { mfa_fatigue: { minRefusalsCount: 3 } } });
    expect(differences).toEqual([{ key: 'mfa_fatigue.minRefusalsCount', from: '5', to: '3' }]);
    expect(problems).toEqual({});
  });
  it('is nothing when nothing was typed, or the same again', () => {
    expect(draftedChange(NO_CHANGE, SETTINGS).differences).toEqual([]);
    expect(draftedChange({ values: {}, policy: '{ "mode": "observe" }' }, SETTINGS).differences).toEqual([]);
  });
  it('names field by field what can not be used', () => {
    const values = { 'unusual_behaviour.alertsPerThousand': '0', 'mfa_fatigue.minRefusalsCount': '2.5' };
    const { problems } = draftedChange({ values, sod: '{', policy: '[]' }, SETTINGS);
    expect(problems).toMatchObject({
      'unusual_behaviour.alertsPerThousand': 'More than 0.',
      'mfa_fatigue.minRefusalsCount': 'A whole number is needed.',
      policy: 'A JSON object is needed: { … }.',
    });
    expect(problems['sod']).toMatch(/^Not JSON/);
  });
  it.each([
    ['', 'A number is needed.'],
    ['a lot', 'A number is needed.'],
    ['1001', 'At most 1000.'],
  ])('refuses %j as a budget', (text, problem) => {
    const { problems } = draftedChange({ values: { 'unusual_behaviour.alertsPerThousand': text } }, SETTINGS);
    expect(problems['unusual_behaviour.alertsPerThousand']).toBe(problem);
  });
  it('reads a list with commas, and an empty one', () => {
    const read = (text: string): unknown => draftedChange({ values: { 'mfa_fatigue.vaultAddresses': text } }, SETTINGS).change.detections;
    expect(read('192.0.2.1, 192.0.2.2')).toEqual({ mfa_fatigue: { vaultAddresses: ['192.0.2.1', '192.0.2.2'] } });
    expect(read('')).toEqual({ mfa_fatigue: { vaultAddresses: [] } });
  });
  it('is what the API takes, and can be drafted again from what the API stored', () => {
    const draft = {
      values: { 'mfa_fatigue.minRefusalsCount': '3', 'mfa_fatigue.vaultAddresses': '192.0.2.9' },
      policy: '{"mode":"approve"}',
    };
    const { change } = draftedChange(draft, SETTINGS);
    const stored = NewBacktest.parse({ from: '2026-01-05T00:00:00Z', to: '2026-01-06T00:00:00Z', change }).change;
    expect(draftedChange(draftOf({ ...stored }), SETTINGS).change).toEqual(change);
    expect(changeEntries({ ...stored })).toEqual([
      ['mfa_fatigue.minRefusalsCount', '3'],
      ['mfa_fatigue.vaultAddresses', '192.0.2.9'],
      ['policy', 'another one'],
    ]);
  });
});

describe('the name of a changed value', () => {
  it('is in words, with its unit', () => {
    expect(changedValueName('impossible_travel.minDistanceKm')).toBe('Impossible travel: min distance (km)');
    expect(changedValueName('unusual_behaviour.alertsPerThousand')).toBe('Alert budget, per 1,000 people and day');
    expect(changedValueName('sod')).toBe('Duties (sod.json)');
  });
});
