import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { at, firstText, object, objects, text, type JsonObject } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { entra } from '../src/entra/entra.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, sampleFiles, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const parseLines = (path: string): JsonObject[] =>
  sampleText(path)
    .trim()
    .split('\n')
    .map((line) => object(JSON.parse(line)));

/** Streams of the Azure integration that are Entra's, or Azure's activity log as far as we read it. */
const STREAMS = ['signinlogs', 'auditlogs', 'identity_protection', 'provisioning', 'activitylogs'];

describe.skipIf(!haveSamples)(`entra against vendor-shaped records${samplesNote}`, () => {
  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const folder = resolve(import.meta.dirname, '../src/entra/samples');
    let checked = 0;
    for (const file of readdirSync(folder)) {
      const written = readFileSync(resolve(folder, file), 'utf8');
      const values = file.endsWith('.json') ? [written] : written.trim().split('\n');
      for (const record of values.flatMap((value) => entra.unwrap(JSON.parse(value)))) {
        const result = entra.parse(record);
        if (result.kind !== 'kept') throw new Error(`${file}: ${result.kind}`);
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), result.event.code).toEqual([]);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  it('agrees with the expectations of others on the core fields of every record, and never inverts an outcome', () => {
    const compared: Record<string, number> = {};
    const agreed: Record<string, number> = {};
    const kinds: Record<string, number> = {};
    const differing: string[] = [];
    let inverted = 0;
    for (const stream of STREAMS) {
      for (const file of sampleFiles(`elastic/azure/${stream}`, '.log')) {
        const expected = objects(object(JSON.parse(sampleText(`${file}-expected.json`)))['expected']);
        parseLines(file).forEach((record, index) => {
          const result = entra.parse(record);
          const kind =
            result.kind === 'kept' ? 'kept' : result.kind === 'ignored' ? `ignored: ${result.reason}` : `rejected: ${result.message}`;
          kinds[kind] = (kinds[kind] ?? 0) + 1;
          expect(result.kind, `${file} ${String(index)}`).not.toBe('rejected');
          if (result.kind !== 'kept') return;
          const event = AccessEvent.parse(result.event);
          const wanted = expected[index] ?? {};
          for (const [field, same] of Object.entries(compare(event, wanted, record))) {
            compared[field] = (compared[field] ?? 0) + 1;
            if (same) agreed[field] = (agreed[field] ?? 0) + 1;
            else differing.push(`${file} ${String(index)} ${field}`);
          }
          const outcome = text(at(wanted, 'event', 'outcome'));
          if (outcome !== undefined && outcome !== 'unknown' && outcome !== event.outcome) inverted += 1;
        });
      }
    }
    console.table(kinds);
    console.table(
      Object.fromEntries(Object.keys(compared).map((field) => [field, `${String(agreed[field] ?? 0)} of ${String(compared[field])}`])),
    );
    if (differing.length > 0) console.log(differing.join('\n'));
    expect(inverted).toBe(0);
    for (const [field, count] of Object.entries(compared)) expect((agreed[field] ?? 0) / count, field).toBe(1);
  });

  it('reads Log Analytics columns: every one of the recorded sign-ins is kept, with user, address, place and outcome', () => {
    const records = parseLines(samplePath('msticpy/aad_logons.ndjson'));
    for (const record of records) {
      const result = entra.parse(record);
      if (result.kind !== 'kept') throw new Error(JSON.stringify(result));
      const event = AccessEvent.parse(result.event);
      expect(event.actor?.name).toBe(text(record['UserPrincipalName'])?.toLowerCase());
      expect(event.actor?.id).toBe(record['UserId']);
      expect(event.src?.ip).toBe(record['IPAddress']);
      expect(event.src?.geo?.country).toBe(at(record, 'LocationDetails', 'countryOrRegion'));
      expect(event.outcome).toBe(record['ResultType'] === '0' ? 'success' : 'failure');
      expect(Math.abs(event.time - Date.parse(`${String(record['TimeGenerated'])}Z`))).toBeLessThan(1_000);
      expect(event.code).toBe('Sign-in activity');
      expect(event.nativeId).toBe(record['Id']);
    }
    console.log(`msticpy: ${String(records.length)} of ${String(records.length)} kept and equal`);
  });
});

function compare(event: AccessEvent, wanted: JsonObject, record: JsonObject): Record<string, boolean> {
  const name = text(at(wanted, 'user', 'name'));
  const domain = text(at(wanted, 'user', 'domain'));
  const person = name === undefined ? undefined : (domain === undefined ? name : `${name}@${domain}`).toLowerCase();
  const ip = text(at(wanted, 'source', 'ip'));
  const outcome = text(at(wanted, 'event', 'outcome'));
  const operation = text(at(wanted, 'event', 'action'));
  return {
    time: Math.abs(event.time - Date.parse(text(wanted['@timestamp']) ?? '')) < 1_000,
    ...(person !== undefined && { actor: event.actor?.name === person }),
    ...(person === undefined &&
      event.class === 'authentication' && {
        service:
          event.actor?.name === text(at(record, 'properties', 'servicePrincipalName'))?.toLowerCase() || event.actor?.kind === 'human',
      }),
    // A range (`127.0.0.0/8`), as one record has it, is no address.
    src: event.src?.ip === (ip ?? firstText(text(at(record, 'properties', 'ipAddress'))?.replace(/^.*\/.*$/, ''))),
    ...(outcome !== undefined && { outcome: event.outcome === outcome }),
    action: event.code === operation,
  };
}
