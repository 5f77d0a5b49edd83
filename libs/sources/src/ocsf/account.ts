import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { firstText, number, text, type JsonObject } from '../json.js';

/** Captions, where a producer writes no id. */
const KINDS_BY_NAME: Readonly<Record<string, NonNullable<Account['kind']>>> = {
  user: 'human',
  admin: 'admin',
  system: 'system',
  service: 'service',
  serviceaccount: 'service',
};
const KINDS: ReadonlyMap<number, NonNullable<Account['kind']>> = new Map([
  [1, 'human'],
  [2, 'admin'],
  [3, 'system'],
  [4, 'service'],
]);

/**
 * An OCSF `user` as an account: its name, or else its e-mail address or id.
 *
 * @param system the directory that keeps the account
 * @returns undefined when it names nobody (`Unknown` of type 0, as producers write where the class demands a user)
 */
export function accountOf(user: JsonObject, system: string): Account | undefined {
  const id = text(user['uid']);
  const email = text(user['email_addr']);
  const name = accountName(firstText(user['name'], email, id, user['uid_alt']));
  if (name === undefined || (name === 'unknown' && id === undefined && email === undefined)) return undefined;
  const account: { -readonly [K in keyof Account]: Account[K] } = { system, name };
  if (id !== undefined) account.id = id;
  const displayName = firstText(user['display_name'], user['full_name']);
  if (displayName !== undefined) account.displayName = displayName;
  if (email !== undefined) account.email = email;
  const typeId = number(user['type_id']);
  const kind = typeId === undefined ? kindByName(user['type']) : KINDS.get(typeId);
  if (kind !== undefined) account.kind = kind;
  return account;
}

function kindByName(written: unknown): Account['kind'] {
  const name = text(written)?.toLowerCase().replace(/\W+/g, '') ?? '';
  return Object.hasOwn(KINDS_BY_NAME, name) ? KINDS_BY_NAME[name] : undefined;
}

/** Whether two mentions are of one account. Ids decide where both have one. */
export const isSameAccount = (a: Account, b: Account): boolean =>
  a.id !== undefined && b.id !== undefined ? a.id === b.id && a.name === b.name : a.name === b.name;
