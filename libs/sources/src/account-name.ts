import type { Account } from '@keyward/events';

/**
 * The login as `Account.name` holds it: lower case, no surrounding space or quotes.
 * `DOMAIN\user` and `user@domain` stay as they are written, in lower case: which of them name one identity is for INGEST to say, not for a parser.
 *
 * @returns undefined when there is no name (`""`, `-`, `N/A`)
 */
export function accountName(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const bare = value.trim();
  const name = (bare.startsWith('"') ? bare.replace(/^"(.*)"$/, '$1').trim() : bare).toLowerCase();
  return name === '' || name === '-' || name === 'n/a' || name === '(null)' || name === 'null' ? undefined : name;
}

export interface NameParts {
  readonly user: string;
  /** NetBIOS or DNS name of the domain, lower case. */
  readonly domain?: string;
}

/** `CORP\anna` and `anna@corp.example.com` taken apart. `anna@host\x` is nobody's name: the backslash wins. */
export function splitAccountName(name: string): NameParts {
  const lower = name.toLowerCase();
  const slash = lower.lastIndexOf('\\');
  if (slash > 0 && slash < lower.length - 1) return { domain: lower.slice(0, slash), user: lower.slice(slash + 1) };
  const sign = lower.lastIndexOf('@');
  if (sign > 0 && sign < lower.length - 1) return { user: lower.slice(0, sign), domain: lower.slice(sign + 1) };
  return { user: lower };
}

/**
 * An account that a vault keeps: `root@db1.example.com`, lower case. `CORP\svc` at `corp.example.com` is `svc@corp.example.com`.
 *
 * @param name the account's login, also `DOMAIN\user`; one that has an `@` already is left as it is
 * @param host machine, database server or directory; undefined when the vendor names none
 */
export function managedAccount(name: string, host: string | undefined): string {
  const lower = name.trim().toLowerCase();
  if (host === undefined || lower.includes('@')) return lower;
  const { user } = splitAccountName(lower);
  return `${user}@${host.trim().toLowerCase()}`;
}

/**
 * Whether two parties of one record are one account: the same name, or one id under which neither the address nor the name shown contradicts.
 * (Published and masked records write one id for everybody; of who acted and whom it was done to, the names tell.)
 */
export const sameAccount = (a: Account, b: Account): boolean =>
  a.name === b.name || (a.id !== undefined && a.id === b.id && !differ(a.email, b.email) && !differ(a.displayName, b.displayName));

const differ = (one: string | undefined, other: string | undefined): boolean => one !== undefined && other !== undefined && one !== other;
