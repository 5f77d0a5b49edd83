import { randomUUID } from 'node:crypto';
import {
  ClickHouseAssessmentStore,
  ClickHouseEntryStore,
  ClickHouseHistory,
  ClickHouseLedgerStore,
  ClickHouseSnapshotStore,
  ClickHouseVerdictStore,
  OrganisationStore,
  RebuildComparison,
  RebuildLock,
  RebuiltDatabase,
  StoredOrganisationSource,
  type ClickHouse,
  type Comparison,
  type ConnectionConfig,
  type Coverage,
} from '@keyward/adapter-clickhouse';
import { createBehaviourModel } from '@keyward/baselines';
import { ConflictError, Metrics, systemClock, type Logger } from '@keyward/runtime';
import { AssessStage, foldHistory, type DetectionSettings, type FoldProgress, type OrganisationSource } from '@keyward/stages';

export interface RebuildOptions {
  readonly clickhouse: ClickHouse;
  readonly config: ConnectionConfig;
  readonly settings: Extract<DetectionSettings, { kind: 'settings' }>;
  /** Puts what was made in the place of what is stored, unless they are equal. */
  readonly write: boolean;
  /** Also when a part of what the ledgers have learned from is not stored any more. */
  readonly acceptLoss: boolean;
  /** Differences that are told in full. */
  readonly limit: number;
  /** Readers of ASSESS's consumer group; asked before and after. */
  readonly workers: () => Promise<number>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: (step: RebuildStep) => void;
}
export type RebuildStep =
  | { readonly phase: 'finishing' | 'comparing' | 'replacing' }
  | ({ readonly phase: 'folding' } & FoldProgress)
  | { readonly phase: 'preparing'; readonly done: number; readonly days: number };

export interface RebuildResult extends Comparison {
  readonly outcome: 'equal' | 'differs' | 'written' | 'finished';
  readonly coverage: Coverage & { readonly unordered: number; readonly withoutEvent: number };
  readonly entries: number;
  readonly seconds: number;
}

/**
 * Makes ledgers, snapshots and assessments anew from what the store keeps, by the line's own ASSESS on tables beside the stored ones, and compares.
 * It is connected to no bus: nothing is alerted, delivered or revoked, and what the line has told (findings, alerts, risk, effects) and people have
 * decided is never written.
 *
 * @throws ConflictError `rebuild.workers` `rebuild.history` `rebuild.unsettled` `rebuild.moved` `rebuild.running` `rebuild.unfinished`; UnavailableError
 */
export async function rebuild(options: RebuildOptions): Promise<RebuildResult> {
  const { clickhouse, config, write, onProgress } = options;
  const began = performance.now();
  const lock = new RebuildLock(clickhouse);
  const database = new RebuiltDatabase(clickhouse, config);
  const id = randomUUID();
  const seconds = (): number => Math.round(performance.now() - began) / 1_000;
  try {
    if (write) await refuseWorkers(options);
    if ((await lock.state()) === 'replacing') {
      if (!write) await lock.refuseWhileRebuilding();
      onProgress?.({ phase: 'finishing' });
      await replace(database, lock, id);
      const coverage = { ...(await new ClickHouseHistory(clickhouse).coverage()), unordered: 0, withoutEvent: 0 };
      return { outcome: 'finished', isEqual: true, tables: [], first: [], coverage, entries: 0, seconds: seconds() };
    }
    await lock.take(id, write ? 'building' : 'checking');
    try {
      const made = await make(options, database);
      const done = { ...made, seconds: seconds() };
      if (made.isEqual || !write) {
        await lock.tell(id, 'done');
        await database.drop();
        return { ...done, outcome: made.isEqual ? 'equal' : 'differs' };
      }
      if (!options.acceptLoss) refuseLoss(made.coverage);
      await database.prepare((day, days) => onProgress?.({ phase: 'preparing', done: day, days }));
      await refuseWorkers(options);
      if ((await database.stamp()) !== made.stamp) throw moved();
      onProgress?.({ phase: 'replacing' });
      await replace(database, lock, id);
      return { ...done, outcome: 'written', seconds: seconds() };
    } catch (error) {
      if ((await lock.state()) !== 'replacing') {
        await lock.tell(id, 'given_up');
        await database.drop();
      }
      throw error;
    }
  } finally {
    await database.close();
  }
}

type Made = Comparison & Pick<RebuildResult, 'coverage' | 'entries'> & { readonly stamp: string };

async function make(
  { clickhouse, settings, write, limit, logger, signal, onProgress }: RebuildOptions,
  database: RebuiltDatabase,
): Promise<Made> {
  await database.create(write ? 2 : 1);
  const stamp = await database.stamp();
  const comparison = await RebuildComparison.begin(clickhouse, database.name);
  const history = new ClickHouseHistory(clickhouse);
  const coverage = await history.coverage();
  const organisation = await StoredOrganisationSource.load(new OrganisationStore(clickhouse));
  const entries = await foldHistory(history, assessOn(database.clickhouse, organisation, settings, { logger, signal }), {
    organisation: organisation.current().organisation,
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'folding', ...progress }),
  });
  onProgress?.({ phase: 'comparing' });
  const compared = await comparison.result(limit);
  return { ...compared, entries, coverage: { ...coverage, unordered: history.unordered, withoutEvent: history.withoutEvent }, stamp };
}

/** The worker's stage, with nobody to tell. */
function assessOn(
  clickhouse: ClickHouse,
  organisation: OrganisationSource,
  { engine, alertsPerThousand }: RebuildOptions['settings'],
  edge: { readonly logger: Logger; readonly signal: AbortSignal },
): AssessStage {
  const model = createBehaviourModel();
  const nothing = (): Promise<void> => Promise.resolve();
  return new AssessStage({
    ...{ organisation, model, engine, alertsPerThousand, clock: systemClock, metrics: new Metrics(), ...edge },
    ledgers: new ClickHouseLedgerStore(clickhouse),
    store: new ClickHouseAssessmentStore(clickhouse),
    entries: new ClickHouseEntryStore(clickhouse),
    verdicts: new ClickHouseVerdictStore(clickhouse),
    snapshots: new ClickHouseSnapshotStore(clickhouse, model, organisation),
    publisher: { publish: nothing },
    deadLetters: { insertDeadLetters: nothing },
    checkpoints: { everyMs: Infinity, everyEntries: 200_000, maxLedgers: 100_000 },
  });
}

async function replace(database: RebuiltDatabase, lock: RebuildLock, id: string): Promise<void> {
  await lock.tell(id, 'replacing');
  await database.replace();
  await lock.tell(id, 'done');
  await database.drop();
}

async function refuseWorkers({ workers }: RebuildOptions): Promise<void> {
  const running = await workers();
  if (running === 0) return;
  throw new ConflictError(
    'rebuild.workers',
    `${running === 1 ? 'A worker with the role ASSESS is' : `${running} workers with the role ASSESS are`} running: stop ASSESS, and start it again when the rebuild is done. ` +
      'Kafka keeps what comes meanwhile. (A worker that was killed counts until its session has timed out, some 30 seconds.)',
  );
}

function refuseLoss({ withoutBeginning, withGaps, withoutEnd, unsettled }: Coverage): void {
  if (unsettled > 0) {
    throw new ConflictError(
      'rebuild.unsettled',
      `${unsettled} ledgers were saved before the last entries that they took in: a worker was killed and has not come back, and findings of those ` +
        'entries may not have been told. Nothing was written. Start ASSESS, let it catch up, stop it in order, and rebuild then; --accept-loss writes at once.',
      { context: { unsettled } },
    );
  }
  const lossy = withoutBeginning + withGaps + withoutEnd;
  if (lossy === 0) return;
  throw new ConflictError(
    'rebuild.history',
    `${lossy} ledgers have learned from entries that are not stored any more: written, they would know only what is. ` +
      'Nothing was written; --accept-loss writes it all the same.',
    { context: { withoutBeginning, withGaps, withoutEnd } },
  );
}

const moved = (): ConflictError =>
  new ConflictError(
    'rebuild.moved',
    'ASSESS has stored something while the rebuild ran. Nothing was written: stop its workers, and run it again.',
  );
