import type { Assessment, BehaviourModel } from '@keyward/baselines';
import { createDetectionEngine, DETECTIONS, type DetectionEngine, type Finding } from '@keyward/detections';
import { ledgerId, type AccessEvent, type LedgerEntry } from '@keyward/events';
import { route, type Organisation } from '@keyward/identity';
import { assessEntry, type AssessContext } from '../assess-entry.js';
import { assessStateCodec, type AssessState } from '../identity-ledger.js';
import type { CompiledChange, CompiledLine } from './change.js';

/** What one event gave under either configuration. */
export interface FoundTwice {
  readonly current: readonly Finding[];
  readonly changed: readonly Finding[];
}

/** The fold of ASSESS under one configuration, with the detections in question only; nothing is scored. */
class OneRun {
  readonly #context: AssessContext;
  readonly #initial: (ledger: string) => AssessState;
  readonly #ledgers = new Map<string, AssessState>();

  constructor(context: AssessContext) {
    this.#context = context;
    const codec = assessStateCodec(context.model, context.engine, () => context.organisation);
    this.#initial = (ledger) => codec.initial(ledger);
  }
  add(entry: LedgerEntry): readonly Finding[] {
    const id = ledgerId(entry);
    let state = this.#ledgers.get(id);
    if (!state) this.#ledgers.set(id, (state = this.#initial(id)));
    return assessEntry(entry, state, this.#context).findings;
  }
  get ledgers(): number {
    return this.#ledgers.size;
  }
}

/**
 * Runs detections over stored events as ASSESS does: the same entries, ledgers, facts and custody, evaluate before advance. Twice beside each other, as
 * they are set and as they would be. Events must come in order of time, from the beginning of what their states need.
 */
export class DetectionRerun {
  readonly #organisation: Organisation;
  readonly #current: OneRun;
  readonly #changed: OneRun;
  readonly #needsNetworks: boolean;

  /** @param model for its empty profiles and snapshot */
  constructor({ current, changed, detections }: CompiledChange, organisation: Organisation, model: BehaviourModel) {
    this.#organisation = organisation;
    const run = (line: CompiledLine): OneRun =>
      new OneRun({
        model: unscored(model),
        engine: engineOf(detections, line),
        organisation,
        sod: line.sod,
        snapshot: model.emptySnapshot(),
      });
    this.#current = run(current);
    this.#changed = run(changed);
    this.#needsNetworks = DETECTIONS.some(({ id, ledger }) => ledger === 'network' && detections.has(id));
  }

  add(event: AccessEvent): FoundTwice {
    const current: Finding[] = [];
    const changed: Finding[] = [];
    for (const entry of route(asIngested(event), this.#organisation)) {
      if (entry.ledger === 'network' && !this.#needsNetworks) continue;
      current.push(...this.#current.add(entry));
      changed.push(...this.#changed.add(entry));
    }
    return { current, changed };
  }
  /** Ledgers in memory, of both runs. */
  get ledgers(): number {
    return this.#current.ledgers + this.#changed.ledgers;
  }
}

/** Custody is told anew by the fold; the row has it only for people to read. */
function asIngested({ heldBy: _, ...event }: AccessEvent): AccessEvent {
  return event;
}

function engineOf(ids: ReadonlySet<string>, { written }: CompiledLine): DetectionEngine {
  const detections = DETECTIONS.filter(({ id }) => ids.has(id));
  const params = Object.fromEntries(Object.entries(written).filter(([id]) => ids.has(id)));
  const created = createDetectionEngine({ detections, params });
  if (created.kind === 'invalid') throw new Error(created.problems.join('; ')); // compileChange has checked them
  return created.engine;
}

/** Says nothing of behaviour and learns nothing: scores are read from where they are stored. */
function unscored(model: BehaviourModel): BehaviourModel {
  const empty = model.emptyProfile();
  return {
    ...model,
    emptyProfile: () => empty,
    assess: ({ event, identity, snapshot }): Assessment => ({
      eventUid: event.uid,
      identity,
      time: event.time,
      score: 0,
      p: 1,
      terms: [],
      notEvaluated: [],
      snapshot: snapshot.id,
      stratum: 'none',
    }),
    advance: () => undefined,
  };
}
