import { exampleOf, type Verdict, type VerdictEntry } from '@keyward/baselines';
import { VerdictQuery } from '@keyward/contract';
import { DAY_MS, HOUR_MS, dayOf } from '@keyward/events';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { Policy } from '@keyward/response';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { SetClock, SetOrganisation } from '@keyward/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickHouseAssessmentStore, ClickHouseVerdictStore, createAnalystQueries, type VerdictQueries } from '../src/index.js';
import { HOSTILE, T0, anAssessedEvent } from './builders.js';
import { startTestStore, type TestStore } from './harness.js';

let test: TestStore;
let queries: VerdictQueries;
let store: ClickHouseVerdictStore;
const clock = new SetClock(T0 + 2 * DAY_MS);
const scored = anAssessedEvent(1);

const verdictOf = (uid: string, more: Partial<Verdict> = {}): Verdict => ({
  ...{
    uid,
    kind: 'benign',
    scope: 'identity',
    at: T0 + HOUR_MS,
    expiresAt: T0 + 30 * DAY_MS,
    author: 'berg',
    reason: 'a trip',
    alertUid: `alert of ${uid}`,
  },
  ...more,
});
const entryOf = (verdict: Verdict, more: Partial<VerdictEntry> = {}): VerdictEntry => ({
  ...{
    ledger: 'identity',
    key: 'p-anna',
    part: 'verdict',
    identity: 'p-anna',
    verdict,
    examples: [exampleOf(scored.event, scored.assessment)],
  },
  ...more,
});
const give = (verdict: Verdict, about: readonly string[] = ['Signed in from elsewhere.']): Promise<void> =>
  queries.append({ verdict, identity: 'p-anna', about, entries: [entryOf(verdict)] });
const listed = async (query: Record<string, string> = {}): Promise<string[]> =>
  (await queries.list(VerdictQuery.parse(query))).items.map(({ uid, state }) => `${uid} ${state}`);

beforeAll(async () => {
  test = await startTestStore();
  store = new ClickHouseVerdictStore(test.clickhouse);
  queries = createAnalystQueries(test.clickhouse, {
    organisation: new SetOrganisation({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }),
    policy: () => Policy.parse({ version: 1 }),
    clock,
  }).verdicts;
  await give(verdictOf('stands'), [...HOSTILE]);
  await give(verdictOf('over', { at: T0, expiresAt: T0 + DAY_MS, kind: 'malicious' }));
  await give(verdictOf('back', { at: T0 + 2 * HOUR_MS }));
  await give(verdictOf('undo', { at: T0 + 3 * HOUR_MS, undoes: 'back', author: 'weber', reason: 'the wrong one' }));
});
afterAll(() => test.close());

describe('verdicts as people see them', () => {
  it('are listed newest first, with their state; what takes one back is no verdict of its own', async () => {
    expect(await listed()).toEqual(['back undone', 'stands in_force', 'over expired']);
    expect(await listed({ state: 'in_force' })).toEqual(['stands in_force']);
    expect(await listed({ alert: 'alert of over' })).toEqual(['over expired']);
    expect(await listed({ identity: 'nobody' })).toEqual([]);
  });
  it('come page by page, none twice', async () => {
    const first = await queries.list(VerdictQuery.parse({ limit: '2' }));
    const rest = await queries.list(VerdictQuery.parse({ limit: '2', cursor: first.nextCursor ?? '' }));
    expect([...first.items, ...rest.items].map(({ uid }) => uid)).toEqual(['back', 'stands', 'over']);
    expect(rest.nextCursor).toBeNull();
  });
  it('say who took them back and why, and what they are about, whatever its text', async () => {
    expect((await queries.find('back'))?.undone).toMatchObject({ by: 'weber', reason: 'the wrong one' });
    expect((await queries.find('stands'))?.about).toEqual([...HOSTILE]);
    expect(await queries.find('undo')).toBeUndefined();
  });
  it('are in force on an alert until they end or are taken back', async () => {
    const alerts = ['stands', 'over', 'back'].map((uid) => `alert of ${uid}`);
    expect((await queries.inForceOn(alerts)).map(({ uid }) => uid)).toEqual(['stands']);
    expect(await queries.benignOn(['p-anna'])).toEqual([[entryOf(verdictOf('stands'))]]);
  });
  it('are applied once ASSESS has stored an entry', async () => {
    expect((await queries.find('stands'))?.isApplied).toBe(false);
    await store.insertVerdicts([entryOf(verdictOf('stands'))]);
    expect((await queries.find('stands'))?.isApplied).toBe(true);
  });
});

describe('verdicts as snapshots read them', () => {
  it('come by the day they were taken in on, each entry once, in the order given', async () => {
    const late = entryOf(verdictOf('late'), { countsFrom: dayOf(T0) + 3 });
    const two = [
      entryOf(verdictOf('two', { at: T0 + 5 })),
      entryOf(verdictOf('two', { at: T0 + 5 }), { ledger: 'credential', key: 'root@db1' }),
    ];
    await store.insertVerdicts([late, ...two]);
    await store.insertVerdicts([late, ...two]);
    const today = await store.takenInOn(dayOf(T0), dayOf(T0) + 1);
    expect(today.map(({ verdict, key }) => `${verdict.uid} ${key}`)).toEqual(['two root@db1', 'two p-anna', 'stands p-anna']);
    expect(await store.takenInOn(dayOf(T0) + 3, dayOf(T0) + 4)).toEqual([late]);
    expect(await store.takenInOn(dayOf(T0) + 1, dayOf(T0) + 3)).toEqual([]);
  });
});

describe('scored events of a preview', () => {
  it('come back as they were scored, from the days asked for', async () => {
    await new ClickHouseAssessmentStore(test.clickhouse).insertEvents([scored]);
    const day = dayOf(scored.event.time);
    const [found] = await queries.events([scored.event.uid], day, day);
    expect(found).toMatchObject({ event: scored.event, assessment: { p: scored.assessment.p, terms: scored.assessment.terms } });
    expect(await queries.events([scored.event.uid], day + 1, day + 9)).toEqual([]);
    expect(await queries.events([], day, day)).toEqual([]);
  });
});
