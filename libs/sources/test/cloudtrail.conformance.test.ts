import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { at, firstText, object, objects, text } from '../src/json.js';
import { cloudtrail } from '../src/cloudtrail/cloudtrail.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplesNote, sampleText } from './vendor-samples.js';

describe.skipIf(!haveSamples)(`cloudtrail against other people's expectations${samplesNote}`, () => {
  it('agrees on id, time, operation, outcome, actor, target and address of every record', () => {
    const table = new AgreementTable();
    const schema = new OcsfSchema();
    for (const path of sampleFiles('elastic/aws/cloudtrail', '.log')) {
      const expected = objects(object(sampleJson(`${path}-expected.json`))['expected']);
      const results = parsePayload(cloudtrail, Buffer.from(sampleText(path)));
      expect(results).toHaveLength(expected.length);
      results.forEach((result, index) => {
        const wanted = expected[index] ?? {};
        const where = `${path.split('/').at(-1) ?? ''}:${String(index + 1)}`;
        const action = text(at(wanted, 'event', 'action'));
        if (action === undefined) {
          expect(result, where).toMatchObject({ kind: 'ignored' });
          return;
        }
        if (result.kind !== 'kept') throw new Error(`${where}: ${JSON.stringify(result)}`);
        const event = AccessEvent.parse(result.event);
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(event))))), where).toEqual([]);
        table.compare('time', where, event.time, Date.parse(text(wanted['@timestamp']) ?? ''));
        table.compare('action', where, event.code, action);
        table.compare('outcome', where, event.outcome, at(wanted, 'event', 'outcome'));
        const id = text(at(wanted, 'event', 'id'));
        if (id !== undefined) table.compare('id', where, event.nativeId, id);
        const name = firstText(at(wanted, 'user', 'name'));
        if (name !== undefined) table.compare('actor', where, event.actor?.name, name.toLowerCase());
        const target = text(at(wanted, 'user', 'target', 'name'));
        if (target !== undefined && target !== name) table.compare('target', where, event.target?.name, target.toLowerCase());
        const ip = text(at(wanted, 'source', 'ip'));
        if (ip !== undefined) table.compare('src', where, event.src?.ip, ip);
      });
    }
    console.log(`${table.text}\n${table.differences.join('\n')}`);
    expect(table.share).toBe(1);
  });
});
