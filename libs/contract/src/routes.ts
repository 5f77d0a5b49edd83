import { accessRoutes } from './routes-access.js';
import { analystRoutes } from './routes-analyst.js';
import { backtestRoutes } from './routes-backtests.js';
import { linkingRoutes } from './routes-linking.js';
import { scimRoutes } from './routes-scim.js';
import { serviceRoutes } from './routes-service.js';
import { sourceRoutes } from './routes-sources.js';
import { verdictRoutes } from './routes-verdicts.js';
import type { RouteDefinition } from './route.js';
import type { z } from 'zod';

/** Every route of the API, by name. Guards, OpenAPI, the role tests and the dashboard's client read this table. */
export const ROUTES = {
  ...accessRoutes,
  ...analystRoutes,
  ...backtestRoutes,
  ...linkingRoutes,
  ...scimRoutes,
  ...serviceRoutes,
  ...sourceRoutes,
  ...verdictRoutes,
} as const;
export type RouteName = keyof typeof ROUTES;

/** The same table, each entry seen as the general shape. */
export const ROUTE_LIST: readonly (readonly [RouteName, RouteDefinition])[] = routeEntries(ROUTES);
function routeEntries<Name extends string>(table: Readonly<Record<Name, RouteDefinition>>): readonly (readonly [Name, RouteDefinition])[] {
  const names: Name[] = [];
  for (const name in table) names.push(name);
  return names.map((name) => [name, table[name]]);
}

type SchemaOf<Name extends RouteName, Part extends 'query' | 'body' | 'response'> =
  (typeof ROUTES)[Name] extends Record<Part, infer Schema> ? (Schema extends z.ZodType ? Schema : never) : never;
/** What a client sends as the query, before defaults: strings and numbers. */
export type QueryInput<Name extends RouteName> = z.input<SchemaOf<Name, 'query'>>;
export type QueryOf<Name extends RouteName> = z.output<SchemaOf<Name, 'query'>>;
export type BodyInput<Name extends RouteName> = z.input<SchemaOf<Name, 'body'>>;
export type BodyOf<Name extends RouteName> = z.output<SchemaOf<Name, 'body'>>;
export type ResponseOf<Name extends RouteName> = z.output<SchemaOf<Name, 'response'>>;

/**
 * The path of a route with its parameters filled in and escaped.
 * @throws Error when a parameter is missing: a bug of the caller
 */
export function routePath(name: RouteName, params: Readonly<Record<string, string>> = {}): string {
  return ROUTES[name].path.replace(/:([a-zA-Z]+)/g, (_, key: string) => {
    const value = params[key];
    if (value === undefined) throw new Error(`${name} needs the parameter ${key}`);
    return encodeURIComponent(value);
  });
}
