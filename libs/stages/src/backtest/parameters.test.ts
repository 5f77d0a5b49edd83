import { DETECTIONS } from '@keyward/detections';
import { describe, expect, it } from 'vitest';
import { compileDetectionSettings } from '../detection-settings.js';
import { listParameters } from './parameters.js';

const named = (written: Readonly<Record<string, unknown>>, id: string, name: string) =>
  listParameters(written)
    .find((detection) => detection.id === id)
    ?.parameters.find((parameter) => parameter.name === name);

describe('what a change may touch', () => {
  it('is the alert budget and every parameter of every detection', () => {
    expect(listParameters({}).map(({ id }) => id)).toEqual(['unusual_behaviour', ...DETECTIONS.map(({ id }) => id)]);
    const all = listParameters({}).flatMap(({ id, parameters }) => parameters.map(({ name }) => `${id}.${name}`));
    expect(all).toEqual(expect.arrayContaining(['unusual_behaviour.alertsPerThousand', 'impossible_travel.minDistanceKm']));
  });
  it('says what is in force beside what is usual, and the bounds', () => {
    expect(named({ impossible_travel: { minDistanceKm: 300 } }, 'impossible_travel', 'minDistanceKm')).toEqual({
      ...{ kind: 'number', name: 'minDistanceKm', value: 300, default: 500 },
      ...{ minimum: 0, isMinimumExcluded: true, maximum: null, isWhole: false },
    });
    expect(named({}, 'unusual_behaviour', 'alertsPerThousand')).toMatchObject({ maximum: 1_000, isMinimumExcluded: true });
    expect(named({}, 'mfa_fatigue', 'minRefusalsCount')).toMatchObject({ isWhole: true, minimum: 0, maximum: null });
    expect(named({}, 'credential_without_checkout', 'vaultAddresses')).toEqual({
      ...{ kind: 'list', name: 'vaultAddresses', value: [], default: [] },
    });
  });
  it('can be written back as it stands: nothing differs', () => {
    const written = Object.fromEntries(
      listParameters({}).map(({ id, parameters }) => [id, Object.fromEntries(parameters.map(({ name, value }) => [name, value]))]),
    );
    expect(compileDetectionSettings(written).kind).toBe('settings');
  });
  it('shows defaults where what is written is refused', () => {
    expect(named({ impossible_travel: { minDistanceKm: 'far' } }, 'impossible_travel', 'minDistanceKm')).toMatchObject({ value: 500 });
  });
});
