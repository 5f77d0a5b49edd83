import type { AccessEvent } from '@keyward/events';
import { isApprovalOfUnnamed } from '@keyward/identity';

/** True when a password, key or secret is taken out of its vault. */
export const takesSecret = ({ credential, resource, activity }: AccessEvent): boolean =>
  credential?.act === 'checked_out' || (resource?.kind === 'secret' && activity === 'read');

/** True when somebody gives a right to somebody else. */
export const givesRight = ({ privilege, actor, target }: AccessEvent): boolean =>
  privilege?.change === 'granted' && target !== undefined && target.identity !== actor?.identity;

/** The right as it is compared: for a time, as everybody who needs it takes it up, it is another one than for good. */
export const rightOf = ({ entitlement, jit }: NonNullable<AccessEvent['privilege']>): string =>
  jit ? `${entitlement} for a time` : entitlement;

/** Whose right it is: the target's, or the actor's own; undefined for an approval that does not say whose request it was. */
export const receiverOf = (event: AccessEvent): string | undefined =>
  isApprovalOfUnnamed(event) ? undefined : (event.target ?? event.actor)?.identity;

/** @returns name of a privilege that the actor makes use of himself: an activated right, a credential from the vault; undefined for other acts */
export function privilegeUsed({ privilege, credential, actor, target }: AccessEvent): string | undefined {
  if (privilege?.change === 'activated' && (target === undefined || target.identity === actor?.identity)) return privilege.entitlement;
  if (credential?.act === 'checked_out' || credential?.act === 'used' || credential?.act === 'session_opened')
    return `credential ${credential.account}`;
  return undefined;
}

/** @returns minutes for which a right is given or taken up; undefined when no end is known */
export function grantedMinutes({ privilege, time }: AccessEvent): number | undefined {
  if (!privilege?.jit || privilege.eligible === true || privilege.endsAt === undefined) return undefined;
  if (privilege.change !== 'activated' && privilege.change !== 'granted') return undefined;
  const minutes = (privilege.endsAt - (privilege.startsAt ?? time)) / 60_000;
  return minutes > 0 ? minutes : undefined;
}

/** @returns seconds from request to approval of a right that the act begins; undefined where they are not known */
export const approvalSeconds = ({ privilege }: AccessEvent): number | undefined =>
  privilege?.approvedAfterMs === undefined ? undefined : privilege.approvedAfterMs / 1_000;

/** @returns bytes that the act moved; undefined where the vendor does not count them, or there were none */
export const movedBytes = ({ quantity }: AccessEvent): number | undefined =>
  quantity === undefined || quantity === 0 ? undefined : quantity;

/** @returns who stands on the other side of an approval, `approved by anna` or `approved for ben`; undefined where one of the two is not told */
export function counterpart({ privilege, actor, target }: AccessEvent): string | undefined {
  if (!privilege || !actor) return undefined;
  const { change, approver, requester } = privilege;
  if (change === 'approved') {
    const asked = requester ?? target?.name;
    return asked === undefined || asked.toLowerCase() === actor.name ? undefined : `approved for ${asked.toLowerCase()}`;
  }
  const isOwn = target === undefined || target.identity === actor.identity;
  if ((change !== 'activated' && change !== 'granted') || !isOwn || approver === undefined || approver.toLowerCase() === actor.name)
    return undefined;
  return `approved by ${approver.toLowerCase()}`;
}

/** True when the event proves who somebody is, rather than showing an older proof once more. */
export const isSignIn = ({ class: eventClass, auth, activity }: AccessEvent): boolean =>
  eventClass === 'authentication' &&
  activity !== 'logoff' &&
  auth?.interactive !== false &&
  auth?.method !== 'federated' &&
  auth?.method !== 'token';

/** Refusals that say nothing of a wrong proof: the account or the rules stood in the way. */
const NO_GUESS = new Set(['interrupted', 'policy', 'disabled', 'expired']);
/** True when somebody tried to sign in and could not prove who he is. */
export const isFailedProof = (event: AccessEvent): boolean =>
  event.outcome === 'failure' && isSignIn(event) && !NO_GUESS.has(event.auth?.failure ?? '');
