import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutboundHttp } from '@keyward/outbound';
import { systemClock } from '@keyward/runtime';
import { alertSinkContract, anAlert, type SinkFixture } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { file } from './file.sink.js';

const never = new AbortController().signal;
const deps = { http: new OutboundHttp(), clock: systemClock, env: {}, productVersion: '0.1.0' };
const inFolder = async <T>(work: (folder: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyward-file-sink-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const fixture = async (): Promise<SinkFixture> => {
  const folder = await mkdtemp(join(tmpdir(), 'keyward-file-sink-'));
  const path = join(folder, 'alerts.ndjson');
  return {
    sink: file.create('local', { path }, deps),
    arrived: async () => {
      const text = await readFile(path, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .map((event) => ({ id: String(event['id']), event }));
    },
    secrets: [],
    troubles: {
      refused: () => rm(folder, { recursive: true }),
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
};
alertSinkContract('file', fixture, ['refused']);

describe('file sink', () => {
  it('writes whole lines, also many at once, readable by its owner only', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'alerts.ndjson');
      const sink = file.create('local', { path }, deps);
      await Promise.all(
        Array.from({ length: 50 }, (_, index) => sink.deliver({ id: `alert-${index}`, alert: anAlert({ explanation: ['a\nb'] }) }, never)),
      );
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      expect(new Set(lines.map((line) => (JSON.parse(line) as { id: string }).id)).size).toBe(50);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    });
  });

  it('gives up on a path that is a folder', async () => {
    await inFolder(async (folder) => {
      const sink = file.create('local', { path: folder }, deps);
      await expect(sink.deliver({ id: 'alert-1', alert: anAlert() }, never)).rejects.toMatchObject({
        code: 'sink_file.bad_path',
        disposition: 'reject',
      });
    });
  });

  it('is not made with settings that it does not know', () => {
    expect(() => file.create('local', { path: '/x', mode: 'w' }, deps)).toThrow(/local/);
  });
});
