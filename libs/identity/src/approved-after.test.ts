import type { AccessEvent, Privilege } from '@keyward/events';
import { describe, expect, it } from 'vitest';
import { advanceFacts, factsFromOrganisation } from './advance-facts.js';
import { buildOrganisation } from './build-organisation.js';
import { approvedAfterMs } from './grants.js';
import { parseOrganisationFiles } from './parse-files.js';

const ada = { system: 'entra', name: 'ada@example.com', identity: 'ada' };
const boss = { system: 'entra', name: 'boss@example.com', identity: 'boss' };
const privilege = (change: Privilege['change'], requestId?: string): Privilege => ({
  change,
  entitlement: 'entra:role:Reader',
  jit: true,
  ...(requestId !== undefined && { requestId }),
});
const event = (
  time: number,
  change: Privilege['change'],
  more: Partial<AccessEvent> = {},
  requestId: string | undefined = 'r-1',
): AccessEvent => ({
  uid: `${change}-${time}`,
  nativeId: `${change}-${time}`,
  source: 'entra',
  time,
  class: 'user_access',
  activity: 'assign_privileges',
  code: change,
  outcome: 'success',
  actor: ada,
  privilege: privilege(change, requestId),
  ...more,
});
const approval = (time: number): AccessEvent => event(time, 'approved', { actor: boss, target: ada });

/** What the ledger of Ada knows after these events. */
function factsAfter(...events: readonly AccessEvent[]) {
  const facts = factsFromOrganisation(buildOrganisation(parseOrganisationFiles([]).records), 'ada');
  for (const one of events) advanceFacts(facts, one, one.actor?.identity === 'ada' ? 'actor' : 'target', 'ada');
  return facts;
}

describe('how long an approval took', () => {
  it('is told when the right begins, from request and approval in the ledger of whose right it is', () => {
    expect(approvedAfterMs(factsAfter(event(1_000, 'requested'), approval(61_000)), event(70_000, 'activated'))).toBe(60_000);
  });
  it('is known without request ids too', () => {
    expect(
      approvedAfterMs(
        factsAfter(
          event(1_000, 'requested', { privilege: privilege('requested') }),
          event(31_000, 'approved', { actor: boss, target: ada, privilege: privilege('approved') }),
        ),
        event(40_000, 'activated', { privilege: privilege('activated') }),
      ),
    ).toBe(30_000);
  });
  it('is not told by the request or the approval itself, nor for a right that began before', () => {
    const facts = factsAfter(event(1_000, 'requested'), approval(61_000));
    expect(approvedAfterMs(facts, approval(62_000))).toBeUndefined();
    advanceFacts(facts, event(70_000, 'activated'), 'actor', 'ada');
    expect(approvedAfterMs(facts, event(80_000, 'activated'))).toBeUndefined();
  });
  it('is unknown where nobody approved, or the request was never seen', () => {
    expect(approvedAfterMs(factsAfter(event(1_000, 'requested')), event(70_000, 'activated'))).toBeUndefined();
    expect(approvedAfterMs(factsAfter(approval(61_000)), event(70_000, 'activated'))).toBeUndefined();
    expect(approvedAfterMs(factsAfter(), event(70_000, 'activated'))).toBeUndefined();
  });
});
