import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GuardedChild, freePort } from './child.js';

export interface EmbeddedServer {
  /** Ends when the server does, wanted or not. */
  readonly ended: Promise<void>;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  /** As a crash would: no time to say goodbye. For tests. */
  kill(): Promise<void>;
}
export interface EmbeddedClickHouse extends EmbeddedServer {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface EmbeddedClickHouseOptions {
  /** Everything it keeps stands below: data, password, log. Made when missing; a second start finds the same data. */
  readonly directory: string;
  /** Default: any free one. */
  readonly port?: number;
  /** Default 2 GiB: enough for the demo organisation and for tests on a small machine. */
  readonly memoryBytes?: number;
}

const READY_TIMEOUT_MS = 60_000;

/**
 * Starts ClickHouse's own server as a child process, on loopback, with a generated password.
 *
 * @throws UnavailableError `embedded.did_not_start`: another one has the directory, the port is taken, the disk is full
 */
export async function startEmbeddedClickHouse(options: EmbeddedClickHouseOptions): Promise<EmbeddedClickHouse> {
  const data = join(options.directory, 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const port = options.port ?? (await freePort());
  const password = keptPassword(options.directory);
  const configFile = join(options.directory, 'config.xml');
  const usersFile = join(options.directory, 'users.xml');
  writeFileSync(
    configFile,
    configXml({ port, usersFile, directory: options.directory, memoryBytes: options.memoryBytes ?? 2 * 1024 ** 3 }),
    { mode: 0o600 },
  );
  writeFileSync(usersFile, usersXml(password), { mode: 0o600 });

  const child = new GuardedChild({
    name: 'ClickHouse',
    args: [process.execPath, fileURLToPath(new URL('../child/clickhouse.mjs', import.meta.url)), configFile, data],
    logFile: join(options.directory, 'console.log'),
  });
  const url = `http://127.0.0.1:${port}`;
  const headers = { authorization: `Basic ${Buffer.from(`keyward:${password}`).toString('base64')}` };
  await child.ready(async () => {
    const answer = await fetch(`${url}/?query=SELECT%201`, { headers, signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  }, READY_TIMEOUT_MS);

  return {
    url,
    username: 'keyward',
    password,
    pid: child.pid,
    ended: child.ended,
    // Its native main ignores SIGTERM; acknowledged inserts survive SIGKILL (measured), so nothing would be gained by waiting.
    stop: () => child.kill(),
    kill: () => child.kill(),
  };
}

function keptPassword(directory: string): string {
  const file = join(directory, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

function configXml(o: {
  readonly port: number;
  readonly usersFile: string;
  readonly directory: string;
  readonly memoryBytes: number;
}): string {
  return `<clickhouse>
  <logger><level>warning</level><log>${xml(join(o.directory, 'server.log'))}</log><errorlog>${xml(join(o.directory, 'error.log'))}</errorlog><size>20M</size><count>2</count></logger>
  <http_port>${o.port}</http_port>
  <listen_host>127.0.0.1</listen_host>
  <users_config>${xml(o.usersFile)}</users_config>
  <max_server_memory_usage>${o.memoryBytes}</max_server_memory_usage>
  <mark_cache_size>134217728</mark_cache_size>
  <max_concurrent_queries>200</max_concurrent_queries>
  <background_pool_size>2</background_pool_size>
  <merge_tree><number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation><number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge><number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition></merge_tree>
</clickhouse>
`;
}

/** The library's own session runs as `default`: it may do what keeps the listener alive, and sees no data. */
function usersXml(password: string): string {
  return `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
      <grants><query>GRANT SYSTEM LISTEN ON *.*</query><query>GRANT CREATE TEMPORARY TABLE ON *.*</query></grants>
    </default>
    <keyward>
      <password>${xml(password)}</password><networks><ip>127.0.0.1</ip></networks><profile>default</profile><quota>default</quota>
    </keyward>
  </users>
</clickhouse>
`;
}

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
