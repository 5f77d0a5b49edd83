import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);
const SLAPD = '/usr/sbin/slapd';
const SCHEMAS = '/etc/ldap/schema';

export interface SlapdServer {
  /** `ldap://localhost:<port>`, which takes StartTLS. */
  readonly url: string;
  readonly secureUrl: string;
  readonly bindDn: string;
  readonly password: string;
  /** PEM of the authority that signed the server's certificate, which is for `localhost`. */
  readonly ca: string;
  stop(): Promise<void>;
}
export interface SlapdOptions {
  readonly base: string;
  /** What the directory holds, the base included; operational attributes too. */
  readonly ldif: string;
  /** Beside core, cosine, inetorgperson and nis. */
  readonly schemas?: readonly string[];
}

/** Whether a real server can be started here. With KEYWARD_REQUIRE_REAL=1 its absence is an error, not a skip. */
export function slapdAvailable(): boolean {
  const available = existsSync(SLAPD) && existsSync('/usr/bin/openssl');
  if (!available && process.env['KEYWARD_REQUIRE_REAL'] === '1') {
    throw new Error('OpenLDAP is required (KEYWARD_REQUIRE_REAL=1) and not installed: apt-get install slapd openssl');
  }
  return available;
}

/** A fresh OpenLDAP in a temporary folder, on free ports of the loopback address, with a certificate of its own authority. */
export async function startSlapd({ base, ldif, schemas = [] }: SlapdOptions): Promise<SlapdServer> {
  const folder = await mkdtemp(join(tmpdir(), 'keyward-slapd-'));
  const database = join(folder, 'db');
  await mkdir(database);
  await makeCertificates(folder);
  const bindDn = `cn=reader,${base}`;
  const password = 'only for this test';
  const config = join(folder, 'slapd.conf');
  await writeFile(
    config,
    [
      ...['core', 'cosine', 'inetorgperson', 'nis', ...schemas].map((name) => `include ${SCHEMAS}/${name}.schema`),
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'moduleload ppolicy',
      `pidfile ${folder}/pid`,
      `TLSCertificateFile ${folder}/server.pem`,
      `TLSCertificateKeyFile ${folder}/server.key`,
      'database mdb',
      `suffix "${base}"`,
      `rootdn "${bindDn}"`,
      `rootpw "${password}"`,
      `directory ${database}`,
      'maxsize 67108864',
      // As strict as a real one: more than this must be asked for page by page.
      'limits * size.soft=100 size.hard=100 size.prtotal=unlimited',
      'overlay ppolicy',
      '',
    ].join('\n'),
  );
  await writeFile(join(folder, 'data.ldif'), ldif);
  await run('/usr/sbin/slapadd', ['-f', config, '-s', '-l', join(folder, 'data.ldif')]);
  const [port, securePort] = [await freePort(), await freePort()];
  const server = spawn(SLAPD, ['-f', config, '-h', `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${securePort}`, '-d', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-4_000);
  });
  const exited = new Promise<void>((resolve) =>
    server.once('exit', () => {
      resolve();
    }),
  );
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(port, () => server.exitCode !== null);
  } catch (error) {
    await stop();
    throw new Error(`slapd did not start: ${log}`, { cause: error });
  }
  const ca = await readFile(join(folder, 'ca.pem'), 'utf8');
  return { url: `ldap://localhost:${port}`, secureUrl: `ldaps://localhost:${securePort}`, bindDn, password, ca, stop };
}

async function makeCertificates(folder: string): Promise<void> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, { cwd: folder });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...key, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-days', '2', '-subj', '/CN=Test authority');
  await openssl('req', ...key, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=localhost');
  await writeFile(file('names'), 'subjectAltName=DNS:localhost');
  await openssl(
    ...['x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'],
    ...['-out', file('server.pem'), '-days', '2', '-extfile', file('names')],
  );
}

async function ready(port: number, hasExited: () => boolean): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    if (await answers(port)) return;
    if (hasExited() || Date.now() > until) throw new Error('nobody listens');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
