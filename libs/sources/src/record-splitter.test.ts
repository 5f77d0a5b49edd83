import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordSplitter, type Slice, type SplitterOptions } from './record-splitter.js';

const split = (input: string | Buffer, options: Partial<SplitterOptions> = {}, chunkBytes = 1_000_000): readonly Slice[] => {
  const splitter = new RecordSplitter({ maxBytes: 1_000, ...options });
  const bytes = Buffer.from(input);
  const slices: Slice[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) slices.push(...splitter.push(bytes.subarray(at, at + chunkBytes)));
  return [...slices, ...splitter.end()];
};
const texts = (slices: readonly Slice[]): readonly string[] => slices.map((slice) => (slice.kind === 'text' ? slice.text : slice.code));

describe('record splitter', () => {
  it('gives one item a line of NDJSON, without blank lines, CR, BOM or the missing last line feed', () => {
    expect(texts(split('\ufeff{"a":1}\r\n\n{"a":2}\n  \n{"a":3}'))).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
  });
  it('gives the elements of a top-level array, on one line or many', () => {
    expect(texts(split('[{"a":[1,{"b":2}]},{"c":"]}"}]'))).toEqual(['{"a":[1,{"b":2}]}', '{"c":"]}"}']);
    expect(texts(split('[\n  {\n    "a": 1\n  },\n  {"b": 2}\n]\n'))).toEqual(['{\n    "a": 1\n  }', '{"b": 2}']);
    expect(split('[]')).toEqual([]);
  });
  it('gives scalars in an array one item each', () => {
    expect(texts(split('[1, "x,]", null, {"a":1}]'))).toEqual(['1', '"x,]"', 'null', '{"a":1}']);
  });
  it('streams the list of an envelope and forgets the rest of it', () => {
    const options = { envelopeKeys: ['records', 'value'] };
    expect(texts(split('{"next":"[{","records":[{"a":1},{"b":{"records":[{"x":1}]}}],"n":{"value":[{"c":1}]}}\n{"a":9}', options))).toEqual(
      ['{"a":1}', '{"b":{"records":[{"x":1}]}}', '{"a":9}'],
    );
  });
  it('leaves an envelope whose list is empty or holds no objects as it is', () => {
    expect(texts(split('{"records":[]}', { envelopeKeys: ['records'] }))).toEqual(['{"records":[]}']);
    expect(texts(split('{"records":["x"]}', { envelopeKeys: ['records'] }))).toEqual(['{"records":["x"]}']);
  });
  it('gives indented and concatenated values one item each', () => {
    expect(texts(split('{\n  "a": {\n    "b": 1\n  }\n}\n{\n  "c": [\n{\n}\n]\n}'))).toEqual([
      '{\n  "a": {\n    "b": 1\n  }\n}',
      '{\n  "c": [\n{\n}\n]\n}',
    ]);
    expect(texts(split('{"a":1}{"b":2},\n{"c":3}'))).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
  });
  it('gives text lines as they are, also those that begin with a bracket or a number', () => {
    const lines = ['<5>1 2026-01-05T09:00:00Z vault {"a":1}', '[warn] x', '2026-01-05 x', '7 apples', 'Jan  5 09:00:00 h p: m'];
    expect(texts(split(lines.join('\n')))).toEqual(lines);
  });
  it('reads octet-counted frames, also with line feeds inside', () => {
    expect(texts(split('8 <5>ab\ncd10 <5>efghi\nj9 <5>klmnop\n'))).toEqual(['<5>ab\ncd', '<5>efghi\nj', '<5>klmnop']);
  });
  it('keeps lines together up to the text that ends their record', () => {
    const endOfRecord = (line: string): string | undefined => (line.includes('<s>') && !line.includes('</s>') ? '</s>' : undefined);
    expect(texts(split('<5>x <s>\n <a/>\n\n</s>\n<5>y <s></s>\n', { endOfRecord }))).toEqual(['<5>x <s>\n <a/>\n\n</s>', '<5>y <s></s>']);
    expect(texts(split('<5>x <s>\n <a/>\n<5>y <s></s>\n<5>z <s>', { endOfRecord }))).toEqual(['unknown_shape', '<5>y <s></s>', '<5>z <s>']);
  });

  describe('after a broken record reads the next', () => {
    it('line of NDJSON, wherever the first was cut', () => {
      const whole = '{"a":"x\\"y","b":[{"c":{"d":1}}],"e":{"f":[1,2]}}';
      for (let cut = 1; cut < whole.length; cut += 1) {
        const result = texts(split(`{"first":1}\n${whole.slice(0, cut)}\n{"next":1}\n`));
        expect(result.length).toBe(3);
        expect(result.at(-1)).toBe('{"next":1}');
      }
    });
    it('line of NDJSON, also when the very first one is cut', () => {
      for (const cut of ['{"a":"x', '{"a":', '{"a"', '{', '{"a":1,', '{"a":{"b":1}']) {
        expect(texts(split(`${cut}\n{"next":1}\n{"last":1}`)).slice(-2)).toEqual(['{"next":1}', '{"last":1}']);
      }
    });
    it('element of an array', () => {
      expect(texts(split('[{"a":1},{"b":2]},{"c":{"d":3}},{"e":4}]'))).toEqual(['{"a":1}', 'not_json', '{"c":{"d":3}}', '{"e":4}']);
      expect(texts(split('[\n{"a":"x\n,{"b":2},\n{"c":{"d":3},\n{"e":4}\n]'))).toEqual(['not_json', '{"b":2}', 'not_json', '{"e":4}']);
    });
    it('line when there is text behind a value', () => {
      expect(texts(split('{"a":1} x\n{"b":2}\n'))).toEqual(['{"a":1} x', '{"b":2}']);
    });
  });

  it('rejects what is too large or not UTF-8 and goes on, whatever the chunks', () => {
    const large = `{"a":"${'x'.repeat(5_000)}"}`;
    for (const chunk of [1, 7, 1_000, 1_000_000]) {
      expect(texts(split(`${large}\n{"b":1}`, {}, chunk))).toEqual(['too_large', '{"b":1}']);
      expect(texts(split(`[${large},{"b":1}]`, {}, chunk))).toEqual(['too_large', '{"b":1}']);
      expect(texts(split(`${'y'.repeat(5_000)}\nz`, {}, chunk))).toEqual(['too_large', 'z']);
      expect(texts(split(Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n{"b":1}')]), {}, chunk))).toEqual([
        'not_utf8',
        '{"b":1}',
      ]);
    }
  });
  it('does not look at a chunk again after push has returned', () => {
    const splitter = new RecordSplitter({ maxBytes: 1_000 });
    const reused = Buffer.from('{"a":1}\n{"b":');
    expect(texts(splitter.push(reused))).toEqual(['{"a":1}']);
    reused.fill('!');
    reused.write('2}\n');
    expect(texts(splitter.push(reused.subarray(0, 3)))).toEqual(['{"b":2}']);
  });
  it('says when the input ends inside a list', () => {
    expect(texts(split('[{"a":1},'))).toEqual(['{"a":1}', 'not_json']);
    expect(texts(split('[{"a":1}]'))).toEqual(['{"a":1}']);
  });
  it('knows the line on which a record begins', () => {
    expect(split('{"a":1}\n\n{"b":\n{"c":1}\n').map((slice) => slice.line)).toEqual([1, 3, 4]);
    expect(split('[\n{"a":1},\n{"b":1}]').map((slice) => slice.line)).toEqual([2, 3]);
  });

  it('gives back the records of any NDJSON and any array, however it is cut into chunks', () => {
    const records = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1 });
    fc.assert(
      fc.property(records, fc.integer({ min: 1, max: 50 }), fc.constantFrom(0, 2), (values, chunk, indent) => {
        const expected = values.map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))));
        const compact = (slices: readonly Slice[]): readonly string[] => texts(slices).map((text) => JSON.stringify(JSON.parse(text)));
        const options = { maxBytes: 1_000_000 };
        expect(compact(split(expected.join('\n'), options, chunk))).toEqual(expected);
        expect(compact(split(JSON.stringify(values, undefined, indent), options, chunk))).toEqual(expected);
      }),
    );
  });
  it('joins the lines that continue a record, and ends it at the first that does not', () => {
    const continuation = (first: string): ((next: string) => boolean) | undefined => {
      let expected = 2;
      return first.startsWith('1/') ? (next) => next.startsWith(`${String(expected++)}/`) : undefined;
    };
    const expected = ['x', '1/a\n2/b\n3/c', '1/d', '1/e\n2/f', 'y', '{"a":1}', '1/g'];
    for (const chunk of [1, 3, 1_000]) expect(texts(split(expected.join('\n'), { continuation }, chunk))).toEqual(expected);
    expect(texts(split('1/a\n\n2/b', { continuation }))).toEqual(['1/a', '2/b']);
    expect(texts(split(`1/a\n2/${'x'.repeat(1_000)}\n3/b`, { continuation }))).toEqual(['1/a', 'too_large', '3/b']);
  });
  it('never throws, and gives the same items however any bytes are cut into chunks', () => {
    const token = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '\n',
      ' ',
      'a',
      '1',
      '<5>',
      '9 <1>',
      '"records":[',
      '<s>',
      '</s>',
      '\u00e9',
    );
    const endOfRecord = (line: string): string | undefined => (line.includes('<s>') && !line.includes('</s>') ? '</s>' : undefined);
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (tokens, chunk) => {
        const continuation = (line: string): ((next: string) => boolean) | undefined =>
          line.startsWith('a') ? (next) => next.startsWith('1') : undefined;
        const options = { envelopeKeys: ['records'], endOfRecord, continuation };
        expect(split(tokens.join(''), options, chunk)).toEqual(split(tokens.join(''), options));
      }),
      { numRuns: 2_000 },
    );
  });
  it('takes time in proportion to its input: 1 MB of the worst brackets in chunks of 1 kB, in CPU seconds', () => {
    for (const unit of ['[', '{', '{"', '{"a":[', '},{', '\n', '[1,', '"\\']) {
      const bytes = unit.repeat(1_000_000 / unit.length);
      const before = process.cpuUsage().user;
      split(bytes, { maxBytes: 500_000, envelopeKeys: ['a'] }, 1_000);
      expect(process.cpuUsage().user - before, unit).toBeLessThan(2_000_000);
    }
  });
});
