import { sourceById } from '@keyward/sources';
import { describe, expect, it } from 'vitest';
import { LineJoiner, type SpanningLines } from './line-joiner.js';

const join = (source: SpanningLines, lines: readonly string[], max = 1_000): string[] => {
  const joiner = new LineJoiner(source, max);
  return [...lines.flatMap((line) => joiner.push(line)), ...joiner.flush()];
};
const XML: SpanningLines = { endOfRecord: (line) => (line.includes('<a>') && !line.includes('</a>') ? '</a>' : undefined) };
const INDENTED: SpanningLines = { continuation: (line) => (line.startsWith('begin') ? (next) => next.startsWith(' ') : undefined) };

describe('records over several lines', () => {
  it('are lines where the source says nothing of it', () => {
    expect(join({}, ['a', 'b'])).toEqual(['a', 'b']);
  });
  it('end with the text that the source names', () => {
    expect(join(XML, ['<34>1 <a>', 'b', '</a>', 'c'])).toEqual(['<34>1 <a>\nb\n</a>', 'c']);
  });
  it('end when another message begins, and are given as they are', () => {
    expect(join(XML, ['<34>1 <a>', 'b', '<34>1 c', 'd'])).toEqual(['<34>1 <a>\nb', '<34>1 c', 'd']);
  });
  it('go on as long as the source says that a line belongs to them', () => {
    expect(join(INDENTED, ['begin', ' 1', ' 2', 'begin', 'other', ' 3'])).toEqual(['begin\n 1\n 2', 'begin', 'other', ' 3']);
  });
  it('end before they are too long', () => {
    expect(join(INDENTED, ['begin', ' 345678', ' 9'], 15)).toEqual(['begin\n 345678', ' 9']);
  });
  it('lose no line at the end', () => {
    expect(join(XML, ['<a>', 'b'])).toEqual(['<a>\nb']);
  });
  it('are what the sources that have them make of them', () => {
    const windows = sourceById('windows');
    if (!windows) throw new Error('there is no source windows');
    const lines = ['<34>1 2026-01-05T09:00:00Z dc1 - - - - <Event xmlns="x">', '<System/>', '</Event>', '<34>1 next'];
    expect(join(windows, lines)).toEqual([lines.slice(0, 3).join('\n'), '<34>1 next']);
  });
});
