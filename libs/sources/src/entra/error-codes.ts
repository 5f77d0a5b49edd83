import type { Authentication } from '@keyward/events';

type Failure = NonNullable<Authentication['failure']>;
type Step = NonNullable<Authentication['step']>;

/** What a sign-in error code says: why it failed, and at which step. Everything but 0 is a failure. */
export interface ErrorMeaning {
  readonly failure: Failure;
  readonly step?: Step;
}

const CODES: Readonly<Record<Failure, Readonly<Partial<Record<Step | 'any', readonly number[]>>>>> = {
  bad_password: { primary: [50126, 50056, 50064, 80002, 80007, 81001, 120000, 7000215, 7000216, 7000218, 700027, 700024, 700023] },
  bad_factor: { second_factor: [500121, 50088, 50087, 500014, 500117, 50181, 50168, 1000031, 135004] },
  unknown_user: { primary: [50034, 51004, 90072, 700016, 50020, 500341, 50059, 7000112, 81016, 90023, 165100] },
  locked: { primary: [50053, 80003, 120005] },
  disabled: { primary: [50057, 50135, 7000113, 80005] },
  expired: {
    primary: [50055, 50144, 7000222, 80012, 120004],
    session: [50132, 50133, 50173, 50089, 50027, 70008, 70043, 70044, 700082, 700084, 700081, 50013, 50014, 50017, 50171],
  },
  policy: {
    any: [
      50105, 50131, 53000, 53001, 53002, 53003, 53004, 53009, 53010, 53011, 530001, 530002, 530003, 530004, 530005, 530021, 530032, 530034,
      530035, 50005, 50012, 50194, 50178, 500011, 90094, 90095, 500200, 500208, 500212, 500213, 530084, 65002, 500014,
    ],
    session: [50131],
  },
  interrupted: {
    second_factor: [50072, 50074, 50076, 50078, 50079, 50158, 500133, 50097],
    primary: [50125, 50127, 50129, 50143, 50199],
    session: [50140, 65001, 65004, 50146, 50155, 50159, 50011, 70016, 70018, 70019, 70020, 90025],
  },
  // Silent sign-in that found no session, and account pickers: nobody has shown a password yet.
  other: { session: [50058, 16000, 16001, 16003, 81010, 81012, 81014, 9002341, 50180, 50187] },
};

const STEPS: readonly (Step | 'any')[] = ['primary', 'second_factor', 'session', 'any'];
const MEANINGS = new Map<number, ErrorMeaning>();
const FAILURES: readonly Failure[] = [
  'policy',
  'bad_password',
  'bad_factor',
  'unknown_user',
  'locked',
  'disabled',
  'expired',
  'interrupted',
];
for (const failure of FAILURES) {
  for (const step of STEPS) {
    for (const code of CODES[failure][step] ?? []) MEANINGS.set(code, step === 'any' ? { failure } : { failure, step });
  }
}

/**
 * @param code `status.errorCode` or `resultType` of a sign-in, not 0
 * @param reason `failureReason`, for codes that stand in no table
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export function meaningOf(code: number, reason: string): ErrorMeaning {
  const known = MEANINGS.get(code);
  if (known) return known;
  if (/interrupt|user needs to|required|must (?:enroll|use)|keep me signed in/i.test(reason)) return { failure: 'interrupted' };
  if (/conditional access|blocked|polic(?:y|ies)|not assigned/i.test(reason)) return { failure: 'policy' };
  if (/password|credential|secret/i.test(reason)) return { failure: 'bad_password', step: 'primary' };
  if (/expired|revoked/i.test(reason)) return { failure: 'expired' };
  return { failure: 'other' };
}
