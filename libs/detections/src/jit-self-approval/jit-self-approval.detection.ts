import type { AccessEvent, Privilege } from '@keyward/events';
import { isApprovalOfUnnamed, isSubject, subjectOf, type Grant } from '@keyward/identity';
import { z } from 'zod';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { grantAfter } from '../outlook.js';
import { roleOf } from '../roles.js';
import { duration, entitlementName, nameOf } from '../words.js';

const Params = z.strictObject({
  /** An approval counts for activations this much later; requests are usually used the same day, at most the same week. */
  approvalValidHours: z.number().positive().default(168),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<null, Params>;

export const jitSelfApproval = defineDetection<null, Params>({
  id: 'jit_self_approval',
  title: 'Just-in-time access without a second person',
  kind: 'rule',
  severity: 'critical',
  attack: ['T1098', 'T1078'],
  ledger: 'identity',
  p: 1e-6, // a rule of the organisation was broken, or its approval step is misconfigured: both need a person
  params: Params,
  state: z.null(),
  initial: () => null,

  evaluate(input) {
    const { event, part } = input;
    const { privilege } = event;
    if (!privilege?.jit || event.outcome === 'failure' || !isSubject(event, part)) return undefined;
    if (privilege.change !== 'approved' && privilege.change !== 'activated' && privilege.change !== 'granted') return undefined;
    const grant = grantAfter(input);
    if (privilege.change === 'approved') return selfApproval(input, privilege, grant);
    const before = grant === undefined ? undefined : input.facts.grants[grant.uid];
    const wasJudged = before?.approver !== undefined;
    return (wasJudged ? undefined : selfApproval(input, privilege, grant)) ?? withoutApproval(input, privilege, grant, before);
  },
  advance: () => null,
});

/** Who asked (or who gets it) and who approved are one identity, whichever of its accounts were used. */
function selfApproval(input: Input, privilege: Privilege, grant: Grant | undefined): Observation | undefined {
  const { event, organisation } = input;
  const subject = subjectOf(event);
  // An approval record that names no approver is the act of its actor.
  const approverAccount = privilege.approver ?? (privilege.change === 'approved' ? event.actor?.name : undefined);
  if (!subject || approverAccount === undefined) return undefined;
  // Many vaults' approvals name the approver alone: whose request it was is only known where it stands in the same ledger.
  const requesterAccount = privilege.requester ?? grant?.requester ?? (isApprovalOfUnnamed(event) ? undefined : subject.name);
  if (requesterAccount === undefined) return undefined;
  const approver = identityOf(input, event, approverAccount);
  const requester = identityOf(input, event, requesterAccount);
  if (approver !== requester && approver !== input.identity) return undefined;
  const role = entitlementName(privilege.entitlement);
  const isForSelf = approver === input.identity;
  const requestedAt = grant === undefined ? undefined : input.facts.grants[grant.uid]?.requestedAt;
  const who = nameOf(organisation, approver);
  const accounts = approverAccount === requesterAccount ? `as ${approverAccount}` : `as ${requesterAccount} and then as ${approverAccount}`;
  const sentence =
    isForSelf && approver !== requester
      ? `${who} approved access to ${role} that ${requesterAccount} had asked for on behalf of ${who}.`
      : `${who} asked for ${role}${isForSelf ? '' : ` for ${nameOf(organisation, input.identity)}`} and approved the request too, ${accounts}.`;
  return {
    sentence,
    identity: approver,
    observed: {
      entitlement: privilege.entitlement,
      requester: requesterAccount,
      approver: approverAccount,
      subject: subject.name,
      ...(requestedAt !== undefined && { approvedAfterMinutes: Math.round((event.time - requestedAt) / 60_000) }),
    },
    eventUids: grant?.eventUids.slice(0, -1) ?? [],
    grantUids: grant ? [grant.uid] : [],
    dedupeKey: `jit_self_approval:${privilege.entitlement}`,
  };
}

/** The role asks for an approval, and none is on record. */
function withoutApproval(input: Input, privilege: Privilege, grant: Grant | undefined, before: Grant | undefined): Observation | undefined {
  const { event, organisation, params, identity } = input;
  const role = roleOf(organisation, privilege.entitlement);
  if (role?.approvalRequired !== true || privilege.eligible || privilege.approver !== undefined) return undefined;
  // Somebody else who gives it is the second person.
  if (event.actor?.identity !== undefined && event.actor.identity !== identity) return undefined;
  if (before?.approver !== undefined || before?.state === 'approved' || isApproved(input, privilege, params)) return undefined;
  const began = before?.requestedAt;
  return {
    sentence:
      `${nameOf(organisation, identity)} activated ${entitlementName(privilege.entitlement)}, which asks for an approval, ` +
      `and nobody is on record as having approved it${began === undefined ? '' : ` since it was asked for ${duration(event.time - began)} earlier`}.`,
    observed: { entitlement: privilege.entitlement, account: subjectOf(event)?.name ?? identity, approvalRequired: true },
    eventUids: before?.eventUids ?? [],
    grantUids: grant ? [grant.uid] : [],
    severity: 'high',
    p: 1e-5,
    dedupeKey: `jit_without_approval:${privilege.entitlement}`,
  };
}

/** Another request for the same right was approved and not used yet: some systems give each step an id of its own. */
const isApproved = ({ facts, event }: Input, privilege: Privilege, { approvalValidHours }: Params): boolean =>
  Object.values(facts.grants).some(
    (grant) =>
      grant.entitlement === privilege.entitlement &&
      grant.state === 'approved' &&
      event.time - (grant.requestedAt ?? event.time) <= approvalValidHours * 3_600_000,
  );

/** The actor's and target's accounts carry their identity; another name is looked up in the system that speaks. */
function identityOf({ organisation }: Input, event: AccessEvent, account: string): string {
  for (const known of [event.actor, event.target]) {
    if (known?.identity !== undefined && known.name.toLowerCase() === account.toLowerCase()) return known.identity;
  }
  return organisation.resolve({ system: subjectOf(event)?.system ?? event.source, name: account });
}
