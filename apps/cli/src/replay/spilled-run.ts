import { open, type FileHandle } from 'node:fs/promises';
import { unpack, type PackedEvent, type PackedHead } from './packed-events.js';

/** Two lengths, 32 bit each: of the heads and of the events. */
const PREFIX_BYTES = 8;

/** Appends a batch: what its events are ordered and routed by as one JSON list, then their JSON, one behind the other. */
export async function writeBatch(file: FileHandle, events: readonly PackedEvent[]): Promise<void> {
  const heads = Buffer.from(JSON.stringify(events.map(({ bytes: _, from, to, ...head }): PackedHead => ({ ...head, length: to - from }))));
  const parts = events.map(({ bytes, from, to }) => bytes.subarray(from, to));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(heads.length, 0);
  prefix.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    4,
  );
  await file.write(Buffer.concat([prefix, heads, ...parts]));
}

/** The batches of a run, as they were written. */
export async function* readBatches(path: string): AsyncGenerator<readonly PackedEvent[]> {
  const file = await open(path);
  try {
    for (;;) {
      const prefix = await readBytes(file, PREFIX_BYTES);
      if (!prefix) return;
      const length = prefix.readUInt32LE(0);
      const piece = await readBytes(file, length + prefix.readUInt32LE(4));
      if (!piece) throw new Error(`${path} ends in the middle`);
      const heads = JSON.parse(piece.toString('utf8', 0, length)) as PackedHead[]; // our own file of a moment ago
      yield [...unpack({ bytes: piece.subarray(length), heads })];
    }
  } finally {
    await file.close();
  }
}

async function readBytes(file: FileHandle, length: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, null);
  return bytesRead === length ? buffer : undefined;
}
