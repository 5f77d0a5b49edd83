import SCIMMY from 'scimmy';

/** A request of one kind of resource, as the library reads it. */
interface ScimRequest {
  readonly filter?: SCIMMY.Types.Filter;
  readonly attributes?: SCIMMY.Types.Filter;
  read(context?: unknown): Promise<unknown>;
  write(body: object, context: unknown): Promise<unknown>;
  patch(message: object, context: unknown): Promise<unknown>;
}
interface ScimResourceType {
  new (id?: string | object, query?: object): ScimRequest;
  basepath(path?: string): unknown;
  egress(handler: (request: unknown, context: never) => unknown): unknown;
  ingress(handler: (request: unknown, instance: unknown, context: never) => unknown): unknown;
}
interface ScimSchema {
  new (resource: object, direction: 'in' | 'out', basepath?: unknown, attributes?: SCIMMY.Types.Filter): object;
  extend(schema: unknown, required: boolean): unknown;
}
interface Library {
  readonly Resources: Readonly<Record<'User' | 'Group' | 'Schema' | 'ResourceType' | 'ServiceProviderConfig', ScimResourceType>> & {
    declare(resource: ScimResourceType): unknown;
  };
  readonly Schemas: Readonly<Record<'User' | 'Group' | 'EnterpriseUser', ScimSchema>>;
  readonly Messages: {
    readonly ListResponse: new (resources: readonly object[], how: object) => { readonly Resources: readonly unknown[] };
  };
  readonly Config: { set(config: object): unknown };
}

// The types that the library declares are those of its documentation's examples: they refuse calls that it documents elsewhere (a query as first
// parameter, a schema class to extend with, any object as context). These are what it does.
export const { Resources, Schemas, Messages, Config } = SCIMMY as unknown as Library;
