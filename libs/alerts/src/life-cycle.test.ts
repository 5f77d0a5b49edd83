import { MONDAY_9 } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { AlertStatus } from './alert.js';
import { ALERT_TRANSITIONS, applyTransition, newAlertHandling } from './life-cycle.js';

const by = { user: 'ines', at: MONDAY_9 };

describe('life cycle of an alert', () => {
  it('keeps who did what and when, oldest first', () => {
    const started = applyTransition(newAlertHandling(), { ...by, to: 'in_progress' });
    if (!started.ok) throw new Error(started.reason);
    const closed = applyTransition(started.handling, { to: 'false_positive', user: 'omar', at: MONDAY_9 + 1, note: 'new phone' });
    expect(closed).toMatchObject({
      ok: true,
      handling: {
        status: 'false_positive',
        history: [
          { from: 'new', to: 'in_progress', user: 'ines', at: MONDAY_9 },
          { from: 'in_progress', to: 'false_positive', user: 'omar', note: 'new phone' },
        ],
      },
    });
    expect(newAlertHandling()).toEqual({ status: 'new', history: [] });
  });

  it('allows exactly what the table says, from every status', () => {
    for (const from of AlertStatus.options) {
      for (const to of AlertStatus.options) {
        expect(applyTransition({ status: from, history: [] }, { ...by, to }).ok).toBe(ALERT_TRANSITIONS[from].includes(to));
      }
    }
  });

  it('reopens a closed alert, but turns no verdict into another unseen', () => {
    expect(applyTransition({ status: 'resolved', history: [] }, { ...by, to: 'in_progress' }).ok).toBe(true);
    expect(applyTransition({ status: 'resolved', history: [] }, { ...by, to: 'expected' })).toEqual({
      ok: false,
      reason: "An alert that is resolved can't become expected; it can become in progress, new.",
    });
  });

  it('needs an author', () => {
    expect(applyTransition(newAlertHandling(), { to: 'resolved', user: ' ', at: MONDAY_9 }).ok).toBe(false);
  });
});
