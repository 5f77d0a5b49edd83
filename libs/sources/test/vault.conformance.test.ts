import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { at, list, object, text } from '../src/json.js';
import { parsePayload } from '../src/payload.js';
import { vault } from '../src/vault/vault.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplesNote, sampleText } from './vendor-samples.js';

describe.skipIf(!haveSamples)(`Vault against vendor samples${samplesNote}`, () => {
  it('keeps every response, ignores its request, and agrees on all core fields', () => {
    const table = new AgreementTable();
    let kept = 0;
    for (const path of sampleFiles('elastic/hashicorp_vault/audit', '.log')) {
      const results = parsePayload(vault, Buffer.from(sampleText(path)), { now: Date.UTC(2026, 0, 1) });
      const expected = list(at(sampleJson(`${path}-expected.json`), 'expected')).map(object);
      expect(results.length).toBe(expected.length);
      results.forEach((result, index) => {
        const want = expected[index] ?? {};
        const where = `${basename(path)}:${String(index + 1)}`;
        const entry = object(JSON.parse(text(at(want, 'event', 'original')) ?? '{}'));
        expect(result.kind, where).toBe(entry['type'] === 'response' ? 'kept' : 'ignored');
        if (result.kind !== 'kept') return;
        kept += 1;
        table.compare('time', where, result.event.time, Date.parse(text(want['@timestamp']) ?? ''));
        table.compare('id', where, result.event.nativeId, text(at(want, 'event', 'id')) ?? result.event.nativeId);
        table.compare('source', where, result.event.src?.ip, text(at(want, 'source', 'ip')));
        table.compare('action', where, result.event.code, text(at(want, 'event', 'action')));
        const email = text(at(want, 'user', 'email'));
        if (email !== undefined) table.compare('actor', where, result.event.actor?.name, email);
        // The expectation takes an empty `error`, which Vault before 1.0 always wrote, for an error.
        if (entry['error'] !== '') table.compare('outcome', where, result.event.outcome, text(at(want, 'event', 'outcome')));
      });
    }
    console.log(`kept: ${String(kept)}\n${table.text}\n${table.differences.join('\n')}`);
    expect(kept).toBeGreaterThan(0);
    expect(table.share).toBe(1);
  });

  it("ignores Vault's operational log, which is no audit", () => {
    for (const path of sampleFiles('elastic/hashicorp_vault/log', '.log'))
      for (const result of parsePayload(vault, Buffer.from(sampleText(path))))
        expect(result).toEqual({ kind: 'ignored', reason: 'server_log' });
  });
});
