import type { AccessEvent, ParseResult } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { delinea } from '../src/delinea/delinea.js';
import { at, list, object, text, type JsonObject } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const NOW = Date.UTC(2026, 0, 1);
const lower = (value: unknown): string | undefined => text(value)?.toLowerCase();

/** What the lines say, read by another way: by the marks of Secret Server's own format. */
function compareLine(table: AgreementTable, where: string, event: AccessEvent, line: string): void {
  const [, object, verb] = /\|([^|]+?) [-\u2013] ([^|]+)\|\d\|/.exec(line) ?? [];
  table.compare('action', where, event.code, `${object ?? ''}:${verb ?? ''}`);
  table.compare('time', where, event.time, Date.parse(`${/ rt=(\w{3} \d\d \d{4} [\d:]{8})/.exec(line)?.[1] ?? ''} UTC`));
  table.compare('actor', where, event.actor?.name, lower(/ suser=(\S+)/.exec(line)?.[1]));
  table.compare('source', where, event.src?.ip, / src=(\S+)/.exec(line)?.[1]);
}

function compareExpected(table: AgreementTable, where: string, event: AccessEvent, expected: JsonObject): void {
  table.compare('time', where, event.time, Date.parse(text(at(expected, 'thycotic_ss', 'event', 'time')) ?? ''));
  table.compare('actor', where, event.actor?.name, lower(at(expected, 'user', 'name')));
  table.compare('actor id', where, event.actor?.id, text(at(expected, 'user', 'id')));
  table.compare('source', where, event.src?.ip, text(at(expected, 'source', 'ip')));
  const action = `${text(at(expected, 'event', 'provider')) ?? ''}:${text(at(expected, 'event', 'action')) ?? ''}`;
  table.compare('action', where, event.code.toLowerCase(), action);
  const secret = object(at(expected, 'thycotic_ss', 'event', 'secret'));
  table.compare('secret', where, event.resource?.name, text(secret['name']));
  table.compare('secret id', where, event.credential?.secretId, text(secret['id']));
  table.compare('folder', where, event.credential?.vault, text(secret['folder']));
}

describe.skipIf(!haveSamples)(`Delinea against vendor samples${samplesNote}`, () => {
  it('keeps every record and agrees on core fields in 100 %; each is valid OCSF', () => {
    const table = new AgreementTable();
    const schema = new OcsfSchema();
    const kept = (result: ParseResult | undefined, where: string): AccessEvent => {
      if (result?.kind !== 'kept') throw new Error(`${where}: ${JSON.stringify(result)}`);
      expect(schema.check(toOcsf(result.event)), where).toEqual([]);
      return result.event;
    };
    const lines = sampleText(samplePath('delinea', 'secret_server_cef.log')).trim().split('\n');
    const results = parsePayload(delinea, Buffer.from(lines.join('\n')), { now: NOW });
    expect(results).toHaveLength(lines.length);
    for (const [index, line] of lines.entries()) compareLine(table, `line ${String(index + 1)}`, kept(results[index], line), line);
    for (const path of sampleFiles('elastic/thycotic_ss/logs', 'test-thycotic-ss.json')) {
      const expected = list(at(sampleJson(`${path}-expected.json`), 'expected')).map(object);
      const found = parsePayload(delinea, Buffer.from(sampleText(path)), { now: NOW });
      expect(found).toHaveLength(expected.length);
      for (const [index, one] of expected.entries()) compareExpected(table, path, kept(found[index], path), one);
    }
    console.log(`${table.text}\n${table.differences.join('\n')}`);
    expect(table.share).toBe(1);
  });
});
