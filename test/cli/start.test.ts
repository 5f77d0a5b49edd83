import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { makePeople } from '@keyward/fixtures';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { keyward, temporaryFolder } from './keyward.js';
import { RunningKeyward, kafkaAvailable, until, type Session } from './running-keyward.js';

const folder = temporaryFolder('start');
const disk = folder.file('small-disk');
mkdirSync(disk);
const hasDisk = process.getuid?.() === 0 && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk]).status === 0;
const running: RunningKeyward[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.end('SIGKILL');
});
afterAll(() => {
  if (hasDisk) spawnSync('umount', [disk]);
  folder.remove();
});
async function start(options: Parameters<typeof RunningKeyward.spawn>[0]): Promise<RunningKeyward> {
  const started = await RunningKeyward.spawn(options);
  running.push(started);
  return started;
}
/** Has ended by itself or by a signal that was looked at. */
async function end(one: RunningKeyward, signal: NodeJS.Signals): ReturnType<RunningKeyward['end']> {
  running.splice(running.indexOf(one), 1);
  return one.end(signal);
}
const totalOf = async (session: Session, list: string): Promise<number> =>
  (await session.get<{ items: readonly unknown[] }>(`/v1/${list}?limit=200`)).items.length;

/** Somebody whom the demo knows signs in now, as Okta writes it. @param uuid its own id */
function aSignIn(uuid: string): object {
  const [person] = makePeople();
  const actor = { id: person?.oktaId, type: 'User', alternateId: person?.upn, displayName: person?.displayName };
  return {
    uuid,
    published: new Date().toISOString(),
    eventType: 'user.session.start',
    version: '0',
    severity: 'INFO',
    displayMessage: 'User login to Okta',
    actor,
    client: {
      ipAddress: '192.0.2.44',
      userAgent: {
        rawUserAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
        os: 'Linux',
        browser: 'FIREFOX',
      },
    },
    outcome: { result: 'SUCCESS' },
    authenticationContext: { externalSessionId: `session-${uuid}` },
    securityContext: {},
    debugContext: { debugData: {} },
    target: [],
    transaction: { type: 'WEB', id: uuid, detail: {} },
    legacyEventType: 'core.user_auth.login_success',
    request: { ipChain: [] },
  };
}
/** Sends a record and waits for its row with a score. */
async function scores(session: Session, uuid: string): Promise<void> {
  await session.ingest('okta', [aSignIn(uuid)]);
  const [person] = makePeople();
  const from = new Date(Date.now() - 3_600_000).toISOString();
  await until(
    `the row of ${uuid}`,
    async () => {
      const { items } = await session.get<{ items: readonly { ip: string | null; score: number }[] }>(
        `/v1/events?account=${encodeURIComponent(person?.upn ?? '')}&ip=192.0.2.44&from=${from}&limit=50`,
      );
      seen.add(uuid);
      return items.length === seen.size;
    },
    30_000,
  );
}
const seen = new Set<string>();

describe('keyward start on the local Kafka', () => {
  const data = folder.file('kafka-data');
  let password = '';
  let alerts = 0;

  it.skipIf(!kafkaAvailable())(
    'comes up from nothing, shows the first login and the demo, refuses a second one, and stops in order (needs Java and Maven)',
    async () => {
      const first = await start({ data });
      await first.ready();
      expect(first.said).toContain(`Open     ${first.url}`);
      expect(first.said).toMatch(/Runs on {2}ClickHouse 26\.7, embedded; Apache Kafka 4\.3, local, at 127\.0\.0\.1:\d+/);
      expect(first.said).toMatch(/demo history: [\d,]+ vendor records through the line/);
      password = first.password ?? '';
      const session = await first.signIn(password);
      alerts = await totalOf(session, 'alerts');
      expect(alerts).toBeGreaterThan(0);
      await scores(session, 'kafka-1');

      const taken = await keyward(['start', '--data', folder.file('other')], { env: { KEYWARD_HTTP_PORT: String(first.port) } });
      expect(taken.code).toBe(2);
      expect(taken.stderr).toContain(
        `Port ${first.port} is in use by another program: stop that one, or choose another: KEYWARD_HTTP_PORT=`,
      );
      const second = await keyward(['start', '--data', data], { env: { KEYWARD_HTTP_PORT: '0' } });
      expect(second.code).toBe(2);
      expect(second.stderr).toContain(`Keyward is already running on ${data}`);
      expect(second.stderr).toContain(first.url);

      const doctor = await keyward(['doctor', '--data', data]);
      expect(doctor).toMatchObject({ code: 0 });
      expect(doctor.stdout).toContain('has all');

      // Guard and server for each of ClickHouse, Kafka and the worker.
      expect(first.children.length).toBeGreaterThanOrEqual(6);
      expect(await end(first, 'SIGINT')).toEqual({ code: 0, left: [] });
    },
  );

  it.skipIf(!kafkaAvailable())(
    'comes up again quickly with its data and without another login, and leaves nothing behind when killed (needs Java and Maven)',
    async () => {
      const began = performance.now();
      const again = await start({ data });
      await again.ready();
      // 7 s on an idle machine of two cores; other tests may be running beside.
      expect(performance.now() - began).toBeLessThan(45_000);
      expect(again.password).toBeUndefined();
      expect(again.said).not.toContain('demo history');
      const session = await again.signIn(password);
      expect(await totalOf(session, 'alerts')).toBeGreaterThanOrEqual(alerts);
      await scores(session, 'kafka-2');
      expect((await end(again, 'SIGKILL')).left).toEqual([]);
    },
  );

  it.skipIf(!kafkaAvailable())("carries on with what was learned when Kafka's data was wiped (needs Java and Maven)", async () => {
    rmSync(folder.file('kafka-data', 'kafka', 'data'), { recursive: true });
    const wiped = await start({ data });
    await wiped.ready();
    expect(wiped.said).toContain('another bus than before');
    await scores(await wiped.signIn(password), 'kafka-3');
    expect(await end(wiped, 'SIGTERM')).toEqual({ code: 0, left: [] });
  });
});

describe('keyward start without Java', () => {
  const data = folder.file('in-process-data');
  const bin = folder.file('bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, `${bin}/node`);
  const env = { PATH: bin };
  let password = '';

  it('says so, goes on with an in-process bus, and everything still works', async () => {
    const first = await start({ data, env });
    await first.ready();
    expect(first.said).toContain('Java is missing');
    expect(first.said).toContain('in-process bus');
    password = first.password ?? '';
    const session = await first.signIn(password);
    expect(await totalOf(session, 'alerts')).toBeGreaterThan(0);
    seen.clear();
    await scores(session, 'local-1');
    expect(await end(first, 'SIGINT')).toEqual({ code: 0, left: [] });
  });
  it('still scores new events after the next start, though its offsets are others', async () => {
    const again = await start({ data, env });
    await again.ready();
    expect(again.said).not.toContain('demo history');
    await scores(await again.signIn(password), 'local-2');
    expect(await end(again, 'SIGINT')).toEqual({ code: 0, left: [] });
  });
  it('stops in order when it is told to while it is still coming up', async () => {
    const early = await start({ data, env });
    await until('its first child', () => early.children.length > 0);
    expect(await end(early, 'SIGINT')).toEqual({ code: 0, left: [] });
  });
});

describe('keyward start where it can not', () => {
  it('names KEYWARD_HTTP_PORT when the port is taken by a program of somebody else', async () => {
    const other: Server = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      }),
    );
    const { code, stderr } = await keyward(['start', '--data', folder.file('taken')], { env: { KEYWARD_HTTP_PORT: String(port) } });
    other.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`KEYWARD_HTTP_PORT=${port + 1}`);
  });
  it('says so when its folder can not be written to', async () => {
    writeFileSync(folder.file('a-file'), '');
    const { code, stderr } = await keyward(['start', '--data', folder.file('a-file', 'data')], { env: { KEYWARD_HTTP_PORT: '0' } });
    expect(code).toBe(2);
    expect(stderr).toContain("can't be written to");
  });

  it.skipIf(!hasDisk)('says so when the disk is full (needs root and mount)', async () => {
    const { code, stderr } = await keyward(['start', '--data', disk], { env: { KEYWARD_HTTP_PORT: '0' } });
    expect(code).toBe(2);
    expect(stderr).toMatch(/The disk that holds .* is full \(\d+ MB free\): free at least 256 MB/);
  });
});
