import { ClickHouseSnapshotStore, OrganisationStore, StoredOrganisationSource, type ClickHouse } from '@keyward/adapter-clickhouse';
import { createBehaviourModel, type BehaviourModel } from '@keyward/baselines';
import { InvalidInputError, readConfiguredFile, systemClock, type Logger, type MessageBus, type Metrics } from '@keyward/runtime';
import { DEFAULT_POLICY, parsePolicy, type Policy } from '@keyward/response';
import type { OrganisationSource, SnapshotStore } from '@keyward/stages';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { WorkerConfig } from './config.js';
import { BUS, CLICKHOUSE, CLOCK, CONFIG, LOGGER, METRICS, MODEL, ORGANISATION, POLICY, SECRETS, SNAPSHOTS, STOP_SIGNAL } from './tokens.js';

/** What a worker is given from outside. */
export interface Edge {
  readonly config: WorkerConfig & {
    readonly KEYWARD_OUTBOUND_ALLOWED_HOSTS: readonly string[];
    readonly KEYWARD_OUTBOUND_TIMEOUT_MS: number;
  };
  readonly bus: MessageBus;
  readonly clickhouse: ClickHouse;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly signal: AbortSignal;
  /** Where the secrets stand that the policy names by variable. Default: the environment of the process. */
  readonly secrets?: Readonly<Record<string, string | undefined>>;
}

/** Bus, store, clock, who is who, the policy: made once, used by all stages. */
@Global()
@Module({})
export class EdgeModule {
  static of(edge: Edge): DynamicModule {
    const values = [
      { provide: CONFIG, useValue: edge.config },
      { provide: BUS, useValue: edge.bus },
      { provide: CLICKHOUSE, useValue: edge.clickhouse },
      { provide: LOGGER, useValue: edge.logger },
      { provide: METRICS, useValue: edge.metrics },
      { provide: STOP_SIGNAL, useValue: edge.signal },
      { provide: SECRETS, useValue: edge.secrets ?? process.env },
      { provide: CLOCK, useValue: systemClock },
      { provide: POLICY, useFactory: () => readPolicy(edge.config.KEYWARD_POLICY_FILE) },
      { provide: MODEL, useFactory: () => createBehaviourModel() },
      { provide: ORGANISATION, useFactory: () => StoredOrganisationSource.load(new OrganisationStore(edge.clickhouse)) },
      {
        provide: SNAPSHOTS,
        inject: [MODEL, ORGANISATION],
        useFactory: (model: BehaviourModel, organisation: OrganisationSource): SnapshotStore =>
          new ClickHouseSnapshotStore(edge.clickhouse, model, organisation),
      },
    ];
    return { module: EdgeModule, providers: values, exports: values.map(({ provide }) => provide) };
  }
}

/** @throws InvalidInputError `policy.invalid` with every line that is wrong, `policy.missing` */
function readPolicy(file: string | undefined): Policy {
  if (file === undefined) return DEFAULT_POLICY;
  const parsed = parsePolicy(readConfiguredFile('KEYWARD_POLICY_FILE', file, 'policy.missing'));
  if (parsed.ok) return parsed.policy;
  const problems = parsed.problems.map(({ line, path, message }) => `${file}:${line}: ${path}: ${message}`);
  throw new InvalidInputError('policy.invalid', `The response policy can't be used:\n  ${problems.join('\n  ')}`);
}
