import { messageBusContract } from '@keyward/testkit';
import { busOn, startTestBroker } from './harness.js';

messageBusContract('Apache Kafka', async () => {
  const broker = await startTestBroker();
  const bus = busOn(broker);
  return {
    bus,
    close: async () => {
      await bus.close();
      await broker.close();
    },
  };
});
