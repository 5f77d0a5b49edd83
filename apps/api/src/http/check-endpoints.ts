import type { DiscoveryService } from '@nestjs/core';
import { MetadataScanner, Reflector } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { ROUTE_LIST } from '@keyward/contract';
import { endpointOf } from './endpoint.js';

export interface BoundHandler {
  /** `AlertsController.list` */
  readonly where: string;
  readonly handler: object;
}

/**
 * What is wrong with the handlers: one that is reachable but not bound to a route of the contract (so nobody has said who may call it), a route
 * that two handlers or none answer. The server does not start with any of them.
 */
export function endpointFaults(handlers: readonly BoundHandler[]): readonly string[] {
  const faults: string[] = [];
  const bound = new Map<string, string>();
  for (const { where, handler } of handlers) {
    const name = endpointOf(handler);
    if (!name) faults.push(`${where} is reachable but has no route of the contract, so nobody has said who may call it`);
    else if (bound.has(name)) faults.push(`${where} and ${bound.get(name) ?? ''} both answer ${name}`);
    else bound.set(name, where);
  }
  for (const [name] of ROUTE_LIST) if (!bound.has(name)) faults.push(`nothing answers ${name}`);
  return faults;
}

/** Every method of every controller that Nest would route to. */
export function reachableHandlers(discovery: DiscoveryService): readonly BoundHandler[] {
  const scanner = new MetadataScanner();
  const reflector = new Reflector();
  return discovery.getControllers().flatMap(({ metatype }) => {
    if (!metatype) return [];
    const prototype: unknown = metatype.prototype;
    if (typeof prototype !== 'object' || prototype === null) return [];
    return scanner.getAllMethodNames(prototype).flatMap((method) => {
      const handler: unknown = Reflect.get(prototype, method);
      if (typeof handler !== 'function' || reflector.get<unknown>(PATH_METADATA, handler) === undefined) return [];
      return [{ where: `${metatype.name}.${method}`, handler }];
    });
  });
}
