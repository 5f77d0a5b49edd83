import { z } from 'zod';
import * as contract from '@keyward/contract';
import { CSRF_HEADER, Problem, PROBLEM_MEDIA_TYPE, ROUTE_LIST, type RouteDefinition } from '@keyward/contract';

export type OpenApiDocument = Readonly<Record<string, unknown>>;

const VERSION = '0.1.0';
const CREDENTIALS: Readonly<Record<RouteDefinition['access'], readonly Readonly<Record<string, readonly string[]>>[]>> = {
  public: [],
  signed_in: [{ session: [] }],
  viewer: [{ session: [] }, { token: ['read'] }],
  analyst: [{ session: [] }, { token: ['respond'] }],
  responder: [{ session: [] }, { token: ['respond'] }],
  admin: [{ session: [] }],
  ingest: [{ token: ['ingest:<source>'] }, { password: ['ingest:<source>'] }],
  scim: [{ token: ['scim:<system>'] }],
  local: [{}, { session: [] }, { token: ['read'] }],
};

/** The API as OpenAPI 3.1, from the contract alone: it can't say anything else than what is checked. */
export function buildOpenApi(): OpenApiDocument {
  const named = namedSchemas();
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of named) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, { io: 'output', uri: (id) => `#/components/schemas/${id}`, target: 'draft-2020-12' });
  const nameOf = new Map([...named].map(([name, schema]) => [schema, name]));
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of ROUTE_LIST) {
    const path = route.path.replace(/:([a-zA-Z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(name, route, nameOf) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keyward',
      version: VERSION,
      description:
        'Watches the people who hold the keys. Instants are ISO 8601 UTC; inside AccessEvent and OCSF records epoch milliseconds.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIds(schema)])),
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'keyward_session',
          description: `With the header ${CSRF_HEADER} on every request but GET`,
        },
        token: { type: 'http', scheme: 'bearer', description: 'API token, kw_...' },
        password: {
          type: 'http',
          scheme: 'basic',
          description: 'The API token as password; the user is free. For senders that know no other way',
        },
      },
    },
  };
}

/** Every schema that the contract exports with a capital letter. */
function namedSchemas(): Map<string, z.ZodType> {
  const found = new Map<string, z.ZodType>();
  const seen = new Set<z.ZodType>();
  // Sorted: the order of a module's exports is the loader's own.
  for (const [name, value] of Object.entries(contract).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!(value instanceof z.ZodType) || !/^[A-Z]/.test(name) || /Query$/.test(name) || seen.has(value)) continue;
    seen.add(value);
    found.set(name, value);
  }
  return found;
}

function operation(name: string, route: RouteDefinition, nameOf: ReadonlyMap<z.ZodType, string>): Record<string, unknown> {
  const answer = route.response
    ? { 'application/json': { schema: refOf(route.response, nameOf, 'output') } }
    : route.produces
      ? { [route.produces]: {} }
      : undefined;
  const problem = { description: 'Problem (RFC 9457)', content: { [PROBLEM_MEDIA_TYPE]: { schema: refOf(Problem, nameOf, 'output') } } };
  const parameters = [...pathParameters(route), ...queryParameters(route)];
  return {
    operationId: name,
    tags: [route.tag],
    summary: route.summary,
    description: `Access: ${route.access}`,
    security: CREDENTIALS[route.access],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route),
    responses: { [route.status]: { description: 'Done', ...(answer ? { content: answer } : {}) }, default: problem },
  };
}

const pathParameters = (route: RouteDefinition): unknown[] =>
  [...route.path.matchAll(/:([a-zA-Z]+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

const QuerySchema = z.looseObject({ properties: z.record(z.string(), z.looseObject({ description: z.string().optional() })).default({}) });
function queryParameters(route: RouteDefinition): unknown[] {
  if (!route.query) return [];
  const { properties } = QuerySchema.parse(z.toJSONSchema(route.query, { io: 'input' }));
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function requestBody(route: RouteDefinition): Record<string, unknown> {
  if (route.consumes) {
    return {
      requestBody: { required: true, content: Object.fromEntries(route.consumes.map((type) => [type, { schema: { type: 'string' } }])) },
    };
  }
  if (!route.body) return {};
  return {
    requestBody: { required: true, content: { 'application/json': { schema: withoutIds(z.toJSONSchema(route.body, { io: 'input' })) } } },
  };
}

const refOf = (schema: z.ZodType, nameOf: ReadonlyMap<z.ZodType, string>, io: 'input' | 'output'): unknown => {
  const name = nameOf.get(schema);
  return name === undefined ? withoutIds(z.toJSONSchema(schema, { io })) : { $ref: `#/components/schemas/${name}` };
};

const withoutIds = ({ $schema: _, $id: __, id: ___, ...schema }: Readonly<Record<string, unknown>>): Record<string, unknown> => schema;
