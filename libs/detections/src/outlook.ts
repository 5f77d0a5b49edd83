import { advanceFacts, type Grant, type IdentityFacts } from '@keyward/identity';
import type { DetectionInput } from './detection.js';

type View = Pick<DetectionInput<unknown, unknown>, 'event' | 'part' | 'identity' | 'facts'>;

/**
 * Facts as they will be once the event is learned. The ledger's own stay as they are: the fold replaces what it changes, in copied indexes.
 * Costs a copy of what may be a thousand entries, so it is for the few events that need it.
 */
export function factsAfter({ event, part, identity, facts }: View): IdentityFacts {
  const copy = { accounts: {}, entitlements: { ...facts.entitlements }, grants: { ...facts.grants }, disabledAt: {} };
  return advanceFacts(copy, event, part, identity).facts;
}

/** The grant that a privilege event makes or changes, as it will stand; undefined when it changes none. */
export function grantAfter({ event, part, identity, facts }: View): Grant | undefined {
  const grants: IdentityFacts['grants'] = {};
  for (const grant of Object.values(facts.grants)) if (grant.entitlement === event.privilege?.entitlement) grants[grant.uid] = grant;
  return advanceFacts({ accounts: {}, entitlements: {}, grants, disabledAt: {} }, event, part, identity).changedGrants[0];
}
