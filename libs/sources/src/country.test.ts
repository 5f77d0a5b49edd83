import { describe, expect, it } from 'vitest';
import { countryCode } from './country.js';

describe('country of an Okta record', () => {
  it('is the code in use, never one that was withdrawn', () => {
    expect(countryCode('Germany')).toBe('DE');
    expect(countryCode('Vietnam')).toBe('VN');
    expect(countryCode('Myanmar (Burma)')).toBe('MM');
    expect(countryCode('France')).toBe('FR');
    expect(countryCode('Zimbabwe')).toBe('ZW');
  });
  it('keeps a code, and what it does not know, as written', () => {
    expect(countryCode('de')).toBe('DE');
    expect(countryCode('UK')).toBe('GB');
    expect(countryCode('Atlantis')).toBe('Atlantis');
  });
});
