import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessEvent } from '@keyward/events';
import { duo } from '../src/duo/duo.js';
import { at, list, object, text } from '../src/json.js';
import { toOcsf } from '../src/ocsf-export/to-ocsf.js';
import { parsePayload } from '../src/payload.js';
import { OcsfSchema } from './ocsf-schema.js';
import { AgreementTable, haveSamples, sampleFiles, samplesNote, sampleText } from './vendor-samples.js';

const STREAMS = ['auth', 'admin', 'telephony', 'offline_enrollment', 'summary'];
const NOW = Date.UTC(2026, 0, 5, 12);

describe.skipIf(!haveSamples)(`duo against vendor-shaped records${samplesNote}`, () => {
  it('agrees with the expectations of others on every core field, and keeps all but summaries', () => {
    const table = new AgreementTable();
    const kinds: Record<string, number> = {};
    for (const stream of STREAMS) {
      for (const file of sampleFiles(`elastic/cisco_duo/${stream}`, '.log')) {
        const lines = sampleText(file)
          .split('\n')
          .filter((line) => line.trim() !== '');
        const expected = list(object(JSON.parse(sampleText(`${file}-expected.json`)))['expected']);
        lines.forEach((line, index) => {
          const [result, ...more] = parsePayload(duo, Buffer.from(line), { now: NOW });
          expect(more).toEqual([]);
          const kind = result?.kind === 'ignored' ? `ignored: ${result.reason}` : (result?.kind ?? 'lost');
          kinds[`${stream} ${kind}`] = (kinds[`${stream} ${kind}`] ?? 0) + 1;
          expect(kind, file).not.toBe('rejected');
          if (stream === 'summary') expect(kind).toBe('ignored: account_summary');
          if (result?.kind !== 'kept') return;
          const event = AccessEvent.parse(result.event);
          const record = JSON.parse(line) as unknown;
          const wanted = expected[index];
          const where = `${stream} ${String(index + 1)}`;
          table.compare('time', where, event.time, Date.parse(text(at(wanted, '@timestamp')) ?? ''));
          table.compare('source', where, event.src?.ip, text(at(wanted, 'source', 'ip')));
          table.compare('port', where, event.src?.port, at(wanted, 'source', 'port'));
          table.compare('uid', where, event.nativeId, text(at(record, 'txid')) ?? event.nativeId);
          // Where the description alone names somebody (an activation), ours is that address or none.
          table.compare('user.name', where, event.actor?.name, text(at(wanted, 'user', 'name'))?.toLowerCase());
          const outcome = text(at(wanted, 'event', 'outcome'));
          if (outcome !== undefined) table.compare('outcome', where, event.outcome, outcome);
          const action = text(at(wanted, 'event', 'action'));
          if (action !== undefined) table.compare('code', where, event.code, action);
        });
      }
    }
    console.table(kinds);
    console.log(table.text);
    expect(table.differences).toEqual([]);
  });

  it('exports each of its own samples as OCSF that the schema accepts', () => {
    const schema = new OcsfSchema();
    const folder = resolve(import.meta.dirname, '../src/duo/samples');
    let kept = 0;
    for (const file of readdirSync(folder)) {
      for (const result of parsePayload(duo, readFileSync(resolve(folder, file)), { now: NOW })) {
        expect(result.kind, file).not.toBe('rejected');
        if (result.kind !== 'kept') continue;
        kept += 1;
        expect(schema.check(object(JSON.parse(JSON.stringify(toOcsf(result.event))))), result.event.code).toEqual([]);
      }
    }
    expect(kept).toBeGreaterThan(60);
  });
});
