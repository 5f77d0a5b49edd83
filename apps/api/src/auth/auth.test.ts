import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csrfTokenMatches, csrfTokenOf } from './csrf.js';
import { FAILURE_WINDOW_MS, loginDelayMs } from './login-delay.js';
import { Passwords, requireGoodPassword } from './passwords.js';
import { hintOf, newApiToken, newPassword, newSessionSecret } from './secrets.js';

const NONE = { ofPair: 0, lastOfPair: 0, ofAddress: 0, lastOfAddress: 0, ofUser: 0, lastOfUser: 0 };
const NOW = Date.UTC(2026, 0, 5);

describe('the brake of the login', () => {
  it('lets people mistype four times', () => {
    expect(loginDelayMs({ ...NONE, ofPair: 4, lastOfPair: NOW, ofAddress: 4, lastOfAddress: NOW }, false, NOW)).toBe(0);
  });
  it('doubles from a second to five minutes', () => {
    const delays = [5, 6, 7, 20].map((ofPair) => loginDelayMs({ ...NONE, ofPair, lastOfPair: NOW }, false, NOW));
    expect(delays).toEqual([1_000, 2_000, 4_000, 300_000]);
  });
  it('never keeps the owner out at his own address, whatever strangers do', () => {
    const attacked = { ...NONE, ofUser: 1_000_000, lastOfUser: NOW };
    expect(loginDelayMs(attacked, true, NOW)).toBe(0);
    expect(loginDelayMs(attacked, false, NOW)).toBe(30_000);
  });
  it('never lasts longer than the failures are remembered', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), fc.boolean(), (ofPair, ofAddress, ofUser, known) => {
        const failures = { ofPair, ofAddress, ofUser, lastOfPair: NOW, lastOfAddress: NOW, lastOfUser: NOW };
        const delay = loginDelayMs(failures, known, NOW);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThan(FAILURE_WINDOW_MS);
      }),
    );
  });
});

describe('passwords', () => {
  it('are argon2id hashes with a salt of their own', async () => {
    const passwords = new Passwords();
    const [one, two] = await Promise.all([passwords.hash('a long enough sentence'), passwords.hash('a long enough sentence')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.matches(one, 'a long enough sentence')).toBe(true);
    expect(await passwords.matches(one, 'a long enough sentencE')).toBe(false);
    expect(await passwords.matches(undefined, 'nobody has this password')).toBe(false);
  });
  it.each(['short', 'aaaaaaaaaaaaaaaa', 'anna.example-2026', 'Password12345678'])('refuse %s', (password) => {
    expect(() => {
      requireGoodPassword(password, 'anna.example');
    }).toThrow();
  });
  it('that are made here are good ones, and differ', () => {
    const made = Array.from({ length: 50 }, newPassword);
    expect(new Set(made).size).toBe(50);
    for (const password of made) {
      expect(() => {
        requireGoodPassword(password, 'admin');
      }).not.toThrow();
    }
  });
});

describe('secrets', () => {
  it('have 256 bits, and a hint that gives four characters away', () => {
    const token = newApiToken();
    expect(Buffer.from(token.slice(3), 'base64url')).toHaveLength(32);
    expect(hintOf(token)).toBe(token.slice(0, 7));
  });
  it('make CSRF tokens that fit their own session only', () => {
    const [mine, other] = [newSessionSecret(), newSessionSecret()];
    expect(csrfTokenMatches(csrfTokenOf(mine), mine)).toBe(true);
    expect(csrfTokenMatches(csrfTokenOf(other), mine)).toBe(false);
    expect(csrfTokenMatches('', mine)).toBe(false);
    expect(csrfTokenOf(mine)).not.toContain(mine);
  });
});
