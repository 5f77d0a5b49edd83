import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseOrganisationFiles } from '@keyward/identity';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { afterAll, describe, expect, it } from 'vitest';
import { startThreads, type ReplayThread } from './threads.js';

const folder = mkdtempSync(join(tmpdir(), 'keyward-threads-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});
const setup = { organisation: parseOrganisationFiles([]).records, sod: EMPTY_SOD_POLICY, now: 0 };
const geo = { lookup: () => ({ asn: 64_500 }) };
const slice = { kind: 'text', line: 1, text: '' } as const;

/** Threads that run the given text instead of the replay's own. */
async function withThreads(program: string, use: (threads: readonly ReplayThread[]) => Promise<void>): Promise<void> {
  const file = join(folder, 'entry.mjs');
  writeFileSync(file, `import { parentPort } from 'node:worker_threads';\n${program}`);
  const threads = startThreads(2, setup, geo, pathToFileURL(file));
  try {
    await use(threads);
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

describe('a thread of the replay', () => {
  it('that fails ends the run with what it failed of, at once and ever after', () =>
    withThreads("parentPort.on('message', () => { throw new TypeError('a bug'); });", async ([thread]) => {
      thread?.post({ kind: 'read', source: 'okta', slices: [slice] });
      await expect(thread?.nextRead()).rejects.toMatchObject({ message: 'a thread of the replay failed', cause: { message: 'a bug' } });
      await expect(thread?.nextScored()).rejects.toThrow('a thread of the replay failed');
    }));
  it('that ends in the middle ends the run, too', () =>
    withThreads("parentPort.on('message', () => process.exit(0));", async ([, thread]) => {
      thread?.post({ kind: 'read', source: 'okta', slices: [slice] });
      await expect(thread?.nextRead()).rejects.toThrow('a thread of the replay ended with code 0');
    }));
  it('is told the places that it asks for, and what it reports comes in its order', () =>
    withThreads(
      `let source;
      parentPort.on('message', (task) => {
        if (task.kind === 'read') { source = task.source; parentPort.postMessage({ kind: 'where', addresses: ['198.51.100.7'] }); }
        else for (const [ip, { asn }] of task.places) for (const kept of [1, 2]) parentPort.postMessage({ kind: 'read', source, counts: { kept }, events: [ip, asn] });
      });`,
      async ([thread]) => {
        thread?.post({ kind: 'read', source: 'okta', slices: [slice] });
        expect(await thread?.nextRead()).toMatchObject({ source: 'okta', counts: { kept: 1 }, events: ['198.51.100.7', 64_500] });
        expect(await thread?.nextRead()).toMatchObject({ counts: { kept: 2 } });
      },
    ));
  it('may be this one, which reads by itself', async () => {
    const [thread, ...others] = startThreads(1, setup, geo);
    expect(others).toEqual([]);
    thread?.post({ kind: 'read', source: 'okta', slices: [{ kind: 'text', line: 1, text: '{"half' }] });
    expect(await thread?.nextRead()).toMatchObject({ counts: { records: 1, kept: 0, ignored: 0, rejected: 1 }, events: { heads: [] } });
  });
});
