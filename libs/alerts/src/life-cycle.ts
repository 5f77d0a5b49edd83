import { z } from 'zod';
import { AlertStatus } from './alert.js';

/** One thing an analyst did with an alert. */
export const AlertTransition = z.object({
  from: AlertStatus,
  to: AlertStatus,
  user: z.string().min(1),
  at: z.number().int().describe('Wall time, epoch ms'),
  note: z.string().optional(),
});
export type AlertTransition = z.infer<typeof AlertTransition>;

/** Where an alert stands, and who brought it there. */
export const AlertHandling = z.object({ status: AlertStatus, history: z.array(AlertTransition).describe('Oldest first') });
export type AlertHandling = z.infer<typeof AlertHandling>;

export const newAlertHandling = (): AlertHandling => ({ status: 'new', history: [] });

/** Closed alerts can be reopened, to work on (`in_progress`) or into the queue (`new`); one verdict does not turn into another unseen. */
export const ALERT_TRANSITIONS: Readonly<Record<AlertStatus, readonly AlertStatus[]>> = {
  new: ['in_progress', 'resolved', 'false_positive', 'expected'],
  in_progress: ['new', 'resolved', 'false_positive', 'expected'],
  resolved: ['in_progress', 'new'],
  false_positive: ['in_progress', 'new'],
  expected: ['in_progress', 'new'],
};

export type TransitionResult =
  | { readonly ok: true; readonly handling: AlertHandling; readonly transition: AlertTransition }
  | { readonly ok: false; readonly reason: string };

/**
 * Moves an alert along its life cycle. Pure.
 *
 * @param at wall time, epoch ms, from the edge's clock
 * @returns the new handling, or a sentence that says why not
 */
export function applyTransition(
  handling: AlertHandling,
  { to, user, at, note }: { readonly to: AlertStatus; readonly user: string; readonly at: number; readonly note?: string | undefined },
): TransitionResult {
  if (user.trim() === '') return { ok: false, reason: 'A change of an alert needs its author.' };
  const from = handling.status;
  if (!ALERT_TRANSITIONS[from].includes(to)) {
    return {
      ok: false,
      reason: `An alert that is ${words(from)} can't become ${words(to)}; it can become ${list(ALERT_TRANSITIONS[from])}.`,
    };
  }
  const transition: AlertTransition = { from, to, user, at, ...(note === undefined ? {} : { note }) };
  return { ok: true, handling: { status: to, history: [...handling.history, transition] }, transition };
}

const words = (status: AlertStatus): string => status.replaceAll('_', ' ');
const list = (statuses: readonly AlertStatus[]): string => statuses.map(words).join(', ');
