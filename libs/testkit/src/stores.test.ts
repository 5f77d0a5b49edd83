import { ledgerStoreContract } from './contracts/ledger-store.js';
import { responseStoreContract } from './contracts/response-store.js';
import { MemoryLedgerStore, MemoryResponseStore } from './stores.js';

const close = (): Promise<void> => Promise.resolve();
ledgerStoreContract('the one in memory', () => Promise.resolve({ store: new MemoryLedgerStore(), close }));
responseStoreContract('the one in memory', () => Promise.resolve({ store: new MemoryResponseStore(), close }));
