import type { MessageBus } from '@keyward/runtime';
import { afterAll, beforeAll, describe } from 'vitest';
import { busOrder } from './bus-order.js';
import { busReading } from './bus-reading.js';
import { busTransactions } from './bus-transactions.js';

export interface BusUnderTest {
  readonly bus: MessageBus;
  close(): Promise<void>;
}

/** What every bus must do. Real brokers and the in-process one pass the same suite. */
export function messageBusContract(name: string, make: () => Promise<BusUnderTest>): void {
  describe(`${name} keeps the contract of a message bus`, () => {
    let under: BusUnderTest;
    beforeAll(async () => {
      under = await make();
    });
    afterAll(() => under.close());
    const bus = (): MessageBus => under.bus;
    busReading(bus);
    busOrder(bus);
    busTransactions(bus);
  });
}
