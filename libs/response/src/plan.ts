import type { Alert } from '@keyward/alerts';
import { deterministicUid, isoInstant, severityId } from '@keyward/events';
import type { Grant, Organisation } from '@keyward/identity';
import type { Decision, ResponseMode } from './effect.js';
import { matchesAny } from './pattern.js';
import type { Policy, PolicyRule, Who } from './policy.js';

/** One intended revocation. Pure data: making it does nothing. */
export interface Plan {
  /** hash(alert, grant, connector): the same intention has the same id, so a redelivery never takes twice. */
  readonly effectUid: string;
  readonly alertUid: string;
  readonly identity: string;
  readonly grant: Grant;
  /** Id in the policy; absent when no connector answers for the grant. */
  readonly connector: string | undefined;
  /** Id of the rule, or `manual`. */
  readonly rule: string;
  readonly mode: ResponseMode;
  /** Users who must approve before it is done; 0 when nobody has to. */
  readonly approvalsNeeded: 0 | 1 | 2;
  /** Who approved by asking for it: the requester of a manual revocation. */
  readonly approvals: readonly string[];
  readonly actor: string;
  /** A sentence for the decision log and for the vendor's own audit log. */
  readonly reason: string;
}

/** Name of the connector in the decision log when none answers for a grant. */
export const NO_CONNECTOR = 'none';

export const effectUid = (alertUid: string, grantUid: string, connector: string | undefined): string =>
  deterministicUid('effect', alertUid, grantUid, connector ?? NO_CONNECTOR);

/**
 * What the policy wants to take back because of an alert. Grants that the alert names come first, then the youngest.
 *
 * @param grants of the alert's identity; those that are not active, or over at the alert's time, are left alone
 */
export function planRevocations(alert: Alert, grants: readonly Grant[], policy: Policy, organisation: Organisation): Plan[] {
  const named = new Set(alert.grantUids);
  return grants
    .filter((grant) => grant.identity === alert.identity && isActiveAt(grant, alert.lastTime))
    .sort(
      (a, b) => Number(named.has(b.uid)) - Number(named.has(a.uid)) || (b.startsAt ?? 0) - (a.startsAt ?? 0) || (a.uid < b.uid ? -1 : 1),
    )
    .flatMap((grant): Plan[] => {
      const rule = policy.rules.find((candidate) => ruleMatches(candidate, alert, grant, named.has(grant.uid), organisation));
      if (!rule) return [];
      const connector = connectorFor(policy, grant);
      const twoPerson = matchesAny(policy.guardRails.twoPersonFor, grant.entitlement);
      const mode = twoPerson && rule.mode === 'enforce' ? 'approve' : rule.mode;
      return [
        {
          effectUid: effectUid(alert.uid, grant.uid, connector),
          alertUid: alert.uid,
          identity: alert.identity,
          grant,
          connector,
          rule: rule.id,
          mode,
          approvalsNeeded: mode === 'approve' ? (twoPerson ? 2 : rule.approvals) : 0,
          approvals: [],
          actor: 'keyward',
          reason: `Keyward rule ${rule.id}: ${alert.title} (${alert.severity}, score ${Math.round(alert.score)}, ${isoInstant(alert.lastTime)}), alert ${alert.uid}.`,
        },
      ];
    });
}

/**
 * What a person wants to take back by hand. Asking for it is the first approval; where two persons are needed another user must approve.
 *
 * @param alertUid the alert it is about, or the decision's own uid when it is about none
 */
export function planManualRevocation(decision: Decision, grant: Grant, policy: Policy): Plan {
  const connector = connectorFor(policy, grant);
  const alertUid = decision.alertUid ?? decision.uid;
  const needed = matchesAny(policy.guardRails.twoPersonFor, grant.entitlement) ? 2 : 1;
  return {
    // Of the decision, not of the alert: what a rule only observed can still be taken by hand.
    effectUid: effectUid(decision.uid, grant.uid, connector),
    alertUid,
    identity: grant.identity,
    grant,
    connector,
    rule: MANUAL_RULE,
    mode: needed === 2 ? 'approve' : 'enforce',
    approvalsNeeded: needed,
    approvals: [decision.user],
    actor: decision.user,
    reason: decision.reason,
  };
}
export const MANUAL_RULE = 'manual';

/** The connector that answers for a grant: the first whose patterns match its entitlement. */
export const connectorFor = (policy: Policy, grant: Pick<Grant, 'entitlement'>): string | undefined =>
  policy.connectors.find(({ grants }) => matchesAny(grants, grant.entitlement))?.id;

const isActiveAt = (grant: Grant, at: number): boolean => grant.state === 'active' && (grant.endsAt === undefined || grant.endsAt > at);

function ruleMatches(rule: PolicyRule, alert: Alert, grant: Grant, isNamed: boolean, organisation: Organisation): boolean {
  const { when, grants } = rule;
  return (
    alert.score >= when.minScore &&
    alert.entityRisk >= when.minEntityRisk &&
    severityId(alert.severity) >= severityId(when.minSeverity) &&
    (when.detections?.length ? alert.detections.some((detection) => matchesAny(when.detections ?? [], detection)) : true) &&
    (!grants.jitOnly || grant.jit) &&
    (grants.take === 'all' || isNamed) &&
    matchesAny(grants.systems, grant.system) &&
    matchesAny(grants.entitlements, grant.entitlement) &&
    whoMatches(rule.who, alert.identity, organisation)
  );
}

function whoMatches(who: Who, identity: string, organisation: Organisation): boolean {
  const record = organisation.identity(identity);
  return (
    (!who.identities || matchesAny(who.identities, identity)) &&
    (!who.groups || inAnyGroup(who.groups, identity, organisation)) &&
    (!who.kinds || who.kinds.includes(record?.kind ?? 'human')) &&
    (who.privileged === undefined || who.privileged === (record?.privileged ?? false))
  );
}

export const inAnyGroup = (patterns: readonly string[], identity: string, organisation: Organisation): boolean =>
  patterns.length > 0 && [...organisation.groupsOf(identity)].some((group) => matchesAny(patterns, group));
