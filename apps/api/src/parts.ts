import {
  Backtests,
  BacktestStore,
  createAccountStores,
  createAnalystQueries,
  DirectoryStore,
  ImportTimes,
  LinkDecisionStore,
  OrganisationImporter,
  OrganisationStore,
  StoredOrganisationSource,
  UnresolvedAccountQueries,
  type AccountStores,
  type AnalystQueries,
  type ClickHouse,
} from '@keyward/adapter-clickhouse';
import { HOUR_MS, MINUTE_MS } from '@keyward/events';
import type { Clock, Logger, MessageBus, Metrics } from '@keyward/runtime';
import { newId } from './auth/secrets.js';
import { ApiTokens } from './auth/api-tokens.js';
import { Audit } from './auth/audit.js';
import { Authenticator } from './auth/authenticator.js';
import { Login } from './auth/login.js';
import { Passwords } from './auth/passwords.js';
import { Sessions } from './auth/sessions.js';
import { Users } from './auth/users.js';
import { BacktestJobs } from './backtests/backtest-jobs.js';
import { isHttps, pushSecrets, type ApiConfig } from './config.js';
import { Decisions } from './grants/decisions.js';
import { Ingest } from './ingest/ingest.js';
import { Links } from './organisation/links.js';
import { OrganisationImport } from './organisation/organisation-import.js';
import { budgetOf, readDetections, readPolicy } from './read-policy.js';
import { ScimDirectory } from './scim/scim-directory.js';
import { ScimServer } from './scim/scim-server.js';
import { Health } from './service/health.js';
import { StreamHub } from './stream/stream-hub.js';
import { Verdicts } from './verdicts/verdicts.js';
import type { CookieSettings, PolicyInForce } from './tokens.js';

/** A consumer group of the line, and what it reads: where the pulse gets its lag from. */
export interface ConsumerGroup {
  readonly group: string;
  readonly topics: readonly string[];
}

/** What the API is given from outside. */
export interface ApiDependencies {
  readonly config: ApiConfig;
  readonly clickhouse: ClickHouse;
  readonly bus: MessageBus;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Absent: the pulse shows no lag. */
  readonly consumers?: readonly ConsumerGroup[];
}

/** Everything that controllers use, made once. */
export interface ApiParts {
  readonly accounts: AccountStores;
  readonly queries: AnalystQueries;
  readonly organisation: StoredOrganisationSource;
  readonly policy: PolicyInForce;
  readonly cookie: CookieSettings;
  readonly authenticator: Authenticator;
  readonly sessions: Sessions;
  readonly tokens: ApiTokens;
  readonly users: Users;
  readonly login: Login;
  readonly audit: Audit;
  readonly decisions: Decisions;
  readonly verdicts: Verdicts;
  readonly backtests: BacktestJobs;
  readonly ingest: Ingest;
  readonly imports: OrganisationImport;
  readonly links: Links;
  readonly unresolved: UnresolvedAccountQueries;
  readonly scim: ScimServer;
  readonly logger: Logger;
  readonly publicUrl: { readonly url?: string };
  readonly stream: StreamHub;
  readonly health: Health;
}

const MIB = 1024 * 1024;
const PUBLISH_TIMEOUT_MS = 30_000;
/** Asking the broker takes a connection of its own: the lag may be this old. */
const LAG_MAX_AGE_MS = 10_000;

/** @throws UnavailableError when the store does not answer; InvalidInputError when the policy can't be used */
export async function makeParts(dependencies: ApiDependencies): Promise<ApiParts> {
  const { config, clickhouse, bus, clock, logger, metrics } = dependencies;
  const policy = readPolicy(config.KEYWARD_POLICY_FILE, logger);
  const detections = readDetections(config.KEYWARD_DETECTIONS_FILE);
  const organisationStore = new OrganisationStore(clickhouse);
  const organisation = await StoredOrganisationSource.load(organisationStore);
  const accounts = createAccountStores(clickhouse);
  const queries = createAnalystQueries(clickhouse, { organisation, policy: policy.policy, clock, lag: lagReader(dependencies) });
  const publisher = bus.publisher();
  const passwords = new Passwords();
  const secure = isHttps(config);
  const cookie = { name: secure ? '__Host-keyward_session' : 'keyward_session', secure };
  const sessions = new Sessions(accounts.sessions, clock, {
    idleMs: config.KEYWARD_SESSION_IDLE_MINUTES * MINUTE_MS,
    absoluteMs: config.KEYWARD_SESSION_HOURS * HOUR_MS,
  });
  const tokens = new ApiTokens(accounts.tokens, clock);
  return {
    accounts,
    queries,
    organisation,
    policy,
    cookie,
    sessions,
    tokens,
    authenticator: new Authenticator(sessions, tokens, cookie.name),
    users: new Users(accounts.users, passwords, clock),
    login: new Login(accounts.users, accounts.loginAttempts, passwords, clock),
    audit: new Audit(accounts.audit, clock),
    decisions: new Decisions({
      store: queries.decisions,
      effects: queries.effects,
      grants: queries.grants,
      publisher,
      policy: policy.policy,
      clock,
    }),
    backtests: new BacktestJobs({
      backtests: new Backtests(clickhouse, organisation, { detections, policy: policy.policy }),
      store: new BacktestStore(clickhouse),
      clock,
      logger,
    }),
    verdicts: new Verdicts({
      queries: queries.verdicts,
      alerts: queries.alerts,
      triage: queries.triage,
      organisation,
      publisher,
      clock,
      alertsPerThousand: budgetOf(detections),
    }),
    ingest: new Ingest(
      { publisher, metrics, logger, clock, secrets: pushSecrets(config) },
      {
        maxBodyBytes: config.KEYWARD_INGEST_MAX_MB * MIB,
        maxInFlightBytes: config.KEYWARD_INGEST_IN_FLIGHT_MB * MIB,
        publishTimeoutMs: PUBLISH_TIMEOUT_MS,
      },
    ),
    imports: new OrganisationImport(
      organisationStore,
      new OrganisationImporter(clickhouse, clock),
      organisation,
      new ImportTimes(clickhouse),
    ),
    links: new Links({ source: organisation, decisions: new LinkDecisionStore(clickhouse), clock, metrics }),
    unresolved: new UnresolvedAccountQueries(clickhouse, organisation, clock),
    scim: new ScimServer(new ScimDirectory({ store: new DirectoryStore(clickhouse), clock, newId })),
    logger,
    publicUrl: config.KEYWARD_PUBLIC_URL === undefined ? {} : { url: config.KEYWARD_PUBLIC_URL.replace(/\/+$/, '') },
    stream: new StreamHub(queries.changes, queries.pulse, logger),
    health: new Health(
      [
        { name: 'clickhouse', check: () => clickhouse.ping() },
        { name: 'bus', check: () => bus.ensureTopics([]) },
      ],
      metrics,
    ),
  };
}

function lagReader({ bus, clock, consumers }: ApiDependencies) {
  let kept: { readonly at: number; readonly rows: Promise<{ group: string; topic: string; records: number }[]> } | undefined;
  return () => {
    if (!consumers) return Promise.resolve(undefined);
    const now = clock.now();
    if (kept && now - kept.at < LAG_MAX_AGE_MS) return kept.rows;
    const rows = Promise.all(
      consumers.map(async ({ group, topics }) =>
        [...(await bus.lagOf(group, topics))].map(([topic, records]) => ({ group, topic, records })),
      ),
    ).then((groups) => groups.flat());
    kept = { at: now, rows };
    return rows;
  };
}
