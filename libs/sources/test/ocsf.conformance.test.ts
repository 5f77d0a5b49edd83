import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { object } from '../src/json.js';
import { ocsf } from '../src/ocsf/ocsf.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, sampleFiles, sampleJson, samplesNote } from './vendor-samples.js';

/** Classes that a producer's record may have and that say who did what. */
const OURS = new Set([3001, 3002, 3003, 3004, 3005, 3006, 6003, 1007]);

describe.skipIf(!haveSamples)(`OCSF of other producers${samplesNote}`, () => {
  it('reads every example of an access class, with its time, and ignores the others', () => {
    let read = 0;
    for (const file of sampleFiles('ocsf/examples/encodings/ilf/example_logs', '.ocsf')) {
      const value = sampleJson(file);
      for (const record of (Array.isArray(value) ? value : [value]).map(object)) {
        const result = ocsf.parse(record);
        if (!OURS.has(Number(record['class_uid']))) {
          expect(result.kind, file).toBe('ignored');
          continue;
        }
        expect(result, file).toMatchObject({ kind: 'kept' });
        if (result.kind !== 'kept') continue;
        // One producer counts in microseconds.
        expect(String(record['time']).startsWith(String(AccessEvent.parse(result.event).time)), file).toBe(true);
        expect(new OcsfSchema().check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), file).toEqual([]);
        read += 1;
      }
    }
    expect(read).toBeGreaterThanOrEqual(6);
  });

  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const lines = readFileSync(resolve(import.meta.dirname, '../src/ocsf/samples/events.ndjson'), 'utf8')
      .trim()
      .split('\n');
    for (const line of lines) {
      const result = ocsf.parse(JSON.parse(line));
      if (result.kind !== 'kept') throw new Error(result.kind);
      expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), line).toEqual([]);
    }
  });
});
