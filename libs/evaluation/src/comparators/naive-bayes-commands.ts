import type { Comparator } from './comparator.js';
import { DayMaxima } from './comparator.js';

/** Pseudo-count of every command for everybody. */
const ALPHA = 0.01;
/** Commands a user must have typed before his own words say anything. */
const LEAST_COMMANDS = 50;

/**
 * Naive Bayes with update on the commands of a block: `sum of ln P(c | others) - ln P(c | self)`, `P(c | u) = (n_uc + alpha) / (n_u + alpha A)`, alpha 0.01, where A
 * is how many different commands there are.
 *
 * @see Maxion & Townsend, "Masquerade Detection Using Truncated Command Lines", DSN 2002
 */
export class NaiveBayesCommands {
  readonly #everybody = new Map<string, number>();
  readonly #users = new Map<string, Map<string, number>>();
  readonly #totals = new Map<string, number>();
  #total = 0;

  typedBy(user: string): number {
    return this.#totals.get(user) ?? 0;
  }

  /** @returns nats for "somebody else" over "the user" */
  score(user: string, block: readonly string[]): number {
    const own = this.#users.get(user);
    const typed = this.typedBy(user);
    const alphabet = this.#everybody.size + 1;
    let score = 0;
    for (const command of block) {
      const mine = own?.get(command) ?? 0;
      const others = (this.#everybody.get(command) ?? 0) - mine;
      score += Math.log((others + ALPHA) / (this.#total - typed + ALPHA * alphabet));
      score -= Math.log((mine + ALPHA) / (typed + ALPHA * alphabet));
    }
    return score;
  }

  learn(user: string, block: readonly string[]): void {
    const own = this.#users.get(user) ?? new Map<string, number>();
    this.#users.set(user, own);
    for (const command of block) {
      own.set(command, (own.get(command) ?? 0) + 1);
      this.#everybody.set(command, (this.#everybody.get(command) ?? 0) + 1);
    }
    this.#totals.set(user, this.typedBy(user) + block.length);
    this.#total += block.length;
  }
}

/** Ranks each day by its strangest privileged session. */
export function naiveBayesCommands(): Comparator {
  const model = new NaiveBayesCommands();
  const maxima = new DayMaxima();
  let blocks = new Map<string, { readonly identity: string; readonly commands: string[] }>();
  return {
    id: 'naive-bayes',
    title: 'Naive Bayes on commands',
    observe({ command, session, source }, identity) {
      if (command === undefined) return;
      const key = `${identity} ${source} ${session?.uid ?? ''}`;
      let block = blocks.get(key);
      if (!block) blocks.set(key, (block = { identity, commands: [] }));
      // The command without its arguments, as the method's authors had them.
      block.commands.push(command.trim().split(/\s/, 1)[0] ?? '');
    },
    closeDay() {
      for (const { identity, commands } of blocks.values())
        if (model.typedBy(identity) >= LEAST_COMMANDS) maxima.add(identity, model.score(identity, commands));
      for (const { identity, commands } of blocks.values()) model.learn(identity, commands);
      blocks = new Map();
      return maxima.take();
    },
  };
}
