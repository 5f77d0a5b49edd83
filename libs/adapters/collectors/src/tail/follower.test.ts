import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@keyward/runtime';
import { sourceById } from '@keyward/sources';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Follower, type FollowerOptions } from './follower.js';
import type { StoredPosition } from './position.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-tail-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});
const at = (name: string): string => join(folder, name);

/** Follows with a clock of its own; what it put and its cursor outlive it, as they do in the bus. */
class Run {
  readonly records: string[] = [];
  readonly rotations: string[] = [];
  stored: readonly StoredPosition[] | undefined;
  now = 1_000_000;
  #follower: Follower | undefined;
  readonly #options: Partial<FollowerOptions>;
  constructor(options: Partial<FollowerOptions> = {}) {
    this.#options = options;
  }
  /** One round. @param stopsBefore a kill before what was read was put */
  async round(stopsBefore = false): Promise<void> {
    this.now += 1_000;
    this.#follower ??= new Follower(
      {
        ...{ paths: [at('*.log')], begin: 'beginning', source: {}, maxRecordBytes: 4_096, quietMs: 2_000, logger: silentLogger },
        onRotation: (kind) => this.rotations.push(kind),
        onUnreadable: (path, error) => {
          throw new Error(path, { cause: error });
        },
        ...this.#options,
      },
      this.stored,
    );
    await this.#follower.look(this.now);
    for (;;) {
      const chunk = await this.#follower.next(this.now);
      if (!chunk) return;
      if (stopsBefore) return this.restart();
      this.records.push(...chunk.records);
      this.stored = JSON.parse(JSON.stringify(chunk.stored)) as readonly StoredPosition[];
      chunk.commit();
    }
  }
  /** A process that dies does nothing more. */
  async restart(): Promise<void> {
    await this.#follower?.close();
    this.#follower = undefined;
  }
  async rounds(count: number): Promise<void> {
    for (let times = 0; times < count; times += 1) await this.round();
    await this.restart();
  }
}

describe('a followed file', () => {
  it('gives each line once, as the file grows, and waits for the end of a line', async () => {
    const run = new Run();
    await run.round();
    writeFileSync(at('a.log'), 'one\ntw');
    await run.round();
    expect(run.records).toEqual(['one']);
    appendFileSync(at('a.log'), 'o\nthree\r\n\n');
    await run.round();
    expect(run.records).toEqual(['one', 'two', 'three']);
    await run.rounds(1);
  });

  it('goes on where the last run ended', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\ntwo\n');
    await run.rounds(2);
    appendFileSync(at('a.log'), 'three\n');
    await run.rounds(2);
    expect(run.records).toEqual(['one', 'two', 'three']);
  });

  it('is read to its end when it was renamed, and the new one from its beginning', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\n');
    await run.round();
    appendFileSync(at('a.log'), 'two\n');
    renameSync(at('a.log'), at('a.log.1'));
    writeFileSync(at('a.log'), 'three\n');
    await run.round();
    appendFileSync(at('a.log.1'), 'late\nwithout end');
    await run.rounds(15);
    expect(run.records.toSorted()).toEqual(['late', 'one', 'three', 'two', 'without end']);
    expect(run.rotations).toEqual(['renamed']);
    await run.rounds(5);
    expect(run.records).toHaveLength(5);
  });

  it('is read to its end though it was renamed and deleted between two looks', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\n');
    await run.round();
    appendFileSync(at('a.log'), 'two\n');
    unlinkSync(at('a.log'));
    writeFileSync(at('a.log'), 'three\n');
    await run.rounds(15);
    expect(run.records.toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('is found again under its new name when it was renamed while nobody followed', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\n');
    await run.rounds(1);
    appendFileSync(at('a.log'), 'two\n');
    renameSync(at('a.log'), at('a.log.1'));
    writeFileSync(at('a.log'), 'three\n');
    await run.rounds(15);
    expect(run.records.toSorted()).toEqual(['one', 'three', 'two']);
  });

  it.each(['followed', 'not followed'])('is read on in its copy when it was copied and cut off while it was %s', async (how) => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\n');
    await run.round();
    if (how === 'not followed') await run.restart();
    appendFileSync(at('a.log'), 'two\n');
    copyFileSync(at('a.log'), at('a.log.1'));
    truncateSync(at('a.log'));
    appendFileSync(at('a.log'), 'three, which makes the file longer than it was\n');
    await run.rounds(15);
    expect(run.records.toSorted()).toEqual(['one', 'three, which makes the file longer than it was', 'two']);
    expect(run.rotations).toContain('rewritten');
    expect(run.rotations).not.toContain('gone');
  });

  it('is read once when the copies match the names that are followed', async () => {
    const run = new Run({ paths: [at('a.log*')] });
    writeFileSync(at('a.log'), 'one\n');
    await run.round();
    appendFileSync(at('a.log'), 'two\n');
    copyFileSync(at('a.log'), at('a.log.1'));
    await run.round(); // between the copy and the cut
    truncateSync(at('a.log'));
    appendFileSync(at('a.log'), 'three\n');
    await run.round();
    renameSync(at('a.log.1'), at('a.log.2'));
    await run.rounds(3);
    writeFileSync(at('a.log.2.gz'), 'packed\n');
    await run.rounds(3);
    expect(run.records.toSorted()).toEqual(['one', 'three', 'two']);
  });

  it('is not the file that says the same at its beginning and goes on otherwise', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'header\n');
    await run.round();
    writeFileSync(at('b.log'), 'header\nb\n');
    await run.round();
    appendFileSync(at('a.log'), 'a\n');
    await run.rounds(2);
    expect(run.records.toSorted()).toEqual(['a', 'b', 'header', 'header']);
  });

  it('says that something is lost when it was cut off and no copy is there', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), 'one\n');
    await run.round();
    writeFileSync(at('a.log'), 'x\n');
    await run.rounds(2);
    expect(run.records).toEqual(['one', 'x']);
    expect(run.rotations).toContain('gone');
  });

  it('begins at its end when that is wanted and it was there before, and new ones at their beginning', async () => {
    const run = new Run({ begin: 'end' });
    writeFileSync(at('a.log'), 'old\nold\npart');
    await run.round();
    appendFileSync(at('a.log'), ' of a line\nnew\n');
    writeFileSync(at('b.log'), 'b\n');
    await run.rounds(2);
    expect(run.records).toEqual(['part of a line', 'new', 'b']);
  });

  it('gives a record over several lines when it has ended, or nothing came for a while', async () => {
    const run = new Run({ source: sourceById('windows') ?? {} });
    writeFileSync(at('a.log'), '<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event>\n<System/>\n');
    await run.round();
    expect(run.records).toEqual([]);
    appendFileSync(at('a.log'), '</Event>\n<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event>\n<System>\n');
    await run.round();
    expect(run.records.map((record) => record.split('\n').length)).toEqual([3]);
    await run.rounds(4);
    expect(run.records.map((record) => record.split('\n').length)).toEqual([3, 2]);
  });

  it('cuts a line off that is too long, also over a restart, and goes on behind it', async () => {
    const run = new Run();
    writeFileSync(at('a.log'), `one\n${'x'.repeat(300_000)}`);
    await run.rounds(1);
    appendFileSync(at('a.log'), `${'x'.repeat(300_000)}\ntwo\n`);
    await run.rounds(2);
    expect(run.records.map((record) => record.slice(0, 4_096))).toEqual(['one', 'x'.repeat(4_096), 'two']);
  });

  it('never loses a line and never gives one twice, whatever happens to the files and to the process', async () => {
    const step = fc.constantFrom('line', 'line', 'line', 'part', 'rename', 'copytruncate', 'round', 'round', 'kill', 'restart');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.boolean(), async (steps, all) => {
        for (const name of ['app.log', 'app.log.1', 'app.log.2', 'app.log.3']) rmSync(at(name), { force: true });
        const run = new Run({ paths: [at(all ? 'app.log*' : 'app.log')] });
        let written = 0;
        let isPart = false;
        let kept = 0;
        const shift = (): void => {
          for (const age of [2, 1]) if (existsSync(at(`app.log.${age}`))) renameSync(at(`app.log.${age}`), at(`app.log.${age + 1}`));
        };
        // What nobody has looked at before it goes where nobody looks is lost: under one name each rotation waits for a look, under all of them the oldest does.
        let mayRotate = all ? 2 : 0;
        let isNew = true;
        for (const one of steps) {
          if (one === 'line' || one === 'part') {
            if (!isPart) written += 1;
            appendFileSync(at('app.log'), `${isPart ? '' : `line ${written} `}${one === 'part' ? 'a part ' : 'end\n'}`);
            isPart = one === 'part';
            if (!isPart) isNew = false;
          } else if ((one === 'rename' || one === 'copytruncate') && !isPart && mayRotate > 0 && existsSync(at('app.log'))) {
            shift();
            if (one === 'rename') renameSync(at('app.log'), at('app.log.1'));
            else {
              copyFileSync(at('app.log'), at('app.log.1'));
              truncateSync(at('app.log'));
            }
            mayRotate -= 1;
            isNew = true;
          } else if (one === 'round') {
            await run.round();
            mayRotate = all ? 2 : isNew ? 0 : 1;
          } else if (one === 'kill') {
            await run.round(true);
          } else if (one === 'restart') await run.restart();
          kept = run.records.length;
        }
        if (isPart) appendFileSync(at('app.log'), 'end\n');
        await run.rounds(15);
        expect(run.records.length).toBeGreaterThanOrEqual(kept);
        const numbers = run.records.map((record) => Number(/^line (\d+) .*end$/.exec(record)?.[1])).toSorted((a, b) => a - b);
        expect(numbers).toEqual(Array.from({ length: written }, (_, index) => index + 1));
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

describe('what is followed', () => {
  it('is what the patterns name, in folders too, and nothing packed', async () => {
    const run = new Run({ paths: [at('a?.log'), at('none/*.log'), at('.hidden*')] });
    for (const name of ['a1.log', 'a12.log', 'b1.log', '.hidden1', 'a2.log.gz']) writeFileSync(at(name), `${name}\n`);
    await run.rounds(1);
    expect(run.records.toSorted()).toEqual(['.hidden1', 'a1.log']);
    expect(readFileSync(at('a12.log'), 'utf8')).toBe('a12.log\n');
  });
});
