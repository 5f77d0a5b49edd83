import { Metrics, UnavailableError, silentLogger } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { persist } from './persist.js';

const away = (): UnavailableError => new UnavailableError('store.unavailable', 'away');

function waiting() {
  const metrics = new Metrics();
  const stop = new AbortController();
  const deps = { logger: silentLogger, metrics, signal: stop.signal };
  const value = async (name: string): Promise<number | undefined> =>
    (await metrics.registry.getSingleMetric(name)?.get())?.values.find(({ labels }) => labels['stage'] === 'assess')?.value;
  return { deps, stop, waits: () => value('keyward_line_store_waiting'), retries: () => value('keyward_line_store_retries_total') };
}

describe('storing what has been computed', () => {
  it('says while it waits, counts each try again, and stops saying so when it is stored', async () => {
    const { deps, waits, retries } = waiting();
    let tries = 0;
    let seen: number | undefined;
    const stored = await persist(
      async () => {
        tries += 1;
        if (tries === 3) seen = await waits();
        if (tries < 4) throw away();
        return 'stored';
      },
      'assess',
      deps,
    );
    expect([stored, seen, await waits(), await retries()]).toEqual(['stored', 1, 0, 3]);
  });

  it('waits for nothing when the process stops', async () => {
    const { deps, stop, waits } = waiting();
    const storing = persist(() => Promise.reject(away()), 'assess', deps);
    await expect.poll(waits).toBe(1);
    stop.abort(new Error('stopping'));
    await expect(storing).rejects.toThrow('stopping');
    expect(await waits()).toBe(0);
  });

  it('does not try a bug again', async () => {
    const { deps, retries } = waiting();
    await expect(persist(() => Promise.reject(new TypeError('x')), 'assess', deps)).rejects.toThrow(TypeError);
    expect(await retries()).toBeUndefined();
  });
});
