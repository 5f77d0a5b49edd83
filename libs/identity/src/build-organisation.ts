import { deterministicUid } from '@keyward/events';
import { Accounts, type AccountRef } from './accounts.js';
import { Assets } from './assets.js';
import { contains, offsetMinutes, parseDateOrInstant, parsePeriod, type Span } from './local-time.js';
import type { EmploymentStatus, ManagedAccount, Organisation, OrganisationRecords } from './organisation.js';
import type { AssetRecord, GroupRecord, IdentityRecord, RoleRecord, TicketRecord } from './organisation-records.js';

/** Multipliers of scoring.md section 3. */
const CRITICALITY: Readonly<Record<string, number>> = { low: 0.5, medium: 1, high: 1.5, critical: 2 };
/** A peer group of one has no peers in it. How much a small one can teach is for the baselines' shrinkage to say. */
const MIN_PEERS = 2;
const NO_GROUPS: ReadonlySet<string> = new Set();
const NO_TICKETS: readonly OwnTicket[] = [];
const NO_TICKETS_OPEN: readonly TicketRecord[] = [];
const ALWAYS: Span = { from: -Infinity, until: Infinity };

/** An identity with its dates read once. */
interface Person {
  readonly record: IdentityRecord;
  readonly employed: Span;
  readonly leaves: readonly Span[];
  readonly onCall: readonly Span[];
  readonly groups: ReadonlySet<string>;
  readonly peerGroups: readonly string[];
  readonly tickets: readonly OwnTicket[];
}
/** A ticket of a person or the team, with the time for which it is open. */
interface OwnTicket {
  readonly ticket: TicketRecord;
  readonly open: Span;
}

class BuiltOrganisation implements Organisation {
  readonly version: string;
  readonly identities: readonly IdentityRecord[];
  readonly assets: readonly AssetRecord[];
  readonly #records = new Map<string, IdentityRecord>();
  readonly #persons = new Map<string, Person>();
  #last: { readonly id: string; readonly person: Person | undefined } | undefined;
  readonly #accounts: Accounts;
  readonly #assets: Assets;
  readonly #groups: ReadonlyMap<string, GroupRecord>;
  readonly #roles: ReadonlyMap<string, RoleRecord>;
  readonly #tickets: ReadonlyMap<string, TicketRecord>;
  readonly #ticketsByOwner = new Map<string, TicketRecord[]>();
  readonly #peerCounts = new Map<string, number>();

  constructor(records: OrganisationRecords) {
    this.version = contentHash(records);
    this.identities = records.identities;
    this.assets = records.assets;
    for (const record of records.identities) this.#records.set(record.id, record);
    this.#assets = new Assets(records.assets);
    this.#accounts = new Accounts(records.identities, this.#assets);
    this.#groups = new Map(records.groups.map((group) => [group.group, group]));
    this.#roles = new Map(records.roles.map((role) => [role.role.toLowerCase(), role]));
    this.#tickets = new Map(records.tickets.map((ticket) => [ticket.id.toLowerCase(), ticket]));
    for (const ticket of records.tickets) {
      if (ticket.owner) append(this.#ticketsByOwner, `owner:${ticket.owner.toLowerCase()}`, ticket);
      if (ticket.team) append(this.#ticketsByOwner, `team:${ticket.team}`, ticket);
    }
    for (const record of records.identities) {
      for (const group of candidatePeerGroups(record)) this.#peerCounts.set(group, (this.#peerCounts.get(group) ?? 0) + 1);
    }
  }

  resolve(account: AccountRef): string {
    return this.#accounts.resolve(account);
  }
  identity(id: string): IdentityRecord | undefined {
    return this.#person(id)?.record;
  }
  asset(hostOrAddress: string): AssetRecord | undefined {
    return this.#assets.find(hostOrAddress);
  }
  managedAccount(account: string): ManagedAccount | undefined {
    return this.#assets.managedAccount(account);
  }
  role(name: string): RoleRecord | undefined {
    return this.#roles.get(name.toLowerCase());
  }
  ticket(id: string): TicketRecord | undefined {
    return this.#tickets.get(id.toLowerCase());
  }
  groupsOf(id: string): ReadonlySet<string> {
    return this.#person(id)?.groups ?? NO_GROUPS;
  }
  peerGroups(id: string): readonly string[] {
    return this.#person(id)?.peerGroups ?? ['kind:unknown'];
  }
  statusAt(id: string, at: number): EmploymentStatus {
    const employed = this.#person(id)?.employed;
    if (!employed) return 'unknown';
    if (at < employed.from) return 'not_started';
    return at < employed.until ? 'active' : 'left';
  }
  isOnLeave(id: string, at: number): boolean {
    const leaves = this.#person(id)?.leaves;
    return leaves !== undefined && leaves.length > 0 && leaves.some((leave) => contains(leave, at));
  }
  isOnCall(id: string, at: number): boolean {
    const shifts = this.#person(id)?.onCall;
    return shifts !== undefined && shifts.length > 0 && shifts.some((shift) => contains(shift, at));
  }
  ticketsAt(id: string, at: number): readonly TicketRecord[] {
    const tickets = this.#person(id)?.tickets ?? NO_TICKETS;
    if (tickets.length === 0) return NO_TICKETS_OPEN;
    return tickets.filter(({ open }) => contains(open, at)).map(({ ticket }) => ticket);
  }
  utcOffsetMinutes(id: string, at: number): number {
    return offsetMinutes(this.#person(id)?.record.timezone, at);
  }
  criticalityOf(id: string): number {
    const written = this.#records.get(id)?.criticality;
    if (typeof written === 'number') return Math.min(2, Math.max(0.5, written));
    return written === undefined ? 1 : (CRITICALITY[written.toLowerCase()] ?? 1);
  }

  /** One event asks half a dozen times for the same identity. */
  #person(id: string): Person | undefined {
    if (this.#last?.id === id) return this.#last.person;
    const person = this.#persons.get(id) ?? this.#read(id);
    this.#last = { id, person };
    return person;
  }
  #read(id: string): Person | undefined {
    const record = this.#records.get(id);
    if (!record) return undefined;
    const periods = (list: IdentityRecord['leaves']): Span[] =>
      list.flatMap((period) => parsePeriod(period.from, period.to, record.timezone) ?? []);
    const person: Person = {
      record,
      employed: employedSpan(record),
      leaves: periods(record.leaves),
      onCall: periods(record.onCall),
      groups: this.#closure(record.groups),
      peerGroups: [
        ...candidatePeerGroups(record).filter((group) => (this.#peerCounts.get(group) ?? 0) >= MIN_PEERS),
        `kind:${record.kind}`,
      ],
      tickets: this.#ticketsOf(record),
    };
    this.#persons.set(id, person);
    return person;
  }

  #ticketsOf({ id, email, team, timezone }: IdentityRecord): readonly OwnTicket[] {
    const owners = [`owner:${id.toLowerCase()}`];
    if (email) owners.push(`owner:${email.toLowerCase()}`);
    if (team) owners.push(`team:${team}`);
    const found = new Set(owners.flatMap((owner) => this.#ticketsByOwner.get(owner) ?? []));
    return [...found].flatMap((ticket) => {
      const open = parsePeriod(ticket.start ?? ticket.opened, ticket.end, timezone);
      return open === undefined ? [] : [{ ticket, open }];
    });
  }

  /** Each group is visited once, so a cycle ends. */
  #closure(own: readonly string[]): ReadonlySet<string> {
    const all = new Set<string>();
    const waiting = [...own];
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      if (all.has(group)) continue;
      all.add(group);
      waiting.push(...(this.#groups.get(group)?.memberOf ?? []));
    }
    return all;
  }
}

function employedSpan(record: IdentityRecord): Span {
  const start = record.startsAt ? parseDateOrInstant(record.startsAt, record.timezone) : undefined;
  const end = record.endsAt ? parseDateOrInstant(record.endsAt, record.timezone) : undefined;
  const from = start?.from ?? ALWAYS.from;
  // A day is in to its end; an instant is the first at which the person is gone.
  if (end) return { from, until: end.until - end.from === 1 ? end.from : end.until };
  // Terminated without a date: gone when the history begins.
  return record.status === 'terminated' ? { from: -Infinity, until: -Infinity } : { from, until: ALWAYS.until };
}

function candidatePeerGroups(record: IdentityRecord): string[] {
  const groups: string[] = [];
  if (record.team) groups.push(`team:${record.team}`);
  if (record.department) groups.push(`department:${record.department}`);
  if (record.title) groups.push(`title:${record.title}`);
  return groups;
}

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Equal content gives an equal hash, whatever the order of lines and fields. */
function contentHash({ identities, assets, groups, roles, tickets }: OrganisationRecords): string {
  const lines = (kind: string, list: readonly object[]): string => [kind, ...list.map(canonicalJson).toSorted()].join('\n');
  return deterministicUid(
    'organisation',
    lines('identities', identities),
    lines('assets', assets),
    lines('groups', groups),
    lines('roles', roles),
    lines('tickets', tickets),
  );
}
const canonicalJson = (value: object): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/**
 * The organisation that these records describe. Immutable, answers from maps; dates are read lazily, once an identity.
 * Records whose dates can't be read count as having none: `parseOrganisationFiles` has reported them.
 */
export function buildOrganisation(records: OrganisationRecords): Organisation {
  return new BuiltOrganisation(records);
}

/** Nobody known: every account is its own identity. */
export const EMPTY_ORGANISATION: Organisation = buildOrganisation({ identities: [], assets: [], groups: [], roles: [], tickets: [] });
