import { Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ROUTE_LIST } from '@keyward/contract';
import { endpointFaults } from './check-endpoints.js';
import { Endpoint, endpointOf } from './endpoint.js';

class Careless {
  undeclared(): string {
    return 'everybody reads this';
  }
  declared(): string {
    return 'ok';
  }
  twice(): string {
    return 'ok';
  }
}
function decorated(name: keyof Careless, decorator: MethodDecorator): object {
  const descriptor = Object.getOwnPropertyDescriptor(Careless.prototype, name) ?? {};
  decorator(Careless.prototype, name, descriptor);
  return Object(descriptor.value) as object;
}
const handlers = {
  undeclared: decorated('undeclared', Get('/v1/secrets')),
  declared: decorated('declared', Endpoint('health.alive')),
  twice: decorated('twice', Endpoint('health.alive')),
};
const handler = (name: keyof Careless): object => handlers[name];

describe('the check at start', () => {
  it('refuses a handler that nobody has declared the access of', () => {
    expect(endpointOf(handler('undeclared'))).toBeUndefined();
    expect(endpointFaults([{ where: 'Careless.undeclared', handler: handler('undeclared') }])[0]).toContain(
      'Careless.undeclared is reachable',
    );
  });
  it('refuses two handlers of one route, and a route without one', () => {
    const faults = endpointFaults([
      { where: 'A.declared', handler: handler('declared') },
      { where: 'B.twice', handler: handler('twice') },
    ]);
    expect(faults).toContain('B.twice and A.declared both answer health.alive');
    expect(faults.filter((fault) => fault.startsWith('nothing answers'))).toHaveLength(ROUTE_LIST.length - 1);
  });
});
