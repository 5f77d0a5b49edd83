import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GuardedChild, freePort } from '@keyward/adapter-embedded';

const run = promisify(execFile);

const VERSION = '26.4.0';
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:2.8';
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** The server as it is after its build step; made once, like the broker's jars. */
const HOME = join(ROOT, '.keyward', 'keycloak', VERSION);
/** The build takes 20 s of a quiet machine, a start 12 s. */
const BUILD_TIMEOUT_MS = 400_000;
const START_TIMEOUT_MS = 240_000;

async function obstacle(): Promise<string | undefined> {
  const version = await run('java', ['-version']).then(
    ({ stderr }) => Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0),
    () => 0,
  );
  if (version < 17) return 'Java 17 or later is missing (Debian: apt-get install default-jre-headless maven)';
  if (existsSync(join(HOME, 'complete'))) return undefined;
  return run('mvn', ['--version']).then(
    () => undefined,
    () => 'Maven is missing, which fetches Keycloak (Debian: apt-get install maven)',
  );
}
const missing = await obstacle();

/** Whether a real Keycloak can run here. With KEYWARD_REQUIRE_REAL=1 its absence is a failure, not a skip. */
export function keycloakAvailable(): boolean {
  if (missing !== undefined && process.env['KEYWARD_REQUIRE_REAL'] === '1') throw new Error(missing);
  if (missing !== undefined) process.stderr.write(`skipped, since there is no Keycloak: ${missing}\n`);
  return missing === undefined;
}

/** Fetches Keycloak from Maven Central (160 MB), once, and does its build step, so that a start is short. */
async function fetchKeycloak(): Promise<void> {
  if (existsSync(join(HOME, 'complete'))) return;
  const partial = `${HOME}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  // In a folder of its own: Maven notes there what it has unpacked before.
  await inherit('mvn', ['-q', '-B', `${PLUGIN}:unpack`, `-Dartifact=org.keycloak:keycloak-quarkus-dist:${VERSION}:zip`, '-DoutputDirectory=unpacked'], partial); // prettier-ignore
  const unpacked = join(partial, 'unpacked', `keycloak-${VERSION}`);
  await run('bash', [join(unpacked, 'bin', 'kc.sh'), 'build', '--db=dev-mem'], { timeout: BUILD_TIMEOUT_MS });
  writeFileSync(join(unpacked, 'complete'), `${VERSION}\n`);
  rmSync(HOME, { recursive: true, force: true });
  renameSync(unpacked, HOME);
  rmSync(partial, { recursive: true, force: true });
}

function inherit(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${code ?? 'a signal'}`));
    });
  });
}

/** A realm as `POST /admin/realms` takes it. */
type Realm = Readonly<Record<string, unknown>> & { readonly realm: string };

/** A real Keycloak on loopback with an empty database in memory. */
export class KeycloakServer {
  readonly url: string;
  readonly adminPassword: string;
  readonly #child: GuardedChild;
  readonly #directory: string;

  private constructor(url: string, adminPassword: string, child: GuardedChild, directory: string) {
    this.url = url;
    this.adminPassword = adminPassword;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(): Promise<KeycloakServer> {
    await fetchKeycloak();
    const directory = mkdtempSync(join(tmpdir(), 'keyward-keycloak-'));
    const port = await freePort();
    const password = randomBytes(12).toString('hex');
    // As bin/kc.sh would, but without a shell in between, which would leave Java behind when it is killed.
    const opens = ['java.util', 'java.util.concurrent', 'java.security'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
    const properties = {
      'kc.home.dir': HOME,
      'jboss.server.config.dir': join(HOME, 'conf'),
      'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
      'java.util.concurrent.ForkJoinPool.common.threadFactory': 'io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
      'java.io.tmpdir': directory,
      'picocli.disable.closures': 'true',
    };
    const child = new GuardedChild({
      name: 'Keycloak',
      args: [
        ...['java', '-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', ...opens],
        ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
        ...['-cp', join(HOME, 'lib', 'quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint', 'start', '--optimized'],
        ...['--http-enabled=true', '--hostname-strict=false', '--cache=local', '--http-host=127.0.0.1', `--http-port=${port}`],
      ],
      logFile: join(directory, 'keycloak.log'),
      env: { KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
    });
    const url = `http://127.0.0.1:${port}`;
    await child.ready(async () => (await fetch(`${url}/realms/master`)).ok, START_TIMEOUT_MS);
    return new KeycloakServer(url, password, child, directory);
  }

  async createRealm(realm: Realm): Promise<void> {
    await this.admin('POST', '', realm);
  }

  /** A request below `/admin/realms`, as the server's administrator. @returns the answer's JSON, undefined where there is none */
  async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const token = await this.token('master', {
      client_id: 'admin-cli',
      grant_type: 'password',
      username: 'admin',
      password: this.adminPassword,
    });
    return this.call(method, `/admin/realms${path}`, token, body);
  }
  async call(method: string, path: string, token: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
  /** @throws Error when Keycloak refuses it */
  async token(realm: string, form: Readonly<Record<string, string>>): Promise<string> {
    const answer = await fetch(`${this.url}/realms/${realm}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    const said = (await answer.json()) as { access_token?: string; error?: string };
    if (said.access_token === undefined) throw new Error(`no token: ${answer.status} ${said.error ?? ''}`);
    return said.access_token;
  }

  /** Signs in as a browser does: the login page, then its form. @returns whether Keycloak let the user in */
  async signIn(
    realm: string,
    client: { readonly id: string; readonly redirectUri: string },
    user: string,
    password: string,
  ): Promise<boolean> {
    const query = new URLSearchParams({ client_id: client.id, redirect_uri: client.redirectUri, response_type: 'code', scope: 'openid' });
    const page = await fetch(`${this.url}/realms/${realm}/protocol/openid-connect/auth?${query.toString()}`, { redirect: 'manual' });
    const form = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&');
    if (form === undefined) throw new Error(`no login page: ${page.status}`);
    const cookie = page.headers
      .getSetCookie()
      .map((one) => one.split(';', 1)[0])
      .join('; ');
    const body = new URLSearchParams({ username: user, password, credentialId: '' });
    const answer = await fetch(form, { method: 'POST', body, headers: { cookie }, redirect: 'manual' });
    await answer.body?.cancel();
    return answer.status === 302 && (answer.headers.get('location') ?? '').startsWith(client.redirectUri);
  }

  /** Keycloak's own command line. */
  async kcadm(...args: readonly string[]): Promise<string> {
    const config = join(this.#directory, 'kcadm.config');
    const { stdout } = await run('bash', [join(HOME, 'bin', 'kcadm.sh'), ...args, '--config', config], { timeout: 120_000 });
    return stdout;
  }

  async stop(): Promise<void> {
    await this.#child.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
