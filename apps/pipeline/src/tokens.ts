/** Names under which Nest finds what is not a class of ours. */
export const CONFIG = Symbol('WorkerConfig');
export const BUS = Symbol('MessageBus');
export const CLICKHOUSE = Symbol('ClickHouse');
export const LOGGER = Symbol('Logger');
export const METRICS = Symbol('Metrics');
export const CLOCK = Symbol('Clock');
export const STOP_SIGNAL = Symbol('StopSignal');
export const ORGANISATION = Symbol('StoredOrganisationSource');
export const POLICY = Symbol('Policy');
export const PLUGINS = Symbol('Plugins');
export const MODEL = Symbol('BehaviourModel');
export const SNAPSHOTS = Symbol('SnapshotStore');
export const INGEST = Symbol('IngestStage');
export const ASSESS = Symbol('AssessStage');
export const ALERT = Symbol('AlertStage');
export const RESPOND = Symbol('RespondStage');
export const SECRETS = Symbol('secrets of the policy, by name of the variable');
