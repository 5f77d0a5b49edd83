import { ClickHouseLedgerStore, type ClickHouse } from '@keyward/adapter-clickhouse';
import { ConflictError, retry, type MessageBus } from '@keyward/runtime';
import { LINE } from './line.js';

/** A broker that has just come back knows its topics before it leads them. */
const START_RETRY = { attempts: 10, firstDelayMs: 200, maxDelayMs: 2_000 };

/**
 * Ledgers remember offsets, so they belong to the bus that gave them. A topic that was made anew begins at 0 again: its records would be taken for
 * ones that the ledgers contain already, and be left out in silence. Better not to start (docs/adr/0017).
 *
 * @throws ConflictError `bus.replaced` when a ledger contains a record beyond the end of its partition; UnavailableError
 */
export async function refuseReplacedBus(bus: MessageBus, clickhouse: ClickHouse): Promise<void> {
  // Ledgers first: while other workers run, the ends only grow.
  const furthest = await new ClickHouseLedgerStore(clickhouse).furthestOffsets();
  for (const { stage, partition, throughOffset } of furthest) {
    const topic = LINE.find(({ role }) => role === stage)?.reads[0] ?? '';
    const end = (await retry(() => bus.endOffsets([topic]), { policy: START_RETRY })).get(topic)?.get(partition) ?? 0;
    if (throughOffset < end) continue;
    throw new ConflictError(
      'bus.replaced',
      `What is known about identities contains record ${throughOffset} of ${topic}, partition ${partition}, which ends at ${end}: ` +
        'this is another bus than the one it was learned from. If that is meant, stop all workers, run "keyward migrate --new-bus" ' +
        'and start them again: nothing learned is lost. If not, give Kafka its data back.',
      { context: { stage, topic, partition } },
    );
  }
}
