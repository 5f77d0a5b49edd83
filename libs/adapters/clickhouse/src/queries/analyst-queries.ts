import type { Clock } from '@keyward/runtime';
import type { Policy } from '@keyward/response';
import type { OrganisationSource } from '@keyward/stages';
import type { ClickHouse } from '../client.js';
import { AlertQueries } from './alert-queries.js';
import { AlertTriage } from './alert-triage.js';
import { ChangeFeed } from './change-feed.js';
import { DecisionStore } from './decision-store.js';
import { Directory } from './directory.js';
import { EffectQueries } from './effect-queries.js';
import { EventQueries } from './event-queries.js';
import { GrantQueries } from './grant-queries.js';
import { IdentityHabits } from './identity-habits.js';
import { IdentityQueries } from './identity-queries.js';
import { IdentityStandings } from './identity-standing.js';
import { OverviewQueries } from './overview-queries.js';
import { PulseQueries, type LagReader } from './pulse-queries.js';
import { SodQueries } from './sod-queries.js';
import { SourceQueries } from './source-queries.js';
import { VerdictQueries } from './verdict-queries.js';

/** All that the pages of an analyst read, and the little that they write. */
export interface AnalystQueries {
  readonly alerts: AlertQueries;
  readonly triage: AlertTriage;
  readonly events: EventQueries;
  readonly identities: IdentityQueries;
  readonly habits: IdentityHabits;
  readonly grants: GrantQueries;
  readonly effects: EffectQueries;
  readonly decisions: DecisionStore;
  readonly overview: OverviewQueries;
  readonly pulse: PulseQueries;
  readonly sod: SodQueries;
  readonly sources: SourceQueries;
  readonly changes: ChangeFeed;
  readonly standings: IdentityStandings;
  readonly verdicts: VerdictQueries;
}

export interface AnalystQueriesOptions {
  readonly organisation: OrganisationSource;
  /** The response policy in force: says who may approve what. */
  readonly policy: () => Policy;
  readonly clock: Clock;
  readonly lag?: LagReader | undefined;
}

export function createAnalystQueries(clickhouse: ClickHouse, { organisation, policy, clock, lag }: AnalystQueriesOptions): AnalystQueries {
  const directory = new Directory(organisation, clock);
  const standings = new IdentityStandings(clickhouse, clock);
  const events = new EventQueries(clickhouse, directory, clock);
  const effects = new EffectQueries(clickhouse, directory, clock, policy);
  const grants = new GrantQueries(clickhouse, directory, clock, { standings, effects, events });
  const triage = new AlertTriage(clickhouse, clock);
  const identities = new IdentityQueries(clickhouse, directory, clock, standings);
  const lagOf = lag ?? (() => Promise.resolve(undefined));
  const pulse = new PulseQueries(clickhouse, clock, lagOf);
  return {
    alerts: new AlertQueries(clickhouse, directory, clock, { events, grants, effects, triage, standings }),
    triage,
    events,
    identities,
    habits: new IdentityHabits(clickhouse, directory, clock),
    grants,
    effects,
    decisions: new DecisionStore(clickhouse),
    overview: new OverviewQueries(clickhouse, clock, identities, pulse),
    pulse,
    sod: new SodQueries(clickhouse, directory, clock),
    sources: new SourceQueries(clickhouse, directory, clock, lagOf),
    changes: new ChangeFeed(clickhouse),
    standings,
    verdicts: new VerdictQueries(clickhouse, directory, clock),
  };
}
