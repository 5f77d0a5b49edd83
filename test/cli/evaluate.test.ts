import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
  });
});
