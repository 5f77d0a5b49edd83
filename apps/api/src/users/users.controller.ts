import { Controller, Inject } from '@nestjs/common';
import { AuditStore } from '@keyward/adapter-clickhouse';
import type { AuditPage, User, UserList, UserWithPassword } from '@keyward/contract';
import { Audit } from '../auth/audit.js';
import { Users } from '../auth/users.js';
import { Incoming, param, type Call } from '../http/call.js';
import { callerName } from '../http/caller.js';
import { Endpoint } from '../http/endpoint.js';

/** Who may sign in, and what they did. */
@Controller()
export class UsersController {
  readonly #users: Users;
  readonly #audit: Audit;
  readonly #log: AuditStore;

  constructor(@Inject(Users) users: Users, @Inject(Audit) audit: Audit, @Inject(AuditStore) log: AuditStore) {
    this.#users = users;
    this.#audit = audit;
    this.#log = log;
  }

  @Endpoint('users.list')
  async list(): Promise<UserList> {
    return { items: await this.#users.list() };
  }

  @Endpoint('users.create')
  async create(@Incoming() call: Call<'users.create'>): Promise<UserWithPassword> {
    const created = await this.#users.create(call.body);
    await this.#audit.write(call, { action: 'user.create', object: created.user.name, detail: `role ${created.user.role}` });
    return created;
  }

  @Endpoint('users.change')
  async change(@Incoming() call: Call<'users.change'>): Promise<User> {
    const user = await this.#users.change(param(call, 'name'), call.body);
    await this.#audit.write(call, { action: 'user.change', object: user.name, detail: JSON.stringify(call.body) });
    return user;
  }

  @Endpoint('users.reset_password')
  async resetPassword(@Incoming() call: Call<'users.reset_password'>): Promise<UserWithPassword> {
    const changed = await this.#users.resetPassword(param(call, 'name'));
    await this.#audit.write(call, { action: 'user.reset_password', object: changed.user.name });
    return changed;
  }

  @Endpoint('users.delete')
  async delete(@Incoming() call: Call<'users.delete'>): Promise<void> {
    const name = param(call, 'name');
    await this.#users.delete(name, callerName(call.caller));
    await this.#audit.write(call, { action: 'user.delete', object: name });
  }

  @Endpoint('audit.list')
  auditLog(@Incoming() call: Call<'audit.list'>): Promise<AuditPage> {
    return this.#log.list(call.query);
  }
}
