import { SourceId } from '@keyward/events';
import { InvalidInputError, NotFoundError, describeError, sleep, type Metrics } from '@keyward/runtime';
import { DEFAULT_MAX_RECORD_BYTES, sourceById } from '@keyward/sources';
import { z } from 'zod';
import { defineCollector, type Collector, type CollectorContext } from '../collector.js';
import { Follower } from './follower.js';
import { isPattern } from './glob.js';
import { StoredPosition } from './position.js';

/** Files of one source. */
export const TailSettings = z.strictObject({
  source: SourceId.describe('Whose format the lines have'),
  paths: z
    .array(z.string().refine(isPattern, 'must be an absolute path; * and ? stand for characters of one name'))
    .min(1)
    .describe('Files to follow'),
  begin: z.enum(['beginning', 'end']).default('beginning').describe('Where to begin in files that are there at the very first start'),
  everyMs: z.number().int().min(50).max(600_000).default(1_000).describe('How often to look'),
  quietMs: z.number().int().min(50).max(600_000).default(2_000).describe('A record over several lines waits so long for its next line'),
  maxRecordBytes: z
    .number()
    .int()
    .min(1_024)
    .max(DEFAULT_MAX_RECORD_BYTES)
    .default(DEFAULT_MAX_RECORD_BYTES)
    .describe('A longer line is cut off'),
});
export type TailSettings = z.output<typeof TailSettings>;

const TailCursor = z.object({ v: z.literal(1), files: z.array(StoredPosition) });

/** Follows files as they grow and rotate; its cursor says how far each was read. */
class TailCollector implements Collector {
  readonly name: string;
  readonly source: string;
  readonly #settings: TailSettings;

  constructor(name: string, settings: TailSettings) {
    this.name = name;
    this.source = settings.source;
    this.#settings = settings;
  }

  async run({ intake, logger, metrics, now }: CollectorContext, signal: AbortSignal): Promise<void> {
    const source = sourceById(this.source);
    if (!source) throw new NotFoundError('source.unknown', `There is no source ${this.source}`);
    const measured = tailMetrics(metrics, this.name);
    const unreadable = new Set<string>();
    const cursor = await intake.cursor(this.name);
    const follower = new Follower(
      {
        ...{ ...this.#settings, source, logger },
        onRotation: measured.rotation,
        onUnreadable: (path, error) => {
          if (unreadable.has(path)) return;
          unreadable.add(path);
          logger.error({ collector: this.name, file: path }, `the file can't be read: ${describeError(error)}`);
        },
      },
      cursor === undefined ? undefined : this.#storedIn(cursor),
    );
    try {
      while (!signal.aborted) {
        await follower.look(now());
        measured.state(follower);
        for (;;) {
          const chunk = await follower.next(now());
          if (!chunk) break;
          if (chunk.cut > 0) measured.cut(chunk.cut);
          await intake.put(this.name, this.source, chunk.records, JSON.stringify({ v: 1, files: chunk.stored }));
          chunk.commit();
          measured.state(follower);
          if (isOver(signal)) break;
        }
        await sleep(this.#settings.everyMs, signal).catch(() => undefined);
      }
    } finally {
      await follower.close();
    }
  }

  /** @throws InvalidInputError when another kind of collector had the name before */
  #storedIn(cursor: string): readonly StoredPosition[] {
    const parsed = TailCursor.safeParse(jsonOf(cursor));
    if (parsed.success) return parsed.data.files;
    throw new InvalidInputError(
      'collector.foreign_cursor',
      `What is stored under the name ${this.name} is no cursor of followed files: choose another name`,
    );
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isOver = (signal: AbortSignal): boolean => signal.aborted;

function tailMetrics(metrics: Metrics, collector: string) {
  const files = metrics.gauge('keyward_tail_files', 'Files that are followed', ['collector']);
  const behind = metrics.gauge('keyward_tail_behind_bytes', 'Bytes of followed files that were not read yet', ['collector']);
  const rotations = metrics.counter(
    'keyward_tail_rotations_total',
    'Rotations of followed files: renamed, rewritten, gone (what was not read is lost)',
    ['collector', 'kind'],
  );
  const cut = metrics.counter('keyward_tail_cut_total', 'Lines of followed files that were too long, and cut off', ['collector']);
  return {
    state: (follower: Follower): void => {
      files.set({ collector }, follower.files);
      behind.set({ collector }, follower.behind);
    },
    rotation: (kind: 'renamed' | 'rewritten' | 'gone'): void => {
      rotations.inc({ collector, kind });
    },
    cut: (count: number): void => {
      cut.inc({ collector }, count);
    },
  };
}

export const tail = defineCollector({
  kind: 'tail',
  settings: TailSettings,
  create: (name, settings) => new TailCollector(name, settings),
});
