import { AppError, describeError } from '@keyward/runtime';
import { EXIT } from '../terminal.js';

/** How one part is: `warning` is for a person to look at, the others end `keyward doctor` with an exit code of their own. */
export type Health = 'ok' | 'warning' | 'broken' | 'misconfigured' | 'unreachable';

export interface Diagnosis {
  /** Stable, for programs: `decision_log`. */
  readonly check: string;
  readonly health: Health;
  /** What is, and what to do about it. */
  readonly sentence: string;
  /** One thing a line. */
  readonly details?: readonly string[];
}

const CODES: readonly (readonly [Health, number])[] = [
  ['broken', EXIT.failed],
  ['misconfigured', EXIT.usage],
  ['unreachable', EXIT.unavailable],
];
/** The worst decides: a broken decision log above a wrong variable above a server that is away. */
export function exitCodeOf(diagnoses: readonly Diagnosis[]): number {
  return CODES.find(([health]) => diagnoses.some((one) => one.health === health))?.[1] ?? EXIT.ok;
}

/** Runs a check; a failure that this system expects becomes its diagnosis. */
export async function diagnose(check: string, look: () => Promise<Omit<Diagnosis, 'check'>>): Promise<Diagnosis> {
  try {
    return { check, ...(await look()) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { check, health: error.disposition === 'retry' ? 'unreachable' : 'misconfigured', sentence: describeError(error) };
  }
}
