import { decompress as zstdDecompress } from 'fzstd';
import kafkajs from 'kafkajs';
import lz4 from 'lz4js';
import snappy from 'snappyjs';

/** Header of the framing that Java's snappy streams add: magic, version, compatible version. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

/** Snappy as producers send it: one raw block, or Java's frames of length and block. */
export function snappyDecompress(data: Buffer): Buffer {
  if (!data.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return Buffer.from(snappy.uncompress(data));
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= data.length;) {
    const length = data.readInt32BE(at);
    blocks.push(Buffer.from(snappy.uncompress(data.subarray(at + 4, at + 4 + length))));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/**
 * Teaches kafkajs the codecs it lacks: without them a record that somebody else compressed ends the consumer. Keyward itself writes gzip or nothing.
 * kafkajs keeps its codecs in one table for the process; registering twice changes nothing.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: (encoder: { buffer: Buffer }) => Promise.resolve(Buffer.from(snappy.compress(encoder.buffer))),
    decompress: (data: Buffer) => Promise.resolve(snappyDecompress(data)),
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: (encoder: { buffer: Buffer }) => Promise.resolve(Buffer.from(lz4.compress(encoder.buffer))),
    decompress: (data: Buffer) => Promise.resolve(Buffer.from(lz4.decompress(data))),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: () => Promise.reject(new Error('zstd is read, never written')),
    decompress: (data: Buffer) => Promise.resolve(Buffer.from(zstdDecompress(data))),
  });
}
