import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import {
  AlertQueries,
  AlertTriage,
  AuditStore,
  EffectQueries,
  EventQueries,
  GrantQueries,
  IdentityHabits,
  IdentityQueries,
  IdentityStandings,
  OverviewQueries,
  PulseQueries,
  SodQueries,
  UnresolvedAccountQueries,
  SourceQueries,
} from '@keyward/adapter-clickhouse';
import { toOcsf } from '@keyward/sources';
import { AlertsController } from './alerts/alerts.controller.js';
import { TokensController } from './api-tokens/tokens.controller.js';
import { ApiTokens } from './auth/api-tokens.js';
import { Audit } from './auth/audit.js';
import { Authenticator } from './auth/authenticator.js';
import { Login } from './auth/login.js';
import { Sessions } from './auth/sessions.js';
import { Users } from './auth/users.js';
import { BacktestJobs } from './backtests/backtest-jobs.js';
import { BacktestsController } from './backtests/backtests.controller.js';
import { EventsController } from './events/events.controller.js';
import { Decisions } from './grants/decisions.js';
import { GrantsController } from './grants/grants.controller.js';
import { IdentitiesController } from './identities/identities.controller.js';
import { IngestController } from './ingest/ingest.controller.js';
import { Ingest } from './ingest/ingest.js';
import { buildOpenApi } from './openapi/build-openapi.js';
import { LinksController } from './organisation/links.controller.js';
import { Links } from './organisation/links.js';
import { OrganisationController } from './organisation/organisation.controller.js';
import { OrganisationImport } from './organisation/organisation-import.js';
import { OverviewController } from './overview/overview.controller.js';
import type { ApiParts } from './parts.js';
import { ScimController } from './scim/scim.controller.js';
import { ScimServer } from './scim/scim-server.js';
import { Health } from './service/health.js';
import { ServiceController } from './service/service.controller.js';
import { SessionController } from './session/session.controller.js';
import { SourcesController } from './sources/sources.controller.js';
import { StreamController } from './stream/stream.controller.js';
import { StreamHub } from './stream/stream-hub.js';
import { COOKIE, LOGGER, OCSF_EXPORT, OPENAPI, POLICY, PUBLIC_URL } from './tokens.js';
import { UsersController } from './users/users.controller.js';
import { VerdictsController } from './verdicts/verdicts.controller.js';
import { Verdicts } from './verdicts/verdicts.js';

const give = <T>(token: Type<T> | symbol, made: () => T): Provider => ({ provide: token, useFactory: made });

/** Who may: sessions, users, API tokens, audit. */
@Module({})
export class AccessModule {
  static of(parts: ApiParts): DynamicModule {
    return {
      module: AccessModule,
      controllers: [SessionController, UsersController, TokensController],
      providers: [
        give(Login, () => parts.login),
        give(Sessions, () => parts.sessions),
        give(Users, () => parts.users),
        give(ApiTokens, () => parts.tokens),
        give(Audit, () => parts.audit),
        give(AuditStore, () => parts.accounts.audit),
        give(COOKIE, () => parts.cookie),
      ],
    };
  }
}

/** What an analyst works with. */
@Module({})
export class AnalystModule {
  static of(parts: ApiParts): DynamicModule {
    const { queries } = parts;
    return {
      module: AnalystModule,
      controllers: [
        AlertsController,
        EventsController,
        IdentitiesController,
        GrantsController,
        OverviewController,
        SourcesController,
        StreamController,
        BacktestsController,
        VerdictsController,
      ],
      providers: [
        give(AlertQueries, () => queries.alerts),
        give(AlertTriage, () => queries.triage),
        give(EventQueries, () => queries.events),
        give(IdentityQueries, () => queries.identities),
        give(IdentityHabits, () => queries.habits),
        give(IdentityStandings, () => queries.standings),
        give(GrantQueries, () => queries.grants),
        give(EffectQueries, () => queries.effects),
        give(OverviewQueries, () => queries.overview),
        give(PulseQueries, () => queries.pulse),
        give(SodQueries, () => queries.sod),
        give(SourceQueries, () => queries.sources),
        give(Decisions, () => parts.decisions),
        give(Verdicts, () => parts.verdicts),
        give(BacktestJobs, () => parts.backtests),
        give(Audit, () => parts.audit),
        give(Authenticator, () => parts.authenticator),
        give(StreamHub, () => parts.stream),
        give(POLICY, () => parts.policy),
        give(OCSF_EXPORT, () => toOcsf),
      ],
    };
  }
}

/** What other programs call. */
@Module({})
export class ServiceModule {
  static of(parts: ApiParts): DynamicModule {
    return {
      module: ServiceModule,
      controllers: [IngestController, LinksController, OrganisationController, ScimController, ServiceController],
      providers: [
        give(Ingest, () => parts.ingest),
        give(OrganisationImport, () => parts.imports),
        give(Links, () => parts.links),
        give(UnresolvedAccountQueries, () => parts.unresolved),
        give(IdentityStandings, () => parts.queries.standings),
        give(ScimServer, () => parts.scim),
        give(LOGGER, () => parts.logger),
        give(PUBLIC_URL, () => parts.publicUrl),
        give(Audit, () => parts.audit),
        give(Health, () => parts.health),
        give(OPENAPI, buildOpenApi),
      ],
    };
  }
}

@Module({})
export class ApiModule {
  static of(parts: ApiParts): DynamicModule {
    return { module: ApiModule, imports: [DiscoveryModule, AccessModule.of(parts), AnalystModule.of(parts), ServiceModule.of(parts)] };
  }
}
