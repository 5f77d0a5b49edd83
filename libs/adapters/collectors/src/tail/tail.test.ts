import { appendFileSync, chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutboundHttp } from '@keyward/outbound';
import { Metrics, UnavailableError, silentLogger } from '@keyward/runtime';
import { afterAll, describe, expect, it } from 'vitest';
import type { Intake } from '../collector.js';
import { tail } from './tail.collector.js';

const folder = mkdtempSync(join(tmpdir(), 'keyward-tail-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);
/** Whom no file belongs to. */
const NOBODY = 65_534;

class Bus implements Intake {
  readonly records: string[] = [];
  stored: string | undefined;
  fails = false;
  put(_: string, source: string, records: readonly string[], cursor?: string): Promise<void> {
    if (this.fails) return Promise.reject(new UnavailableError('collector.stopped', 'away'));
    this.records.push(...records.map((record) => `${source}: ${record}`));
    this.stored = cursor;
    return Promise.resolve();
  }
  cursor(): Promise<string | undefined> {
    return Promise.resolve(this.stored);
  }
}
const parts = { http: new OutboundHttp(), env: {} };

async function following(bus: Bus, settings: Readonly<Record<string, unknown>>, work: (metrics: Metrics) => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const metrics = new Metrics();
  const ended = tail
    .create('files', { source: 'linux', everyMs: 50, ...settings }, parts)
    .run({ intake: bus, logger: silentLogger, metrics, now: () => Date.now() }, stop.signal);
  await Promise.race([work(metrics), ended]);
  stop.abort();
  await ended;
}

describe('the collector of followed files', () => {
  it('brings lines to its source, and goes on at its cursor over a rotation and a restart', async () => {
    const bus = new Bus();
    const settings = { paths: [at('auth.log')] };
    writeFileSync(at('auth.log'), 'one\n');
    await following(bus, settings, () => expect.poll(() => bus.records).toEqual(['linux: one']));
    appendFileSync(at('auth.log'), 'two\n');
    renameSync(at('auth.log'), at('auth.log.1'));
    writeFileSync(at('auth.log'), 'three\n');
    await following(bus, settings, async (metrics) => {
      await expect.poll(() => bus.records.toSorted()).toEqual(['linux: one', 'linux: three', 'linux: two']);
      const text = await metrics.registry.metrics();
      expect(text).toContain('keyward_tail_rotations_total{collector="files",kind="renamed"} 1');
      await expect.poll(() => metrics.registry.metrics()).toContain('keyward_tail_behind_bytes{collector="files"} 0');
    });
  });

  it('reads again what the bus has not taken', async () => {
    const bus = new Bus();
    writeFileSync(at('lost.log'), 'one\n');
    bus.fails = true;
    await expect(following(bus, { paths: [at('lost.log')] }, () => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'collector.stopped',
    });
    bus.fails = false;
    await following(bus, { paths: [at('lost.log')] }, () => expect.poll(() => bus.records).toEqual(['linux: one']));
  });

  it('goes on with the others when one file can not be read', async () => {
    const bus = new Bus();
    writeFileSync(at('p1.log'), 'secret\n');
    chmodSync(at('p1.log'), 0);
    writeFileSync(at('p2.log'), 'open\n');
    chmodSync(at('.'), 0o755);
    // Root may read everything: then as somebody else.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      await following(bus, { paths: [at('p?.log')] }, () => expect.poll(() => bus.records).toEqual(['linux: open']));
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('refuses the cursor of another kind of collector that had its name', async () => {
    const bus = new Bus();
    bus.stored = '{"since":"2026-01-01T00:00:00Z"}';
    await expect(following(bus, { paths: [at('x.log')] }, () => new Promise(() => undefined))).rejects.toMatchObject({
      code: 'collector.foreign_cursor',
    });
  });

  it.each([
    ['a path that is not absolute', { source: 'linux', paths: ['auth.log'] }, 'settings.paths.0'],
    ['a pattern over folders', { source: 'linux', paths: ['/var/**/auth.log'] }, 'settings.paths.0'],
    ['no path', { source: 'linux', paths: [] }, 'settings.paths'],
    ['no source', { paths: ['/var/log/auth.log'] }, 'settings.source'],
  ])('never begins with settings that are wrong: %s', (_, settings, message) => {
    expect(() => tail.create('files', settings, parts)).toThrow(message);
  });
});
