import { mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, InvalidInputError } from '@keyward/runtime';
import { z } from 'zod';

/** What a running `keyward start` leaves for others to find: `keyward doctor`, and a second start. */
export const Running = z.object({
  pid: z.number().int(),
  /** The kernel's own start time of the process, where it tells: a pid alone may belong to somebody else by now. */
  bornAt: z.string().optional(),
  url: z.string().optional(),
  /** What reaches its bus and store, as the environment would name it. */
  environment: z.record(z.string(), z.string()),
});
export type Running = z.infer<typeof Running>;

export interface TakenFolder {
  /** Says what runs here and how it is reached. */
  describe(running: Omit<Running, 'pid' | 'bornAt'>): void;
  release(): void;
}

/** Below this neither the broker nor the store comes up in a way that can be explained. */
const LEAST_FREE_BYTES = 256 * 1024 ** 2;
const FILE = 'running.json';

/**
 * Makes the folder ours.
 *
 * @throws ConflictError `start.already_running`; InvalidInputError `start.disk_full`, `start.not_writable`
 */
export function takeDataFolder(folder: string): TakenFolder {
  return sayingWhatToDo(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const other = runningOn(folder);
    if (other) {
      const where = other.url === undefined ? '' : ` at ${other.url}`;
      throw new ConflictError(
        'start.already_running',
        `Keyward is already running on ${folder} (process ${other.pid})${where}: use that one, stop it first, or start this one with --data <another folder>.`,
      );
    }
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < LEAST_FREE_BYTES) throw diskFull(folder, Math.round((bavail * bsize) / 1024 ** 2));
    const bornAt = bornAtOf(process.pid);
    const describe = (running: Omit<Running, 'pid' | 'bornAt'>): void => {
      writeFileSync(join(folder, FILE), `${JSON.stringify({ pid: process.pid, ...(bornAt && { bornAt }), ...running })}\n`, {
        mode: 0o600,
      });
    };
    describe({ environment: {} });
    return {
      describe,
      release: () => {
        rmSync(join(folder, FILE), { force: true });
      },
    };
  });
}

/** The `keyward start` that works on the folder now; undefined when there is none. */
export function runningOn(folder: string): Running | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), 'utf8');
  } catch {
    return undefined;
  }
  const parsed = Running.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.pid === process.pid || !isAlive(parsed.data.pid)) return undefined;
  const bornAt = bornAtOf(parsed.data.pid);
  return bornAt === undefined || bornAt === parsed.data.bornAt ? parsed.data : undefined;
}

/** Says in a sentence what a full or closed disk means. @throws InvalidInputError `start.disk_full`, `start.not_writable` */
export function sayingWhatToDo<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskErrorOf(error, folder);
  }
}

/** @returns the error as a sentence when the disk is full or closed; else unchanged */
export function diskErrorOf(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(folder, 0, error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR' || code === 'EEXIST') {
    return new InvalidInputError(
      'start.not_writable',
      `${folder} can't be written to: make it yours, or name another folder with --data <folder>.`,
      { cause: error },
    );
  }
  return error;
}

const diskFull = (folder: string, freeMegabytes: number, cause?: unknown): InvalidInputError =>
  new InvalidInputError(
    'start.disk_full',
    `The disk that holds ${folder} is full (${freeMegabytes} MB free): free at least ${LEAST_FREE_BYTES / 1024 ** 2} MB, or name a folder on another disk with --data <folder>.`,
    { cause },
  );

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of /proc/<pid>/stat, after the name in parentheses. Linux only. */
function bornAtOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
