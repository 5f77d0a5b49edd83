import type { StoredOrganisationSource } from '@keyward/adapter-clickhouse';
import { DAY_MS, dayOf } from '@keyward/events';
import { describeError, type Clock, type Logger, type MessageBus } from '@keyward/runtime';
import type { RespondStage, SnapshotStore, SourceWatch } from '@keyward/stages';
import { Inject, Injectable } from '@nestjs/common';
import { Cron, Interval } from '@nestjs/schedule';
import type { Edge } from './edge.module.js';
import { LINE } from './line.js';
import { BUS, CLOCK, CONFIG, LOGGER, ORGANISATION, RESPOND, SNAPSHOTS, SOURCE_WATCH } from './tokens.js';

const RESUME_EVERY_MS = 5_000;

/** What is under way at any moment. With more to read, records of the days before may be among it, and a snapshot can't take them in later. */
const MOMENT_RECORDS = 1_000;

/** What happens by the clock. Each run waits for the one before it; a failure is logged and tried at the next. */
@Injectable()
export class Timers {
  readonly #config: Edge['config'];
  readonly #respond: RespondStage;
  readonly #organisation: StoredOrganisationSource;
  readonly #snapshots: SnapshotStore;
  readonly #watch: SourceWatch;
  readonly #bus: MessageBus;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #busy = new Set<string>();

  constructor(
    @Inject(CONFIG) config: Edge['config'],
    @Inject(RESPOND) respond: RespondStage,
    @Inject(ORGANISATION) organisation: StoredOrganisationSource,
    @Inject(SNAPSHOTS) snapshots: SnapshotStore,
    @Inject(SOURCE_WATCH) watch: SourceWatch,
    @Inject(BUS) bus: MessageBus,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    this.#config = config;
    this.#respond = respond;
    this.#organisation = organisation;
    this.#snapshots = snapshots;
    this.#watch = watch;
    this.#bus = bus;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Receivers and systems that were away. */
  @Interval(RESUME_EVERY_MS)
  resume(): Promise<void> {
    return this.#once('resume', async () => {
      if (this.#config.ROLES.includes('respond')) await this.#respond.resume(RESUME_EVERY_MS);
    });
  }

  /** Sources that fall silent, come late or can't be read, and those that do well again. */
  @Interval(60_000)
  watchSources(): Promise<void> {
    return this.#once('sources', async () => {
      if (this.#config.ROLES.includes('respond') && this.#respond.ownsTimer) await this.#watch.check();
      else this.#watch.release();
    });
  }

  /** Who is who, after an import. */
  @Interval(10_000)
  refreshOrganisation(): Promise<void> {
    return this.#once('organisation', async () => {
      if (await this.#organisation.refresh()) this.#logger.info('the organisation has changed');
    });
  }

  /** A few minutes into the UTC day, so that its first event does not wait for the snapshot. */
  @Cron('5 0 * * *', { timeZone: 'UTC' })
  buildSnapshot(): Promise<void> {
    return this.#once('snapshot', async () => {
      if (!this.#config.ROLES.includes('assess')) return;
      if ((await this.#behind()) > MOMENT_RECORDS) {
        this.#logger.info("the line is behind: the day's snapshot is built when it has come that far");
        return;
      }
      const snapshot = await this.#snapshots.forDay(dayOf(this.#clock.now()));
      this.#logger.info({ snapshot: snapshot.id, day: new Date(snapshot.day * DAY_MS).toISOString().slice(0, 10) }, 'snapshot is ready');
    });
  }

  /** Records that may become events of yesterday. */
  async #behind(): Promise<number> {
    let records = 0;
    for (const { role, group, reads } of LINE) {
      if (role !== 'ingest' && role !== 'assess') continue;
      for (const lag of (await this.#bus.lagOf(group, reads)).values()) records += lag;
    }
    return records;
  }

  async #once(name: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(name)) return;
    this.#busy.add(name);
    try {
      await work();
    } catch (error) {
      this.#logger.warn({ timer: name }, describeError(error));
    } finally {
      this.#busy.delete(name);
    }
  }
}
