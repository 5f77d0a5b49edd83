import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { auth0 } from '../src/auth0/auth0.js';
import { IGNORED_TYPES, LOG_TYPES } from '../src/auth0/log-types.js';
import { at, list, object, text, type JsonObject } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, sampleFiles, sampleJson, samplesNote } from './vendor-samples.js';

const RECEIVED = Date.UTC(2026, 0, 5, 12);

/** Examples by format and kind; `which` picks the branch of a choice. Only what Auth0's schemas use. */
function instance(schema: unknown, which: number, name: string, whole: boolean): unknown {
  const said = object(schema);
  if ('const' in said) return said['const'];
  const choices = [said['enum'], said['examples']].map(list).find((one) => one.length > 0);
  if (choices) return Array.isArray(choices[0]) ? list(choices[0])[0] : choices[which % choices.length];
  for (const key of ['anyOf', 'oneOf']) {
    const options = list(said[key]);
    if (options.length > 0) return instance(options[which % options.length], which, name, whole);
  }
  const all = list(said['allOf']);
  if (all.length > 0) return Object.assign({}, ...all.map((one) => instance(one, which, name, whole)));
  const types = Array.isArray(said['type']) ? said['type'] : [said['type']];
  switch (types[which % types.length]) {
    case 'object':
      return members(said, which, whole);
    case 'array':
      return whole ? [instance(said['items'], which, name, whole)] : [];
    case 'string':
      return stringOf(said, name);
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function stringOf(said: JsonObject, name: string): string {
  if (said['format'] === 'ipv4') return '198.51.100.24';
  if (said['format'] === 'ipv6') return '2001:db8::24';
  if (name === 'user_name') return 'anna@example.com';
  if (name === 'user_id') return 'auth0|anna';
  return name === 'date' ? '2026-01-05T09:00:00.000Z' : `a-${name}`;
}

function members(said: JsonObject, which: number, whole: boolean): JsonObject {
  const required = new Set(list(said['required']));
  const wanted = Object.entries(object(said['properties'])).filter(([name]) => whole || required.has(name));
  return Object.fromEntries(wanted.map(([name, schema]) => [name, instance(schema, which, name, whole)]));
}

describe.skipIf(!haveSamples)(`auth0 against Auth0's own schemas${samplesNote}`, () => {
  const schemas = haveSamples ? sampleFiles('auth0_log_schemas/schemas/log-types', '.json').map((path) => object(sampleJson(path))) : [];

  it('keeps or ignores instances of each of the 166 log types, whole ones and those with the required members only', () => {
    expect(schemas).toHaveLength(166);
    const counts: Record<string, number> = {};
    for (const schema of schemas) {
      for (const which of [0, 1, 2]) {
        for (const whole of [true, false]) {
          const record = members(schema, which, whole);
          for (const payload of [record, { log_id: record['log_id'], data: record }]) {
            const [result, ...more] = parsePayload(auth0, Buffer.from(JSON.stringify(payload)), { now: RECEIVED });
            const type = text(record['type']) ?? '';
            expect(more).toEqual([]);
            expect(result?.kind, type).toBe(type in IGNORED_TYPES ? 'ignored' : 'kept');
            if (result?.kind !== 'kept') continue;
            const event = AccessEvent.parse(result.event);
            expect(event.code).toBe(type);
            expect(event.nativeId).toBe(record['log_id']);
            if ('ip' in record) expect(event.src?.ip, type).toBe(record['ip']);
            if (whole) expect(event.time).toBe(Date.parse(text(record['date']) ?? ''));
            if (whole && 'user_name' in record) expect(event.actor?.name, type).toBe(text(record['user_name'])?.toLowerCase());
            const row = `${event.class}/${event.activity}/${event.outcome}`;
            counts[row] = (counts[row] ?? 0) + 1;
          }
        }
      }
    }
    console.table(Object.fromEntries(Object.entries(counts).sort()));
  });

  it('has each documented type in a table, with the outcome that its description says', () => {
    const unknown: string[] = [];
    for (const schema of schemas) {
      const type = text(at(schema, 'properties', 'type', 'const')) ?? '';
      const mapping = LOG_TYPES[type];
      if (!mapping && !(type in IGNORED_TYPES)) unknown.push(type);
      const words = `${text(schema['description']) ?? ''} ${text(at(schema, 'properties', 'type', 'description')) ?? ''}`;
      if (mapping && /^\W*fail/i.test(words)) expect(mapping.outcome, type).toBe('failure');
      if (mapping && /^\W*success/i.test(words)) expect(mapping.outcome, type).toBe('success');
    }
    expect(unknown).toEqual([]);
  });

  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const folder = resolve(import.meta.dirname, '../src/auth0/samples');
    let kept = 0;
    for (const file of readdirSync(folder)) {
      for (const result of parsePayload(auth0, readFileSync(resolve(folder, file)))) {
        expect(result.kind, file).not.toBe('rejected');
        if (result.kind !== 'kept') continue;
        kept += 1;
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), result.event.code).toEqual([]);
      }
    }
    expect(kept).toBeGreaterThan(45);
  });
});
