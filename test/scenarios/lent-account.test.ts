import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '@keyward/cli';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/**
 * Six weeks of a database administrator's account that a vault keeps and two people share: `db-admin@example.com` in Entra ID. Each working day one of
 * them checks it out and signs in until the vault changes its password; on the last day one of them uses it from abroad at night, then somebody who has
 * not checked it out.
 */
const LOGIN = 'db-admin@example.com';
const FIRST_MONDAY = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const OFFICE = { ip: '192.0.2.20', city: 'Berlin', country: 'DE', latitude: 52.52, longitude: 13.4 };
const ABROAD = { ip: '198.51.100.66', city: 'Sydney', country: 'AU', latitude: -33.87, longitude: 151.21 };

const vault = (time: number, code: number, user: string, more: object = {}): object => ({
  MessageID: String(code),
  IsoTimestamp: new Date(time).toISOString(),
  Desc: code === 295 ? 'Retrieve password' : 'CPM Change Password',
  Severity: 'Info',
  Issuer: user,
  Safe: 'Cloud-Admins',
  File: `Root\\Cloud Service-AzureAD-login.example.com-${LOGIN}`,
  Station: OFFICE.ip,
  CAProperties: { CAProperty: [{ Name: 'UserName', Value: LOGIN }] },
  ...more,
});
const SIGN_INS_A_DAY = 25;
let nextId = 0;
const signIn = (time: number, from = OFFICE, agent = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0'): object => {
  nextId += 1;
  return {
    id: `sign-in-${nextId}`,
    createdDateTime: new Date(time).toISOString(),
    userPrincipalName: LOGIN,
    userId: 'oid-db-admin',
    userDisplayName: 'Database administrator',
    appId: 'app-portal',
    appDisplayName: 'Portal',
    ipAddress: from.ip,
    clientAppUsed: 'Browser',
    userAgent: agent,
    isInteractive: true,
    status: { errorCode: 0 },
    location: { city: from.city, countryOrRegion: from.country, geoCoordinates: { latitude: from.latitude, longitude: from.longitude } },
  };
};

const workdays = Array.from({ length: 40 }, (_, day) => FIRST_MONDAY + day * DAY).filter((at) => new Date(at).getUTCDay() % 6 !== 0);
const usual = workdays.map((day, index) => ({ day, user: index % 2 === 0 ? 'anna.abel' : 'ben.berg' }));
const LAST = FIRST_MONDAY + 42 * DAY; // a Monday
const vaultRecords = [
  ...usual.flatMap(({ day, user }) => [vault(day + 9 * HOUR, 295, user), vault(day + 12 * HOUR, 24, 'PasswordManager')]),
  vault(LAST + 1 * HOUR, 295, 'ben.berg'),
  vault(LAST + 4 * HOUR, 24, 'PasswordManager'),
];
const signIns = [
  ...usual.flatMap(({ day }) => Array.from({ length: SIGN_INS_A_DAY }, (_, index) => signIn(day + (9.1 + index / 10) * HOUR))),
  signIn(LAST + 2 * HOUR, ABROAD, 'curl/8.5.0'),
  signIn(LAST + 2.5 * HOUR, ABROAD, 'curl/8.5.0'),
  signIn(LAST + 20 * HOUR, ABROAD, 'curl/8.5.0'),
];
const context = {
  identities: [
    { id: 'p-anna', displayName: 'Anna Abel', accounts: [{ system: 'cyberark', name: 'anna.abel' }] },
    { id: 'p-ben', displayName: 'Ben Berg', accounts: [{ system: 'cyberark', name: 'ben.berg' }] },
  ],
  assets: [{ id: 'a-cloud', criticality: 'critical', accounts: [{ name: LOGIN, vault: 'Cloud-Admins' }] }],
};

const folder = mkdtempSync(join(tmpdir(), 'keyward-lent-'));
const ndjson = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const lines = <T>(name: string): T[] =>
  readFileSync(join(folder, 'result', `${name}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

interface Line {
  readonly time: string;
  readonly identity: string;
  readonly source: string;
  readonly day: string;
  readonly score: number;
  readonly detection: string;
  readonly sentence: string;
  readonly detections: readonly string[];
  readonly explanation: readonly string[];
  readonly top: readonly string[];
}
const onLastDay = ({ time }: Line): boolean => Date.parse(time) >= LAST;
const instant = (hours: number): string => new Date(LAST + hours * HOUR).toISOString();
const UNHELD = `entra:${LOGIN}`;

beforeAll(async () => {
  mkdirSync(join(folder, 'context'));
  for (const [name, rows] of Object.entries(context)) writeFileSync(join(folder, 'context', `${name}.ndjson`), ndjson(rows));
  writeFileSync(join(folder, 'cyberark.ndjson'), ndjson(vaultRecords));
  writeFileSync(join(folder, 'entra.ndjson'), ndjson(signIns));
  const inputs = ['entra', 'cyberark'].flatMap((source) => ['--input', `${source}=${join(folder, `${source}.ndjson`)}`]);
  expect(await main(['node', 'keyward', 'replay', ...inputs, '--context', join(folder, 'context'), '--out', join(folder, 'result')])).toBe(
    0,
  );
}, 60_000);
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('an account that is checked out, in what keyward replay writes', () => {
  it('acts for whoever holds it, and for itself once its password has been changed', () => {
    const acts = lines<Line>('assessments').filter(({ source }) => source === 'entra');
    expect(
      acts
        .filter((_, index) => index % SIGN_INS_A_DAY === 0)
        .slice(0, 3)
        .map(({ identity }) => identity),
    ).toEqual(['p-anna', 'p-ben', 'p-anna']);
    expect(acts.filter(({ identity }) => identity === UNHELD)).toHaveLength(1);
    expect(acts.filter(onLastDay).map(({ time, identity }) => [time, identity])).toEqual([
      [instant(2), 'p-ben'],
      [instant(2.5), 'p-ben'],
      [instant(20), UNHELD],
    ]);
  });
  it('is usual where both use it from, whoever does, and unusual abroad', () => {
    const acts = lines<Line>('assessments').filter(({ source }) => source === 'entra');
    const usualScores = acts.slice(-13, -3).map(({ score }) => score);
    const [abroad] = acts.filter(onLastDay);
    expect(Math.max(...usualScores)).toBeLessThan(30);
    expect(abroad?.score).toBeGreaterThan(50);
  });
  it('has findings about the person, which say since when and how he held it', () => {
    const findings = lines<Line>('findings').filter(onLastDay);
    const [unusual] = findings.filter(({ detection }) => detection === 'unusual_behaviour');
    expect(unusual).toMatchObject({ identity: 'p-ben', observed: { account: LOGIN, heldBy: ['p-ben'] } });
    expect(unusual?.sentence).toMatch(new RegExp(`^As ${LOGIN}: [A-Z]`));
    expect(unusual?.explanation[0]).toBe(`${LOGIN}, held by Ben Berg (p-ben) since 2026-02-16 01:00 UTC (check-out).`);
    const unheld = findings.filter(({ detection }) => detection === 'credential_without_checkout');
    expect(unheld.map(({ time, identity }) => [time, identity])).toEqual([[instant(20), UNHELD]]);
  });
  it('raises the alert and the risk of the person, and of nobody else who used the account', () => {
    const alerts = lines<Line>('alerts').filter(onLastDay);
    const [first] = alerts.filter(({ identity }) => identity === 'p-ben');
    expect(first?.detections).toContain('unusual_behaviour');
    expect(first?.explanation.join(' ')).toContain(`${LOGIN}, held by Ben Berg (p-ben) since`);
    expect(alerts.map(({ identity }) => identity)).not.toContain('p-anna');
    const risk = lines<Line>('risk').filter(({ day }) => day === '2026-02-16');
    expect(risk.find(({ identity }) => identity === 'p-ben')?.score).toBeGreaterThan(60);
    expect(risk.map(({ identity }) => identity).toSorted()).toEqual(['cyberark:passwordmanager', UNHELD, 'p-ben'].toSorted());
  });
});
