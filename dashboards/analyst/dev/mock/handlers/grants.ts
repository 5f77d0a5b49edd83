import { NewDecision } from '@keyward/contract';
import { stepsOf } from '../grants.js';
import { page, where } from '../lists.js';
import { iso, type Handlers } from './handler.js';

export const GRANTS: Handlers = {
  'grants.list': ({ organisation, query }) => page(where.grants(organisation.grants, query), query),
  'grants.show': ({ organisation, params }) => {
    const grant = organisation.grants.find((one) => one.uid === params['uid']);
    if (!grant) return undefined;
    return {
      grant,
      effects: organisation.effects.filter((effect) => effect.grantUid === grant.uid),
      timeline: organisation.events.filter((event) => event.identity.id === grant.identity.id && event.class === 'user_access').slice(0, 3),
      alerts: [],
    };
  },
  'effects.list': ({ organisation, query }) => page(where.effects(organisation.effects, query), query),
  'effects.show': ({ organisation, params }) => {
    const effect = organisation.effects.find((one) => one.uid === params['uid']);
    return effect ? { effect, steps: stepsOf(effect), decisions: [] } : undefined;
  },
  'decisions.create': ({ organisation, body, user, publish }) => {
    const decision = NewDecision.parse(body);
    const effect = decision.kind === 'revoke' ? undefined : organisation.effects.find((one) => one.uid === decision.effectUid);
    if (effect) {
      if (decision.kind === 'approve') effect.approvals = [...effect.approvals, user];
      effect.state =
        decision.kind === 'deny' ? 'denied' : effect.approvals.length >= effect.approvalsNeeded ? 'verified' : 'awaiting_approval';
      publish({ kind: 'effect', uid: effect.uid, alertUid: effect.alertUid, grantUid: effect.grantUid, state: effect.state });
    }
    const grant = organisation.grants.find((one) => one.uid === (decision.kind === 'revoke' ? decision.grantUid : effect?.grantUid));
    if (grant && (decision.kind === 'revoke' || effect?.state === 'verified')) {
      grant.state = 'revoked';
      grant.endedAt = iso(Date.now());
      publish({ kind: 'grant', uid: grant.uid, identity: grant.identity.id, state: 'revoked', entitlement: grant.entitlement });
    }
    return {
      uid: 'd1',
      kind: decision.kind,
      effectUid: effect?.uid ?? null,
      alertUid: null,
      grantUid: grant?.uid ?? null,
      user,
      reason: decision.reason,
      at: iso(Date.now()),
    };
  },
};
