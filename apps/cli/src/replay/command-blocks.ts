/** What is tallied of a command: its place in its block, and the evidence of the block up to it. */
export interface TalliedCommand {
  /** Verbs of the block so far: falls when a new block begins. */
  readonly position: number;
  readonly nats: number;
  /** False for the first of a session, whose p speaks of more than commands. */
  readonly isWithin: boolean;
}

/** A block as it stands with its last command. */
export interface Block {
  readonly nats: number;
  /** Undefined when the block has only the first command of its session, which counts by itself. */
  readonly p: number | undefined;
  readonly say: (() => string) | undefined;
}

interface Row {
  readonly p: number | undefined;
  readonly say: (() => string) | undefined;
  readonly command: TalliedCommand;
}

/**
 * Commands of one session, block by block: a hundred commands that are judged together are one piece of evidence and not a hundred, and it is the last
 * one that tells what became of the block.
 */
export class CommandBlocks {
  #position = 0;
  #block: Block | undefined;

  /** @returns the block that is over since the command begins another */
  add({ p, say, command: { position, nats, isWithin } }: Row): Block | undefined {
    const ended = position <= this.#position ? this.#block : undefined;
    this.#position = position;
    this.#block = { nats, p: isWithin ? p : undefined, say: isWithin ? say : undefined };
    return ended;
  }
  /** The block in hand. */
  get last(): Block | undefined {
    return this.#block;
  }
}
