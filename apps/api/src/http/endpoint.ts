import 'reflect-metadata';
import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { ROUTES, type RouteName } from '@keyward/contract';

export const ENDPOINT = 'keyward:endpoint';

/** Binds a controller's method to a route of the contract: path, method, status and who may call it all come from there. */
export function Endpoint(name: RouteName): MethodDecorator {
  const route = ROUTES[name];
  return applyDecorators(
    SetMetadata(ENDPOINT, name),
    RequestMapping({ path: route.path, method: RequestMethod[route.method] }),
    HttpCode(route.status),
  );
}

/** @returns the route that a handler was bound to; undefined when it was bound by Nest's own decorators */
export function endpointOf(handler: object): RouteName | undefined {
  const name: unknown = Reflect.getMetadata(ENDPOINT, handler);
  return typeof name === 'string' && isRouteName(name) ? name : undefined;
}

const isRouteName = (name: string): name is RouteName => Object.hasOwn(ROUTES, name);
