import type { ParseResult } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { beyondtrust } from '../src/beyondtrust/beyondtrust.js';
import { at, object, text } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const NOW = Date.UTC(2026, 0, 1);
const results = (...path: readonly string[]): readonly ParseResult[] =>
  parsePayload(beyondtrust, Buffer.from(sampleText(samplePath(...path))), { now: NOW });
const FILES: readonly (readonly string[])[] = [
  ['beyondtrust', 'password_safe.ndjson'],
  ['elastic', 'beyondtrust_pra', 'access_session', 'test-event.log'],
  ['elastic', 'beyondinsight_password_safe', 'session', 'test-session.json'],
  ['elastic', 'beyondinsight_password_safe', 'useraudit', 'test-useraudits.json'],
];

describe.skipIf(!haveSamples)(`BeyondTrust against vendor samples${samplesNote}`, () => {
  it('keeps every record, and exports each as valid OCSF', () => {
    const schema = new OcsfSchema();
    for (const path of FILES) {
      const found = results(...path);
      expect(found.length).toBeGreaterThan(0);
      for (const result of found) {
        expect(result.kind, path.join('/')).toBe('kept');
        if (result.kind === 'kept') expect(schema.check(toOcsf(result.event))).toEqual([]);
      }
    }
  });

  it('agrees with what the records of Password Safe themselves say, in 100 %', () => {
    const lines = sampleText(samplePath('beyondtrust', 'password_safe.ndjson')).trim().split('\n');
    const table = new AgreementTable();
    for (const [index, result] of results('beyondtrust', 'password_safe.ndjson').entries()) {
      if (result.kind !== 'kept') continue;
      const record = object(JSON.parse(lines[index] ?? '{}'));
      const where = `line ${String(index + 1)}`;
      table.compare('uid', where, result.event.nativeId, text(at(record, 'nvps', 'logid')));
      table.compare('time', where, result.event.time, Date.parse(`${text(record['eventdate']) ?? ''} UTC`));
      table.compare('actor', where, result.event.actor?.name, text(at(record, 'nvps', 'username'))?.toLowerCase());
      table.compare('source', where, result.event.src?.ip, text(at(record, 'nvps', 'ipaddress')));
      table.compare(
        'action',
        where,
        result.event.code,
        `${String(at(record, 'nvps', 'objecttype'))}:${String(at(record, 'nvps', 'operation'))}`,
      );
      table.compare('outcome', where, result.event.outcome, at(record, 'nvps', 'failed') === '1' ? 'failure' : 'success');
    }
    console.log(`${table.text}\n${table.differences.join('\n')}`);
    expect(table.share).toBe(1);
  });
});
