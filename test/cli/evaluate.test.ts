import { createGeoLookup } from '@keyward/adapter-geo';
import { buildOrganisation } from '@keyward/identity';
import { sourceById } from '@keyward/sources';
import { eventEntries } from '@keyward/stages';
import { BehaviourLine } from '../../apps/cli/src/evaluate/behaviour-line.js';
import { eventsByTime, streamOfFile } from '../../apps/cli/src/evaluate/events-by-time.js';
import { resultLines } from '../../apps/cli/src/evaluate/result-lines.js';
import { readOrganisationFolder } from '../../apps/cli/src/organisation-folder.js';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { afterAll, describe, expect, it } from 'vitest';
import { keyward, temporaryFolder } from './keyward.js';

const folder = temporaryFolder('evaluate');
afterAll(() => {
  folder.remove();
});
const evaluate = (out: string, more: readonly string[]) =>
  keyward(['evaluate', '--resamples', '20', '--out', folder.file(out, 'page.md'), ...more]);
const page = (out: string): string => readFileSync(folder.file(out, 'page.md'), 'utf8');

describe('keyward evaluate', () => {
  it('writes a page with all rankings, parts and pictures, the same each time', async () => {
    const small = ['--people', '60', '--days', '12', '--seed', 'test'];
    const ran = await evaluate('first', [...small, '--keep', folder.file('kept')]);
    expect(ran).toMatchObject({ code: 0, stdout: '' });
    for (const text of [
      '| Keyward ',
      '| First-seen rule',
      '| Isolation forest',
      '| whole model, in a run of its own',
      '| without gating',
      '| without A1_network',
      '## Look-alikes',
      '## Calibration',
    ])
      expect(page('first')).toContain(text);
    expect(page('first')).not.toContain('NaN');
    for (const picture of ['precision-recall', 'recall', 'calibration'])
      expect(readFileSync(folder.file('first', 'images', `page-${picture}.svg`), 'utf8')).toMatch(/^<svg /);
    for (const kept of ['truth.ndjson', 'okta.ndjson', 'context', 'result']) expect(existsSync(folder.file('kept', kept))).toBe(true);
    await evaluate('second', small);
    expect(page('second')).toBe(page('first'));
  });
  it('runs its variants on the line as ASSESS runs it: unchanged, it gives the p of replay', async () => {
    const { organisation } = readOrganisationFolder(folder.file('kept', 'context'));
    const line = new BehaviourLine(organisation, { parameters: {} }, new Map());
    const known = buildOrganisation(organisation);
    const geo = createGeoLookup();
    const streams = ['okta', 'entra', 'cyberark'].flatMap((id) => {
      const source = sourceById(id);
      return source ? [streamOfFile(source, folder.file('kept', `${id}.ndjson`), Date.now())] : [];
    });
    const expected = new Map<string, number>();
    for await (const { eventId, p } of resultLines(
      folder.file('kept', 'result'),
      'assessments',
      z.object({ eventId: z.string(), p: z.number() }),
    ))
      expected.set(eventId, p);
    let other = 0;
    for await (const event of eventsByTime(streams)) {
      const entry = eventEntries(event, known, geo).find(({ primary }) => primary);
      if (entry?.part !== 'actor' || !entry.event.actor) continue;
      if (line.observe(entry.event, entry.key).assessment.p !== expected.get(event.uid)) other += 1;
    }
    expect(expected.size).toBeGreaterThan(4_000);
    // What a shared account does is learned apart: that alone the variants leave out.
    expect(other).toBeLessThan(expected.size / 50);
  });
  it('reads a public data set as it was published', async () => {
    mkdirSync(folder.file('schonlau'));
    const own = ['ls', 'cd', 'vi', 'make', 'cc'];
    const others = ['mail', 'lpr', 'netscape', 'tex', 'xdvi'];
    const blocks = (user: number, masked: number): string =>
      Array.from({ length: 60 * 100 }, (_, index) => {
        const words = (user === 1) !== (Math.floor(index / 100) === masked) ? own : others;
        return words[(index * 7 + user) % words.length] ?? 'ls';
      }).join('\n');
    writeFileSync(folder.file('schonlau', 'User1'), blocks(1, 55));
    writeFileSync(folder.file('schonlau', 'User2'), blocks(2, 58));
    const summary = Array.from({ length: 100 }, (_, row) => `${Number(row === 5)} ${Number(row === 8)}`).join('\n');
    writeFileSync(folder.file('schonlau', 'masquerade_summary.txt'), summary);
    const ran = await evaluate('history', ['--history', folder.file('schonlau')]);
    expect(ran.code).toBe(0);
    expect(page('history')).toContain('Schonlau masquerade commands');
    expect(page('history')).toMatch(/\| Naive Bayes on commands +\| 1\.000/);
  });
  it('says what it can not use', async () => {
    mkdirSync(folder.file('nothing'));
    const unknown = await evaluate('none', ['--history', folder.file('nothing')]);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('is none of the labelled histories');
    const wrong = await evaluate('none', ['--people', 'many']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--people takes a whole number');
    const storm = await evaluate('wrong', ['--people', '60', '--days', '12', '--drift', 'storm']);
    expect(storm.code).toBe(2);
    expect(storm.stderr).toContain('--drift takes vpn, reorg, outage, holiday or all, not storm');
  });
});
