import { basename } from 'node:path';
import type { AccessEvent, ParseResult } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { at, list, object, text, type JsonObject } from '../src/json.js';
import { cyberark } from '../src/cyberark/cyberark.js';
import { parsePayload } from '../src/payload.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplesNote, sampleText } from './vendor-samples.js';

/**
 * The expectation takes a password's use for failed when the last task of the CPM on that account failed (property `CPMStatus`). Code 308 says
 * that the Vault let the password be used; sessions on these accounts follow in the same samples. We differ on purpose.
 */
const CPM_STATUS_IS_NO_OUTCOME = new Set(['308']);

interface Pair {
  readonly where: string;
  readonly expected: JsonObject;
  readonly result: ParseResult;
}

const pairs = (): readonly Pair[] =>
  sampleFiles('elastic/cyberarkpas/audit', '.log').flatMap((path) => {
    const results = parsePayload(cyberark, Buffer.from(sampleText(path)), { now: Date.UTC(2026, 0, 1) });
    const expected = list(at(sampleJson(`${path}-expected.json`), 'expected')).map(object);
    expect(results.length, basename(path)).toBe(expected.length);
    return results.map((result, index) => ({ where: `${basename(path)}:${String(index + 1)}`, expected: expected[index] ?? {}, result }));
  });

const withoutHost = (name: string | undefined): string | undefined => name?.split('@', 1)[0];
const lower = (value: unknown): string | undefined => text(value)?.toLowerCase();
const login = (value: unknown): string | undefined => lower(value)?.split('\\').at(-1);

function compare(table: AgreementTable, where: string, event: AccessEvent, expected: JsonObject): void {
  const audit = object(at(expected, 'cyberarkpas', 'audit'));
  const address = (value: unknown): string | undefined => (value === '0.0.0.0' ? undefined : text(value));
  table.compare('time', where, event.time, Date.parse(text(expected['@timestamp']) ?? ''));
  table.compare('actor', where, event.actor?.name, lower(at(expected, 'user', 'name') ?? audit['issuer']));
  table.compare('source', where, event.src?.ip, address(at(expected, 'source', 'ip')));
  table.compare('action', where, event.code, text(at(expected, 'event', 'code')));
  table.compare('session', where, event.session?.uid, text(at(audit, 'extra_details', 'session_id')));
  const target =
    at(expected, 'user', 'target', 'name') ??
    (event.class === 'authentication' && event.session === undefined ? undefined : at(expected, 'destination', 'user', 'name'));
  if (target !== undefined) table.compare('target', where, withoutHost(event.target?.name), login(target));
  const outcome = text(at(expected, 'event', 'outcome'));
  if (outcome !== undefined && !(CPM_STATUS_IS_NO_OUTCOME.has(event.code) && outcome === 'failure'))
    table.compare('outcome', where, event.outcome, outcome);
}

describe.skipIf(!haveSamples)(`CyberArk against vendor samples${samplesNote}`, () => {
  it('keeps or ignores every record, and agrees on core fields in at least 95 %; no outcome is inverted', () => {
    const table = new AgreementTable();
    const counts = new Map<string, number>();
    for (const { where, expected, result } of pairs()) {
      const ended =
        result.kind === 'ignored'
          ? `ignored ${result.reason}`
          : result.kind === 'rejected'
            ? `rejected ${where} ${result.message}`
            : 'kept';
      counts.set(ended, (counts.get(ended) ?? 0) + 1);
      if (result.kind === 'kept') compare(table, where, result.event, expected);
    }
    console.log(
      `${[...counts].map(([ended, count]) => `${ended}: ${String(count)}`).join('\n')}\n${table.text}\n${table.differences.join('\n')}`,
    );
    expect([...counts.keys()].filter((ended) => ended.startsWith('rejected'))).toEqual([]);
    expect(table.share).toBeGreaterThanOrEqual(0.95);
    expect(table.shareOf('outcome')).toBe(1);
  });

  it('ignores only what the vendor does by itself: nothing that the expectation calls an access', () => {
    const categories = new Set(['iam', 'authentication', 'session', 'process', 'database', 'network']);
    for (const { where, expected, result } of pairs()) {
      const isAccess = list(at(expected, 'event', 'category')).some((category) => categories.has(String(category)));
      if (isAccess) expect(result.kind, where).toBe('kept');
    }
  });

  it('gives distinct ids to distinct records, and the same id to the same record', () => {
    const ids = pairs().flatMap(({ result }) => (result.kind === 'kept' ? [result.event.uid] : []));
    const again = pairs().flatMap(({ result }) => (result.kind === 'kept' ? [result.event.uid] : []));
    expect(again).toEqual(ids);
    expect(new Set(ids).size).toBeGreaterThan(ids.length * 0.97);
  });
});
