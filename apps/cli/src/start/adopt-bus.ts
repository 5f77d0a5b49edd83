import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseLedgerStore, type ClickHouse } from '@keyward/adapter-clickhouse';
import { refuseReplacedBus } from '@keyward/pipeline';
import { ConflictError, type MessageBus } from '@keyward/runtime';

export interface BusToAdopt {
  readonly part: MessageBus;
  /** What it is, the same at every start: `in-process`, `local Kafka`. */
  readonly identity: string;
  /** False: it begins anew at every start. */
  readonly isKept: boolean;
}

/**
 * Ledgers remember offsets of the bus that they were made from; on another one they would take new records for old (docs/adr/0017). The store and its
 * only worker are ours here, and the worker does not run yet, so what was learned can be carried over at once.
 *
 * @returns whether it was carried over
 */
export async function adoptBus(bus: BusToAdopt, clickhouse: ClickHouse, dataDirectory: string): Promise<boolean> {
  const file = join(dataDirectory, 'bus.json');
  const ledgers = new ClickHouseLedgerStore(clickhouse);
  const hasLearned = (await ledgers.furthestOffsets()).length > 0;
  const isAnother = hasLearned && (!bus.isKept || identityIn(file) !== bus.identity || (await isReplaced(bus.part, clickhouse)));
  if (isAnother) await ledgers.beginNewBus();
  writeFileSync(file, `${JSON.stringify({ identity: bus.identity })}\n`);
  return isAnother;
}

async function isReplaced(bus: MessageBus, clickhouse: ClickHouse): Promise<boolean> {
  try {
    await refuseReplacedBus(bus, clickhouse);
    return false;
  } catch (error) {
    if (error instanceof ConflictError && error.code === 'bus.replaced') return true;
    throw error;
  }
}

function identityIn(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null && 'identity' in value ? value.identity : undefined;
  } catch {
    return undefined;
  }
}
