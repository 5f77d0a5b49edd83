import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS, eventUid, HOUR_MS, isoInstant, type AccessEvent, type LedgerEntry } from '@keyward/events';
import type { AssessedEvent } from '@keyward/stages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OfflineVerdicts } from './offline-verdicts.js';
import { readVerdicts } from './verdict-file.js';

const NOON = Date.UTC(2026, 1, 10, 12);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-verdicts-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const fileOf = (...lines: readonly (object | string)[]): string => {
  const file = join(folder, 'verdicts.ndjson');
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
};
const BENIGN = { id: 'b1', at: isoInstant(NOON + HOUR_MS), verdict: 'benign', eventIds: ['one'], author: 'berg' };

describe('a file of verdicts', () => {
  it('is read in order of time, with ninety days for those that say nothing of an end', () => {
    const orders = readVerdicts(fileOf({ ...BENIGN, id: 'late', at: isoInstant(NOON + 9 * HOUR_MS) }, '', BENIGN));
    expect(orders.map(({ verdict }) => verdict.uid)).toEqual(['b1', 'late']);
    expect(orders[0]?.verdict).toMatchObject({ author: 'berg', scope: 'identity', expiresAt: NOON + HOUR_MS + 90 * DAY_MS });
  });
  it('ends none later than a year on', () => {
    const [order] = readVerdicts(fileOf({ ...BENIGN, expiresAt: '2036-01-01T00:00:00Z' }));
    expect(order?.verdict.expiresAt).toBe(NOON + HOUR_MS + 365 * DAY_MS);
  });
  it('takes one back by its id, with the events of the original', () => {
    const orders = readVerdicts(fileOf(BENIGN, { undo: 'b1', at: isoInstant(NOON + 5 * HOUR_MS) }));
    expect(orders[1]).toMatchObject({ verdict: { undoes: 'b1', at: NOON + 5 * HOUR_MS }, events: ['one'] });
  });
  it.each([
    ['this is no JSON', '{'],
    ['no line before it has the id', { undo: 'b1', at: isoInstant(NOON) }],
    ['eventIds', { ...BENIGN, eventIds: [] }],
    ['at', { ...BENIGN, at: 'yesterday' }],
  ])('is refused with the number of its line: %s', (why, line) => {
    expect(() => readVerdicts(fileOf('', line))).toThrow(/line 2/);
    expect(() => readVerdicts(fileOf('', line))).toThrow(why);
  });
  it('is refused when it is not there', () => {
    expect(() => readVerdicts(join(folder, 'nowhere'))).toThrow("can't be read");
  });
});

const ledger = 'identity:okta:anna@example.com';
function scored(id: string, time: number): AssessedEvent {
  const event: AccessEvent = {
    ...{
      uid: eventUid('okta', id),
      nativeId: id,
      source: 'okta',
      time,
      class: 'authentication',
      activity: 'logon',
      code: 'x',
      outcome: 'success',
    },
    actor: { system: 'okta', name: 'anna@example.com', identity: 'okta:anna@example.com' },
  };
  const term = {
    feature: 'A1_network',
    observed: 'x',
    usual: [],
    evidence: 8,
    p: 1e-4,
    share: 1,
    counts: { person: 0, peers: 0, all: 0 },
    confidence: 0.9,
    factors: [],
  };
  const rest = { score: 70, p: 1e-4, notEvaluated: [], snapshot: 's', stratum: 'human/medium', identity: 'okta:anna@example.com' };
  return {
    event,
    identity: rest.identity,
    assessment: { ...rest, eventUid: event.uid, time, terms: [{ ...term, scoreWithout: 0, history: 9 }] },
  };
}
const entryOf = ({ event }: AssessedEvent): LedgerEntry => ({
  ledger: 'identity',
  key: 'okta:anna@example.com',
  part: 'actor',
  primary: true,
  event,
});

describe('verdicts of a replay', () => {
  const orders = () => readVerdicts(fileOf(BENIGN, { undo: 'b1', at: isoInstant(NOON + DAY_MS) }));
  it('come due once, at their time, in the ledger of their event', () => {
    const verdicts = new OfflineVerdicts(orders());
    const one = scored('one', NOON);
    verdicts.saw(ledger, entryOf(one), one);
    expect(verdicts.due(ledger, NOON + HOUR_MS - 1)).toEqual([]);
    const [due, ...more] = verdicts.due(ledger, NOON + HOUR_MS);
    expect(more).toEqual([]);
    expect(due).toMatchObject({ ledger: 'identity', key: 'okta:anna@example.com', part: 'verdict', verdict: { uid: 'b1' } });
    expect(due?.examples.map(({ event }) => event.nativeId)).toEqual(['one']);
    expect(verdicts.due(ledger, NOON + 2 * HOUR_MS)).toEqual([]);
    expect(verdicts.due('identity:somebody', NOON + 9 * DAY_MS)).toEqual([]);
  });
  it('are counted for the population once, up to the end of each day', () => {
    const verdicts = new OfflineVerdicts(orders());
    const one = scored('one', NOON);
    verdicts.saw(ledger, entryOf(one), one);
    const today = Math.floor(NOON / DAY_MS);
    expect(verdicts.ofDaysUpTo(today).map(({ verdict }) => verdict.uid)).toEqual(['b1']);
    expect(verdicts.ofDaysUpTo(today + 3).map(({ verdict }) => verdict.undoes)).toEqual(['b1']);
    expect(verdicts.ofDaysUpTo(today + 4)).toEqual([]);
  });
  it('say nothing of an event that came after them, or that nobody named', () => {
    const verdicts = new OfflineVerdicts(orders());
    for (const late of [scored('one', NOON + 2 * HOUR_MS), scored('other', NOON)]) verdicts.saw(ledger, entryOf(late), late);
    expect(verdicts.due(ledger, NOON + 3 * HOUR_MS)).toEqual([]);
  });
});
