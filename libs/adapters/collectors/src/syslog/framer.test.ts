import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyslogFramer, type Framing } from './framer.js';

const MAX = 200;
/** All messages of a stream that comes in pieces of these sizes. */
function framesOf(stream: string | Buffer, pieces: readonly number[] = [], framing: Framing = 'auto', max = MAX) {
  const bytes = Buffer.from(stream);
  const framer = new SyslogFramer(framing, max);
  const frames = [];
  let at = 0;
  for (const size of pieces) {
    frames.push(...framer.push(bytes.subarray(at, at + size)));
    at += size;
  }
  frames.push(...framer.push(bytes.subarray(at)), ...framer.end());
  return frames;
}
const texts = (...args: Parameters<typeof framesOf>): string[] => framesOf(...args).map(({ text }) => text);
const counted = (message: string): string => `${Buffer.byteLength(message)} ${message}`;

describe('messages in a stream of syslog', () => {
  it.each([
    ['lines', '<34>1 a\n<34>1 b\n', ['<34>1 a', '<34>1 b']],
    ['lines that end as on Windows, or with a NUL', '<34>1 a\r\n<34>1 b\0<34>1 c\0\n', ['<34>1 a', '<34>1 b', '<34>1 c']],
    ['a last line without its end', '<34>1 a\n<34>1 b', ['<34>1 a', '<34>1 b']],
    ['counted ones', counted('<34>1 a') + counted('<34>1 bc'), ['<34>1 a', '<34>1 bc']],
    ['counted ones with line feeds inside and between', `${counted('<34>1 a\nb')}\n${counted('<34>1 c')}`, ['<34>1 a\nb', '<34>1 c']],
    ['counted by bytes, not by characters', counted('<34>1 Grüße €') + counted('<34>1 b'), ['<34>1 Grüße €', '<34>1 b']],
    ['both', `${counted('<34>1 a')}<34>1 b\n${counted('<34>1 c')}`, ['<34>1 a', '<34>1 b', '<34>1 c']],
    ['a line that begins with a number', '2026-11-23 <x>\n17 apples\n', ['2026-11-23 <x>', '17 apples']],
    ['JSON and CEF without header', '{"a":1}\nCEF:0|v|p|1|2|n|3|\n', ['{"a":1}', 'CEF:0|v|p|1|2|n|3|']],
    ['byte order marks', '\ufeff<34>1 a\n\ufeff<34>1 b\n', ['<34>1 a', '<34>1 b']],
    ['nothing between empty lines', '\n\r\n  \n<34>1 a\n\n', ['<34>1 a']],
    ['what a sender that counts wrongly sends, as lines', '5 <34>1 long message\n<34>1 b\n', ['<34>1', 'long message', '<34>1 b']],
  ])('are read: %s', (_, stream, expected) => {
    expect(texts(stream)).toEqual(expected);
  });

  it('are the same however the stream is cut to pieces', () => {
    const message = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).map((text) => `<34>1 ${text.replace(/[\0-\x20]/g, 'x')}`);
    const part = fc.tuple(message, fc.boolean()).map(([text, isCounted]) => ({ text, raw: isCounted ? counted(text) : `${text}\n` }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(30), { maxLength: 40 }), (parts, pieces) => {
        expect(texts(parts.map(({ raw }) => raw).join(''), pieces)).toEqual(parts.map(({ text }) => text.trimEnd()));
      }),
    );
  });

  it('never throw and never vanish, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.array(fc.nat(40), { maxLength: 20 }),
        fc.constantFrom<Framing>('auto', 'octet', 'line'),
        (bytes, pieces, framing) => {
          const buffer = Buffer.from(bytes);
          expect(texts(buffer, pieces, framing)).toEqual(texts(buffer, [], framing));
          if (buffer.some((byte) => byte > 0x20)) expect(texts(buffer, pieces, 'line').length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('are cut off when they are too long, without the next one', () => {
    const long = `<34>1 ${'x'.repeat(500)}`;
    for (const stream of [`${long}\n<34>1 b\n`, counted(long) + counted('<34>1 b')]) {
      const [first, second] = framesOf(stream, [7, 100, 100]);
      expect(first).toEqual({ text: long.slice(0, MAX), isCut: true });
      expect(second).toEqual({ text: '<34>1 b', isCut: false });
    }
  });

  it('keep their characters when they are cut off within one', () => {
    const [frame] = framesOf(`<34>1 ${'€'.repeat(100)}\n`, [], 'auto', 20);
    expect(frame?.text).toBe('<34>1 €€€€');
  });

  it('are read as Windows-1252 where they are not UTF-8', () => {
    expect(texts(Buffer.from('<34>1 J\u00fcrgen\n', 'latin1'))).toEqual(['<34>1 Jürgen']);
  });

  it('hold no more than one message, also of a sender that never ends his', () => {
    const framer = new SyslogFramer('auto', MAX);
    const before = process.memoryUsage().arrayBuffers;
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    for (let times = 0; times < 64; times += 1) expect(framer.push(chunk)).toEqual([]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
    expect(framer.end()[0]?.text).toHaveLength(MAX);
  });
});
