import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startEmbeddedClickHouse, startEmbeddedKafka, type EmbeddedClickHouse } from '../src/index.js';

const directory = mkdtempSync(join(tmpdir(), 'keyward-embedded-'));
const libDirectory = resolve('.keyward/kafka/lib');
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function query(server: EmbeddedClickHouse, sql: string): Promise<string> {
  const authorization = `Basic ${Buffer.from(`${server.username}:${server.password}`).toString('base64')}`;
  const answer = await fetch(server.url, { method: 'POST', body: sql, headers: { authorization } });
  return (await answer.text()).trim();
}

describe('embedded ClickHouse', () => {
  it('keeps what was acknowledged over a crash, and the password over a restart', async () => {
    const first = await startEmbeddedClickHouse({ directory: join(directory, 'ch') });
    await query(first, 'CREATE DATABASE kept');
    await query(first, 'CREATE TABLE kept.t (a UInt64) ENGINE = MergeTree ORDER BY a');
    await query(first, 'INSERT INTO kept.t SELECT number FROM numbers(1000)');
    await first.kill();
    const second = await startEmbeddedClickHouse({ directory: join(directory, 'ch') });
    expect(await query(second, 'SELECT count() FROM kept.t FORMAT TSV')).toBe('1000');
    expect(second.password).toBe(first.password);
    await second.stop();
  });

  it('refuses whoever has no password', async () => {
    const server = await startEmbeddedClickHouse({ directory: join(directory, 'locked') });
    await query(server, 'CREATE DATABASE private');
    await query(server, 'CREATE TABLE private.t (a UInt64) ENGINE = MergeTree ORDER BY a');
    const answer = await fetch(`${server.url}/?query=SELECT%20a%20FROM%20private.t`);
    expect(await answer.text()).toContain('Not enough privileges');
    await server.stop();
  });

  it('says in a sentence that another one has the directory', async () => {
    const server = await startEmbeddedClickHouse({ directory: join(directory, 'twice') });
    await expect(startEmbeddedClickHouse({ directory: join(directory, 'twice') })).rejects.toThrow(/Another Keyward is already running/);
    await server.stop();
  });
});

describe('embedded Kafka', () => {
  it('is up, stops when asked, and starts again on the same data', async () => {
    for (let round = 0; round < 2; round += 1) {
      const broker = await startEmbeddedKafka({ directory: join(directory, 'kafka'), libDirectory });
      const [host = '', port = ''] = broker.brokers[0]!.split(':');
      await new Promise<void>((resolvePromise, reject) => {
        const socket = connect({ host, port: Number(port) }, () => {
          socket.destroy();
          resolvePromise();
        }).once('error', reject);
      });
      await broker.stop();
      expect(broker.pid).toBeGreaterThan(0);
    }
  });
});
