import { basename } from 'node:path';
import type { AccessEvent, ParseResult } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { at, list, object, text, type JsonObject } from '../src/json.js';
import { cyberark } from '../src/cyberark/cyberark.js';
import { parsePayload } from '../src/payload.js';
import { AgreementTable, haveSamples, sampleFiles, sampleJson, samplesNote, sampleText } from './vendor-samples.js';

/**
 * Code 19: the issuer connected through a gateway user, who stands in `SourceUser`. The expectation takes the gateway's account for the user, we the
 * person: all of a component's acts would else be one account's.
 */
const GATEWAY_CONNECTION = '19';

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
  const person = event.code === GATEWAY_CONNECTION ? audit['issuer'] : (at(expected, 'user', 'name') ?? audit['issuer']);
  table.compare('actor', where, event.actor?.name, lower(person));
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
  it('keeps or ignores every record, and agrees on core fields in at least 99.9 %; no outcome is inverted', () => {
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
    // One BSD time is a year off: the expectation was made in 2023.
    expect(table.share).toBeGreaterThanOrEqual(0.999);
    expect(table.shareOf('outcome')).toBe(1);
  });

  it('ignores only what the vendor does by itself: nothing that the expectation calls an access', () => {
    const categories = new Set(['iam', 'authentication', 'session', 'process', 'database', 'network']);
    for (const { where, expected, result } of pairs()) {
      const isAccess = list(at(expected, 'event', 'category')).some((category) => categories.has(String(category)));
      if (isAccess) expect(result.kind, where).toBe('kept');
    }
  });

  it('keeps what Privileged Threat Analytics saw, and agrees on core fields in 100 %', () => {
    const table = new AgreementTable();
    for (const path of sampleFiles('elastic/cyberark_pta/events', '.json').filter(
      (name) => basename(name).startsWith('test-') && !name.includes('-expected'),
    )) {
      const expected = list(at(sampleJson(`${path}-expected.json`), 'expected')).map(object);
      const results = parsePayload(cyberark, Buffer.from(sampleText(path)), { now: Date.UTC(2026, 0, 1) });
      expect(results).toHaveLength(expected.length);
      for (const [index, result] of results.entries()) {
        expect(result.kind).toBe('kept');
        if (result.kind !== 'kept') continue;
        const one = expected[index];
        const where = basename(path);
        table.compare('uid', where, result.event.nativeId, text(at(one, 'event', 'id')));
        table.compare('action', where, result.event.code, text(at(one, 'event', 'code')));
        table.compare('time', where, result.event.time, Date.parse(text(at(one, '@timestamp')) ?? ''));
        table.compare('source', where, result.event.src?.ip, text(at(one, 'source', 'ip')));
        table.compare('actor', where, result.event.actor?.name, lower(at(one, 'source', 'user', 'name'))?.replace(/\(.*\)$/, ''));
        table.compare('target', where, result.event.target?.name, lower(at(one, 'destination', 'user', 'name')));
      }
    }
    console.log(`${table.text}\n${table.differences.join('\n')}`);
    expect(table.share).toBe(1);
  });

  it('gives distinct ids to distinct records, and the same id to the same record', () => {
    const ids = pairs().flatMap(({ result }) => (result.kind === 'kept' ? [result.event.uid] : []));
    const again = pairs().flatMap(({ result }) => (result.kind === 'kept' ? [result.event.uid] : []));
    expect(again).toEqual(ids);
    expect(new Set(ids).size).toBeGreaterThan(ids.length * 0.97);
  });
});
