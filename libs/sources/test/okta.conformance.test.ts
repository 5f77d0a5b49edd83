import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { at, object, objects, text } from '../src/json.js';
import { classify } from '../src/okta/classify.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { okta } from '../src/okta/okta.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, samplePath, samplesNote, sampleText } from './vendor-samples.js';

const read = (path: string): string => sampleText(samplePath(path));
const when = (value: unknown): number => Date.parse(text(value) ?? '');

describe.skipIf(!haveSamples)(`okta against vendor-shaped records${samplesNote}`, () => {
  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const folder = resolve(import.meta.dirname, '../src/okta/samples');
    let checked = 0;
    for (const file of readdirSync(folder)) {
      const written = readFileSync(resolve(folder, file), 'utf8');
      const values = file.endsWith('.json') ? [written] : written.trim().split('\n');
      for (const record of values.flatMap((value) => okta.unwrap(JSON.parse(value)))) {
        const result = okta.parse(record);
        if (result.kind !== 'kept') throw new Error(`${file}: ${result.kind}`);
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), result.event.code).toEqual([]);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(50);
  });

  it('agrees with the expectations of others on the core fields of every record, and never inverts an outcome', () => {
    const records = read('elastic/okta/system/test-okta-system-events.log').trim().split('\n');
    const expected = objects(object(JSON.parse(read('elastic/okta/system/test-okta-system-events.log-expected.json')))['expected']);
    expect(expected).toHaveLength(records.length);
    const agreed: Record<string, number> = { time: 0, actor: 0, target: 0, src: 0, outcome: 0, action: 0, session: 0 };
    const differing: string[] = [];
    let inverted = 0;
    records.forEach((line, index) => {
      const wanted = expected[index] ?? {};
      const result = okta.parse(JSON.parse(line));
      if (result.kind !== 'kept') throw new Error(`record ${String(index)} is ${result.kind}`);
      const event = AccessEvent.parse(result.event);
      const actor = text(at(wanted, 'okta', 'actor', 'alternate_id'))?.toLowerCase();
      const target = objects(at(wanted, 'okta', 'target')).find((one) => one['type'] === 'User');
      const wantedTarget =
        target && text(target['id']) !== text(at(wanted, 'okta', 'actor', 'id')) ? text(target['alternate_id'])?.toLowerCase() : undefined;
      const checks: Record<string, boolean> = {
        time: event.time === when(wanted['@timestamp']),
        actor: event.actor?.name === actor,
        target:
          event.target?.name === wantedTarget ||
          (wantedTarget === undefined && event.target !== undefined && /device|app/i.test(event.code)),
        // Where `client` has no address, ours is the first hop of the chain.
        src: event.src?.ip === (text(at(wanted, 'client', 'ip')) ?? text(objects(at(wanted, 'okta', 'request', 'ip_chain'))[0]?.['ip'])),
        outcome: event.outcome === at(wanted, 'event', 'outcome'),
        action: event.code === at(wanted, 'event', 'action'),
        session: event.session?.uid === text(at(wanted, 'okta', 'authentication_context', 'external_session_id')),
      };
      if (event.outcome !== at(wanted, 'event', 'outcome') && at(wanted, 'event', 'outcome') !== 'unknown') inverted += 1;
      for (const [field, same] of Object.entries(checks)) {
        if (same) agreed[field] = (agreed[field] ?? 0) + 1;
        else differing.push(`${String(index)} ${event.code} ${field}`);
      }
    });
    console.table(
      Object.fromEntries(Object.entries(agreed).map(([field, count]) => [field, `${String(count)} of ${String(records.length)}`])),
    );
    if (differing.length > 0) console.log(differing.join('\n'));
    expect(inverted).toBe(0);
    for (const [field, count] of Object.entries(agreed)) expect(count, field).toBe(records.length);
  });

  it('keeps or ignores each of the 1,013 published event types, and ignores none whose name speaks of access', () => {
    const types = read('okta_event_types/okta-event-types.csv')
      .split('\n')
      .slice(1)
      .map((line) => line.split(',', 1)[0] ?? '')
      .filter((name) => /^[a-z_\d]+(?:\.[\w-]+)+$/i.test(name));
    expect(types.length).toBeGreaterThanOrEqual(1_013);
    const counts: Record<string, number> = {};
    for (const type of types) {
      const result = okta.parse(syntheticEvent(type));
      expect(result.kind, type).not.toBe('rejected');
      if (result.kind === 'ignored') expect(type).not.toMatch(/login|session|mfa|grant|role|group|account|factor|token/i);
      if (result.kind === 'kept') AccessEvent.parse(result.event);
      const meaning = classify(type);
      const row = 'ignored' in meaning ? `ignored: ${meaning.ignored}` : `${meaning.mapping.class}/${meaning.mapping.activity}`;
      counts[row] = (counts[row] ?? 0) + 1;
    }
    console.table(Object.fromEntries(Object.entries(counts).sort()));
  });
});

const syntheticEvent = (eventType: string): unknown => ({
  uuid: `00000000-0000-4000-8000-${String(eventType.length).padStart(12, '0')}`,
  published: '2026-01-05T09:00:00.000Z',
  eventType,
  actor: { id: '00uadmin', type: 'User', alternateId: 'admin@example.com', displayName: 'Ada Admin' },
  outcome: { result: 'SUCCESS', reason: null },
  target: [{ id: '00uanna', type: 'User', alternateId: 'anna@example.com', displayName: 'Anna' }],
});
