import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildOrganisation, type OrganisationRecords } from '@keyward/identity';
import { systemClock } from '@keyward/runtime';
import type { SodPolicy } from '@keyward/sod';
import type { Source } from '@keyward/sources';
import type { GeoLookup } from '@keyward/stages';
import { EventOrder } from './event-order.js';
import { unpack, type PackedEvent } from './packed-events.js';
import { readSlices, type SourceCounts } from './read-input.js';
import { Results } from './results.js';
import { LedgerShares, Scoring, UnitCutter, type Unit } from './scoring.js';
import type { VerdictOrder } from './verdict-file.js';
import { defaultThreads, startThreads, type ReplayThread } from './threads.js';

export interface ReplayOptions {
  readonly inputs: readonly { readonly source: Source; readonly file: string }[];
  readonly organisation: OrganisationRecords;
  readonly sod: SodPolicy;
  readonly geo: GeoLookup;
  readonly out: string;
  /** The result is the same for every number. Default: one for each core. */
  readonly threads?: number | undefined;
  /** What people said of events, in order of time. */
  readonly verdicts?: readonly VerdictOrder[] | undefined;
  readonly onProgress?: (phase: 'reading' | 'scoring', events: number) => void;
}
export interface ReplaySummary {
  readonly sources: Readonly<Record<string, SourceCounts>>;
  readonly seconds: number;
  /** With verdicts: how many there were, and which of them named no event that was scored before them, in a ledger that went on. */
  readonly verdicts?: { readonly given: number; readonly unheeded: readonly string[] };
}

/** Pieces of input that a thread may be behind: bounds what waits in memory. */
const PIECES_AHEAD = 3;

/**
 * ASSESS and ALERT of the service, offline and in event time over all inputs together: no Kafka, no ClickHouse. Writes the files of the contract
 * (docs/replay.md) into `out`. Threads read records, then fold ledgers; this one orders events and results (docs/adr/0019).
 *
 * @throws InvalidInputError `input.unreadable`
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const began = performance.now();
  mkdirSync(options.out, { recursive: true });
  const { organisation, sod, geo } = options;
  const threads = startThreads(
    options.threads ?? defaultThreads(),
    { organisation, sod, now: systemClock.now(), verdicts: options.verdicts },
    geo,
  );
  try {
    const { order, shares, counts } = await readAll(options, threads);
    shares.share(threads.length);
    const heeded = await scoreAll(options, order, new Scoring(threads, shares));
    const given = options.verdicts?.map(({ verdict }) => verdict.uid) ?? [];
    const summary = {
      sources: counts,
      seconds: Math.round(performance.now() - began) / 1_000,
      ...(given.length > 0 && { verdicts: { given: given.length, unheeded: given.filter((uid) => !heeded.has(uid)) } }),
    };
    writeFileSync(join(options.out, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
    return summary;
  } finally {
    await Promise.all(threads.map((thread) => thread.close()));
  }
}

interface AllRead {
  readonly order: EventOrder;
  readonly shares: LedgerShares;
  readonly counts: Readonly<Record<string, SourceCounts>>;
}

async function readAll({ inputs, onProgress }: ReplayOptions, threads: readonly ReplayThread[]): Promise<AllRead> {
  const order = new EventOrder();
  const shares = new LedgerShares();
  const counts: Record<string, SourceCounts> = {};
  const reading: ReplayThread[] = [];
  let read = 0;
  const takeFirst = async (): Promise<void> => {
    const report = await reading.shift()?.nextRead();
    if (!report) return;
    addCounts(counts, report.source, report.counts);
    const events = [...unpack(report.events)];
    for (const { entries } of events) shares.count(entries);
    await order.add(events);
    read += events.length;
    onProgress?.('reading', read);
  };
  let next = 0;
  for (const { source, file } of inputs) {
    addCounts(counts, source.id, { records: 0, kept: 0, ignored: 0, rejected: 0 });
    for await (const slices of readSlices(source, file)) {
      const thread = threads[next++ % threads.length];
      if (slices.length === 0 || !thread) continue;
      thread.post({ kind: 'read', source: source.id, slices });
      reading.push(thread);
      if (reading.length > PIECES_AHEAD * threads.length) await takeFirst();
    }
  }
  while (reading.length > 0) await takeFirst();
  return { order, shares, counts };
}

function addCounts(counts: Record<string, SourceCounts>, source: string, { records, kept, ignored, rejected }: SourceCounts): void {
  const sum = (counts[source] ??= { records: 0, kept: 0, ignored: 0, rejected: 0 });
  sum.records += records;
  sum.kept += kept;
  sum.ignored += ignored;
  sum.rejected += rejected;
}

async function scoreAll(
  { organisation, out, onProgress }: ReplayOptions,
  order: EventOrder,
  scoring: Scoring,
): Promise<ReadonlySet<string>> {
  const results = new Results(buildOrganisation(organisation), out);
  let scored = 0;
  const heeded = new Set<string>();
  for await (const [unit, reports] of scoring.results(unitsOf(order.inOrder()))) {
    await results.add(unit, reports);
    for (const { verdicts } of reports) for (const uid of verdicts) heeded.add(uid);
    scored += unit.events.length;
    onProgress?.('scoring', scored);
  }
  await results.end();
  return heeded;
}

async function* unitsOf(batches: AsyncIterable<readonly PackedEvent[]>): AsyncGenerator<Unit> {
  const cutter = new UnitCutter();
  for await (const events of batches) {
    for (const event of events) {
      const unit = cutter.add(event);
      if (unit) yield unit;
    }
  }
  const last = cutter.end();
  if (last) yield last;
}
