import { ClickHouseLedgerStore, openClickHouse, type ClickHouse } from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@keyward/adapter-embedded';
import { createLocalBus } from '@keyward/adapter-kafka';
import { TOPICS, refuseReplacedBus } from '@keyward/pipeline';
import { EVENTS_TOPIC, Metrics, Secret, silentLogger, type MessageBus } from '@keyward/runtime';
import { LedgerCache } from '../../libs/stages/src/ledger-cache.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyward, temporaryFolder } from './keyward.js';

const folder = temporaryFolder('new-bus');
const CONFIG = { CLICKHOUSE_USER: 'keyward', CLICKHOUSE_DATABASE: 'new_bus' };
/** A bus whose offsets begin at `first` microseconds, as after a start at that time. */
async function busFrom(first: number): Promise<MessageBus> {
  const bus = createLocalBus({ logger: silentLogger, metrics: new Metrics(), clock: { now: () => first / 1_000 } });
  await bus.ensureTopics(TOPICS);
  return bus;
}

describe('ledgers belong to one bus (ADR 17)', () => {
  let server: EmbeddedClickHouse;
  let clickhouse: ClickHouse;
  let store: ClickHouseLedgerStore;
  beforeAll(async () => {
    server = await startEmbeddedClickHouse({ directory: folder.file('clickhouse') });
    ({ clickhouse } = await openClickHouse({ ...CONFIG, CLICKHOUSE_URL: server.url, CLICKHOUSE_PASSWORD: new Secret(server.password) }));
    store = new ClickHouseLedgerStore(clickhouse);
    await store.save('assess', [
      { id: 'identity:p-1', partition: 2, throughOffset: 0, throughPlace: '', state: '{"learned":1}' },
      { id: 'identity:p-2', partition: 2, throughOffset: 41, throughPlace: '', state: '{"learned":2}' },
    ]);
    await store.save('alert', [{ id: 'p-2', partition: 1, throughOffset: 7, throughPlace: '', state: '{"alerts":1}' }]);
  });
  afterAll(async () => {
    await clickhouse.close();
    await server.stop();
    folder.remove();
  });

  it('tells how far the ledgers have read', async () => {
    expect(await store.furthestOffsets()).toEqual([
      { stage: 'alert', partition: 1, throughOffset: 7 },
      { stage: 'assess', partition: 2, throughOffset: 41 },
    ]);
  });
  it('a worker does not start on a bus that ends before what its ledgers contain, and says what to do', async () => {
    await expect(refuseReplacedBus(await busFrom(0), clickhouse)).rejects.toThrow(/keyward migrate --new-bus/);
    await expect(refuseReplacedBus(await busFrom(41), clickhouse)).rejects.toThrow(
      new RegExp(`record 41 of ${EVENTS_TOPIC}, partition 2, which ends at 41`),
    );
  });
  it('it starts where the next record comes after them', async () => {
    await expect(refuseReplacedBus(await busFrom(42), clickhouse)).resolves.toBeUndefined();
  });
  it('a stage stops when a key has come to another partition, rather than take its records for old ones', async () => {
    const codec = { initial: () => '', encode: (state: string) => state, decode: (text: string) => text };
    const cache = new LedgerCache('assess', store, codec, 10);
    await expect(cache.load([{ id: 'identity:p-2', partition: 3 }])).rejects.toThrow(/number of partitions has changed/);
    await expect(cache.load([{ id: 'identity:p-2', partition: 2 }])).resolves.toBeUndefined();
  });
  it('after "keyward migrate --new-bus" everything learned is there, and nothing of the new bus is taken for old', async () => {
    const env = { ...CONFIG, CLICKHOUSE_URL: server.url, CLICKHOUSE_PASSWORD: server.password };
    for (let run = 0; run < 2; run += 1) expect(await keyward(['migrate', '--new-bus'], { env })).toMatchObject({ code: 0 });
    await expect(refuseReplacedBus(await busFrom(0), clickhouse)).resolves.toBeUndefined();
    const loaded = await store.load('assess', ['identity:p-1', 'identity:p-2']);
    expect([...loaded.values()].map(({ id, throughOffset, state }) => ({ id, throughOffset, state }))).toEqual(
      expect.arrayContaining([
        { id: 'identity:p-1', throughOffset: -1, state: '{"learned":1}' },
        { id: 'identity:p-2', throughOffset: -1, state: '{"learned":2}' },
      ]),
    );
    // The first record of the new bus is older in number than what was saved before, and still wins.
    await store.save('assess', [{ id: 'identity:p-2', partition: 0, throughOffset: 0, throughPlace: '', state: '{"learned":3}' }]);
    expect((await store.load('assess', ['identity:p-2'])).get('identity:p-2')).toMatchObject({
      throughOffset: 0,
      throughPlace: '',
      state: '{"learned":3}',
    });
  });
});
