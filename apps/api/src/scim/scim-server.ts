import type { StoredScimResource } from '@keyward/adapter-clickhouse';
import SCIMMY from 'scimmy';
import { isJson, standardOperations, standardResource } from './scim-dialect.js';
import type { ScimDirectory, ScimKind } from './scim-directory.js';
import { equalTo, matching } from './scim-filter.js';
import { Config, Messages, Resources, Schemas } from './scim-library.js';

const { Error: ScimError } = SCIMMY.Types;

type Json = Readonly<Record<string, unknown>>;
/** Whose request it is, and where the library's handlers bring what they made. */
interface Context {
  readonly directory: ScimDirectory;
  readonly system: string;
  readonly before: StoredScimResource | undefined;
  /** What went wrong in a handler: the library makes "not found" of everything that it does not know. */
  failure?: unknown;
}
export interface ScimQuery {
  readonly filter?: string;
  readonly attributes?: string;
  readonly excludedAttributes?: string;
  readonly sortBy?: string;
  readonly sortOrder?: string;
  readonly startIndex?: string;
  readonly count?: string;
}
/** An answer, and the version of the resource that it shows. */
export interface ScimAnswer {
  readonly body: unknown;
  readonly id?: string;
  readonly version?: string;
}

export const SCIM_BASE = '/scim/v2';
const DEFAULT_COUNT = 100;
const MAX_COUNT = 200;
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const KINDS = {
  user: { Resource: Resources.User, Schema: Schemas.User, name: 'userName' },
  group: { Resource: Resources.Group, Schema: Schemas.Group, name: 'displayName' },
} as const;

// The library keeps its resource types once for the process; whose they are comes with each call.
Schemas.User.extend(Schemas.EnterpriseUser, false);
Config.set({
  patch: true,
  filter: { supported: true, maxResults: MAX_COUNT },
  sort: true,
  etag: true,
  bulk: false,
  changePassword: false,
  documentationUri: 'https://www.rfc-editor.org/rfc/rfc7644',
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API token',
      description: 'A token with the scope scim:<system>, as Authorization: Bearer',
      specUri: 'https://www.rfc-editor.org/info/rfc6750',
    },
  ],
});
for (const kind of ['user', 'group'] as const) {
  const { Resource } = KINDS[kind];
  Resources.declare(Resource);
  Resource.basepath(SCIM_BASE);
  Resource.egress((_: unknown, { before }: Context) => {
    if (!before) throw new ScimError(404, '', 'There is no such resource.');
    return shown(before);
  });
  Resource.ingress(async (_: unknown, instance: unknown, context: Context) => {
    const { directory, system, before } = context;
    const resource = kept(kind, instance);
    try {
      return shown(await directory.save(kind, system, before, resource));
    } catch (error) {
      context.failure = error;
      throw error;
    }
  });
}
for (const Resource of [Resources.Schema, Resources.ResourceType, Resources.ServiceProviderConfig]) Resource.basepath(SCIM_BASE);

/** SCIM 2.0 as Okta, Entra and the standard speak it. One for all systems; each sees its own users and groups. */
export class ScimServer {
  readonly #directory: ScimDirectory;
  constructor(directory: ScimDirectory) {
    this.#directory = directory;
  }

  async list(kind: ScimKind, system: string, query: ScimQuery): Promise<ScimAnswer> {
    const { Resource, Schema, name } = KINDS[kind];
    const { filter, attributes } = new Resource(asked(query));
    const byName = equalTo(filter, name);
    const external = equalTo(filter, 'externalId');
    const stored = await this.#directory.list(kind, system, {
      ...(byName === undefined ? {} : { name: byName }),
      ...(external === undefined ? {} : { external }),
    });
    const found = filter ? matching(filter, stored.map(shown)) : stored.map(shown);
    const sorted = query.sortBy === undefined ? found : inOrder(found, query);
    const startIndex = Math.max(1, whole(query.startIndex, 'startIndex') ?? 1);
    const count = Math.min(MAX_COUNT, Math.max(0, whole(query.count, 'count') ?? DEFAULT_COUNT));
    const page = sorted.slice(startIndex - 1, startIndex - 1 + count);
    const items = page.map((resource) => new Schema(resource, 'out', Resource.basepath(), attributes));
    return { body: { schemas: [LIST], totalResults: found.length, startIndex, itemsPerPage: items.length, Resources: items } };
  }

  async show(kind: ScimKind, system: string, id: string, query: ScimQuery): Promise<ScimAnswer> {
    const before = await this.#directory.find(kind, system, id);
    const { Resource } = KINDS[kind];
    return answer(await this.#run(system, before, (context) => new Resource(id, asked(query)).read(context)));
  }

  create(kind: ScimKind, system: string, body: unknown): Promise<ScimAnswer> {
    return this.#directory.inTurn(system, async () => {
      const { Resource } = KINDS[kind];
      return answer(await this.#run(system, undefined, (context) => new Resource().write(standardBody(body), context)));
    });
  }

  replace(kind: ScimKind, system: string, id: string, body: unknown, ifMatch: string | undefined): Promise<ScimAnswer> {
    return this.#directory.inTurn(system, async () => {
      const before = await this.#expected(kind, system, id, ifMatch);
      const { Resource } = KINDS[kind];
      return answer(await this.#run(system, before, (context) => new Resource(id).write(standardBody(body), context)));
    });
  }

  patch(kind: ScimKind, system: string, id: string, body: unknown, ifMatch: string | undefined): Promise<ScimAnswer> {
    return this.#directory.inTurn(system, async () => {
      const before = await this.#expected(kind, system, id, ifMatch);
      const Operations = isJson(body) ? standardOperations(body, before.resource) : undefined;
      if (Operations === undefined) throw new ScimError(400, 'invalidSyntax', 'A PATCH has a list of Operations.');
      const { Resource } = KINDS[kind];
      const changed = await this.#run(system, before, (context) => new Resource(id).patch({ schemas: [PATCH], Operations }, context));
      // Nothing has changed: the library says nothing then.
      return changed === undefined ? this.show(kind, system, id, {}) : answer(changed);
    });
  }

  remove(kind: ScimKind, system: string, id: string, ifMatch: string | undefined): Promise<StoredScimResource> {
    return this.#directory.inTurn(system, async () => {
      const before = await this.#expected(kind, system, id, ifMatch);
      await this.#directory.remove(before);
      return before;
    });
  }

  /** Resource types, schemas and what this server can do. */
  async describe(what: 'config' | 'types' | 'schemas', id?: string): Promise<ScimAnswer> {
    if (what === 'config') return { body: await new Resources.ServiceProviderConfig().read() };
    const Resource = what === 'types' ? Resources.ResourceType : Resources.Schema;
    return { body: await (id === undefined ? new Resource() : new Resource(id)).read() };
  }

  async #expected(kind: ScimKind, system: string, id: string, ifMatch: string | undefined): Promise<StoredScimResource> {
    const before = await this.#directory.find(kind, system, id);
    if (!before) throw new ScimError(404, '', 'There is no such resource.');
    const wanted = ifMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (wanted && !wanted.includes('*') && !wanted.includes(`"${before.version}"`))
      throw new ScimError(412, '', 'The resource has changed since: read it again.');
    return before;
  }

  async #run<T>(system: string, before: StoredScimResource | undefined, call: (context: Context) => Promise<T>): Promise<T> {
    const context: Context = { directory: this.#directory, system, before };
    try {
      return await call(context);
    } catch (error) {
      throw context.failure ?? error;
    }
  }
}

/** As clients see it: what they sent, with what only the server knows. */
const shown = ({ id, resource, version, createdAt, changedAt }: StoredScimResource): Json => ({
  ...resource,
  id,
  meta: { created: new Date(createdAt), lastModified: new Date(changedAt), version: `W/"${version}"` },
});

/** As it is stored: without what the server adds. Each member of a group counts once. */
function kept(kind: ScimKind, instance: unknown): Json {
  const value: unknown = JSON.parse(JSON.stringify(instance));
  if (!isJson(value)) throw new ScimError(400, 'invalidValue', 'A resource is one object.');
  const { id: _, meta: __, ...resource } = value;
  if (kind === 'user') return { active: true, ...resource };
  const { members } = resource;
  return Array.isArray(members)
    ? { ...resource, members: [...new Map(members.filter(isJson).map((member) => [String(member['value']), member])).values()] }
    : resource;
}

function standardBody(body: unknown): object {
  if (!isJson(body)) throw new ScimError(400, 'invalidSyntax', 'The body is one JSON object.');
  return standardResource(body);
}

function answer(resource: unknown): ScimAnswer {
  const body: unknown = JSON.parse(JSON.stringify(resource));
  const id = isJson(body) ? body['id'] : undefined;
  const meta = isJson(body) && isJson(body['meta']) ? body['meta'] : {};
  return {
    body,
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof meta['version'] === 'string' ? { version: meta['version'] } : {}),
  };
}

/** What the library reads of a query; pages are cut here. */
function asked({ filter, attributes, excludedAttributes }: ScimQuery): object {
  return Object.fromEntries(Object.entries({ filter, attributes, excludedAttributes }).filter(([, value]) => value !== undefined));
}

function inOrder(found: Json[], { sortBy, sortOrder }: ScimQuery): Json[] {
  const order = sortOrder === 'descending' ? 'descending' : 'ascending';
  const { Resources: sorted } = new Messages.ListResponse(found, { sortBy: sortBy ?? '', sortOrder: order, count: found.length });
  return sorted.filter(isJson);
}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^-?\d{1,9}$/.test(text)) return Number(text);
  throw new ScimError(400, 'invalidValue', `${name} is a whole number.`);
}
