import { open, stat, type FileHandle } from 'node:fs/promises';
import { advanced, asKnown, foundIn, positionAt, type Position, type StoredPosition } from './position.js';
import { recordsOf, type ReadOptions } from './records-of.js';

/** What a name stands for at the moment. */
export interface Listed {
  readonly path: string;
  /** Device and inode. */
  readonly key: string;
  readonly size: number;
}

/** @returns undefined for what is no file, or not there */
export async function listed(path: string): Promise<Listed | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? { path, key: `${found.dev}:${found.ino}`, size: Number(found.size) } : undefined;
  } catch {
    return undefined;
  }
}

/** A file that is read as it grows. It stays open, so that it is read to its end whatever becomes of its name. */
export class FollowedFile {
  readonly key: string;
  path: string;
  position: Position;
  size = 0;
  /** When it was last seen to grow, epoch ms. */
  grownAt: number;
  /** No name that we follow leads to it any more. */
  isLeaving = false;
  readonly #handle: FileHandle;
  #writtenAt = 0;

  private constructor(listing: Listed, handle: FileHandle, position: Position, now: number) {
    this.key = listing.key;
    this.path = listing.path;
    this.#handle = handle;
    this.position = position;
    this.grownAt = now;
  }

  /**
   * @param choose where to begin, told from what is in the file
   * @returns undefined when the name stands for something else by now
   * @throws the system's error when the file can't be opened
   */
  static async open(listing: Listed, now: number, choose: (handle: FileHandle) => Promise<Position>): Promise<FollowedFile | undefined> {
    const handle = await open(listing.path, 'r');
    const found = await handle.stat({ bigint: true });
    if (`${found.dev}:${found.ino}` !== listing.key) {
      await handle.close();
      return undefined;
    }
    const file = new FollowedFile(listing, handle, await choose(handle), now);
    file.size = Number(found.size);
    return file;
  }

  /** Looks whether it has grown. @returns whether what was read of it is still there: not when it was cut off and written anew */
  async refresh(now: number): Promise<boolean> {
    const { size, mtimeMs } = await this.#handle.stat();
    if (size === this.size && mtimeMs === this.#writtenAt) return true;
    this.size = size;
    this.#writtenAt = mtimeMs;
    this.grownAt = now;
    return size >= this.position.offset && (await this.has(this.position));
  }

  /** Whether another file's position could be one in this file: what was read there stands here too. */
  async has(position: Position): Promise<boolean> {
    return (await foundIn(this.#handle, asKnown(position))) !== undefined;
  }
  /** Position behind all that is in it. */
  end(): Promise<Position | undefined> {
    return positionAt(this.#handle, this.size);
  }

  /** @returns what has ended of the next `buffer.length` bytes, and the position behind it, which holds once the records are put */
  async read(
    buffer: Buffer,
    options: Omit<ReadOptions, 'isSkipping'>,
  ): Promise<{ readonly records: readonly string[]; readonly to: Position; readonly cut: number }> {
    const { offset, isSkipping } = this.position;
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset);
    const bytes = buffer.subarray(0, bytesRead);
    const isAll = bytesRead < buffer.length;
    const found = recordsOf(bytes, { ...options, isSkipping, isQuiet: options.isQuiet && isAll, isFinal: options.isFinal && isAll });
    return { ...found, to: advanced(this.position, bytes.subarray(0, found.used), found.isSkipping) };
  }

  stored(now: number): StoredPosition {
    return { path: this.path, key: this.key, ...asKnown(this.position), seen: now };
  }
  close(): Promise<void> {
    return this.#handle.close();
  }
}
