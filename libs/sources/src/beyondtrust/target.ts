import { managedAccount } from '../account-name.js';
import type { ManagedAccount } from '../vault-event.js';

/** `Asset:db1.example.com MAccount:root`, with a database instance or without, also `Domain:` and `Cloud:`. */
const COLON_FORM =
  /(?:^|\s)(?:Asset|Domain|Cloud|System|Database|Directory):(.{1,255}?)(?: \(Db Instance: ?(.{1,100}?), ?Port: ?\d*\))? M?Account:(.{1,255})$/i;
/** `ManagedSystem=db1.example.com ManagedAccount=root`; CEF escapes the equals signs. */
const EQUALS_FORM = /Managed ?System\\?=(.{1,255}?),? Managed ?Account\\?=(.{1,255}?)(?:,|$)/i;
/** `db1.example.com/root, Account #12` of a request. */
const SLASH_FORM = /^([^/\s][^/]{0,254})\/([^/,]{1,255})(?:, Account #?(\d{1,12}))?$/;
/** `FAccount=svc-rotate FAlias=... FDomain=example.com/192.0.2.1 PFid=1` of a functional account. */
const FUNCTIONAL_FORM = /FAccount\\?=(.{1,255}?) FAlias\\?=(.{0,255}?) FDomain\\?=(\S{0,255})/i;

/** The managed account in `target`, for which each kind of object has a form of its own; undefined when it names none. */
export function managedIn(target: string | undefined, vault: string | undefined): ManagedAccount | undefined {
  if (target === undefined || target.length > 1_000) return undefined;
  const written = target.trim();
  const found = COLON_FORM.exec(written) ?? EQUALS_FORM.exec(written);
  if (found) return account(found.at(-1), found[1], vault, undefined);
  const functional = FUNCTIONAL_FORM.exec(written);
  if (functional) return account(functional[1], functional[3]?.split('/').at(-1), vault, undefined);
  const request = SLASH_FORM.exec(written);
  return request ? account(request[2], request[1], vault, request[3]) : undefined;
}

/** @returns undefined when there is no name */
export function account(
  user: string | undefined,
  host: string | undefined,
  vault: string | undefined,
  secretId: string | undefined,
): ManagedAccount | undefined {
  const name = user?.trim();
  if (name === undefined || name === '') return undefined;
  const machine = host?.trim().toLowerCase();
  const on = machine === '' ? undefined : machine;
  return { account: managedAccount(name, on), user: name, host: on, vault, secretId };
}
