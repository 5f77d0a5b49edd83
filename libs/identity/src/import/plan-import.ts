import { isoInstant } from '@keyward/events';
import { ownIdentityOf, type AccountRecord } from '../linking/account-record.js';

/** One record that an import would change. */
export interface ImportChange {
  readonly id: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** Fields that are different. */
  readonly fields: readonly string[];
}
export interface ImportPlan {
  readonly added: number;
  readonly changed: number;
  /** Of accounts: those that are closed, since their directory does not list them any more. */
  readonly removed: number;
  readonly unchanged: number;
  /** By id, the first of them. */
  readonly examples: readonly ImportChange[];
}

const EXAMPLES = 50;

/** What replacing one list by another changes. */
export function planImport<R extends object>(before: readonly R[], after: readonly R[], idOf: (record: R) => string): ImportPlan {
  const old = new Map(before.map((record) => [idOf(record), record]));
  const changes: ImportChange[] = [];
  let unchanged = 0;
  for (const record of after) {
    const id = idOf(record);
    const was = old.get(id);
    old.delete(id);
    const fields = differences(was ?? {}, record);
    if (!was) changes.push({ id, change: 'added', fields: [] });
    else if (fields.length > 0) changes.push({ id, change: 'changed', fields });
    else unchanged += 1;
  }
  for (const id of old.keys()) changes.push({ id, change: 'removed', fields: [] });
  return planOf(changes, unchanged);
}

/**
 * What a directory's list of accounts changes. An account that it does not list any more, and one that is not active any more, is closed at `now`;
 * it stays known, since what it does afterwards is worth knowing.
 *
 * @param before accounts of the same system (or of all), as they are stored
 * @returns those to be written, beside the plan
 */
export function planAccounts(
  before: readonly AccountRecord[],
  after: readonly AccountRecord[],
  now: number,
): { readonly plan: ImportPlan; readonly records: readonly AccountRecord[] } {
  const at = isoInstant(now);
  const old = new Map(before.map((account) => [ownIdentityOf(account), account]));
  const changes: ImportChange[] = [];
  const records: AccountRecord[] = [];
  let unchanged = 0;
  for (const account of after) {
    const id = ownIdentityOf(account);
    const was = old.get(id);
    old.delete(id);
    const record = withInstants(account, was, at);
    const fields = differences(was ?? {}, record);
    if (was && fields.length === 0) {
      unchanged += 1;
      continue;
    }
    records.push(record);
    changes.push({ id, change: was ? 'changed' : 'added', fields: was ? fields : [] });
  }
  for (const [id, account] of old) {
    if (account[GONE] === true) {
      unchanged += 1;
      continue;
    }
    records.push({ ...account, active: false, endsAt: account.active ? at : (account.endsAt ?? at), groups: [], [GONE]: true });
    changes.push({ id, change: 'removed', fields: [] });
  }
  return { plan: planOf(changes, unchanged), records };
}
/** Its directory does not list it any more. */
const GONE = 'gone';

function withInstants(account: AccountRecord, was: AccountRecord | undefined, at: string): AccountRecord {
  const since = account.since ?? was?.since ?? at;
  if (account.active || account.endsAt) return { ...account, since };
  // Closed before anybody saw it: nobody knows when.
  const endsAt = was ? (was.active ? at : was.endsAt) : undefined;
  return { ...account, since, ...(endsAt ? { endsAt } : {}) };
}

function planOf(changes: readonly ImportChange[], unchanged: number): ImportPlan {
  const count = (kind: ImportChange['change']): number => changes.filter(({ change }) => change === kind).length;
  const examples = changes.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, EXAMPLES);
  return { added: count('added'), changed: count('changed'), removed: count('removed'), unchanged, examples };
}

function differences(before: object, after: object): string[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...old.keys(), ...now.keys()])].filter((field) => JSON.stringify(old.get(field)) !== JSON.stringify(now.get(field)));
}
