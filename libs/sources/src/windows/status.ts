import type { Authentication } from '@keyward/events';

type Failure = NonNullable<Authentication['failure']>;

/** NTSTATUS of a logon that failed. @see [MS-ERREF] 2.3.1 */
const NT: Readonly<Record<number, Failure>> = {
  0xc0000064: 'unknown_user',
  0xc000006a: 'bad_password',
  0xc000006d: 'bad_password',
  0xc000006e: 'policy',
  0xc000006f: 'policy',
  0xc0000070: 'policy',
  0xc0000071: 'expired',
  0xc0000072: 'disabled',
  0xc00000dc: 'other',
  0xc0000133: 'other',
  0xc000015b: 'policy',
  0xc000018c: 'other',
  0xc0000192: 'other',
  0xc0000193: 'expired',
  0xc0000199: 'policy',
  0xc0000224: 'expired',
  0xc0000225: 'other',
  0xc0000234: 'locked',
  0xc00002ee: 'other',
  0xc0000380: 'bad_factor',
  0xc0000381: 'bad_factor',
  0xc0000388: 'policy',
  0xc0000413: 'policy',
  0xc000010b: 'policy',
};

/** Kerberos result codes. @see RFC 4120, 7.5.9; event 4768 */
const KERBEROS: Readonly<Record<number, Failure>> = {
  0x1: 'expired',
  0x6: 'unknown_user',
  0xc: 'policy',
  0xe: 'other',
  0x12: 'disabled',
  0x17: 'expired',
  0x18: 'bad_password',
  0x19: 'interrupted',
  0x1b: 'policy',
  0x20: 'expired',
  0x29: 'other',
};

/** Resource strings under which unrendered events write a reason: `%%2313`. */
const REASONS: ReadonlyMap<string, Failure> = new Map(
  Object.entries<Failure>({
    '%%2304': 'other',
    '%%2305': 'expired',
    '%%2306': 'other',
    '%%2307': 'locked',
    '%%2308': 'policy',
    '%%2309': 'expired',
    '%%2310': 'disabled',
    '%%2311': 'policy',
    '%%2312': 'policy',
    '%%2313': 'bad_password',
  }),
);

/** `0xC000006A`, `0xc000006a`, `3221225578` and `-1073741718` alike. */
export function statusNumber(written: string | undefined): number | undefined {
  if (written === undefined || !/^(?:0x[0-9a-f]{1,8}|-?\d{1,10})$/i.test(written)) return undefined;
  const value = Number(written);
  return value < 0 ? value + 0x1_0000_0000 : value;
}

/** @param values status fields, the most particular first; zero says nothing */
export function failureOf(values: readonly (string | undefined)[], reason: string | undefined): Failure {
  for (const written of values) {
    const value = statusNumber(written);
    if (value === undefined || value === 0) continue;
    const known = value > 0xffff ? NT[value] : KERBEROS[value];
    if (known !== undefined) return known;
  }
  return (reason === undefined ? undefined : REASONS.get(reason)) ?? 'other';
}
