import { DAY_MS, MINUTE_MS, type AccessEvent } from '@keyward/events';
import { grantEndedAt, grantStateAt, type Grant, type IdentityFacts, type Organisation } from '@keyward/identity';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput } from '../detection.js';
import { isRole } from '../roles.js';
import { duration, entitlementName, moment, nameOf } from '../words.js';

/** Grant uid -> when its use after the end was last reported. */
const State = z.record(z.string(), z.number());
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Tokens and directory replicas live on for some minutes: Entra ID needs up to 10 to take an activation back everywhere. */
  graceMinutes: z.number().nonnegative().default(10),
  /** An older end says nothing about today: rights may have been given by ways that leave no record. At most 90 days are known. */
  lookBackDays: z.number().positive().max(90).default(30),
  /** Each further use within it belongs to the finding already made. */
  repeatMinutes: z.number().nonnegative().default(60),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

const MAX_REPORTED = 16;

export const accessAfterGrantEnd = defineDetection<State, Params>({
  id: 'access_after_grant_end',
  title: 'Privilege used after its grant ended',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078', 'T1548'],
  ledger: 'identity',
  p: 1e-5, // a right that was taken away still works, or the taking away did not
  params: Params,
  state: State,
  initial: () => ({}),

  evaluate(input) {
    const { event, state, params, organisation, identity } = input;
    const used = endedGrantUsed(input);
    if (!used || wasReported(state, used.grant.uid, event, params)) return undefined;
    const { grant, endedAt, what } = used;
    const isRevoked = grant.state === 'revoked';
    return {
      sentence:
        `${nameOf(organisation, identity)} used ${what} ${duration(event.time - endedAt)} after the grant of ` +
        `${entitlementName(grant.entitlement)} ${isRevoked ? 'was revoked' : 'expired'}.`,
      observed: {
        entitlement: grant.entitlement,
        used: what,
        endedAt: moment(endedAt),
        endedBy: isRevoked ? 'revocation' : 'expiry',
        minutesAfterEnd: Math.round((event.time - endedAt) / MINUTE_MS),
        graceMinutes: params.graceMinutes,
      },
      eventUids: grant.eventUids,
      grantUids: [grant.uid],
      ...(event.session !== undefined && { explanation: [`In session ${event.session.uid}: it may have been open when the grant ended.`] }),
      ...(isRevoked && { severity: 'critical', p: 1e-6 }),
      dedupeKey: `access_after_grant_end:${grant.entitlement}`,
    };
  },

  advance(input) {
    const { event, state, params } = input;
    const used = endedGrantUsed(input);
    if (!used || wasReported(state, used.grant.uid, event, params)) return state;
    const next = Object.entries({ ...state, [used.grant.uid]: event.time }).toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    return Object.fromEntries(next.slice(-MAX_REPORTED));
  },
});

interface EndedUse extends EndedGrant {
  readonly what: string;
}

function endedGrantUsed({ event, part, facts, organisation, params }: Input): EndedUse | undefined {
  if (part !== 'actor' || event.outcome !== 'success' || event.privilege !== undefined || isPassive(event)) return undefined;
  // Hardly anybody has a grant that ended lately: only then is it worth asking what right the event makes use of.
  if (!hasEndedLately(facts.grants, event.time, params)) return undefined;
  const ended = Object.values(facts.grants).flatMap((grant) => endOf(grant, event.time) ?? []);
  for (const need of needsOf(event, organisation)) {
    const latest = latestEnd(ended.filter(({ grant }) => need.covers(grant.entitlement)));
    if (latest && isInWindow(event.time - latest.endedAt, params) && !isHeld(facts, need.covers, event.time))
      return { ...latest, what: need.what };
  }
  return undefined;
}

/** Asked of every act of everybody, so without a list. */
function hasEndedLately(grants: Input['facts']['grants'], at: number, params: Params): boolean {
  for (const uid in grants) {
    const grant = grants[uid];
    const end = grant && endOf(grant, at);
    if (end && isInWindow(at - end.endedAt, params)) return true;
  }
  return false;
}

const isInWindow = (sinceMs: number, { graceMinutes, lookBackDays }: Params): boolean =>
  sinceMs > graceMinutes * MINUTE_MS && sinceMs <= lookBackDays * DAY_MS;

interface Need {
  readonly what: string;
  readonly covers: (entitlement: string) => boolean;
}

/** What right the event makes use of: the role its asset asks for, and the role, group or application that it names itself. */
function* needsOf(event: AccessEvent, organisation: Organisation): Generator<Need> {
  for (const host of hostsOf(event)) {
    const role = organisation.asset(host)?.requiresRole;
    if (role) yield { what: host, covers: (entitlement) => isRole(entitlement, role) };
  }
  const { resource } = event;
  if (resource && isUseOf(resource.kind, event)) {
    // Parsers write an application's entitlement as `okta:app:Payroll`.
    const kinds = resource.kind === 'application' ? ['application', 'app'] : [resource.kind];
    const names = kinds.map((kind) => `${event.source}:${kind}:${resource.name}`.toLowerCase());
    yield { what: resource.name, covers: (entitlement) => names.includes(entitlement.toLowerCase()) };
  }
}

/** An application or safe is used by being reached; a role or group by a session that takes it on. Whoever edits a group does not use it. */
function isUseOf(kind: NonNullable<AccessEvent['resource']>['kind'], event: AccessEvent): boolean {
  if (kind === 'application' || kind === 'safe') return true;
  return (kind === 'role' || kind === 'group') && event.class === 'authorize_session';
}

/** Names of the machine that the event touches, each once. */
function hostsOf({ resource, credential, actor }: AccessEvent): ReadonlySet<string> {
  const hosts = new Set<string>();
  if (resource?.host) hosts.add(resource.host);
  if (resource && (resource.kind === 'host' || resource.kind === 'database')) hosts.add(resource.name);
  for (const account of [credential?.account, actor?.name]) {
    const at = account?.lastIndexOf('@') ?? -1;
    if (account !== undefined && at > 0) hosts.add(account.slice(at + 1));
  }
  return hosts;
}

function isHeld(facts: IdentityFacts, covers: Need['covers'], at: number): boolean {
  const holds = Object.entries(facts.entitlements).some(([name, held]) => covers(name) && (held.until === undefined || held.until >= at));
  return holds || Object.values(facts.grants).some((grant) => covers(grant.entitlement) && grantStateAt(grant, at) === 'active');
}

interface EndedGrant {
  readonly grant: Grant;
  readonly endedAt: number;
}

/** The end of a grant that was once in somebody's hands; undefined for one that is open, was never active, or only allowed to ask. */
function endOf(grant: Grant, at: number): EndedGrant | undefined {
  const endedAt = grantEndedAt(grant, at);
  const wasActive = grant.startsAt !== undefined || grant.state === 'revoked' || grant.state === 'expired';
  return endedAt === undefined || !wasActive || grant.state === 'eligible' ? undefined : { grant, endedAt };
}

/** The grant that ended last: what it still allowed a moment ago is what people go on using. */
const latestEnd = (ended: readonly EndedGrant[]): EndedGrant | undefined =>
  ended.toSorted((a, b) => b.endedAt - a.endedAt || (a.grant.uid < b.grant.uid ? -1 : 1))[0];

const wasReported = (state: State, uid: string, event: AccessEvent, params: Params): boolean => {
  const at = state[uid];
  return at !== undefined && Math.abs(event.time - at) < params.repeatMinutes * MINUTE_MS;
};
