import { Readable } from 'node:stream';
import { Controller, Inject, UseFilters } from '@nestjs/common';
import { SCIM_MEDIA_TYPE, type RouteName } from '@keyward/contract';
import SCIMMY from 'scimmy';
import { z } from 'zod';
import { Audit } from '../auth/audit.js';
import { readAll } from '../http/body.js';
import { Incoming, param, type Call } from '../http/call.js';
import { Endpoint } from '../http/endpoint.js';
import { scimSystemOf } from '../http/decide-access.js';
import { PUBLIC_URL } from '../tokens.js';
import type { ScimKind } from './scim-directory.js';
import { ScimErrorFilter } from './scim-error.filter.js';
import { SCIM_BASE, ScimServer, type ScimAnswer, type ScimQuery } from './scim-server.js';

type AnyCall = Pick<Call<RouteName>, 'request' | 'reply' | 'caller' | 'params' | 'address'>;
/** A group of a hundred thousand members. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
const Query = z.object({
  filter: z.string().max(10_000).optional(),
  attributes: z.string().max(10_000).optional(),
  excludedAttributes: z.string().max(10_000).optional(),
  sortBy: z.string().max(200).optional(),
  sortOrder: z.string().max(20).optional(),
  startIndex: z.string().max(20).optional(),
  count: z.string().max(20).optional(),
});

/** Where identity providers bring users and groups. The token says which system they are of. */
@Controller()
@UseFilters(ScimErrorFilter)
export class ScimController {
  readonly #server: ScimServer;
  readonly #audit: Audit;
  readonly #publicUrl: string | undefined;

  constructor(
    @Inject(ScimServer) server: ScimServer,
    @Inject(Audit) audit: Audit,
    @Inject(PUBLIC_URL) publicUrl: { readonly url?: string },
  ) {
    this.#server = server;
    this.#audit = audit;
    this.#publicUrl = publicUrl.url;
  }

  @Endpoint('scim.config')
  async config(@Incoming() call: Call<'scim.config'>): Promise<string> {
    return this.#send(call, await this.#server.describe('config'));
  }
  @Endpoint('scim.types')
  async types(@Incoming() call: Call<'scim.types'>): Promise<string> {
    return this.#send(call, await this.#server.describe('types'));
  }
  @Endpoint('scim.type')
  async type(@Incoming() call: Call<'scim.type'>): Promise<string> {
    return this.#send(call, await this.#server.describe('types', param(call, 'id')));
  }
  @Endpoint('scim.schemas')
  async schemas(@Incoming() call: Call<'scim.schemas'>): Promise<string> {
    return this.#send(call, await this.#server.describe('schemas'));
  }
  @Endpoint('scim.schema')
  async schema(@Incoming() call: Call<'scim.schema'>): Promise<string> {
    return this.#send(call, await this.#server.describe('schemas', param(call, 'id')));
  }

  @Endpoint('scim.users.list')
  users(@Incoming() call: Call<'scim.users.list'>): Promise<string> {
    return this.#list('user', call);
  }
  @Endpoint('scim.users.create')
  createUser(@Incoming() call: Call<'scim.users.create'>): Promise<string> {
    return this.#create('user', call);
  }
  @Endpoint('scim.users.show')
  user(@Incoming() call: Call<'scim.users.show'>): Promise<string> {
    return this.#show('user', call);
  }
  @Endpoint('scim.users.replace')
  replaceUser(@Incoming() call: Call<'scim.users.replace'>): Promise<string> {
    return this.#change('user', 'replace', call);
  }
  @Endpoint('scim.users.patch')
  patchUser(@Incoming() call: Call<'scim.users.patch'>): Promise<string> {
    return this.#change('user', 'patch', call);
  }
  @Endpoint('scim.users.delete')
  deleteUser(@Incoming() call: Call<'scim.users.delete'>): Promise<void> {
    return this.#delete('user', call);
  }

  @Endpoint('scim.groups.list')
  groups(@Incoming() call: Call<'scim.groups.list'>): Promise<string> {
    return this.#list('group', call);
  }
  @Endpoint('scim.groups.create')
  createGroup(@Incoming() call: Call<'scim.groups.create'>): Promise<string> {
    return this.#create('group', call);
  }
  @Endpoint('scim.groups.show')
  group(@Incoming() call: Call<'scim.groups.show'>): Promise<string> {
    return this.#show('group', call);
  }
  @Endpoint('scim.groups.replace')
  replaceGroup(@Incoming() call: Call<'scim.groups.replace'>): Promise<string> {
    return this.#change('group', 'replace', call);
  }
  @Endpoint('scim.groups.patch')
  patchGroup(@Incoming() call: Call<'scim.groups.patch'>): Promise<string> {
    return this.#change('group', 'patch', call);
  }
  @Endpoint('scim.groups.delete')
  deleteGroup(@Incoming() call: Call<'scim.groups.delete'>): Promise<void> {
    return this.#delete('group', call);
  }

  async #list(kind: ScimKind, call: AnyCall): Promise<string> {
    return this.#send(call, await this.#server.list(kind, systemOf(call), queryOf(call)));
  }
  async #show(kind: ScimKind, call: AnyCall): Promise<string> {
    return this.#send(call, await this.#server.show(kind, systemOf(call), param(call, 'id'), queryOf(call)));
  }
  async #create(kind: ScimKind, call: AnyCall): Promise<string> {
    const made = await this.#server.create(kind, systemOf(call), await bodyOf(call));
    await this.#write(call, kind, 'create', made.id ?? '');
    const place = kind === 'user' ? 'Users' : 'Groups';
    call.reply.header('location', `${this.#base(call)}${SCIM_BASE}/${place}/${made.id ?? ''}`);
    return this.#send(call, made);
  }
  async #change(kind: ScimKind, how: 'replace' | 'patch', call: AnyCall): Promise<string> {
    const id = param(call, 'id');
    const changed = await this.#server[how](kind, systemOf(call), id, await bodyOf(call), call.request.headers['if-match']);
    await this.#write(call, kind, how, id);
    return this.#send(call, changed);
  }
  async #delete(kind: ScimKind, call: AnyCall): Promise<void> {
    const id = param(call, 'id');
    await this.#server.remove(kind, systemOf(call), id, call.request.headers['if-match']);
    await this.#write(call, kind, 'delete', id);
  }

  #write(call: AnyCall, kind: ScimKind, verb: string, id: string): Promise<void> {
    return this.#audit.write(call, { action: `scim.${kind}.${verb}`, object: id, detail: systemOf(call) });
  }

  #send(call: AnyCall, { body, version }: ScimAnswer): string {
    call.reply.header('content-type', SCIM_MEDIA_TYPE);
    if (version !== undefined) call.reply.header('etag', version);
    const base = this.#base(call);
    return JSON.stringify(body, (key, value: unknown) =>
      key === 'location' && typeof value === 'string' && value.startsWith('/') ? base + value : value,
    );
  }

  #base({ request }: AnyCall): string {
    return this.#publicUrl ?? `${request.protocol}://${request.host}`;
  }
}

const systemOf = ({ caller }: AnyCall): string => scimSystemOf(caller) ?? '';

function queryOf({ request }: AnyCall): ScimQuery {
  const parsed = Query.safeParse(request.query ?? {});
  if (!parsed.success) throw new SCIMMY.Types.Error(400, 'invalidValue', 'A parameter of the query is given twice, or too long.');
  return Object.fromEntries(Object.entries(parsed.data).filter(([, value]) => value !== undefined));
}

async function bodyOf({ request }: AnyCall): Promise<unknown> {
  if (!(request.body instanceof Readable)) throw new SCIMMY.Types.Error(400, 'invalidSyntax', 'The body is empty.');
  const text = (await readAll(request.body, MAX_BODY_BYTES)).toString('utf8');
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    throw new SCIMMY.Types.Error(400, 'invalidSyntax', 'The body is not JSON.');
  }
}
