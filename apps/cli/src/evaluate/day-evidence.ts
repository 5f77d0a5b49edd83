import { COMMANDS_FEATURE } from '@keyward/baselines';

/** A feature of an act, and its p. */
interface Reason {
  readonly feature: string;
  readonly p: number;
}
/** What was judged together. */
export type Act = readonly Reason[];
/** What one scored event adds to its identity's day. */
export interface TalliedEvent {
  readonly terms: readonly Reason[];
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

  add({ terms, command }: TalliedEvent): void {
    if (!command) this.#acts.push(terms.map(({ feature, p }) => ({ feature, p })));
    else {
      const rest = terms.filter(({ feature }) => feature !== COMMANDS_FEATURE);
      if (!command.isWithin) this.#acts.push(rest.map(({ feature, p }) => ({ feature, p })));
      const typed = terms.find(({ feature }) => feature === COMMANDS_FEATURE);
      if (typed) this.#addCommand(command, typed.p);
    }
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
