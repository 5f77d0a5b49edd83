import type { Grant } from '@keyward/identity';
import type { GrantRevoker, RevokeOptions, RevokeResult } from '@keyward/response';
import { ForbiddenError, InvalidInputError, UnavailableError, type Secret } from '@keyward/runtime';
import pg from 'pg';
import { fillTemplate } from '../fill-template.js';
import { toAppError } from './errors.js';
import { ABLE, DIRECT_MEMBERSHIP, END_SESSIONS, OPEN_SESSIONS, PATHS_TO_ROLE, SERVER } from './queries.js';
import type { PostgresqlSettings } from './settings.js';

interface Target {
  readonly role: string;
  readonly member: string;
}
interface Server {
  readonly version: number;
  readonly now: string;
  readonly user: string;
}

/** `pg_terminate_backend` that waits came with 14. */
const OLDEST_VERSION = 140_000;
/** From 16 on a membership belongs to its grantor, and there can be several of one role; before, naming another grantor is an error. */
const GRANTED_BY_VERSION = 160_000;
const MAX_REMEMBERED = 10_000;

/** Takes role memberships back on one PostgreSQL server. The README says which privileges it needs and what ending sessions means. */
export class PostgresqlRevoker implements GrantRevoker {
  readonly id: string;
  readonly product = 'postgresql';
  readonly #settings: PostgresqlSettings;
  readonly #pool: pg.Pool;
  /** Server time of the last revocation by role and member: a session opened after it, without the role, is no standing access. */
  readonly #revokedAt = new Map<string, string>();

  constructor(id: string, settings: PostgresqlSettings, url: Secret) {
    this.id = id;
    this.#settings = settings;
    this.#pool = new pg.Pool({
      connectionString: url.reveal(),
      max: settings.poolSize,
      connectionTimeoutMillis: settings.timeoutMs,
      statement_timeout: settings.timeoutMs,
      // The server's own limit does not help when the network swallows its answer.
      query_timeout: settings.timeoutMs + 1_000,
      idleTimeoutMillis: 30_000,
      // A forgotten close must not keep a stopped worker alive.
      allowExitOnIdle: true,
      application_name: 'keyward',
    });
    // An idle connection that breaks is no failure: the next query gets another one.
    this.#pool.on('error', () => undefined);
  }

  async revoke(grant: Grant, { signal, dryRun }: RevokeOptions): Promise<RevokeResult> {
    const target = this.#target(grant);
    return this.#work(signal, async (client) => {
      const server = await this.#server(client, target);
      const direct = await client.query<{ grantor: string }>(DIRECT_MEMBERSHIP, [target.role, target.member]);
      const absent = direct.rows.length === 0;
      if (dryRun) return absent ? { kind: 'already_absent' } : await this.#dryRun(client, target);
      await takeBack(
        client,
        target,
        server.version,
        direct.rows.map(({ grantor }) => grantor),
      );
      this.#remember(target, server.now, absent);
      // Even when the membership was gone already: a session may still act as the role that it took on before.
      const sessionsEnded = await this.#endSessions(client, target);
      if (absent) return { kind: 'already_absent' };
      return { kind: 'revoked', sessionsEnded, reference: `REVOKE ${target.role} FROM ${target.member}` };
    });
  }

  async verify(grant: Grant, signal: AbortSignal): Promise<readonly string[]> {
    const { role, member } = this.#target(grant);
    return this.#work(signal, async (client) => {
      const paths = await client.query<{ path: readonly string[] }>(PATHS_TO_ROLE, [role, member]);
      const reached = paths.rows.map(({ path }) =>
        path.length === 2
          ? `${member} is still a member of ${role}`
          : `${member} still reaches ${role} through ${path.slice(1, -1).join(' and ')}`,
      );
      if (this.#settings.endSessions === 'none') return reached;
      const open = await client.query<{ sessions: number }>(OPEN_SESSIONS, [
        role,
        member,
        this.#revokedAt.get(keyOf({ role, member })) ?? null,
      ]);
      const sessions = open.rows[0]?.sessions ?? 0;
      return sessions === 0 ? reached : [...reached, `${sessions} sessions of ${member} from before the revocation are still open`];
    });
  }

  /** Closes the connections to the server. */
  async close(): Promise<void> {
    await this.#pool.end();
  }

  #target(grant: Grant): Target {
    const { roles, members, role, member } = this.#settings;
    const target = {
      role: own(roles, grant.entitlement) ?? fillTemplate(role, grant),
      member: own(members, grant.principal) ?? fillTemplate(member, grant),
    };
    if (target.role.includes('\u0000') || target.member.includes('\u0000')) {
      throw new InvalidInputError('postgresql.bad_name', "A role's name can't hold a null character.", {
        context: { grantUid: grant.uid },
      });
    }
    return target;
  }

  async #server(client: pg.ClientBase, { member }: Target): Promise<Server> {
    const { rows } = await client.query<Server>(SERVER);
    const [server] = rows;
    if (!server || server.version < OLDEST_VERSION) {
      throw new InvalidInputError('postgresql.too_old', `PostgreSQL 14 or later is needed; this is ${server?.version ?? 'unknown'}.`);
    }
    if (server.user === member) throw new InvalidInputError('postgresql.own_role', "The connector would take its own role's membership.");
    return server;
  }

  /** PostgreSQL has no dry run of REVOKE (in a rolled-back transaction it would take locks): asks whether it would be allowed. */
  async #dryRun(client: pg.ClientBase, { role, member }: Target): Promise<RevokeResult> {
    const { rows } = await client.query<{ revoke: boolean; signal: boolean }>(ABLE, [role, member]);
    const able = rows[0];
    if (!able?.revoke) throw new ForbiddenError('postgresql.forbidden', `The connector's role needs ADMIN OPTION on ${role}.`);
    if (!able.signal && this.#settings.endSessions !== 'none') {
      throw new ForbiddenError(
        'postgresql.forbidden',
        `The connector's role may not end sessions of ${member}: it needs pg_signal_backend.`,
      );
    }
    return { kind: 'dry_run', reference: `would REVOKE ${role} FROM ${member}` };
  }

  async #endSessions(client: pg.ClientBase, { role, member }: Target): Promise<number> {
    if (this.#settings.endSessions === 'none') return 0;
    const { rows } = await client.query<{ ended: boolean }>(END_SESSIONS, [role, member]);
    return rows.filter(({ ended }) => ended).length;
  }

  /** A second try that finds the membership gone keeps the first one's time: that is when access ended. */
  #remember(target: Target, at: string, absent: boolean): void {
    const key = keyOf(target);
    if (absent && this.#revokedAt.has(key)) return;
    if (this.#revokedAt.size >= MAX_REMEMBERED) this.#revokedAt.clear();
    this.#revokedAt.set(key, at);
  }

  /** Runs on one connection. When the signal aborts or anything fails the connection is thrown away, so nothing half-done is reused. */
  async #work<T>(signal: AbortSignal, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    if (signal.aborted) throw aborted(this.id);
    let onAbort = (): void => undefined;
    const abort = new Promise<never>((_resolve, reject) => {
      onAbort = () => {
        reject(aborted(this.id));
      };
    });
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const client = await this.#connect(abort);
      try {
        const result = await Promise.race([work(client), abort]);
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw error;
      }
    } catch (error) {
      throw toAppError(error, this.id);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #connect(abort: Promise<never>): Promise<pg.PoolClient> {
    const connecting = this.#pool.connect();
    try {
      return await Promise.race([connecting, abort]);
    } catch (error) {
      // It may still come: give it back then.
      connecting.then(
        (late) => {
          late.release(true);
        },
        () => undefined,
      );
      throw error;
    }
  }
}

async function takeBack(client: pg.ClientBase, { role, member }: Target, version: number, grantors: readonly string[]): Promise<void> {
  const statement = `REVOKE ${pg.escapeIdentifier(role)} FROM ${pg.escapeIdentifier(member)}`;
  if (version < GRANTED_BY_VERSION) {
    if (grantors.length > 0) await client.query(statement);
    return;
  }
  for (const grantor of grantors) await client.query(`${statement} GRANTED BY ${pg.escapeIdentifier(grantor)}`);
}

const own = (map: Readonly<Record<string, string>>, key: string): string | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);
const keyOf = ({ role, member }: Target): string => `${role}\u001f${member}`;
const aborted = (connector: string): UnavailableError =>
  new UnavailableError('postgresql.aborted', 'The work on the server was broken off.', { context: { connector } });
