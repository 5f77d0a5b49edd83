import { Metrics, silentLogger } from '@keyward/runtime';
import { messageBusContract } from '@keyward/testkit';
import { createLocalBus } from './local-bus.js';

messageBusContract('the in-process bus', () => {
  const bus = createLocalBus({ logger: silentLogger, metrics: new Metrics() });
  return Promise.resolve({ bus, close: () => bus.close() });
});
