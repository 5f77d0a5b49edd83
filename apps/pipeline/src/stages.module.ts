import {
  ClickHouseAlertStore,
  ClickHouseAssessmentStore,
  ClickHouseDayStore,
  ClickHouseEntryStore,
  ClickHouseIngestLedger,
  ClickHouseLedgerStore,
  ClickHouseResponseStore,
  ClickHouseSourceAlarmStore,
  ClickHouseSourceHistory,
  ClickHouseVerdictStore,
  type ClickHouse,
} from '@keyward/adapter-clickhouse';
import { createGeoLookup } from '@keyward/adapter-geo';
import type { BehaviourModel } from '@keyward/baselines';
import { HOUR_MS } from '@keyward/events';
import type { Policy } from '@keyward/response';
import { EVENTS_TOPIC, rawTopic, type Clock, type Logger, type MessageBus, type Metrics } from '@keyward/runtime';
import { SOURCES } from '@keyward/sources';
import {
  AlertStage,
  AssessStage,
  DayBoundary,
  DecisionWriter,
  Deliveries,
  IngestStage,
  RespondStage,
  Revocations,
  SourceWatch,
  type OrganisationSource,
  type SnapshotStore,
} from '@keyward/stages';
import { Module, type Provider } from '@nestjs/common';
import { readDetectionSettings } from './detection-settings.js';
import type { Edge } from './edge.module.js';
import { LINE } from './line.js';
import { pluginsOf, type Plugins } from './plugins.js';
import {
  ALERT,
  ASSESS,
  BUS,
  CLICKHOUSE,
  CLOCK,
  CONFIG,
  INGEST,
  LOGGER,
  METRICS,
  MODEL,
  ORGANISATION,
  PLUGINS,
  POLICY,
  RESPOND,
  SECRETS,
  SNAPSHOTS,
  SOURCE_WATCH,
  STOP_SIGNAL,
} from './tokens.js';

const groupOf = (role: string): string => LINE.find((stage) => stage.role === role)?.group ?? role;

const ingest: Provider = {
  provide: INGEST,
  inject: [CONFIG, BUS, CLICKHOUSE, ORGANISATION, CLOCK, METRICS],
  useFactory: (
    config: Edge['config'],
    bus: MessageBus,
    clickhouse: ClickHouse,
    organisation: OrganisationSource,
    clock: Clock,
    metrics: Metrics,
  ) =>
    new IngestStage({
      publisher: bus.exactlyOncePublisher({ transactionalId: `${config.KEYWARD_INSTANCE}-ingest`, group: groupOf('ingest') }),
      ledger: new ClickHouseIngestLedger(clickhouse),
      organisation,
      geo: createGeoLookup({
        ...(config.KEYWARD_GEO_CITY_MMDB && { cityPaths: config.KEYWARD_GEO_CITY_MMDB }),
        ...(config.KEYWARD_GEO_ASN_MMDB !== undefined && { asnPath: config.KEYWARD_GEO_ASN_MMDB }),
      }),
      clock,
      metrics,
    }),
};

const assess: Provider = {
  provide: ASSESS,
  inject: [CONFIG, BUS, CLICKHOUSE, ORGANISATION, SNAPSHOTS, MODEL, CLOCK, LOGGER, METRICS, STOP_SIGNAL],
  useFactory: (
    config: Edge['config'],
    bus: MessageBus,
    clickhouse: ClickHouse,
    organisation: OrganisationSource,
    snapshots: SnapshotStore,
    model: BehaviourModel,
    clock: Clock,
    logger: Logger,
    metrics: Metrics,
    signal: AbortSignal,
  ) =>
    new AssessStage({
      ledgers: new ClickHouseLedgerStore(clickhouse),
      store: new ClickHouseAssessmentStore(clickhouse),
      entries: new ClickHouseEntryStore(clickhouse),
      verdicts: new ClickHouseVerdictStore(clickhouse),
      snapshots,
      days: new DayBoundary({
        ...{ store: new ClickHouseDayStore(clickhouse), clock, metrics, signal },
        partitions: async () => [...((await bus.endOffsets([EVENTS_TOPIC])).get(EVENTS_TOPIC)?.keys() ?? [])],
        logger: logger.child({ stage: 'assess' }),
      }),
      organisation,
      publisher: bus.publisher(),
      deadLetters: new ClickHouseIngestLedger(clickhouse),
      model,
      ...readDetectionSettings(config.KEYWARD_DETECTIONS_FILE),
      clock,
      logger: logger.child({ stage: 'assess' }),
      metrics,
      signal,
    }),
};

const alert: Provider = {
  provide: ALERT,
  inject: [BUS, CLICKHOUSE, ORGANISATION, LOGGER, METRICS, STOP_SIGNAL],
  useFactory: (
    bus: MessageBus,
    clickhouse: ClickHouse,
    organisation: OrganisationSource,
    logger: Logger,
    metrics: Metrics,
    signal: AbortSignal,
  ) =>
    new AlertStage({
      ledgers: new ClickHouseLedgerStore(clickhouse),
      store: new ClickHouseAlertStore(clickhouse),
      organisation,
      publisher: bus.publisher(),
      deadLetters: new ClickHouseIngestLedger(clickhouse),
      logger: logger.child({ stage: 'alert' }),
      metrics,
      signal,
    }),
};

const plugins: Provider = { provide: PLUGINS, inject: [POLICY, CONFIG, CLOCK, SECRETS], useFactory: pluginsOf };

const respond: Provider = {
  provide: RESPOND,
  inject: [CONFIG, POLICY, BUS, CLICKHOUSE, ORGANISATION, PLUGINS, CLOCK, LOGGER, METRICS, STOP_SIGNAL],
  useFactory: (
    config: Edge['config'],
    policy: Policy,
    bus: MessageBus,
    clickhouse: ClickHouse,
    organisation: OrganisationSource,
    { sinks, revokers }: Plugins,
    clock: Clock,
    parent: Logger,
    metrics: Metrics,
    signal: AbortSignal,
  ) => {
    const logger = parent.child({ stage: 'respond' });
    const store = new ClickHouseResponseStore(clickhouse);
    const common = { store, clock, logger, metrics, signal };
    const log = new DecisionWriter(store, common);
    return new RespondStage({
      ...common,
      log,
      publisher: bus.publisher(),
      deadLetters: new ClickHouseIngestLedger(clickhouse),
      organisation,
      policy,
      instance: config.KEYWARD_INSTANCE,
      deliveries: new Deliveries({ ...common, sinks, publicUrl: config.KEYWARD_PUBLIC_URL }),
      revocations: new Revocations({ ...common, log, revokers }),
      maxAlertAgeMs: config.KEYWARD_MAX_ALERT_AGE_HOURS * HOUR_MS,
    });
  },
};

const sourceWatch: Provider = {
  provide: SOURCE_WATCH,
  inject: [BUS, CLICKHOUSE, CLOCK, LOGGER, METRICS],
  useFactory: (bus: MessageBus, clickhouse: ClickHouse, clock: Clock, logger: Logger, metrics: Metrics) =>
    new SourceWatch({
      history: new ClickHouseSourceHistory(clickhouse),
      alarms: new ClickHouseSourceAlarmStore(clickhouse),
      alerts: new ClickHouseAlertStore(clickhouse),
      publisher: bus.publisher(),
      waiting: async () => {
        const lag = await bus.lagOf(
          groupOf('ingest'),
          SOURCES.map(({ id }) => rawTopic(id)),
        );
        return new Map(SOURCES.map(({ id }) => [id, lag.get(rawTopic(id)) ?? 0]));
      },
      clock,
      logger: logger.child({ stage: 'respond' }),
      metrics,
    }),
};

/** The four stages, wired to the bus and the store. */
@Module({ providers: [ingest, assess, alert, plugins, respond, sourceWatch], exports: [INGEST, ASSESS, ALERT, RESPOND, SOURCE_WATCH] })
export class StagesModule {}
