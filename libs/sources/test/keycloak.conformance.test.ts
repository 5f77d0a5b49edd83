import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { at, object, objects, text } from '../src/json.js';
import { keycloak } from '../src/keycloak/keycloak.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, sampleFiles, samplesNote, sampleText } from './vendor-samples.js';

const NOW = Date.UTC(2026, 0, 5, 12);

/** Others read the server's times in a zone of their own, which the line doesn't name: the clock is compared, not the zone. */
const clock = (written: string | undefined): number => Date.parse(`${(written ?? '').slice(0, 23)}Z`);

/** `CREATE-USER` there is `USER:CREATE` here. */
const code = (action: string | undefined): string | undefined => action?.replace(/^(CREATE|UPDATE|DELETE|ACTION)-(.+)$/, '$2:$1');

describe.skipIf(!haveSamples)(`keycloak against vendor-shaped records${samplesNote}`, () => {
  it('agrees with the expectations of others on every core field, and keeps all that they call an event', () => {
    const table = new AgreementTable();
    for (const file of sampleFiles('elastic/keycloak/log', '.log')) {
      const expected = objects(object(JSON.parse(sampleText(`${file}-expected.json`)))['expected']);
      const results = sampleText(file)
        .trim()
        .split('\n')
        .map((line) => parsePayload(keycloak, Buffer.from(line), { now: NOW })[0]);
      expect(results).toHaveLength(expected.length);
      results.forEach((result, index) => {
        const wanted = expected[index] ?? {};
        const where = `line ${String(index + 1)}`;
        const action = text(at(wanted, 'event', 'action'));
        expect(result?.kind, where).not.toBe('rejected');
        if (action === undefined) {
          // Lines of the server: only the administrator that it made says anything about access.
          if (result?.kind === 'kept') expect(result.event.code).toBe('KC-SERVICES0009');
          return;
        }
        if (result?.kind !== 'kept') throw new Error(`${where} is ${result?.kind ?? 'lost'}`);
        const event = AccessEvent.parse(result.event);
        table.compare('code', where, event.code, code(action));
        table.compare('time', where, event.time, clock(text(wanted['@timestamp'])));
        table.compare('outcome', where, event.outcome, /_ERROR$/.test(action) ? 'failure' : 'success');
        table.compare('user.id', where, event.actor?.id, text(at(wanted, 'user', 'id')));
        table.compare('user.name', where, event.actor?.name, text(at(wanted, 'user', 'name')) ?? text(at(wanted, 'user', 'id')));
        table.compare('target', where, event.target?.id, text(at(wanted, 'user', 'target', 'id')));
        table.compare('source', where, event.src?.ip, text(at(wanted, 'source', 'address')));
      });
    }
    console.log(table.text);
    expect(table.differences).toEqual([]);
  });

  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const folder = resolve(import.meta.dirname, '../src/keycloak/samples');
    let kept = 0;
    for (const file of readdirSync(folder)) {
      for (const result of parsePayload(keycloak, readFileSync(resolve(folder, file)), { now: NOW })) {
        expect(result.kind, file).not.toBe('rejected');
        if (result.kind !== 'kept') continue;
        kept += 1;
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), result.event.code).toEqual([]);
      }
    }
    expect(kept).toBeGreaterThan(60);
  });
});
