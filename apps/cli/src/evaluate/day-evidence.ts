import { COMMANDS_FEATURE, type DayReason } from '@keyward/baselines';

/** What was judged together. */
export type Act = readonly DayReason[];
/** What one scored event adds to its identity's day. */
export interface TalliedEvent {
  /** Of the whole event: what a block of commands is told by. */
  readonly p: number;
  readonly terms: readonly DayReason[];
  /** Of a command in a privileged session. */
  readonly command?: TalliedCommand | undefined;
}
interface TalliedCommand {
  /** Tells the sessions of an identity apart. */
  readonly session: string;
  /** Verbs of its block so far: falls when a new block begins. */
  readonly position: number;
  /** False for the first of a session, which is an event like others besides. */
  readonly isWithin: boolean;
}
interface Block {
  readonly position: number;
  /** Undefined while the block has only the first command of its session, which counts by itself. */
  readonly p: number | undefined;
}

/** What speaks of one identity's day, as `replay` tallies it for `risk.ndjson`: each act by its features, but commands of a session by blocks of which the last command tells. */
export class DayEvidence {
  readonly #acts: Act[] = [];
  readonly #blocks = new Map<string, Block>();

  add({ p: whole, terms, command }: TalliedEvent): void {
    if (command) this.#addCommand(command, whole);
    if (command?.isWithin === true) return;
    const judged = terms.filter(({ feature }) => !command || feature !== COMMANDS_FEATURE);
    this.#acts.push(judged);
  }

  *[Symbol.iterator](): Generator<Act> {
    yield* this.#acts;
    for (const { p } of this.#blocks.values()) if (p !== undefined) yield [{ feature: COMMANDS_FEATURE, p }];
  }

  #addCommand({ session, position, isWithin }: TalliedCommand, p: number): void {
    const block = this.#blocks.get(session);
    if (block?.p !== undefined && position <= block.position) this.#acts.push([{ feature: COMMANDS_FEATURE, p: block.p }]);
    this.#blocks.set(session, { position, p: isWithin ? p : undefined });
  }
}
