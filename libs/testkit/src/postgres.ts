import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.js';

const run = promisify(execFile);
const DEBIAN_ROOT = '/usr/lib/postgresql';

export interface PostgresServer {
  /** Connection string of the superuser `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Connection string of another role. */
  urlFor(user: string, password?: string): string;
  stop(): Promise<void>;
}

/** The newest PostgreSQL of Debian's packages, or undefined. */
function binaries(): string | undefined {
  if (!existsSync(DEBIAN_ROOT)) return undefined;
  const versions = readdirSync(DEBIAN_ROOT).filter((name) => existsSync(join(DEBIAN_ROOT, name, 'bin', 'initdb')));
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(DEBIAN_ROOT, newest, 'bin');
}

/** Whether a real server can be started here. With KEYWARD_REQUIRE_REAL=1 its absence is an error, not a skip. */
export function postgresAvailable(): boolean {
  const available = binaries() !== undefined;
  if (!available && process.env['KEYWARD_REQUIRE_REAL'] === '1') {
    throw new Error('PostgreSQL is required (KEYWARD_REQUIRE_REAL=1) and not installed: apt-get install postgresql');
  }
  return available;
}

/** A fresh server in a temporary folder, on a free port of the loopback address; trusts local connections. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries();
  if (bin === undefined) throw new Error('PostgreSQL is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'keyward-postgres-'));
  const data = join(folder, 'data');
  const owner = await ownerOf();
  await chmod(folder, 0o700);
  if (owner) await chown(folder, owner.uid, owner.gid);
  const as = owner ? { uid: owner.uid, gid: owner.gid } : {};
  const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', HOME: folder };
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8'], {
    ...as,
    env,
    cwd: folder,
  });
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    max_connections: 40,
    shared_buffers: '16MB',
  };
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...as, env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  const exited = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  const urlFor = (user: string, password?: string): string =>
    `postgres://${encodeURIComponent(user)}${password === undefined ? '' : `:${encodeURIComponent(password)}`}@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    server.kill('SIGINT'); // fast shutdown: ends sessions, then itself
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(
      urlFor('postgres'),
      () => server.exitCode !== null,
      () => log,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: urlFor('postgres'), port, urlFor, stop };
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`. */
async function ownerOf(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const { stdout } = await run('getent', ['passwd', 'postgres']);
  const [, , uid, gid] = stdout.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function ready(url: string, hasExited: () => boolean, log: () => string): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (hasExited() || Date.now() > until) throw new Error(`PostgreSQL did not start: ${log()}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
