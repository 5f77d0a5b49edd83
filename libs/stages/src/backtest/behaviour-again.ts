import { alarmThreshold, isAlarming, type Snapshot } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { findingUid } from '@keyward/events';
import { emptyFacts, route, type Organisation } from '@keyward/identity';
import { UNUSUAL_BEHAVIOUR, behaviourFinding } from '../behaviour-finding.js';
import { custodyByHolders, withCustody } from '../custody-of-act.js';
import type { AssessedEvent } from '../ports.js';
import type { CompiledChange } from './change.js';
import type { GrantsThen } from './grants-then.js';

/** The alarm on behaviour decided again, from a score as it is stored. */
export interface DecidedTwice {
  readonly row: AssessedEvent;
  readonly current: boolean;
  readonly changed: boolean;
  /** Why they differ; empty when they do not. */
  readonly reason: string;
}

/** One configuration after the other: the model remembers the threshold of one budget at a time. */
export function decideTwice({ current, changed }: CompiledChange, rows: readonly AssessedEvent[], snapshot: Snapshot): DecidedTwice[] {
  const decide = (budget: number): { readonly p: number; readonly alarms: readonly boolean[] } => ({
    p: alarmThreshold(snapshot, budget),
    alarms: rows.map(({ assessment }) => isAlarming(assessment, snapshot, budget)),
  });
  const [before, after] = [decide(current.alertsPerThousand), decide(changed.alertsPerThousand)];
  return rows.map((row, index) => {
    const [is, wouldBe] = [before.alarms[index] === true, after.alarms[index] === true];
    const reason = `p ${short(row.assessment.p)}; that day's alarm is at ${short(before.p)}, and would be at ${short(after.p)}`;
    return { row, current: is, changed: wouldBe, reason: is === wouldBe ? '' : reason };
  });
}
const short = (p: number): string => p.toExponential(1);

/** Greatest p at which either configuration alarms on a day with that snapshot. */
export const greatestAlarm = ({ current, changed }: CompiledChange, snapshot: Snapshot): number =>
  Math.max(alarmThreshold(snapshot, current.alertsPerThousand), alarmThreshold(snapshot, changed.alertsPerThousand));

export const isSameAlarm = ({ current, changed }: CompiledChange, snapshot: Snapshot): boolean =>
  alarmThreshold(snapshot, current.alertsPerThousand) === alarmThreshold(snapshot, changed.alertsPerThousand);

export const behaviourUid = ({ event }: AssessedEvent): string => findingUid(UNUSUAL_BEHAVIOUR, event.uid);

/** The finding that ASSESS makes of a row; the grants in the account's hands are those that the store tells of. */
export function findingOfRow(row: AssessedEvent, organisation: Organisation, grants: GrantsThen): Finding {
  const { heldBy, ...event } = row.event;
  const own = ownIdentity(row);
  const active = grants.activeOf(own, event.time);
  const facts = { ...emptyFacts(), grants: Object.fromEntries(active.map((grant) => [grant.uid, grant])) };
  const finding = behaviourFinding(event, row.assessment, facts);
  const entry = heldBy && route(event, organisation)[0];
  const custody = entry && custodyByHolders(entry.key, heldBy, organisation);
  return custody ? withCustody(finding, own, custody) : finding;
}

/** Whose account acted; of a held one not its holder. */
export const ownIdentity = ({ event, identity }: AssessedEvent): string => event.actor?.identity ?? event.target?.identity ?? identity;
