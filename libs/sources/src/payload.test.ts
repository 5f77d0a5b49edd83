import { eventUid, kept, rejected, type ParseResult } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { list, object, number, text } from './json.js';
import { parsePayload } from './payload.js';
import type { Source } from './source.js';

const NOW = Date.UTC(2026, 0, 10);
/** A made-up format: `{"id", "time"}`, an envelope `{"records": []}`, lines `id time`. */
const source: Source = {
  id: 'ocsf',
  product: { vendor: 'Example', name: 'Example' },
  readLine: (line) => {
    const [, id, time] = /^(\w+) (\d+)$/.exec(line) ?? [];
    return id === undefined ? undefined : { id, time: Number(time) };
  },
  envelopeKeys: ['records'],
  unwrap: (value) => (Array.isArray(object(value)['records']) ? list(object(value)['records']) : [value]),
  parse: (record): ParseResult => {
    const { id, time } = object(record);
    if (id === 'bug') throw new TypeError('secret text of the record');
    const nativeId = text(id);
    if (nativeId === undefined) return rejected('missing_id', 'id: missing');
    return kept({
      uid: eventUid('ocsf', nativeId),
      nativeId,
      source: 'ocsf',
      time: number(time) ?? NOW,
      class: 'authentication',
      activity: 'logon',
      code: 'x',
      outcome: 'success',
    });
  },
};

const results = (payload: string | Buffer, maxBytes = 1_000): readonly string[] =>
  parsePayload(source, Buffer.from(payload), { now: NOW, maxBytes }).map((one) =>
    one.kind === 'kept' ? one.event.nativeId : one.kind === 'ignored' ? `ignored ${one.reason}` : one.code,
  );

describe('parsePayload', () => {
  it('reads a record, an array, an envelope, NDJSON, lines, and all of them mixed', () => {
    expect(results('{"id":"a"}')).toEqual(['a']);
    expect(results('[{"id":"a"},{"id":"b"}]')).toEqual(['a', 'b']);
    expect(results('{"records":[{"id":"a"},{"id":"b"}]}')).toEqual(['a', 'b']);
    expect(results('{"id":"a"}\n{"id":"b"}\r\n')).toEqual(['a', 'b']);
    expect(results(`a ${String(NOW)}\nb ${String(NOW)}`)).toEqual(['a', 'b']);
    expect(results(`a ${String(NOW)}\n{"id":"b"}\n[{"id":"c"}]\n{"records":[{"id":"d"}]}`)).toEqual(['a', 'b', 'c', 'd']);
    expect(results('\ufeff{"id":"a"}')).toEqual(['a']);
  });
  it('reads an envelope that is larger than a record may be', () => {
    const records = Array.from({ length: 200 }, (_, index) => ({ id: `r${String(index)}` }));
    expect(results(JSON.stringify({ records })).length).toBe(200);
  });
  it('rejects what is broken and keeps what follows', () => {
    expect(results('{"id":"a"}\n{"id":"b\n{"id":"c"}')).toEqual(['a', 'not_json', 'c']);
    expect(results('{"id":"a"}\n!\nc 1767603600000')).toEqual(['a', 'unknown_shape', 'c']);
    expect(results('[1, {"id":"b"}]')).toEqual(['not_an_object', 'b']);
    expect(results('{"id":"a"}\n{}\n{"id":"c"}')).toEqual(['a', 'missing_id', 'c']);
    expect(results(Buffer.concat([Buffer.from('{"id":"a'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n{"id":"c"}')]))).toEqual([
      'not_utf8',
      'c',
    ]);
    expect(results(`{"id":"a","x":"${'x'.repeat(2_000)}"}\n{"id":"c"}`)).toEqual(['too_large', 'c']);
    expect(results(Buffer.alloc(10_000_000, 'x'))).toEqual(['too_large']);
    expect(results(Buffer.from('{"id":"a"}', 'utf16le'))).not.toContain('a');
  });
  it('turns a bug in a parser into a rejection that does not quote the record', () => {
    expect(results('{"id":"bug"}\n{"id":"c"}')).toEqual(['parser_bug', 'c']);
    expect(JSON.stringify(parsePayload(source, Buffer.from('{"id":"bug"}')))).not.toContain('secret');
  });
  it('rejects times before 2000 and more than a day ahead', () => {
    const at = (time: number): readonly string[] => results(JSON.stringify({ id: 'a', time }));
    expect(at(Date.UTC(1999, 11, 31))).toEqual(['time_implausible']);
    expect(at(NOW + 86_400_001)).toEqual(['time_implausible']);
    expect(at(NOW + 86_400_000)).toEqual(['a']);
    expect(at(NaN)).toEqual(['a']);
  });
  it('never gives nothing: an empty payload is rejected, an empty envelope ignored', () => {
    expect(results('')).toEqual(['not_json']);
    expect(results(' \n')).toEqual(['not_json']);
    expect(results('{"records":[]}')).toEqual(['ignored empty_envelope']);
  });
  it('accepts a U+FFFD that was written as such', () => {
    expect(results('{"id":"a\ufffd"}')).toEqual(['a\ufffd']);
  });
});
