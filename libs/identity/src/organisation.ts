import type { Account } from '@keyward/events';
import type { AssetRecord, GroupRecord, IdentityRecord, RoleRecord, TicketRecord } from './organisation-records.js';

export interface OrganisationRecords {
  readonly identities: readonly IdentityRecord[];
  readonly assets: readonly AssetRecord[];
  readonly groups: readonly GroupRecord[];
  readonly roles: readonly RoleRecord[];
  readonly tickets: readonly TicketRecord[];
}

export type EmploymentStatus = 'active' | 'not_started' | 'left' | 'unknown';

export interface ManagedAccount {
  readonly asset: AssetRecord;
  /** `name@host`, or a cloud account's login. */
  readonly account: string;
  readonly vault: string | undefined;
}

/**
 * The organisation as it stands: who is who, who works with whom, what is kept where. Immutable; a changed organisation is a new one.
 * All answers about a person at an instant take event time.
 */
export interface Organisation {
  /** Hash of the content: part of what an assessment can be reproduced from. */
  readonly version: string;
  readonly identities: readonly IdentityRecord[];
  readonly assets: readonly AssetRecord[];
  /** @returns the identity's id, or `<system>:<name>` when the organisation knows none */
  resolve(account: Pick<Account, 'system' | 'name' | 'id' | 'email'>): string;
  identity(id: string): IdentityRecord | undefined;
  /** By host name (with or without domain), alias or address. */
  asset(hostOrAddress: string): AssetRecord | undefined;
  managedAccount(account: string): ManagedAccount | undefined;
  role(name: string): RoleRecord | undefined;
  ticket(id: string): TicketRecord | undefined;
  /** Own groups and those they are nested in; safe with cycles. */
  groupsOf(id: string): ReadonlySet<string>;
  /** Most specific first, e.g. `team:payments`, `department:it`, `kind:human`. Never empty. */
  peerGroups(id: string): readonly string[];
  statusAt(id: string, at: number): EmploymentStatus;
  isOnLeave(id: string, at: number): boolean;
  isOnCall(id: string, at: number): boolean;
  /** Changes, incidents and requests of the identity or its team that are open at the instant. */
  ticketsAt(id: string, at: number): readonly TicketRecord[];
  /** Minutes of the identity's local offset from UTC at the instant; 0 when no time zone is known. */
  utcOffsetMinutes(id: string, at: number): number;
  /** 0.5 low, 1 medium, 1.5 high, 2 critical: of the identity. */
  criticalityOf(id: string): number;
}
