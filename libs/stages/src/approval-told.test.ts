import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { MINUTE_MS, ledgerId, type AccessEvent, type Privilege } from '@keyward/events';
import { IdentityRecord, buildOrganisation, resolveIdentities, route } from '@keyward/identity';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { MONDAY_9, aSignInEvent } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { assessEntry } from './assess-entry.js';
import { assessStateCodec } from './identity-ledger.js';
import type { AssessedEvent } from './ports.js';

const anna = { system: 'entra', name: 'anna@example.com' } as const;
const boss = { system: 'entra', name: 'boss@example.com' } as const;
const organisation = buildOrganisation({
  identities: [IdentityRecord.parse({ id: 'p-anna', accounts: [anna] }), IdentityRecord.parse({ id: 'p-boss', accounts: [boss] })],
  assets: [],
  groups: [],
  roles: [],
  tickets: [],
});
const model = createBehaviourModel();
const created = createDetectionEngine();
if (created.kind === 'invalid') throw new Error(created.problems.join());
const { engine } = created;
const codec = assessStateCodec(model, engine, () => organisation);

const act = (minute: number, change: Privilege['change'], more: Partial<AccessEvent> = {}, told: Partial<Privilege> = {}): AccessEvent =>
  aSignInEvent(`${change}-${minute}`, {
    time: MONDAY_9 + minute * MINUTE_MS,
    source: 'entra',
    class: 'user_access',
    activity: 'assign_privileges',
    code: change,
    actor: anna,
    privilege: { change, entitlement: 'entra:role:Reader', jit: true, requestId: 'r-1', ...told },
    ...more,
  });
const REQUEST = act(0, 'requested');
const APPROVAL = act(25, 'approved', { actor: boss, target: anna });
const BEGIN = act(26, 'activated');

/** Each ledger apart, as workers fold them. */
function rowsOf(events: readonly AccessEvent[]): readonly AssessedEvent[] {
  const ledgers = new Map<string, ReturnType<typeof codec.initial>>();
  const context = { model, engine, organisation, sod: EMPTY_SOD_POLICY, snapshot: model.emptySnapshot() };
  return events
    .flatMap((event) => route(resolveIdentities(event, organisation), organisation))
    .flatMap((entry) => {
      const id = ledgerId(entry);
      const state = ledgers.get(id) ?? codec.initial(id);
      ledgers.set(id, state);
      return assessEntry(entry, state, context).row ?? [];
    });
}
const told = (row: AssessedEvent | undefined): number | undefined => row?.event.privilege?.approvedAfterMs;
const last = (events: readonly AccessEvent[]): AssessedEvent | undefined => rowsOf(events).at(-1);

describe('the row of the act with which an approved right begins', () => {
  it('tells how long the approval took, though the approval is another identity’s act, and is scored by it', () => {
    const row = last([REQUEST, APPROVAL, BEGIN]);
    expect(told(row)).toBe(25 * MINUTE_MS);
    expect(row?.assessment.terms.map(({ feature }) => feature)).toContain('C2_approval');
  });
  it('tells nothing where nobody approved, nor do the rows of request and approval', () => {
    expect(rowsOf([REQUEST, BEGIN]).map(told)).toEqual([undefined, undefined]);
    expect(rowsOf([REQUEST, APPROVAL]).map(told)).toEqual([undefined, undefined]);
  });
  it('says the same when rows that were told before are folded anew, and believes no record that claims it', () => {
    const again = act(26, 'activated', {}, { approvedAfterMs: 1 });
    expect(told(last([REQUEST, APPROVAL, again]))).toBe(25 * MINUTE_MS);
    expect(told(last([REQUEST, again]))).toBeUndefined();
  });
});
