import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { AccessEvent, eventUid } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { object } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { ocsf } from '../src/ocsf/ocsf.js';
import { parsePayload } from '../src/payload.js';
import { SOURCES } from '../src/registry.js';
import type { Source } from '../src/source.js';
import { OcsfSchema } from './ocsf-schema.js';
import { haveSamples, samplesNote } from './vendor-samples.js';

/** When the samples were "received": gives those without a year theirs. */
const NOW = Date.UTC(2026, 6, 1);

function eventsOf(source: Source): readonly AccessEvent[] {
  const folder = resolve(import.meta.dirname, '../src', source.id, 'samples');
  return readdirSync(folder)
    .flatMap((name) => parsePayload(source, readFileSync(resolve(folder, name)), { now: NOW }))
    .flatMap((result) => (result.kind === 'kept' ? [result.event] : []));
}
const ALL = SOURCES.map((source) => [source.id, eventsOf(source)] as const);

describe.skipIf(!haveSamples)(`own samples as OCSF${samplesNote}`, () => {
  it.each(ALL)('each kept record of %s is exported as the schema demands', (_id, events) => {
    const schema = new OcsfSchema();
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) {
      expect(AccessEvent.safeParse(event).success).toBe(true);
      expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(event))))), JSON.stringify(event)).toEqual([]);
    }
  });
});

describe("Keyward's own export", () => {
  it.each(ALL)('of each kept record of %s is read back as the same event', (_id, events) => {
    for (const event of events) {
      const result = ocsf.parse(JSON.parse(JSON.stringify(toOcsf(event))));
      // The record is one of source `ocsf` now, which its uid counts in.
      const expected = { ...event, source: 'ocsf', uid: eventUid('ocsf', event.nativeId) };
      expect(result).toEqual({ kind: 'kept', event: expected });
    }
  });
});
