import { isoInstant } from '@keyward/events';
import { textOf, type LdapEntry } from './ldap-entry.js';

export interface AccountState {
  readonly active: boolean;
  /** ISO instant at which it is, or will be, closed; absent: never, or nobody says when. */
  readonly endsAt?: string;
}

const ACCOUNT_DISABLE = 0x2; // ADS_UF_ACCOUNTDISABLE
/** Of ppolicy: locked by an administrator, for ever. Any other value is a lock after failed logins, which ends by itself. */
const LOCKED_FOR_EVER = '000001010000Z';
/** 100-nanosecond steps from 1601 to 1970. */
const FILETIME_OF_1970 = 116_444_736_000_000_000n;
const NEVER: ReadonlySet<bigint> = new Set([0n, 0x7fffffffffffffffn]);
const DAY_MS = 86_400_000;

/**
 * Whether an account may be used. Closed are: a disabled one of Active Directory (`userAccountControl`), one locked for ever (`pwdAccountLockedTime`
 * of OpenLDAP's ppolicy, `nsAccountLock` of 389 Directory Server and FreeIPA, `loginDisabled` of eDirectory). It ends by `accountExpires`
 * (Active Directory) or `shadowExpire` (days since 1970).
 */
export function accountState(entry: LdapEntry): AccountState {
  const control = Number(textOf(entry, 'userAccountControl') ?? 0);
  const isTrue = (name: string): boolean => textOf(entry, name)?.toLowerCase() === 'true';
  const isClosed =
    (control & ACCOUNT_DISABLE) !== 0 ||
    textOf(entry, 'pwdAccountLockedTime') === LOCKED_FOR_EVER ||
    isTrue('nsAccountLock') ||
    isTrue('loginDisabled');
  const ends = [fileTime(textOf(entry, 'accountExpires')), shadowDay(textOf(entry, 'shadowExpire'))].filter((at) => at !== undefined);
  // When a disabled one was disabled nobody says; an end that it had once is not it.
  return isClosed ? { active: false } : { active: true, ...(ends.length > 0 ? { endsAt: isoInstant(Math.min(...ends)) } : {}) };
}

/** @returns epoch ms; undefined for "never" */
function fileTime(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,19}$/.test(text)) return undefined;
  const ticks = BigInt(text);
  if (NEVER.has(ticks)) return undefined;
  return withinCalendar(Number((ticks - FILETIME_OF_1970) / 10_000n));
}

function shadowDay(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,7}$/.test(text)) return undefined;
  return withinCalendar(Number(text) * DAY_MS);
}

const withinCalendar = (at: number): number | undefined => (at >= 0 && at < 8.64e15 ? at : undefined);

/** `20260131120000Z`, `20260131120000.0Z`, `20260131130000+0100`. @returns an ISO instant; undefined when it is none */
export function generalizedTime(text: string | undefined): string | undefined {
  const [, year, month, day, hour, minute = '00', second = '00', zone = 'Z'] =
    /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})?(\d{2})?(?:[.,]\d+)?(Z|[+-]\d{4})$/.exec(text ?? '') ?? [];
  if (year === undefined || month === undefined || day === undefined || hour === undefined) return undefined;
  const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`);
  return Number.isNaN(at) ? undefined : isoInstant(at);
}
