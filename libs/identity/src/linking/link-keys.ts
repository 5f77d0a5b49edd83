import { HOST_SYSTEMS } from '../accounts.js';
import type { IdentityRecord } from '../organisation-records.js';
import { ownIdentityOf, type AccountRecord } from './account-record.js';

/** By what an account was found to be somebody's, strongest first. */
export const LINK_RULES = ['employee_id', 'upn', 'email', 'explicit'] as const;
export type LinkRule = (typeof LINK_RULES)[number];

/** What is compared: two keys of the same rule and value mean the same person. */
export interface LinkKey {
  readonly rule: LinkRule;
  readonly value: string;
}

/** By what an identity of the organisation is known. */
export function identityKeys(record: IdentityRecord): readonly LinkKey[] {
  const upns = [
    ...texts(record['upn'], record['userPrincipalName']),
    ...record.accounts.filter(({ system, name }) => isAddress(name) && !HOST_SYSTEMS.has(system.toLowerCase())).map(({ name }) => name),
  ];
  return keys({
    employee_id: texts(record.id, record['employeeId'], record['employeeNumber']),
    upn: upns,
    email: [...texts(record.email), ...upns],
    explicit: [record.id, ...record.accounts.map(ownIdentityOf)],
  });
}

/** By what an account is known: what it is looked up with, and, without `explicit`, what it adds to whoever it belongs to. */
export function accountKeys(account: AccountRecord): readonly LinkKey[] {
  const upns = texts(account.upn, isAddress(account.name) && !HOST_SYSTEMS.has(account.system) ? account.name : undefined);
  const { system, name, id, upn } = account;
  return keys({
    employee_id: texts(account.employeeId),
    upn: upns,
    email: [...texts(account.email, ...account.emails).filter(isAddress), ...upns],
    explicit: texts(name, id, upn).map((text) => ownIdentityOf({ system, name: text })),
  });
}

function keys(values: Readonly<Record<LinkRule, readonly string[]>>): LinkKey[] {
  return LINK_RULES.flatMap((rule) => [...new Set(values[rule].map((value) => value.toLowerCase()))].map((value) => ({ rule, value })));
}

/** Numbers stand for themselves: HR systems write employee ids without quotes. */
function texts(...values: readonly unknown[]): string[] {
  return values.flatMap((value) => {
    const text = typeof value === 'number' ? String(value) : value;
    return typeof text === 'string' && text.trim() !== '' ? [text.trim()] : [];
  });
}

const isAddress = (name: string): boolean => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name);
