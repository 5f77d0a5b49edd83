import { createLocalBus } from '@keyward/adapter-kafka';
import { Metrics, silentLogger } from '@keyward/runtime';
import { intakeContract } from '../test/intake-contract.js';

intakeContract('the in-process bus', () => {
  const bus = createLocalBus({ logger: silentLogger, metrics: new Metrics() });
  return Promise.resolve({ bus, close: () => bus.close() });
});
