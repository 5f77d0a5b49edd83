import { ledgerStoreContract, responseStoreContract, type StoreUnderTest } from '@keyward/testkit';
import { ClickHouseLedgerStore, ClickHouseResponseStore, type ClickHouse } from '../src/index.js';
import { startTestStore } from './harness.js';

const on =
  <S>(make: (clickhouse: ClickHouse) => S) =>
  async (): Promise<StoreUnderTest<S>> => {
    const store = await startTestStore();
    return { store: make(store.clickhouse), close: () => store.close() };
  };

ledgerStoreContract(
  'ClickHouse',
  on((clickhouse) => new ClickHouseLedgerStore(clickhouse)),
);
responseStoreContract(
  'ClickHouse',
  on((clickhouse) => new ClickHouseResponseStore(clickhouse)),
);
