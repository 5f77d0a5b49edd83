import { describe, expect, it } from 'vitest';
import { entitlementName, observedName, words } from './words.js';

describe('names of the contract', () => {
  it('are said as people say them', () => {
    expect(['sod_conflict', 'entra', 'A3_time_of_week', 'user_access', 'not_verified'].map(words)).toEqual([
      'SoD conflict',
      'Entra ID',
      'Time of week',
      'User access',
      'Not verified',
    ]);
  });
  it('split an entitlement into name and place, also with colons in the name', () => {
    expect(entitlementName('entra:role:Global Administrator')).toEqual({ name: 'Global Administrator', where: 'Entra ID role' });
    expect(entitlementName('vault:path:kv:prod:db')).toEqual({ name: 'kv:prod:db', where: 'Vault path' });
    expect(entitlementName('odd')).toEqual({ name: 'odd', where: '' });
  });
  it('name the unit of an observed value', () => {
    expect(['elapsedHours', 'distanceKm', 'speedKmh', 'refusedCount', 'fromCity'].map(observedName)).toEqual([
      'Elapsed (hours)',
      'Distance (km)',
      'Speed (km/h)',
      'Refused',
      'From city',
    ]);
  });
});
