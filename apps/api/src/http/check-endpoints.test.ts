import { Controller, Get } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { ROUTE_LIST } from '@keyward/contract';
import { endpointFaults } from './check-endpoints.js';
import { Endpoint, endpointOf } from './endpoint.js';

@Controller()
class Careless {
  @Get('/v1/secrets')
  undeclared(): string {
    return 'everybody reads this';
  }
  @Endpoint('health.alive')
  declared(): string {
    return 'ok';
  }
  @Endpoint('health.alive')
  twice(): string {
    return 'ok';
  }
}
const handler = (name: keyof Careless): object => Object(Reflect.get(Careless.prototype, name)) as object;

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
