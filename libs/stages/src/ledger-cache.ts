import { ConflictError, comparePlaces, type Consumed, type Place, type Prepared } from '@keyward/runtime';
import type { LedgerStore, StoredLedger } from './ports.js';

export interface CachedLedger<State> {
  readonly id: string;
  readonly partition: number;
  /** Place of the last entry that the state contains; undefined when none. */
  through: Place | undefined;
  state: State;
}

export interface LedgerCodec<State> {
  initial(id: string): State;
  encode(state: State): string;
  decode(text: string, id: string): State;
}

/**
 * The ledgers of the partitions this worker reads: loaded when first needed, changed in memory, saved at checkpoints, forgotten least recently
 * used first. Only what is saved may be forgotten.
 */
export class LedgerCache<State> {
  readonly #stage: 'assess' | 'alert';
  readonly #store: LedgerStore;
  readonly #codec: LedgerCodec<State>;
  readonly #maxLedgers: number;
  /** Insertion order is order of use. */
  readonly #ledgers = new Map<string, CachedLedger<State>>();
  readonly #dirty = new Set<CachedLedger<State>>();
  readonly #consumed = new Map<number, Consumed>();

  constructor(stage: 'assess' | 'alert', store: LedgerStore, codec: LedgerCodec<State>, maxLedgers: number) {
    this.#stage = stage;
    this.#store = store;
    this.#codec = codec;
    this.#maxLedgers = maxLedgers;
  }

  /**
   * Makes sure that all of these are in memory.
   * @throws ConflictError `ledger.moved` when a key has come to another partition: its ledger's offset says nothing about that one
   */
  async load(wanted: readonly { readonly id: string; readonly partition: number }[]): Promise<void> {
    const missing = new Map<string, number>();
    for (const { id, partition } of wanted) if (!this.#ledgers.has(id)) missing.set(id, partition);
    if (missing.size === 0) return;
    const stored = await this.#store.load(this.#stage, [...missing.keys()]);
    for (const [id, partition] of missing) {
      const found = stored.get(id);
      if (found && found.throughOffset >= 0 && found.partition !== partition) throw moved(this.#stage, found.partition, partition);
      this.#ledgers.set(id, {
        id,
        partition,
        through: found && found.throughOffset >= 0 ? placeOf(found) : undefined,
        state: found ? this.#codec.decode(found.state, id) : this.#codec.initial(id),
      });
    }
  }

  /** @throws Error when `load` was not asked for it: a bug */
  get(id: string): CachedLedger<State> {
    const ledger = this.#ledgers.get(id);
    if (!ledger) throw new Error(`ledger ${id} was not loaded`);
    this.#ledgers.delete(id);
    this.#ledgers.set(id, ledger);
    return ledger;
  }

  /** Whether the state contains the item: it comes again after a crash. */
  contains({ through }: CachedLedger<State>, item: Prepared<unknown>): boolean {
    return through !== undefined && comparePlaces(placeOfItem(item), through) <= 0;
  }

  /** The state now contains the item. */
  advanced(ledger: CachedLedger<State>, item: Prepared<unknown>): void {
    ledger.through = placeOfItem(item);
    this.#dirty.add(ledger);
  }

  /** Its place as it is stored. */
  placeOf({ partition, through }: CachedLedger<State>): Pick<StoredLedger, 'partition' | 'throughOffset' | 'throughPlace'> {
    return { partition, throughOffset: through?.released ?? -1, throughPlace: through ? textOf(through) : '' };
  }

  consumed(items: readonly Consumed[]): void {
    for (const item of items) this.#consumed.set(item.partition, item);
  }

  /** Saves what has changed. @returns how far each partition may now be committed */
  async save(): Promise<readonly Consumed[]> {
    if (this.#dirty.size > 0) {
      const rows = [...this.#dirty].map((ledger): StoredLedger => ({
        id: ledger.id,
        ...this.placeOf(ledger),
        state: this.#codec.encode(ledger.state),
      }));
      await this.#store.save(this.#stage, rows);
      this.#dirty.clear();
    }
    this.#forget();
    return [...this.#consumed.values()];
  }

  /**
   * The partitions are shared out anew: what is in memory may lack what another worker has done meanwhile, so all is loaded again. What was not
   * saved was not committed, and comes again.
   */
  clear(): void {
    this.#ledgers.clear();
    this.#dirty.clear();
    this.#consumed.clear();
  }

  /** All that is in memory has just been saved. */
  #forget(): void {
    for (const id of this.#ledgers.keys()) {
      if (this.#ledgers.size <= this.#maxLedgers) return;
      this.#ledgers.delete(id);
    }
  }
}

/** An item that never had to wait for others stands where its record stands. */
const placeOfItem = ({ place, offset }: Prepared<unknown>): Place => place ?? { released: offset, reach: 0, input: '', offset };

const textOf = ({ reach, offset, input }: Place): string => `${reach} ${offset} ${input}`;
function placeOf({ throughOffset: released, throughPlace }: StoredLedger): Place {
  const [reach = '', offset = '', ...input] = throughPlace.split(' ');
  if (throughPlace === '') return { released, reach: Infinity, input: '', offset: Infinity };
  return { released, reach: Number(reach), offset: Number(offset), input: input.join(' ') };
}

const moved = (stage: string, from: number, to: number): ConflictError =>
  new ConflictError(
    'ledger.moved',
    `The number of partitions has changed: a ledger of partition ${from} now gets records in partition ${to}. ` +
      'Stop all workers once they have read everything, run "keyward migrate --new-bus", and start them again.',
    { context: { stage, from, to } },
  );
