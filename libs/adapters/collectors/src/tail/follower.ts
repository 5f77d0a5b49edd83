import type { Logger } from '@keyward/runtime';
import type { SpanningLines } from '../line-joiner.js';
import { FollowedFile, listed, type Listed } from './followed-file.js';
import { besides, filesOf } from './glob.js';
import { BEGINNING, foundIn, positionAt, type Position, type StoredPosition } from './position.js';

/** A file that lost its name may still be written to until its writer has opened the new one. */
const LEAVE_MS = 10_000;
/** What a name stood for is remembered for so long: a folder that was away for a while comes back with what was read already. */
const REMEMBER_MS = 7 * 24 * 60 * 60 * 1_000;
const MAX_REMEMBERED = 2_000;
/** Handed over at once. */
const BATCH_RECORDS = 5_000;
const BATCH_CHARS = 4 * 1024 * 1024;

export interface FollowerOptions {
  readonly paths: readonly string[];
  /** Where to begin in files that are there at the very first start. */
  readonly begin: 'beginning' | 'end';
  readonly source: SpanningLines;
  readonly maxRecordBytes: number;
  readonly quietMs: number;
  readonly logger: Logger;
  /** Told of what may not have been seen to its end. */
  readonly onRotation: (kind: 'renamed' | 'rewritten' | 'gone') => void;
  readonly onUnreadable: (path: string, error: unknown) => void;
}

/** Records that belong together with the positions behind them. */
export interface Chunk {
  readonly records: readonly string[];
  readonly stored: readonly StoredPosition[];
  readonly cut: number;
  /** Called once both are kept. */
  readonly commit: () => void;
}

/**
 * Follows the files that match some patterns over their rotations: a file is known by its inode and by what it says around the place we have come to,
 * not by its name.
 *
 * - renamed, and a new one begun: the old one is read to its end, the new one from its beginning;
 * - copied, and cut off (`copytruncate`): what was not read yet is read from the copy, then the file from its beginning;
 * - gone before it was read to its end: said so.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #files = new Map<string, FollowedFile>();
  /** Files that say what another says: nothing is read of them until it is clear which of them goes on. */
  readonly #copies = new Map<string, FollowedFile>();
  #remembered: Map<string, StoredPosition>;
  readonly #lookedFor = new Set<string>();
  #isFirst: boolean;
  readonly #buffer: Buffer;

  /** @param stored positions of the last run; undefined: there was none */
  constructor(options: FollowerOptions, stored: readonly StoredPosition[] | undefined) {
    this.#options = options;
    this.#isFirst = stored === undefined;
    this.#remembered = new Map(stored?.map((one) => [one.key, one]));
    // A record and a line that has not ended always fit in.
    this.#buffer = Buffer.allocUnsafe(Math.max(256 * 1024, 3 * options.maxRecordBytes));
  }

  get files(): number {
    return this.#files.size;
  }
  /** Bytes that were not read yet. */
  get behind(): number {
    return [...this.#files.values()].reduce((sum, { size, position }) => sum + Math.max(0, size - position.offset), 0);
  }

  /** Looks what the names stand for now. @param now epoch ms */
  async look(now: number): Promise<void> {
    const listings = (await Promise.all((await filesOf(this.#options.paths)).map(listed))).filter((one) => one !== undefined);
    const names = new Map(listings.map((one) => [one.key, one]));
    for (const file of this.#files.values()) {
      const listing = names.get(file.key);
      if (listing) file.path = listing.path;
      else if (!file.isLeaving) this.#leaves(file, now);
      if (!(await file.refresh(now))) await this.#rewritten(file, now);
    }
    // What another file's content moved to comes first: a copy must not be taken for a new file.
    const unknown = listings.filter(({ key }) => !this.#files.has(key) && !this.#copies.has(key));
    for (const listing of unknown.filter(({ key }) => this.#remembered.has(key))) await this.#resume(listing, now);
    for (const stored of this.#remembered.values())
      if (!names.has(stored.key) && !this.#files.has(stored.key)) await this.#findMoved(stored, now);
    for (const listing of unknown) if (!this.#files.has(listing.key)) await this.#begin(listing, now);
    await this.#settleCopies(now);
    this.#forget(now);
    this.#isFirst = false;
  }

  /** @returns what can be read now; undefined when there is nothing */
  async next(now: number): Promise<Chunk | undefined> {
    const records: string[] = [];
    const moved = new Map<FollowedFile, Position>();
    const ended: FollowedFile[] = [];
    let [chars, cut] = [0, 0];
    for (const file of this.#files.values()) {
      if (records.length >= BATCH_RECORDS || chars >= BATCH_CHARS) break;
      const isFinal = file.isLeaving && now - file.grownAt >= LEAVE_MS;
      if (file.position.offset < file.size || isFinal) {
        const isQuiet = now - file.grownAt >= this.#options.quietMs;
        const found = await file.read(this.#buffer, { ...this.#options, isQuiet, isFinal });
        records.push(...found.records);
        chars += found.records.reduce((sum, { length }) => sum + length, 0);
        cut += found.cut;
        if (found.to.offset > file.position.offset) moved.set(file, found.to);
        if (isFinal && found.to.offset >= file.size) ended.push(file);
      }
    }
    if (moved.size === 0 && ended.length === 0) return undefined;
    const commit = (): void => {
      for (const [file, to] of moved) file.position = to;
      for (const file of ended) this.#drop(file, now);
    };
    if (records.length === 0 && moved.size === 0) {
      commit();
      return undefined;
    }
    return { records, cut, commit, stored: this.#stored(moved, now) };
  }

  async close(): Promise<void> {
    for (const file of [...this.#files.values(), ...this.#copies.values()]) await file.close();
  }

  #stored(moved: ReadonlyMap<FollowedFile, Position>, now: number): readonly StoredPosition[] {
    const open = [...this.#files.values(), ...this.#copies.values()].map((file) => {
      const before = file.position;
      file.position = moved.get(file) ?? before;
      const stored = file.stored(now);
      file.position = before;
      return stored;
    });
    const known = new Set(open.map(({ key }) => key));
    return [...open, ...[...this.#remembered.values()].filter(({ key }) => !known.has(key))];
  }

  #leaves(file: FollowedFile, now: number): void {
    file.isLeaving = true;
    file.grownAt = now;
    this.#options.onRotation('renamed');
    this.#options.logger.info({ file: file.path }, 'the name stands for something else now: the file is read to its end');
  }

  /** What was read of the file is not there any more. */
  async #rewritten(file: FollowedFile, now: number): Promise<void> {
    this.#options.onRotation('rewritten');
    const rest = file.position;
    file.position = BEGINNING;
    await this.#readRest(file.path, rest, new Set([file.key]), now);
  }

  /** Finds the copy in which something goes on behind a position. */
  async #readRest(path: string, rest: Position, not: ReadonlySet<string>, now: number): Promise<void> {
    if (rest.offset === 0) return;
    for (const name of await besides(path)) {
      const listing = await listed(name);
      if (!listing || not.has(listing.key) || this.#files.has(listing.key) || listing.size < rest.offset) continue;
      const copy = this.#copies.get(listing.key) ?? (await this.#open(listing, now, () => Promise.resolve(rest)));
      if (copy && (await copy.has(rest))) {
        copy.position = rest;
        this.#copies.delete(copy.key);
        this.#files.set(copy.key, copy);
        this.#options.logger.info({ file: path, copy: name }, 'the file was copied and cut off: its rest is read from the copy');
        return;
      }
      if (copy && !this.#copies.has(copy.key)) await copy.close();
    }
    this.#options.logger.warn(
      { file: path, offset: rest.offset },
      'the file was cut off, and no copy of it is there: what was not read of it is lost',
    );
    this.#options.onRotation('gone');
  }

  /** A file that the last run knew. */
  async #resume(listing: Listed, now: number): Promise<void> {
    const stored = this.#remembered.get(listing.key);
    const found = stored && (await this.#openAt(listing, stored, now));
    if (!found) return;
    this.#files.set(listing.key, found.file);
    if (!found.isSame) await this.#findCopyOf(stored, now);
  }

  /** A file that the last run knew, whose inode none of the names stands for. */
  async #findMoved(stored: StoredPosition, now: number): Promise<void> {
    if (stored.done || this.#lookedFor.has(stored.key)) return;
    this.#lookedFor.add(stored.key);
    for (const name of await besides(stored.path)) {
      const listing = await listed(name);
      const found = listing?.key === stored.key ? await this.#openAt(listing, stored, now) : undefined;
      if (!found) continue;
      if (found.isSame) {
        this.#files.set(stored.key, found.file);
        this.#leaves(found.file, now);
        return;
      }
      await found.file.close();
    }
    await this.#findCopyOf(stored, now);
  }

  /** What was read of it before is not there any more: the file in which it goes on. */
  async #findCopyOf(stored: StoredPosition, now: number): Promise<void> {
    if (stored.done || stored.offset === 0) return;
    this.#options.onRotation('rewritten');
    for (const name of await besides(stored.path)) {
      const listing = await listed(name);
      if (!listing || listing.key === stored.key || this.#files.has(listing.key)) continue;
      const found = await this.#openAt(listing, stored, now);
      if (found?.isSame) {
        this.#files.set(listing.key, found.file);
        return;
      }
      await found?.file.close();
    }
    this.#isLost(stored.path, stored.offset);
  }

  /** @returns `isSame`: what was read at the position stands in this file; else it is at its beginning */
  async #openAt(
    listing: Listed,
    stored: StoredPosition,
    now: number,
  ): Promise<{ readonly file: FollowedFile; readonly isSame: boolean } | undefined> {
    const file = await this.#open(listing, now, async (handle) => (await foundIn(handle, stored)) ?? BEGINNING);
    return file && { file, isSame: file.position !== BEGINNING };
  }

  #isLost(path: string, offset: number): void {
    this.#options.onRotation('gone');
    this.#options.logger.warn(
      { file: path, offset },
      'neither the file nor a copy is there: what was written to it behind this offset is lost',
    );
  }

  async #begin(listing: Listed, now: number): Promise<void> {
    const fromEnd = this.#isFirst && this.#options.begin === 'end';
    const file = await this.#open(listing, now, async (handle) => (fromEnd ? await lastLineOf(handle, listing.size) : BEGINNING));
    if (!file) return;
    for (const other of this.#files.values()) {
      if (fromEnd || other.position.offset === 0 || !(await file.has(other.position))) continue;
      this.#copies.set(file.key, file);
      return;
    }
    this.#files.set(file.key, file);
  }

  /** A copy whose original goes on without being cut off was made for other reasons: it says nothing new. */
  async #settleCopies(now: number): Promise<void> {
    for (const copy of this.#copies.values()) {
      await copy.refresh(now);
      let original: FollowedFile | undefined;
      let isStillOne = false;
      for (const file of this.#files.values()) {
        if (file.position.offset === 0) continue;
        if (await copy.has(file.position)) isStillOne = true;
        const end = await copy.end();
        if (end && end.offset > 0 && file.position.offset >= end.offset && (await file.has(end))) original = file;
      }
      if (isStillOne && !original) continue;
      this.#copies.delete(copy.key);
      this.#files.set(copy.key, copy);
      copy.position = (original && (await copy.end())) ?? BEGINNING;
    }
  }

  async #open(listing: Listed, now: number, choose: Parameters<typeof FollowedFile.open>[2]): Promise<FollowedFile | undefined> {
    try {
      return await FollowedFile.open(listing, now, choose);
    } catch (error) {
      this.#options.onUnreadable(listing.path, error);
      return undefined;
    }
  }

  #drop(file: FollowedFile, now: number): void {
    this.#files.delete(file.key);
    this.#remembered.set(file.key, { ...file.stored(now), done: true });
    void file.close().catch(() => undefined);
  }

  /** Should one of them come back, it goes on where it was. */
  #forget(now: number): void {
    const kept = [...this.#remembered.values()]
      .filter(({ key, seen }) => !this.#files.has(key) && now - seen < REMEMBER_MS)
      .toSorted((a, b) => b.seen - a.seen);
    this.#remembered = new Map(kept.slice(0, MAX_REMEMBERED).map((one) => [one.key, one]));
  }
}

/** Position behind the last whole line. */
async function lastLineOf(handle: Parameters<typeof positionAt>[0], size: number): Promise<Position> {
  const look = Math.min(size, 64 * 1024);
  const { buffer } = await handle.read(Buffer.alloc(look), 0, look, size - look);
  return (await positionAt(handle, size - look + buffer.lastIndexOf(0x0a) + 1)) ?? BEGINNING;
}
